# SPDX-License-Identifier: AGPL-3.0-or-later
"""Streams: what many idle ones cost in memory, and how soon a post reaches one of them."""

import asyncio
import statistics
import time
from contextlib import AsyncExitStack

import aiohttp
import orjson

from benchmarks.operations import Bench

IDLE = 500


async def idle_and_awake(bench: Bench) -> list[tuple[str, str]]:
    """Open 500 sockets, then post: how much memory they took, and how long after its answer a post came over one."""
    address = f"{bench.node.base.replace('http', 'ws', 1)}/api/v1/streaming?stream=user"
    headers = {"Authorization": f"Bearer {bench.token}"}
    async with AsyncExitStack() as stack:
        before = bench.node.rss
        # These listen to what nobody says anything on.
        quiet = address.replace("=user", "=direct")
        for _ in range(IDLE - 1):
            await stack.enter_async_context(bench.session.ws_connect(quiet, headers=headers))
        awake = await stack.enter_async_context(bench.session.ws_connect(address, headers=headers))
        await asyncio.sleep(1)
        taken = bench.node.rss - before
        times = [await _reached(bench, awake, number) for number in range(bench.count(100))]
    return [
        (f"{IDLE} idle streams: memory grows by", f"{taken:.0f} MiB ({taken * 1024 / IDLE:.0f} kB each)"),
        (
            f"a post reaches a stream beside {IDLE - 1} idle ones, after its answer",
            f"{max(0.0, statistics.median(times)):.1f} ms (median)",
        ),
    ]


async def _reached(bench: Bench, socket: aiohttp.ClientWebSocketResponse, number: int) -> float:
    """Milliseconds from the answer to a new post until it has come over the socket; below 0 if it came first."""
    moments: dict[str, float] = {}

    async def post() -> None:
        await bench.api("POST", "/api/v1/statuses", status=f"Stream {number}")
        moments["answered"] = time.perf_counter()

    async def hear() -> None:
        while orjson.loads(await socket.receive_str())["event"] != "update":
            pass
        moments["heard"] = time.perf_counter()

    await asyncio.wait_for(asyncio.gather(post(), hear()), 30)
    return (moments["heard"] - moments["answered"]) * 1000
