# SPDX-License-Identifier: AGPL-3.0-or-later
"""The loops that claim rows of the queue and run them: one loop per queue, woken by a commit, never polling in vain.

What each task does stands in `node.wiring`. A task is a coroutine function; it may raise `RetryLater` or `GiveUp`, and any
other error counts as a fault of ours or of the network: logged, tried again with growing pauses, parked in the end.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from node.kernel import clock, queue
from node.kernel.db import Database, is_unavailable
from node.kernel.queue import Task

_log = logging.getLogger(__name__)
_LONGEST_SLEEP = 60.0
_DATABASE_AWAY = 2.0
_LOOK_EVERY = 1.0


class RetryLater(Exception):
    """Not now. `after` is the pause before the next attempt; without it the task type's own schedule holds."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class GiveUp(Exception):
    """Never: trying again cannot help. The row is parked."""


Run = Callable[[Task], Awaitable[bool | None]]
"""Runs one task. True says that it has completed its row itself, in the transaction of its effects."""


@dataclass(frozen=True, slots=True)
class TaskType:
    """What a task name stands for: how it runs, how often it is tried, and how long it waits between."""

    run: Run
    max_attempts: int = queue.MAX_ATTEMPTS
    delay: Callable[[int], timedelta] = queue.backoff


@dataclass(frozen=True, slots=True)
class Lane:
    """How one queue is worked off: so many rows at once, and so many of one lane.

    With `in_order` the rows of a lane run one after the other, in the order in which they became due; `per_lane` is then
    how many are claimed together, and `at_once` how many lanes run side by side. `extras` bounds the rows that run beside
    another one of their lane.
    """

    queue: str
    at_once: int
    per_lane: int
    in_order: bool = False
    extras: int | None = None


