# SPDX-License-Identifier: AGPL-3.0-or-later
"""What other servers do to a node when things go wrong: silence, floods, repeats. Told as sentences, not as costs."""

import asyncio
import time
from functools import partial

from benchmarks.operations import Bench, in_parallel, p95, settled

SILENT = range(1000, 1050)
GOOD = range(1100, 1150)


async def silent_servers(bench: Bench) -> list[tuple[str, str]]:
    """Posts to followers on fifty servers that take connections and say nothing, and on fifty that answer."""
    for number in (*SILENT, *GOOD):
        body, headers = bench.sink.signed(number, f"{bench.node.base}/inbox", bench.sink.follow(number, bench.actor))
        if await bench.post(f"{bench.node.base}/inbox", body, headers) != 202:
            raise RuntimeError("a follow was refused")
    await settled(bench)
    bench.sink.silent.update(SILENT)
    longest = 0.0
    for number in range(10):
        wanted = {host: bench.sink.by_host[host] + 1 for host in GOOD}
        began = time.monotonic()
        await bench.api("POST", "/api/v1/statuses", status=f"Whoever hears this, {number}")
        async with asyncio.timeout(120):
            while any(bench.sink.by_host[host] < count for host, count in wanted.items()):
                await asyncio.sleep(0.02)
        longest = max(longest, time.monotonic() - began)
        await asyncio.sleep(1)
    bench.sink.silent.clear()
    return [
        (
            "ten posts to 50 servers that answer and 50 that are silent: the last good one has it after",
            f"{longest:.2f} s",
        )
    ]


async def deletes_of_strangers(bench: Bench) -> list[tuple[str, str]]:
    """The flood that follows an account's end: Deletes by actors of whom we hold nothing."""
    url = f"{bench.node.base}/inbox"
    times = bench.count(2000)
    prepared = []
    for number in range(5000, 5000 + times):
        actor = bench.sink.actor(number)
        document = {"id": f"{actor}#delete", "type": "Delete", "actor": actor, "object": actor}
        prepared.append(bench.sink.signed(number, url, document))
    asked, before = bench.sink.asked, bench.node.rss

    async def send(body: bytes, headers: dict[str, str]) -> None:
        if await bench.post(url, body, headers) != 202:
            raise RuntimeError("a Delete was refused")

    await in_parallel([partial(send, body, headers) for body, headers in prepared], 50)
    return [
        (f"{times:,} Deletes by unknown actors: fetches", f"{bench.sink.asked - asked}"),
        (f"{times:,} Deletes by unknown actors: memory grows by", f"{max(bench.node.rss - before, 0.0):.0f} MiB"),
    ]


async def repeats(bench: Bench) -> list[tuple[str, str]]:
    """One Create delivered again and again, by two hundred at once."""
    url = f"{bench.node.base}/inbox"
    times = bench.count(10_000)
    body, headers = bench.sink.signed(0, url, bench.sink.create(0, "again"))
    before, statuses = bench.node.rss, set()
    held = await _posts(bench)

    async def send() -> None:
        statuses.add(await bench.post(url, body, headers))

    began = time.monotonic()
    took = await in_parallel([send] * times, 200)
    rate = times / (time.monotonic() - began)
    if statuses != {202}:
        raise RuntimeError(f"a repeat was answered with {statuses}")
    await asyncio.sleep(1)
    return [
        (f"{times:,} repeats of one Create by 200 at once: posts", f"{await _posts(bench) - held}"),
        ("repeats answered per second", f"{rate:,.0f} (p95 {p95(took):.0f} ms)"),
        ("repeats: memory grows by", f"{max(bench.node.rss - before, 0.0):.0f} MiB"),
    ]


async def _posts(bench: Bench) -> int:
    found = await bench.api("GET", f"/api/v1/accounts/lookup?acct=someone@h0.localhost:{bench.sink.port}")
    assert isinstance(found, dict)
    return int(found["statuses_count"])
