# SPDX-License-Identifier: AGPL-3.0-or-later
"""`make bench`: measure, print a table, and with `--write` put it into `docs/performance.md`."""

import argparse
import asyncio
import platform
import sys
import time
from pathlib import Path

import aiohttp

from benchmarks import floors, operations, storms, streams
from benchmarks.operations import Bench, Figure
from benchmarks.world import Loopback, NodeUnderTest, Sink, node

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
PASSWORD = "a long bench password"


async def _idle(made: NodeUnderTest) -> float:
    """CPU milliseconds per second of a node that has nothing to do."""
    await asyncio.sleep(3)  # what the start itself leaves to be done
    cpu, began = made.cpu, time.monotonic()
    await asyncio.sleep(10)
    return (made.cpu - cpu) * 1000 / (time.monotonic() - began)


async def _run(scale: float, only: str = "") -> str:
    print("floors ...", file=sys.stderr)
    found = await asyncio.to_thread(floors.measure)
    figures: list[Figure] = []
    sink = Sink()
    await sink.start()
    async with node() as made:
        rss_idle = made.rss
        idle = await _idle(made)
        await made.command(
            "member", "add", "bench", "--email", "bench@mail.example", "--password-stdin", stdin=PASSWORD
        )
        token = await made.command("token", "create", "bench", "--scopes", "read write follow")
        connector = aiohttp.TCPConnector(resolver=Loopback(), limit=0, force_close=False)
        async with aiohttp.ClientSession(connector=connector) as session:
            bench = Bench(made, sink, session, found, token, "", scale)
            me = await bench.api("GET", "/api/v1/accounts/verify_credentials")
            assert isinstance(me, dict)
            bench.actor = me["uri"]
            remote = await bench.api(
                "GET", f"/api/v2/search?resolve=true&type=accounts&q=someone@h0.localhost:{sink.port}"
            )
            assert isinstance(remote, dict)
            follow = await bench.api("POST", f"/api/v1/accounts/{remote['accounts'][0]['id']}/follow")
            assert isinstance(follow, dict)
            await sink.wait_for(1)
            accept = {
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": f"{sink.actor(0)}/accepts/1",
                "type": "Accept",
                "actor": sink.actor(0),
                "object": {"type": "Follow", "actor": bench.actor, "object": sink.actor(0)},
            }
            body, headers = sink.signed(0, f"{made.base}/inbox", accept)
            await bench.post(f"{made.base}/inbox", body, headers)
            for name, operation in (
                ("posting", operations.posting),
                ("inbox", operations.inbox),
                ("home timeline", operations.home),
                ("actor document", operations.actor),
                ("fan-out", operations.fan_out),
                ("notifications", operations.notifications),
                ("follow", operations.follow_in),
            ):
                if only not in name:
                    continue
                print(f"{name} ...", file=sys.stderr)
                figures += await operation(bench)
            told: list[tuple[str, str]] = []
            for name, storm in (
                ("streams", streams.idle_and_awake),
                ("repeats", storms.repeats),
                ("Deletes of strangers", storms.deletes_of_strangers),
                ("silent servers", storms.silent_servers),
            ):
                if only not in name:
                    continue
                print(f"{name} ...", file=sys.stderr)
                told += await storm(bench)
        rss_loaded = made.rss
        first = made.first_answer
    await sink.stop()
    return _table(found, figures, told, first=first, rss_idle=rss_idle, rss_loaded=rss_loaded, idle=idle)


def _table(
    found: floors.Floors,
    figures: list[Figure],
    told: list[tuple[str, str]],
    *,
    first: float,
    rss_idle: float,
    rss_loaded: float,
    idle: float,
) -> str:
    lines = [
        f"Measured with `make bench` on {platform.machine()}, Python {platform.python_version()}, SQLite, one process.",
        "",
        "| operation | CPU ms | floor ms | ratio | per second | p95 ms | the floor is |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for figure in figures:
        rate = f"{figure.rate:,.0f}" if figure.rate else ""
        p95 = f"{figure.p95:.0f}" if figure.p95 is not None else ""
        numbers = f"{figure.cost:.3f} | {figure.floor:.3f} | {figure.ratio:.1f} | {rate} | {p95}"
        lines.append(f"| {figure.name} | {numbers} | {figure.made_of} |")
    lines += [
        "",
        "| floor | CPU ms |",
        "| --- | ---: |",
        f"| RSA-2048 signature | {found.sign:.3f} |",
        f"| RSA-2048 check | {found.verify:.3f} |",
        f"| SQLite transaction of one row | {found.transaction:.3f} |",
        f"| bare aiohttp answer of 30 kB | {found.answer:.3f} |",
        "",
        "| streams, and when things go wrong | |",
        "| --- | ---: |",
        *(f"| {what} | {figure} |" for what, figure in told),
        "",
        "| process | |",
        "| --- | ---: |",
        f"| first answer after start | {first:.2f} s |",
        f"| resident memory, idle after start | {rss_idle:.0f} MiB |",
        f"| resident memory after all of the above | {rss_loaded:.0f} MiB |",
        f"| CPU when idle | {idle:.1f} ms/s |",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and print; see `--help`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: to see that it runs")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--only", default="", metavar="NAME", help="only what has this in its name")
    options = parser.parse_args()
    if options.only and options.write:
        parser.error("--write needs all figures")
    table = asyncio.run(_run(0.1 if options.quick else 1.0, options.only))
    print(table)
    if options.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


main()
