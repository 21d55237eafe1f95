# SPDX-License-Identifier: AGPL-3.0-or-later
"""The operations that are measured. Each says how often it ran, what it cost the node's process, and at what rate."""

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import aiohttp

from benchmarks import floors
from benchmarks.floors import Floors
from benchmarks.world import NodeUnderTest, Sink


@dataclass(frozen=True, slots=True)
class Figure:
    """`cost` in CPU milliseconds of the node's process per operation, `rate` in operations per second of wall time.

    `floor` is what no program here could go below, in the same unit, and `made_of` says of what it is made.
    """

    name: str
    cost: float
    rate: float
    floor: float
    made_of: str
    p95: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.cost / self.floor


@dataclass(slots=True)
class Bench:
    """Who plays what: the node, the other servers, and a member with a token."""

    node: NodeUnderTest
    sink: Sink
    session: aiohttp.ClientSession
    floors: Floors
    token: str
    actor: str
    scale: float

    def count(self, number: int) -> int:
        """`number` of a full run, fewer in a quick one."""
        return max(10, int(number * self.scale))

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """One POST; the status of the answer."""
        async with self.session.post(url, data=body, headers=headers) as response:
            await response.read()
            return response.status

    async def api(self, method: str, path: str, **form: str) -> object:
        """One call of the client API as the member."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "identity"}
        async with self.session.request(
            method, f"{self.node.base}{path}", headers=headers, data=form or None
        ) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def body(self, path: str, encoding: str = "identity") -> bytes:
        """What a GET by the member is answered, unpacked."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": encoding}
        async with self.session.get(f"{self.node.base}{path}", headers=headers) as answer:
            answer.raise_for_status()
            if answer.headers.get("Content-Encoding", "identity") != encoding:
                raise RuntimeError(f"{path} is not in {encoding}")
            return await answer.read()

    async def measured(self, work: Callable[[], Awaitable[object]], times: int) -> tuple[float, float]:
        """(CPU ms per operation, operations per second) of the node while `work` does `times` operations."""
        cpu, began = self.node.cpu, time.monotonic()
        await work()
        seconds = time.monotonic() - began
        return (self.node.cpu - cpu) * 1000 / times, times / seconds


async def in_parallel(jobs: Sequence[Callable[[], Awaitable[object]]], at_once: int) -> list[float]:
    """Run the jobs, so many at a time; how long each took, in milliseconds."""
    waiting = iter(jobs)
    took: list[float] = []

    async def one() -> None:
        for job in waiting:
            began = time.perf_counter()
            await job()
            took.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(one() for _ in range(at_once)))
    return sorted(took)


def p95(took: list[float]) -> float:
    """What nineteen of twenty did not exceed."""
    return took[int(len(took) * 0.95)]


async def inbox(bench: Bench) -> list[Figure]:
    """Signed Creates by one followed actor: answered with 202, and visible in a member's home."""
    times = bench.count(2000)
    url = f"{bench.node.base}/inbox"
    prepared = [bench.sink.signed(0, url, bench.sink.create(0, f"n{number}")) for number in range(times)]
    statuses: list[int] = []

    async def send(body: bytes, headers: dict[str, str]) -> None:
        statuses.append(await bench.post(url, body, headers))

    # Other servers keep their connections; opening a hundred at once is not what is measured.
    await asyncio.gather(*(bench.api("GET", "/api/v1/instance/peers") for _ in range(100)))
    cpu, began = bench.node.cpu, time.monotonic()
    took = await in_parallel([partial(send, body, headers) for body, headers in prepared], 100)
    answered = time.monotonic() - began
    if set(statuses) != {202}:
        raise RuntimeError(f"the inbox answered {set(statuses)}")
    while await _applied(bench) < times:
        await asyncio.sleep(0.05)
    applied = time.monotonic() - began
    cost = (bench.node.cpu - cpu) * 1000 / times
    floor = bench.floors.verify + 2 * bench.floors.transaction + bench.floors.answer
    return [
        Figure(
            "signed Create, answered and applied",
            cost,
            times / applied,
            floor,
            "verify + 2 transactions + bare answer",
            p95=p95(took),
        ),
        Figure("signed Create, answered (rate alone)", cost, times / answered, floor, "as above", p95=p95(took)),
    ]


