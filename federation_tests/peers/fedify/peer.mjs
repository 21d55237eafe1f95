// SPDX-License-Identifier: AGPL-3.0-or-later
//
// One actor served by Fedify: an implementation of ActivityPub that shares no line with ours.
//
// Environment: ORIGIN (the public https address, a proxy stands in front), PORT, BIND (default 127.0.0.1),
// FIRST_KNOCK (`rfc9421` or `draft-cavage-http-signatures-12`: the signature tried first), USERNAME (default `ada`).
//
// Everything is in memory, keys too: a restarted peer is the same actor id with new keys.
// The tests drive it under /_control/ (JSON in, JSON out; federation_tests/harness/peers.py is the other half).
import dns from "node:dns";
import http from "node:http";
import { Temporal } from "@js-temporal/polyfill";

// Fedify 2.3 is written for Node 22, which has both; with these two it runs on Node 20.
globalThis.Temporal ??= Temporal;
globalThis.navigator ??= { userAgent: `Node.js/${process.versions.node}` };

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

const fedify = await import("@fedify/fedify");
const vocab = await import("@fedify/vocab");

const { ORIGIN, PORT, BIND = "127.0.0.1", FIRST_KNOCK = "rfc9421", USERNAME = "ada" } = process.env;
const IDENTIFIER = USERNAME;

const federation = fedify.createFederation({
  kv: new fedify.MemoryKvStore(),
  // Only deliveries are queued; what arrives is handled before it is answered, so that a recorded request is a handled one.
  queue: { outbox: new fedify.InProcessMessageQueue() },
  origin: ORIGIN,
  allowPrivateAddress: true,
  firstKnock: FIRST_KNOCK,
});

const rsa = await fedify.generateCryptoKeyPair("RSASSA-PKCS1-v1_5");
const ed25519 = await fedify.generateCryptoKeyPair("Ed25519");

const objects = new Map(); // path -> Note or Event
const sent = new Map(); // activity id -> { activity, recipients }
const followers = new Map(); // actor id -> { id, inboxId, endpoints }
const following = new Set(); // actor ids whose Accept has come
const received = []; // see record()
const waiting = new Set(); // functions to call when something was received
let serial = 0;

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    if (identifier !== IDENTIFIER) return null;
    const keys = await ctx.getActorKeyPairs(identifier);
    return new vocab.Person({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: "Ada of Fedify",
      summary: "<p>Keeps an eye on the protocol.</p>",
      url: new URL(`/@${identifier}`, ORIGIN),
      inbox: ctx.getInboxUri(identifier),
      outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier),
      endpoints: new vocab.Endpoints({ sharedInbox: ctx.getInboxUri() }),
      publicKey: keys[0].cryptographicKey,
      assertionMethods: keys.map((key) => key.multikey),
      manuallyApprovesFollowers: false,
      published: Temporal.Instant.from("2019-09-01T08:00:00Z"),
    });
  })
  .setKeyPairsDispatcher((_ctx, identifier) => (identifier === IDENTIFIER ? [rsa, ed25519] : []));

federation
  .setFollowersDispatcher("/users/{identifier}/followers", () => ({ items: [...followers.values()] }))
  .setCounter(() => followers.size);
federation
  .setOutboxDispatcher("/users/{identifier}/outbox", () => ({
    items: [...sent.values()].map(({ activity }) => activity).filter((activity) => activity instanceof vocab.Create),
  }))
  .setCounter(() => sent.size);
federation.setObjectDispatcher(vocab.Note, "/notes/{id}", (_ctx, { id }) => objects.get(`/notes/${id}`) ?? null);
federation.setObjectDispatcher(vocab.Event, "/events/{id}", (_ctx, { id }) => objects.get(`/events/${id}`) ?? null);
federation.setNodeInfoDispatcher("/nodeinfo/2.1", () => ({
  software: { name: "fedify-peer", version: "0.0.0" },
  protocols: ["activitypub"],
  usage: { users: { total: 1 }, localPosts: objects.size, localComments: 0 },
}));

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(vocab.Follow, async (ctx, follow) => {
    const follower = await follow.getActor(ctx);
    followers.set(follower.id.href, follower);
    const accept = new vocab.Accept({ id: new URL(`/accepts/${++serial}`, ORIGIN), actor: ctx.getActorUri(IDENTIFIER), object: follow });
    await ctx.sendActivity({ identifier: IDENTIFIER }, follower, accept);
  })
  .on(vocab.Accept, (_ctx, accept) => {
    const follow = sent.get(accept.objectId?.href)?.activity;
    // What was accepted is known by the id of our Follow; some servers send the Follow whole under another id.
    if (follow instanceof vocab.Follow && follow.objectId.href === accept.actorId.href) following.add(accept.actorId.href);
  })
  .on(vocab.Reject, (_ctx, reject) => void following.delete(reject.actorId.href))
  .on(vocab.Undo, async (ctx, undo) => {
    const object = await undo.getObject(ctx);
    if (object instanceof vocab.Follow && object.actorId?.href === undo.actorId.href) followers.delete(undo.actorId.href);
  })
  // A listener for the base type makes Fedify verify and take every other kind.
  .on(vocab.Activity, () => {});

