// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What every walk through a library has in common: who walks, the steps one after another, and what was called.
//
// A walk reads WALK from its environment (the node's address, people and files), writes one line of JSON on its output
// whenever somebody must press a button on a page, `{"open": address}`, and reads the code that they were shown from its
// input. Its last line is `{"steps": [...], "called": {...}, "methods": [...]}`: whether each step went well, how often
// each method was called and what came of it the last time, and all that the library has.
import assert from "node:assert/strict";
import dns from "node:dns";
import { createInterface } from "node:readline";

// RFC 6761 section 6.3: names under `localhost` are the loopback address. Not every libc does so, so we do.
const systemLookup = dns.lookup;
dns.lookup = (hostname, options, callback) => {
  if (typeof options === "function") [options, callback] = [{}, options];
  if (!hostname.endsWith(".localhost")) return systemLookup(hostname, options, callback);
  const all = typeof options === "object" && options.all;
  return process.nextTick(() =>
    all ? callback(null, [{ address: "127.0.0.1", family: 4 }]) : callback(null, "127.0.0.1", 4),
  );
};

export const given = JSON.parse(process.env.WALK ?? "{}");

const steps = [];
const called = new Map();
let last = "nothing";
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** The code that a person is shown who says yes at this address. */
export async function codeFrom(address) {
  say({ open: address });
  return (await lines.next()).value;
}

/** One part of the walk. The next one is walked whatever comes of this one. */
export async function step(name, walk) {
  try {
    await walk();
    steps.push({ name, failed: null });
  } catch (error) {
    const cause = error.cause?.stack ? `\ncaused by ${error.cause.stack}` : "";
    const answer = error.response?.data ? `\nanswered ${JSON.stringify(error.response.data)}` : "";
    steps.push({ name, failed: `after ${last}: ${error.stack ?? error}${answer}${cause}` });
  }
}

/** Says how it went; `methods` are the names of all that the library has. */
export function end(methods) {
  say({ steps, called: Object.fromEntries(called), methods });
  process.exit(0);
}

/** Counts a call, and keeps what comes of it in a few words. */
export function count(name, result) {
  const kept = called.get(name) ?? { times: 0, got: "nothing yet" };
  kept.times += 1;
  last = name;
  called.set(name, kept);
  if (result instanceof Promise) {
    result.then(
      (value) => (kept.got = inShort(value)),
      (error) => (kept.got = `refused: ${error.message}`),
    );
  } else if (typeof result?.then === "function") kept.got = "pages"; // asks once it is awaited, so it is not here
  else kept.got = inShort(result);
  return result;
}

function inShort(value) {
  if (Array.isArray(value)) return `${value.length} of ${inShort(value[0])}`;
  if (value === null || typeof value !== "object") return String(value);
  return `{${Object.keys(value).sort().join(" ")}}`;
}

/** What a promise refused with is right; fails if it did not refuse. */
export async function refused(promise, check) {
  await assert.rejects(async () => await promise, check);
}

/** Asks again and again until the answer is something, for half a minute at most. */
export async function eventually(ask, what) {
  const last = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(Date.now() < last, `never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The promise, or a failure that names what did not come within half a minute. */
export function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`never came: ${what}`)), 30_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const ids = (list) => list.map((one) => one.id);

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
