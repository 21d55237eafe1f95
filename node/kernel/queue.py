# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one queue: every piece of work after the answer is a row here, written with the fact that caused it.

    ready ──claim──> leased ──complete──> (row gone)
      ^                │
      └──retry later───┤
                       └──attempts used up, or given up──> parked

Three queues share the table: `inbox` (activities to apply), `delivery` (activities to send) and `work` (all else, dated
or not). A `lane` groups what belongs to one host or one actor, so that a slow one delays no other; within a lane, rows
with the same `sequence` run strictly one after the other. A lease that runs out (the process died) makes the row ready
again: work runs at least once, so every task is safe to run twice.
"""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from node.kernel.clock import Moment
from node.kernel.db import Tx, insert_or_ignore, metadata
from node.kernel.ids import new_id

INBOX: Final = "inbox"
DELIVERY: Final = "delivery"
WORK: Final = "work"
LEASE: Final = timedelta(seconds=120)
MAX_ATTEMPTS: Final = 10

Payload = Mapping[str, object]

tasks = Table(
    "tasks",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("queue", String(16), nullable=False),
    Column("name", String(64), nullable=False),
    Column("lane", String(255), nullable=False, server_default=""),
    Column("sequence", String(255)),
    Column("payload", LargeBinary, nullable=False),
    Column("run_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("leased_until", Moment),
    Column("parked_at", Moment),
    Column("last_error", String(500)),
    Column("once", String(255), unique=True),
    Column("created_at", Moment, nullable=False),
    # The claim: what is due, oldest first.
    Index("ix_tasks_due", "queue", "parked_at", "run_at", "id"),
    # The claim's look at what stands before in the same sequence.
    Index("ix_tasks_sequence", "queue", "lane", "sequence", "id"),
)


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed row: `attempt` counts from 1."""

    id: int
    queue: str
    name: str
    lane: str
    payload: dict[str, object]
    attempt: int


_INSERT = insert(tasks)
_DELETE = delete(tasks).where(tasks.c.id == bindparam("task_id"))
_earlier = tasks.alias("earlier")
# Of the rows of one sequence only the first can run; the others become due when it has gone.
_NOBODY_BEFORE = or_(
    tasks.c.sequence.is_(None),
    ~exists().where(
        and_(
            _earlier.c.queue == tasks.c.queue,
            _earlier.c.lane == tasks.c.lane,
            _earlier.c.sequence == tasks.c.sequence,
            _earlier.c.id < tasks.c.id,
            _earlier.c.parked_at.is_(None),
        )
    ),
)
_WAITING = (
    select(tasks.c.id)
    .where(
        tasks.c.queue.in_(bindparam("queues", expanding=True)),
        tasks.c.parked_at.is_(None),
        tasks.c.run_at <= bindparam("now"),
        tasks.c.leased_until.is_(None),
        _NOBODY_BEFORE,
    )
    .limit(1)
)
_EXISTS_ONCE = select(tasks.c.id).where(tasks.c.once == bindparam("once"))


def topic(queue: str) -> str:
    """The bus topic on which a new row of `queue` is told."""
    return f"queue.{queue}"


def enqueue(
    tx: Tx,
    name: str,
    payload: Payload,
    *,
    queue: str = WORK,
    lane: str = "",
    sequence: str | None = None,
    run_at: datetime | None = None,
    once: str | None = None,
) -> None:
    """Have the task `name` run with `payload` (JSON) after this transaction, or at `run_at`.

    With `once`, a second row of that key is not made while the first still waits.
    """
    if once is not None and tx.conn.execute(_EXISTS_ONCE, {"once": once}).first() is not None:
        return
    enqueue_many(tx, name, [(lane, payload)], queue=queue, sequence=sequence, run_at=run_at, once=once)


def enqueue_many(
    tx: Tx,
    name: str,
    rows: Iterable[tuple[str, Payload]],
    *,
    queue: str,
    sequence: str | None = None,
    run_at: datetime | None = None,
    once: str | None = None,
) -> None:
    """One task per (lane, payload), in one statement."""
    values = [
        {
            "id": new_id(tx.now),
            "queue": queue,
            "name": name,
            "lane": lane,
            "sequence": sequence,
            "payload": orjson.dumps(payload),
            "run_at": run_at or tx.now,
            "once": once,
            "created_at": tx.now,
        }
        for lane, payload in rows
    ]
    if not values:
        return
    # Two transactions may both have found no row of that key.
    tx.conn.execute(_INSERT if once is None else insert_or_ignore(tx.conn, tasks), values)
    bus = tx.bus
    tx.after_commit(lambda: bus.publish(topic(queue)))