// ---- control ----

const context = () => federation.createContext(new URL(ORIGIN), undefined);
const me = () => context().getActorUri(IDENTIFIER);
const loader = () => context().getDocumentLoader({ identifier: IDENTIFIER });
const isHandle = (target) => /^@?[^@/]+@[^@/]+$/.test(target);

async function actorOf(target) {
  const found = await context().lookupObject(isHandle(target) ? target.replace(/^@?/, "@") : target, {
    documentLoader: await loader(),
  });
  if (!found || !("inboxId" in found)) throw new Error(`No actor found for ${target}`);
  return found;
}

/** Delivers before it returns, so that a refusal by the receiver is the caller's error. */
async function send(activity, recipients) {
  const list = recipients ?? [...followers.values()];
  sent.set(activity.id.href, { activity, recipients: list });
  await context().sendActivity({ identifier: IDENTIFIER }, list, activity, { immediate: true, preferSharedInbox: true });
  return { id: activity.id.href, object: activity.objectId?.href };
}

const newId = (kind) => new URL(`/${kind}/${++serial}`, ORIGIN);
const url = (text) => (text ? new URL(text) : undefined);

/** Addressing of a post: public to followers, or to the one actor `to` alone. */
async function addressed(to) {
  const actor = to && (await actorOf(to));
  const audience = actor
    ? { tos: [actor.id] }
    : { tos: [vocab.PUBLIC_COLLECTION], ccs: [context().getFollowersUri(IDENTIFIER)] };
  const tags = actor ? [new vocab.Mention({ href: actor.id, name: `@${actor.preferredUsername}` })] : [];
  return { audience, tags, recipients: actor && [actor] };
}

async function publish(object, audience, recipients) {
  objects.set(object.id.pathname, object);
  const create = new vocab.Create({ id: newId("creates"), actor: me(), object, ...audience, published: object.published });
  const { id } = await send(create, recipients);
  return { id, object: object.id.href };
}

/** A kind of activity whose object is an address: Like, Announce, Join, Leave, Block. */
const about = (Kind) => async ({ object, to }) => {
  const actor = await actorOf(to);
  const activity = new Kind({
    id: newId(Kind.name.toLowerCase()),
    actor: me(),
    object: new URL(object),
    tos: Kind === vocab.Announce ? [vocab.PUBLIC_COLLECTION] : [actor.id],
    ccs: Kind === vocab.Announce ? [actor.id, context().getFollowersUri(IDENTIFIER)] : [],
  });
  return send(activity, [actor, ...(Kind === vocab.Announce ? followers.values() : [])]);
};

