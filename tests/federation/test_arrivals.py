# SPDX-License-Identifier: AGPL-3.0-or-later
"""Storing what the inbox lets in: several at a time, none taking another with it, and answers before work."""

import asyncio

import orjson
import pytest

from activitypub import activity as activity_documents
from activitypub.parse import parse
from node.federation import arrivals, precedence
from node.federation.arrivals import Arrival, Arrivals
from node.federation.precedence import Precedence
from node.federation.tables import activities
from node.kernel.errors import Overloaded
from node.kernel.queue import tasks
from tests.support.nodes import Node


def arrival(number: int) -> Arrival:
    actor = "https://north.example/actor"
    document = {"id": f"{actor}/likes/{number}", "type": "Like", "actor": actor, "object": "https://south.example/1"}
    body = orjson.dumps(document)
    return Arrival(activity_documents.read(parse(body)), body, None)


@pytest.fixture
def units(gate: Node, monkeypatch: pytest.MonkeyPatch) -> list[list[Arrival]]:
    """What went into each unit of work."""
    seen: list[list[Arrival]] = []
    keep = arrivals.keep

    def noted(tx, some):
        seen.append(some)
        keep(tx, some)

    monkeypatch.setattr(arrivals, "keep", noted)
    return seen


async def test_what_arrives_while_others_are_written_is_stored_together_and_in_order(gate, units):
    door = Arrivals(gate.db)

    await asyncio.gather(*(door.store(arrival(number)) for number in range(120)))

    assert gate.count(activities) == gate.count(tasks) == 120
    assert len(units) <= 4
    stored = [one.activity.id for some in units for one in some]
    assert stored == [arrival(number).activity.id for number in range(120)]


async def test_repeats_among_them_are_stored_once(gate, units):
    door = Arrivals(gate.db)

    await asyncio.gather(*(door.store(arrival(number % 7)) for number in range(70)))

    assert gate.count(activities) == 7


async def test_one_that_cannot_be_stored_takes_no_other_with_it(gate, monkeypatch):
    keep = arrivals.keep

    def faulty(tx, some):
        keep(tx, some)
        if any(str(one.activity.id).endswith("/3") for one in some):
            raise ValueError("cannot be stored")

    monkeypatch.setattr(arrivals, "keep", faulty)
    door = Arrivals(gate.db)

    answers = await asyncio.gather(*(door.store(arrival(number)) for number in range(9)), return_exceptions=True)

    assert [number for number, answer in enumerate(answers) if isinstance(answer, ValueError)] == [3]
    assert gate.count(activities) == 8


async def test_whoever_hangs_up_takes_nothing_back(gate, units):
    door = Arrivals(gate.db)
    first, second = (asyncio.ensure_future(door.store(arrival(number))) for number in (1, 2))
    await asyncio.sleep(0)

    first.cancel()
    await second

    assert first.cancelled()
    assert gate.count(activities) == 2


async def test_a_crowd_without_end_is_told_to_come_later(gate, monkeypatch):
    monkeypatch.setattr(arrivals, "MAX_WAITING", 5)
    door = Arrivals(gate.db)

    answers = await asyncio.gather(*(door.store(arrival(number)) for number in range(9)), return_exceptions=True)

    assert sum(isinstance(answer, Overloaded) for answer in answers) == 4
    assert gate.count(activities) == 5


async def test_without_a_rush_work_goes_on_at_once():
    order = Precedence()

    with order.urgent():
        waiting = order.give_way()
        with pytest.raises(StopIteration):
            waiting.send(None)


async def test_work_waits_until_a_rush_is_over(monkeypatch):
    monkeypatch.setattr(precedence, "OVER_AFTER", 0.02)
    order = Precedence()
    done: list[str] = []

    async def work() -> None:
        await order.give_way()
        done.append("work")

    async def answer() -> None:
        with order.urgent():
            await asyncio.sleep(0)
        done.append("answer")

    await asyncio.gather(*(answer() for _ in range(precedence.RUSH)), work(), *(answer() for _ in range(5)))

    assert done == ["answer"] * (precedence.RUSH + 5) + ["work"]


async def test_a_rush_that_does_not_end_lets_some_work_through_again_and_again(monkeypatch):
    monkeypatch.setattr(precedence, "OVER_AFTER", 1_000_000.0)
    monkeypatch.setattr(precedence, "LONGEST", 0.001)
    monkeypatch.setattr(precedence, "THEN", 2)
    order = Precedence()
    for _ in range(precedence.RUSH):
        order.urgent().__enter__()

    await asyncio.gather(*(order.give_way() for _ in range(7)))