def claim(
    tx: Tx, queue: str, *, limit: int, per_lane: int, busy: Mapping[str, int], lease: timedelta = LEASE
) -> list[Task]:
    """Lease up to `limit` due rows, at most `per_lane` of one lane, counting what `busy` says is under way."""
    now = tx.now
    full = [lane for lane, count in busy.items() if count >= per_lane]
    due = (
        select(tasks.c.id, tasks.c.lane, tasks.c.run_at)
        .where(
            tasks.c.queue == queue,
            tasks.c.parked_at.is_(None),
            tasks.c.run_at <= now,
            or_(tasks.c.leased_until.is_(None), tasks.c.leased_until <= now),
            _NOBODY_BEFORE,
        )
        .order_by(tasks.c.run_at, tasks.c.id)
        .limit(limit * 8)
    )
    if full:
        due = due.where(tasks.c.lane.not_in(full))
    if tx.conn.dialect.name != "sqlite":
        due = due.with_for_update(skip_locked=True)
    taken: list[int] = []
    counts = dict(busy)
    for row in tx.conn.execute(due):
        if counts.get(row.lane, 0) >= per_lane:
            continue
        counts[row.lane] = counts.get(row.lane, 0) + 1
        taken.append(row.id)
        if len(taken) == limit:
            break
    if not taken:
        return []
    tx.conn.execute(
        update(tasks).where(tasks.c.id.in_(taken)).values(leased_until=now + lease, attempts=tasks.c.attempts + 1)
    )
    rows = tx.conn.execute(select(tasks).where(tasks.c.id.in_(taken)).order_by(tasks.c.run_at, tasks.c.id))
    return [Task(row.id, row.queue, row.name, row.lane, orjson.loads(row.payload), row.attempts) for row in rows]


def complete(tx: Tx, task_id: int) -> None:
    """The work is done: in the transaction of its effects, so that both hold or neither."""
    tx.conn.execute(_DELETE, {"task_id": task_id})


def retry(tx: Tx, task_id: int, *, at: datetime, error: str) -> None:
    """Give the row back, to run again `at` that moment."""
    tx.conn.execute(
        update(tasks).where(tasks.c.id == task_id).values(leased_until=None, run_at=at, last_error=error[:500])
    )


def park(tx: Tx, task_id: int, *, error: str) -> None:
    """Set the row aside: it is not tried again by itself, and keeps what it was for the administrator."""
    tx.conn.execute(
        update(tasks)
        .where(tasks.c.id == task_id)
        .values(leased_until=None, parked_at=tx.now, last_error=error[:500], once=None)
    )


def unclaim(tx: Tx, task_ids: Collection[int]) -> None:
    """Take back the lease of what was claimed and not begun, as when the process stops; the attempt does not count."""
    tx.conn.execute(
        update(tasks).where(tasks.c.id.in_(task_ids)).values(leased_until=None, attempts=tasks.c.attempts - 1)
    )


def next_due(conn: Connection, queue: str) -> datetime | None:
    """When the next row of `queue` becomes due (its time, or the end of its lease); None if nothing waits."""
    moment: datetime | None = conn.execute(
        select(func.min(func.coalesce(tasks.c.leased_until, tasks.c.run_at), type_=Moment)).where(
            tasks.c.queue == queue, tasks.c.parked_at.is_(None), _NOBODY_BEFORE
        )
    ).scalar()
    return moment


def is_waiting(conn: Connection, queues: Collection[str], now: datetime) -> bool:
    """Whether some row is due that nobody has taken up."""
    return conn.execute(_WAITING, {"queues": list(queues), "now": now}).first() is not None


@dataclass(frozen=True, slots=True)
class QueueState:
    """What waits in one queue: `oldest` is the due time of what has waited longest."""

    queue: str
    waiting: int
    parked: int
    oldest: datetime | None


def overview(conn: Connection) -> Sequence[QueueState]:
    """Every queue that holds rows, for `doctor` and the health check."""
    rows = conn.execute(
        select(
            tasks.c.queue,
            func.count().label("total"),
            func.count(tasks.c.parked_at).label("parked"),
            func.min(tasks.c.run_at, type_=Moment).filter(tasks.c.parked_at.is_(None)).label("oldest"),
        ).group_by(tasks.c.queue)
    )
    return [QueueState(row.queue, row.total - row.parked, row.parked, row.oldest) for row in rows]


def backoff(attempt: int) -> timedelta:
    """How long to wait after attempt `attempt` (from 1): 10 s doubled each time, at most 6 h, give or take a fifth."""
    seconds = min(10 * 2 ** (attempt - 1), 6 * 3600)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def release_all(tx: Tx) -> None:
    """Give back every lease: at the start of the only process, whoever held one is dead. The attempt counts, since a
    row that brings its process down must be parked in the end."""
    tx.conn.execute(update(tasks).where(tasks.c.leased_until.is_not(None)).values(leased_until=None))
