# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the machine can do at best: RSA, one SQLite transaction, a bare aiohttp answer, gzip. CPU in milliseconds."""

import asyncio
import resource
import sqlite3
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from benchmarks.process import cpu_seconds, spawn_bare_server


@dataclass(frozen=True, slots=True)
class Floors:
    """CPU milliseconds per operation."""

    sign: float
    verify: float
    transaction: float
    answer: float


def _cost(work: Callable[[], object], times: int) -> float:
    """CPU milliseconds of one call, all threads of this process counted."""
    before = _own_cpu()
    for _ in range(times):
        work()
    return (_own_cpu() - before) * 1000 / times


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure() -> Floors:
    """All four, in about three seconds."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    data = b"x" * 300
    signature = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    public = key.public_key()
    return Floors(
        sign=_cost(lambda: key.sign(data, padding.PKCS1v15(), hashes.SHA256()), 1000),
        verify=_cost(lambda: public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256()), 10_000),
        transaction=_transaction(),
        answer=asyncio.run(answer(30_000)),
    )


def packing(body: bytes) -> float:
    """The body in gzip, at the fastest level."""
    return _cost(lambda: zlib.compress(body, 1, wbits=31), 1000)


def _transaction() -> float:
    """One row in a transaction of its own, WAL, synchronous=NORMAL, as the node runs."""
    with tempfile.TemporaryDirectory() as folder:
        conn = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=NORMAL")
        conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")
        body = "x" * 1000

        def one() -> None:
            conn.execute("BEGIN IMMEDIATE")
            conn.execute("INSERT INTO t (body) VALUES (?)", (body,))
            conn.execute("COMMIT")

        cost = _cost(one, 3000)
        conn.close()
    return cost


async def answer(size: int) -> float:
    """A bare aiohttp handler that answers so many bytes, in a process of its own, as the node's answers are measured."""
    process, port = await spawn_bare_server()
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}/{size}"

            async def some(count: int) -> None:
                for _ in range(count):
                    async with session.get(url) as response:
                        await response.read()

            await some(200)
            before = cpu_seconds(process.pid)
            await asyncio.gather(*(some(500) for _ in range(4)))
            return (cpu_seconds(process.pid) - before) * 1000 / 2000
    finally:
        process.terminate()
        await process.wait()


async def bare(port_file: Path) -> None:
    """The bare server itself; runs until it is ended."""
    bodies: dict[str, bytes] = {}

    async def handle(request: web.Request) -> web.Response:
        size = request.match_info["size"]
        body = bodies.get(size)
        if body is None:
            body = bodies[size] = b"x" * int(size)
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get(r"/{size:\d+}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port_file.write_text(str(runner.addresses[0][1]))
    await asyncio.Event().wait()