const operations = {
  async follow({ target }) {
    const actor = await actorOf(target);
    return send(new vocab.Follow({ id: newId("follows"), actor: me(), object: actor.id, tos: [actor.id] }), [actor]);
  },
  async note({ content, to, in_reply_to: inReplyTo, summary }) {
    const { audience, tags, recipients } = await addressed(to);
    const note = new vocab.Note({
      id: newId("notes"),
      attribution: me(),
      content,
      summary: summary ?? null,
      sensitive: Boolean(summary),
      replyTarget: url(inReplyTo),
      tags,
      ...audience,
      published: Temporal.Now.instant(),
    });
    return publish(note, audience, recipients);
  },
  async event({ name, content, start, end, place, to }) {
    const { audience, tags, recipients } = await addressed(to);
    const event = new vocab.Event({
      id: newId("events"),
      attribution: me(),
      name,
      content,
      startTime: Temporal.Instant.from(start),
      endTime: end ? Temporal.Instant.from(end) : null,
      location: place ? new vocab.Place({ name: place }) : null,
      url: new URL(`/page/events/${serial}`, ORIGIN),
      tags,
      ...audience,
      published: Temporal.Now.instant(),
    });
    return publish(event, audience, recipients);
  },
  async update({ object, content }) {
    const { pathname } = new URL(object);
    const edited = objects.get(pathname).clone({ content, updated: Temporal.Now.instant() });
    objects.set(pathname, edited);
    const audience = { tos: edited.toIds, ccs: edited.ccIds };
    return send(new vocab.Update({ id: newId("updates"), actor: me(), object: edited, ...audience }));
  },
  async delete({ object }) {
    const { pathname } = new URL(object);
    objects.set(pathname, new vocab.Tombstone({ id: new URL(object), deleted: Temporal.Now.instant() }));
    const gone = new vocab.Tombstone({ id: new URL(object) });
    return send(new vocab.Delete({ id: newId("deletes"), actor: me(), object: gone, tos: [vocab.PUBLIC_COLLECTION] }));
  },
  like: about(vocab.Like),
  announce: about(vocab.Announce),
  join: about(vocab.Join),
  leave: about(vocab.Leave),
  block: about(vocab.Block),
  /** Takes back an activity sent earlier, at everyone it went to. */
  async undo({ activity: id }) {
    const { activity, recipients } = sent.get(id);
    if (activity instanceof vocab.Follow) following.delete(activity.objectId.href);
    const undo = new vocab.Undo({ id: newId("undos"), actor: me(), object: activity, tos: recipients.map(({ id }) => id) });
    return send(undo, recipients);
  },
  /** Signed GET of any address. */
  async fetch({ url: address }) {
    return { document: (await (await loader())(address)).document };
  },
  /** Signed POST of any JSON, or of `raw` text, to any inbox: one request, no second knock. */
  async deliver({ inbox, activity, raw, signature = FIRST_KNOCK }) {
    const [key] = await context().getActorKeyPairs(IDENTIFIER);
    const request = new Request(inbox, {
      method: "POST",
      headers: { "Content-Type": "application/activity+json" },
      body: raw ?? JSON.stringify(activity),
    });
    const signed = await fedify.signRequest(request, key.privateKey, key.keyId, { spec: signature });
    const answer = await fetch(signed);
    return { status: answer.status, body: await answer.text() };
  },
};

/** Long poll: the received requests of a kind, once there are `count` of them or `timeout` seconds have gone by. */
async function receivedOf(query) {
  const type = query.get("type");
  const naming = query.get("naming") ?? "";
  const count = Number(query.get("count") ?? 1);
  const deadline = Date.now() + 1000 * Number(query.get("timeout") ?? 0);
  for (;;) {
    const found = received.filter(
      (one) => (!type || one.type === type) && one.body.includes(naming) && (!query.has("accepted") || one.accepted),
    );
    const left = deadline - Date.now();
    if (found.length >= count || left <= 0) return found;
    await new Promise((resolve) => {
      const done = () => (clearTimeout(timer), waiting.delete(done), resolve());
      const timer = setTimeout(done, left);
      waiting.add(done);
    });
  }
}

function record(request, body, status) {
  let activity = null;
  try {
    activity = JSON.parse(body);
  } catch {
    // Recorded as null: the tests look at the status then.
  }
  const { headers } = request;
  const kind = headers["signature-input"] ? "rfc9421" : headers.signature ? "cavage" : "none";
  received.push({ path: request.url, type: activity?.type ?? null, activity, body, signature: kind, status, accepted: status < 300, headers });
  for (const wake of [...waiting]) wake();
}

async function control(request, address, body) {
  const name = address.pathname.slice("/_control/".length);
  if (name === "ready") return { ready: true };
  if (name === "received") return receivedOf(address.searchParams);
  if (name === "state") {
    return {
      actor: me().href,
      handle: `${IDENTIFIER}@${new URL(ORIGIN).host}`,
      inbox: context().getInboxUri(IDENTIFIER).href,
      followers: [...followers.keys()],
      following: [...following],
    };
  }
  if (request.method !== "POST" || !Object.hasOwn(operations, name)) throw new Error(`No operation ${name}`);
  return operations[name](JSON.parse(body || "{}"));
}

async function answer(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const address = new URL(request.url, ORIGIN);
  if (address.pathname.startsWith("/_control/")) {
    let status = 200;
    let result;
    try {
      result = await control(request, address, body.toString());
    } catch (error) {
      status = 500;
      result = { error: String(error), stack: error.stack };
    }
    return response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(result));
  }
  const answered = await federation.fetch(
    new Request(address, {
      method: request.method,
      headers: request.headers,
      body: ["GET", "HEAD"].includes(request.method) ? undefined : body,
    }),
    { contextData: undefined },
  );
  const content = Buffer.from(await answered.arrayBuffer());
  response.writeHead(answered.status, Object.fromEntries(answered.headers)).end(content);
  if (request.method === "POST") record(request, body.toString(), answered.status);
}

http
  .createServer((request, response) =>
    answer(request, response).catch((error) => {
      console.error(error);
      response.writeHead(500).end(String(error));
    }),
  )
  .listen(Number(PORT), BIND, () => console.log(`fedify peer ${ORIGIN} listens on ${BIND}:${PORT}`));
