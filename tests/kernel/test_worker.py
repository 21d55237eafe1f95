# SPDX-License-Identifier: AGPL-3.0-or-later
"""The worker: what it runs, when again, when no more, and how it stops."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from node.kernel import clock, queue
from node.kernel.queue import WORK, tasks
from node.kernel.worker import GiveUp, Lane, RetryLater, TaskType, Worker


class Work:
    """Task types that note what they did."""

    def __init__(self, db):
        self.db = db
        self.done = []
        self.started = asyncio.Event()
        self.go_on = asyncio.Event()
        self.changed = asyncio.Condition()

    async def note(self, task):
        async with self.changed:
            self.done.append(task.payload["name"])
            self.changed.notify_all()

    async def until(self, number):
        async with asyncio.timeout(30), self.changed:
            await self.changed.wait_for(lambda: len(self.done) >= number)

    async def hold(self, task):
        self.started.set()
        await self.go_on.wait()
        await self.note(task)

    async def fail(self, task):
        await self.note(task)
        raise LookupError("broken")

    async def later(self, task):
        await self.note(task)
        raise RetryLater("not now", after=timedelta(hours=3))

    async def never(self, task):
        await self.note(task)
        raise GiveUp("it is gone")

    async def itself(self, task):
        await self.db.write(queue.complete, task.id)
        await self.note(task)
        return True


@pytest.fixture
async def work(empty_db):
    return Work(empty_db)


@pytest.fixture
async def running(empty_db, work):
    types = {
        name: TaskType(getattr(work, name), max_attempts=3)
        for name in ("note", "hold", "fail", "later", "never", "itself")
    }
    made = Worker(empty_db, types, (Lane(WORK, at_once=4, per_lane=2),))
    await made.start()
    yield made
    work.go_on.set()
    await made.stop(grace=5)


async def put(db, task, *labels, **more):
    def write(tx):
        for label in labels:
            queue.enqueue(tx, task, {"name": label}, **more)

    await db.write(write)


def rows(db):
    return db.read_now(lambda conn: conn.execute(select(tasks)).all())


async def settled(db, check):
    """Wait until `check` holds for the rows."""
    async with asyncio.timeout(30):
        while not check(rows(db)):  # nothing tells when a row has changed
            await asyncio.sleep(0.005)


async def test_what_is_put_in_is_done_at_once_and_its_row_is_gone(empty_db, work, running):
    await put(empty_db, "note", "a", "b", "c")

    await work.until(3)

    await settled(empty_db, lambda found: not found)
    assert sorted(work.done) == ["a", "b", "c"]


async def test_what_was_there_before_the_start_is_done_too(empty_db, work):
    await put(empty_db, "note", "a")
    made = Worker(empty_db, {"note": TaskType(work.note)}, (Lane(WORK, at_once=4, per_lane=2),))

    await made.start()
    await work.until(1)
    await made.stop(grace=5)

    assert rows(empty_db) == []


async def test_a_task_may_complete_its_own_row(empty_db, work, running):
    await put(empty_db, "itself", "a")

    await work.until(1)

    await settled(empty_db, lambda found: not found)


async def test_a_fault_is_tried_again_later_and_logged(empty_db, work, running, caplog):
    await put(empty_db, "fail", "a")

    await settled(empty_db, lambda found: found and found[0].leased_until is None and found[0].attempts == 1)

    (row,) = rows(empty_db)
    assert row.last_error == "LookupError: broken"
    assert timedelta(seconds=5) < row.run_at - clock.now() < timedelta(seconds=13)
    assert row.parked_at is None
    assert "task fail failed" in caplog.text


async def test_a_fault_that_lasts_is_set_aside(empty_db, work, running):
    await put(empty_db, "fail", "a")

    for attempt in (1, 2, 3):
        await settled(empty_db, lambda found, n=attempt: found[0].leased_until is None and found[0].attempts == n)
        await empty_db.write(hurry)

    await settled(empty_db, lambda found: found and found[0].parked_at is not None)
    assert work.done == ["a"] * 3


def hurry(tx):
    tx.conn.execute(update(tasks).where(tasks.c.leased_until.is_(None)).values(run_at=tx.now))
    tx.after_commit(lambda: tx.bus.publish(queue.topic(WORK)))


async def test_a_task_says_itself_when_to_try_again(empty_db, work, running):
    await put(empty_db, "later", "a")

    await settled(empty_db, lambda found: found and found[0].last_error == "not now")

    wait = rows(empty_db)[0].run_at - clock.now()
    assert timedelta(hours=2, minutes=59) < wait <= timedelta(hours=3)


@pytest.mark.parametrize(("task", "reason"), [("never", "it is gone"), ("unheard", "unknown task")])
async def test_what_cannot_be_done_is_set_aside_at_once(empty_db, work, running, task, reason):
    await put(empty_db, task, "a")

    await settled(empty_db, lambda found: found and found[0].parked_at is not None)

    assert rows(empty_db)[0].last_error == reason


async def test_a_row_that_brought_its_process_down_too_often_is_set_aside_without_another_try(empty_db, work):
    await put(empty_db, "note", "deadly")
    for _ in range(3):  # three processes took it and died
        await empty_db.write(queue.claim, WORK, limit=1, per_lane=1, busy={})
        await empty_db.write(queue.release_all)
    made = Worker(empty_db, {"note": TaskType(work.note, max_attempts=3)}, (Lane(WORK, at_once=4, per_lane=2),))

    await made.start()
    await settled(empty_db, lambda found: found and found[0].parked_at is not None)
    await made.stop(grace=5)

    assert work.done == []


async def test_a_full_lane_does_not_hold_up_another(empty_db, work, running):
    await put(empty_db, "hold", *("abcdef"), lane="slow.example")
    await work.started.wait()

    await put(empty_db, "note", "quick", lane="quick.example")
    await work.until(1)

    assert work.done == ["quick"]
    work.go_on.set()
    await work.until(7)


async def test_the_rows_of_a_lane_in_order_run_one_after_the_other(empty_db, work):
    under_way = []

    async def careful(task):
        under_way.append(task.payload["name"])
        assert len(under_way) == 1
        await asyncio.sleep(0)
        under_way.pop()
        await work.note(task)

    made = Worker(empty_db, {"careful": TaskType(careful)}, (Lane(WORK, at_once=4, per_lane=3, in_order=True),))
    await put(empty_db, "careful", *"abcdefgh", lane="ann")
    await made.start()
    await work.until(8)
    await made.stop(grace=5)

    assert "".join(work.done) == "abcdefgh"


async def test_stopping_lets_what_runs_finish_and_takes_nothing_new(empty_db, work, running):
    await put(empty_db, "hold", "a", lane="x")
    await work.started.wait()

    stopping = asyncio.create_task(running.stop(grace=10))
    await asyncio.sleep(0)
    await put(empty_db, "note", "b")
    work.go_on.set()
    await stopping

    assert work.done == ["a"]
    assert [row.name for row in rows(empty_db)] == ["note"]


async def test_what_does_not_finish_in_time_comes_back_after_a_restart(empty_db, work, running):
    await put(empty_db, "hold", "a")
    await work.started.wait()

    await running.stop(grace=0.05)
    await empty_db.write(queue.release_all)

    assert work.done == []
    (task,) = await empty_db.write(queue.claim, WORK, limit=1, per_lane=1, busy={})
    assert task.attempt == 2


async def test_an_idle_worker_leaves_the_database_in_peace(empty_db, work, monkeypatch):
    pauses = []
    pause = Worker._pause

    async def noted(*args):
        pauses.append(await pause(*args))
        return pauses[-1]

    monkeypatch.setattr(Worker, "_pause", noted)
    await put(empty_db, "note", "first", "second", sequence="s")
    await put(empty_db, "note", "behind", sequence="t")
    (first, *_) = rows(empty_db)
    await empty_db.write(lambda tx: queue.retry(tx, first.id, at=tx.now + timedelta(hours=1), error=""))
    made = Worker(empty_db, {"note": TaskType(work.note)}, (Lane(WORK, at_once=4, per_lane=4),))

    await made.start()
    await work.until(1)
    await settled(empty_db, lambda found: len(found) == 2 and pauses and pauses[-1] > 50)

    await made.stop(grace=5)


async def test_rows_of_another_process_are_noticed(empty_db, work, running):
    def write(tx):
        queue.enqueue(tx, "note", {"name": "from elsewhere"})
        tx._after.clear()  # nobody in this process is told

    await empty_db.write(write)

    await work.until(1)