class Worker:
    """Runs the tasks of some queues until it is stopped."""

    def __init__(self, db: Database, types: Mapping[str, TaskType], lanes: tuple[Lane, ...]) -> None:
        """Prepare; `start` begins. `types` maps task names to what they do."""
        self._db = db
        self._types = types
        self._lanes = lanes
        self._loops: list[asyncio.Task[None]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._wakers: list[asyncio.Event] = []
        self._watch_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin working; returns at once."""
        self._loops = [asyncio.create_task(self._loop(lane), name=f"queue-{lane.queue}") for lane in self._lanes]
        self._watch_task = asyncio.create_task(self._watch(), name="queue-watch")

    async def stop(self, *, grace: float = 20.0) -> None:
        """Claim nothing more and let what runs finish within `grace` seconds; the rest comes back after a restart."""
        self._stopping = True
        if self._watch_task is not None:
            self._watch_task.cancel()
        for waker in self._wakers:
            waker.set()
        if self._loops:
            await asyncio.wait(self._loops, timeout=grace)
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        for unfinished in (*self._loops, *self._running):
            unfinished.cancel()
        await asyncio.gather(*self._loops, *self._running, return_exceptions=True)

    async def _watch(self) -> None:
        """Wake the loops for rows that another process wrote (the command line): our own commits wake them at once."""
        names = [lane.queue for lane in self._lanes]
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                waiting = await self._db.read(queue.is_waiting, names, clock.now())
            except Exception as error:  # noqa: BLE001  # the loops notice for themselves that the database is away
                _log.debug("cannot look for waiting rows: %s", error)
                waiting = False
            if waiting:
                for waker in self._wakers:
                    waker.set()

    async def _loop(self, lane: Lane) -> None:
        woken = asyncio.Event()
        self._wakers.append(woken)
        busy: Counter[str] = Counter()
        with self._db.bus.listening(queue.topic(lane.queue), lambda _message: woken.set()):
            while not self._stopping:
                woken.clear()
                try:
                    claimed = await self._claim(lane, busy)
                    pause = None if claimed else await self._pause(lane, busy)
                except Exception as error:  # noqa: BLE001  # the loop must outlive a database that is away
                    if is_unavailable(error):
                        _log.warning("queue %s: the database does not answer", lane.queue)
                    else:
                        _log.exception("queue %s: cannot claim", lane.queue)
                    claimed, pause = [], _DATABASE_AWAY
                if self._is_stopping():
                    await self._give_back(claimed)
                    return
                for turn in _turns(claimed, in_order=lane.in_order):
                    busy[turn[0].lane] += 1
                    running = asyncio.create_task(self._run_turn(turn))
                    self._running.add(running)
                    running.add_done_callback(partial(self._ended, busy, turn[0].lane, woken))
                if pause is not None and not self._stopping:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(woken.wait(), pause)

    async def _claim(self, lane: Lane, busy: Counter[str]) -> list[Task]:
        free = lane.at_once - busy.total()
        if free <= 0:
            return []
        if lane.in_order:
            # What runs now in a lane may be followed only by what was claimed with it.
            full = dict.fromkeys(busy, lane.per_lane)
            return await self._db.write(
                queue.claim, lane.queue, limit=free * lane.per_lane, per_lane=lane.per_lane, busy=full
            )
        return await self._db.write(
            queue.claim, lane.queue, limit=free, per_lane=lane.per_lane, busy=dict(busy), extras=lane.extras
        )

    async def _pause(self, lane: Lane, busy: Counter[str]) -> float:
        """Seconds until there may be something to do; whatever is under way wakes the loop when it ends."""
        if busy.total() >= lane.at_once:
            return _LONGEST_SLEEP
        due = await self._db.read(queue.next_due, lane.queue)
        if due is None:
            return _LONGEST_SLEEP
        wait = (due - clock.now()).total_seconds()
        # Due now and yet not claimed: its lane is full, and the end of what runs there will wake us.
        return min(wait, _LONGEST_SLEEP) if wait > 0 else (_LONGEST_SLEEP if busy else 1.0)

    def _ended(self, busy: Counter[str], lane: str, woken: asyncio.Event, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        busy[lane] -= 1
        if busy[lane] <= 0:
            del busy[lane]
        woken.set()

    async def _run_turn(self, turn: list[Task]) -> None:
        for index, task in enumerate(turn):
            if self._stopping:
                await self._give_back(turn[index:])
                return
            await self._run(task)

    def _is_stopping(self) -> bool:
        """Asked anew after an await: `stop` may have been called meanwhile."""
        return self._stopping

    async def _give_back(self, tasks: list[Task]) -> None:
        """Let what was claimed and not begun be claimed again, after a restart or by another process."""
        if not tasks:
            return
        try:
            await self._db.write(queue.unclaim, [task.id for task in tasks])
        except Exception:  # noqa: BLE001  # the leases run out by themselves
            _log.warning("what was claimed could not be given back; it will run again later")

    async def _run(self, task: Task) -> None:
        kind = self._types.get(task.name)
        if kind is None:
            _log.error("no task is named %s", task.name)
            await self._db.write(queue.park, task.id, error="unknown task")
            return
        if task.attempt > kind.max_attempts:  # whoever made the last attempts did not live to say so
            await self._settle(queue.park, task.id, error="given up after attempts that never ended")
            return
        try:
            completed = await kind.run(task)
            if not completed:
                await self._db.write(queue.complete, task.id)
        except GiveUp as error:
            _log.info("task %s given up: %s", task.name, error)
            await self._settle(queue.park, task.id, error=str(error))
        except RetryLater as error:
            await self._again(task, kind, str(error), error.after)
        except Exception as error:  # noqa: BLE001  # the edge of the worker: log it, keep the row, go on
            if not is_unavailable(error):
                _log.exception("task %s failed", task.name)
            await self._again(task, kind, f"{type(error).__name__}: {error}", None)

    async def _again(self, task: Task, kind: TaskType, reason: str, after: timedelta | None) -> None:
        if task.attempt >= kind.max_attempts:
            _log.info("task %s parked after %d attempts: %s", task.name, task.attempt, reason)
            await self._settle(queue.park, task.id, error=reason)
            return
        at = clock.now() + (after if after is not None else kind.delay(task.attempt))
        await self._settle(queue.retry, task.id, at=at, error=reason)

    async def _settle(self, write: Callable[..., None], task_id: int, **values: object) -> None:
        """Record the outcome; if the database is away the lease runs out and the row comes back by itself."""
        try:
            await self._db.write(write, task_id, **values)
        except Exception:  # noqa: BLE001  # see above: nothing is lost
            _log.warning("the outcome of a task could not be recorded; it will run again")


def _turns(claimed: list[Task], *, in_order: bool) -> list[list[Task]]:
    """What runs one after the other: each row by itself, or the rows of a lane together."""
    if not in_order:
        return [[task] for task in claimed]
    lanes: dict[str, list[Task]] = {}
    for task in claimed:
        lanes.setdefault(task.lane, []).append(task)
    return list(lanes.values())