async def _applied(bench: Bench) -> int:
    """How many posts of the sending actor the node holds by now."""
    found = await bench.api("GET", f"/api/v1/accounts/lookup?acct=someone@h0.localhost:{bench.sink.port}")
    assert isinstance(found, dict)
    return int(found["statuses_count"])


async def home(bench: Bench) -> list[Figure]:
    """A page of twenty of the home timeline: unchanged, packed, and after a change."""
    page = await bench.api("GET", "/api/v1/timelines/home")
    assert isinstance(page, list)
    for number in range(20 - len(page)):
        await bench.api("POST", "/api/v1/statuses", status=f"Post {number} of a long morning #bench")
    return await _page(bench, "home timeline, 20 posts", "/api/v1/timelines/home?limit=20")


async def notifications(bench: Bench) -> list[Figure]:
    """A page of forty notifications."""
    path = "/api/v1/notifications?limit=40"
    told = await bench.api("GET", path)
    assert isinstance(told, list)
    for number in range(900, 940 - len(told)):
        body, headers = bench.sink.signed(number, f"{bench.node.base}/inbox", bench.sink.follow(number, bench.actor))
        if await bench.post(f"{bench.node.base}/inbox", body, headers) != 202:
            raise RuntimeError("a follow was refused")
    await settled(bench)  # each Follow is answered with an Accept
    return await _page(bench, "notifications, 40", path)


_IN_A_ROW = 10


async def _page(bench: Bench, name: str, path: str) -> list[Figure]:
    """What a page costs that an app asks for again and again, beside a bare answer that is as long."""
    times, few = bench.count(2000), bench.count(300) // _IN_A_ROW * _IN_A_ROW
    post = await bench.api("POST", "/api/v1/statuses", status="Something that changes")
    assert isinstance(post, dict)
    await settled(bench)  # it goes to all followers elsewhere, and what that costs is measured by itself
    body = await bench.body(path)

    async def asked(encoding: str) -> None:
        await in_parallel([lambda: bench.body(path, encoding)] * times, 4)

    async def change(number: int) -> None:
        verb = "favourite" if number % 2 == 0 else "unfavourite"
        await bench.api("POST", f"/api/v1/statuses/{post['id']}/{verb}")

    async def changes(*, and_look: bool) -> None:
        for number in range(_IN_A_ROW):
            await change(number)
            if and_look:
                await bench.body(path)

    async def difference() -> float:
        """What a look after a change costs. Both are measured in turn: the one is a small part of what the other is."""
        alone, both = 0.0, 0.0
        for _ in range(few // _IN_A_ROW):
            alone += (await bench.measured(lambda: changes(and_look=False), few))[0]
            both += (await bench.measured(lambda: changes(and_look=True), few))[0]
        return max(both - alone, 0.0)

    plain, rate = await bench.measured(lambda: asked("identity"), times)
    packed, packed_rate = await bench.measured(lambda: asked("gzip"), times)
    looked = await difference()
    answer = await floors.answer(len(body))
    in_gzip = await floors.answer(len(zlib.compress(body, 1, wbits=31))) + floors.packing(body)
    size = f"{len(body) / 1000:.0f} kB"
    return [
        Figure(f"{name}, unchanged", plain, rate, answer, f"bare answer of {size}"),
        Figure(f"{name}, unchanged, in gzip", packed, packed_rate, in_gzip, f"gzip of {size} + bare answer"),
        Figure(f"{name}, after a change", looked, 0.0, answer, f"bare answer of {size}"),
    ]


async def posting(bench: Bench) -> list[Figure]:
    """Posting a status with no remote follower to send it to."""
    times = bench.count(500)
    jobs = [
        (lambda number=number: bench.api("POST", "/api/v1/statuses", status=f"Post {number} of a long morning #bench"))
        for number in range(times)
    ]
    cpu, began = bench.node.cpu, time.monotonic()
    took = await in_parallel(jobs, 16)
    seconds = time.monotonic() - began
    cost = (bench.node.cpu - cpu) * 1000 / times
    floor = bench.floors.transaction + bench.floors.answer
    return [
        Figure("post a status (16 parallel)", cost, times / seconds, floor, "transaction + bare answer", p95=p95(took))
    ]


async def actor(bench: Bench) -> list[Figure]:
    """An actor's document, as other servers ask for it."""
    times = bench.count(3000)
    headers = {"Accept": "application/activity+json"}

    async def one() -> None:
        async with bench.session.get(bench.actor, headers=headers) as response:
            await response.read()

    async def all_of_them() -> None:
        await in_parallel([one] * times, 4)

    cost, rate = await bench.measured(all_of_them, times)
    return [Figure("actor document", cost, rate, bench.floors.answer, "bare answer")]


async def follow_in(bench: Bench) -> list[Figure]:
    """A Follow by somebody new on a server that is new: key and name looked up, stored, and answered with an Accept."""
    times = bench.count(300)
    url = f"{bench.node.base}/inbox"
    hosts = range(400, 400 + times)
    prepared = [bench.sink.signed(number, url, bench.sink.follow(number, bench.actor)) for number in hosts]
    before = bench.sink.received
    took: list[float] = []

    async def follow(number: int, body: bytes, headers: dict[str, str]) -> None:
        began = time.perf_counter()
        if await bench.post(url, body, headers) != 202:
            raise RuntimeError("a follow was refused")
        while not bench.sink.by_host[number]:
            await asyncio.sleep(0.005)
        took.append((time.perf_counter() - began) * 1000)

    cpu, began = bench.node.cpu, time.monotonic()
    jobs = [partial(follow, number, body, headers) for number, (body, headers) in zip(hosts, prepared, strict=True)]
    await in_parallel(jobs, 10)
    seconds = time.monotonic() - began
    if bench.sink.received - before < times:
        raise RuntimeError("an Accept is missing")
    cost = (bench.node.cpu - cpu) * 1000 / times
    best = bench.floors
    floor = best.verify + 2 * best.sign + 4 * best.transaction + best.answer
    made_of = "verify + 2 signatures + 4 transactions + bare answer (no client requests)"
    name = "follow by a new actor on a new host, until Accept (10 parallel)"
    return [Figure(name, cost, times / seconds, floor, made_of, p95=p95(sorted(took)))]


async def fan_out(bench: Bench, hosts: int = 200) -> list[Figure]:
    """One post to followers on 200 servers: until the last shared inbox has it."""
    for number in range(1, hosts + 1):
        body, headers = bench.sink.signed(number, f"{bench.node.base}/inbox", bench.sink.follow(number, bench.actor))
        if await bench.post(f"{bench.node.base}/inbox", body, headers) != 202:
            raise RuntimeError("a follow was refused")
    await settled(bench)  # each Follow is answered with an Accept
    rounds = bench.count(20)
    before = bench.sink.received

    async def work() -> None:
        for number in range(rounds):
            await bench.api("POST", "/api/v1/statuses", status=f"To everybody, {number}")
            await bench.sink.wait_for(before + hosts * (number + 1))

    cost, rate = await bench.measured(work, rounds * hosts)
    floor = bench.floors.sign + bench.floors.transaction / 50
    return [
        Figure("delivery, one of 200 shared inboxes", cost, rate, floor, "sign + 1/50 transaction (no client request)")
    ]


async def settled(bench: Bench) -> None:
    """Until no more deliveries come."""
    last = -1
    while last != bench.sink.received:
        last = bench.sink.received
        await asyncio.sleep(0.5)
