# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one queue: every piece of work after the answer is a row here, written with the fact that caused it.

    ready ──claim──> leased ──complete──> (row gone)
      ^                │
      └──retry later───┤
      ^                ├──attempts used up, or given up──> parked
      └─lane released──┴──the lane's host is down──> held

Three queues share the table: `inbox` (activities to apply), `delivery` (activities to send) and `work` (all else, dated
or not). A `lane` groups what belongs to one host or one actor, so that a slow one delays no other; within a lane, rows
with the same `sequence` run strictly one after the other. A lease that runs out (the process died) makes the row ready
again: work runs at least once, so every task is safe to run twice.
"""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
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

from node.kernel.among import TEXTS, among
from node.kernel.clock import Moment
from node.kernel.db import Tx, insert_or_ignore, long_read, metadata
from node.kernel.ids import first_id_at, new_id

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
    # Not before the lane is released: its host is down. A column of its own, so that the claim never sees these rows.
    Column("held", Boolean, nullable=False, default=False),
    Column("last_error", String(500)),
    Column("once", String(255), unique=True),
    Column("created_at", Moment, nullable=False),
    # The claim: what is due, oldest first.
    Index("ix_tasks_due", "queue", "parked_at", "held", "run_at", "id"),
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
        tasks.c.held.is_(False),
        tasks.c.run_at <= bindparam("now"),
        tasks.c.leased_until.is_(None),
        _NOBODY_BEFORE,
    )
    .limit(1)
)
_DUE = (
    select(tasks.c.id, tasks.c.lane)
    .where(
        tasks.c.queue == bindparam("queue"),
        tasks.c.parked_at.is_(None),
        tasks.c.held.is_(False),
        tasks.c.run_at <= bindparam("now"),
        or_(tasks.c.leased_until.is_(None), tasks.c.leased_until <= bindparam("now")),
        _NOBODY_BEFORE,
    )
    .order_by(tasks.c.run_at, tasks.c.id)
    .limit(bindparam("most", type_=Integer))
)
_DUE_ELSEWHERE = _DUE.where(~among(tasks.c.lane, "full", TEXTS))
# On PostgreSQL two claims may come at once: each passes over what the other has locked.
_DUE_UNLOCKED = _DUE.with_for_update(skip_locked=True)
_DUE_ELSEWHERE_UNLOCKED = _DUE_ELSEWHERE.with_for_update(skip_locked=True)
_LEASE = (
    update(tasks)
    .where(among(tasks.c.id))
    .values(leased_until=bindparam("until"), attempts=tasks.c.attempts + 1)
    .returning(tasks.c.id, tasks.c.name, tasks.c.lane, tasks.c.payload, tasks.c.attempts, tasks.c.run_at)
)
_NEXT_DUE = select(func.min(func.coalesce(tasks.c.leased_until, tasks.c.run_at), type_=Moment)).where(
    tasks.c.queue == bindparam("queue"), tasks.c.parked_at.is_(None), tasks.c.held.is_(False), _NOBODY_BEFORE
)
_HELD = and_(tasks.c.parked_at.is_(None), tasks.c.held.is_(True))
_FIRST_HELD = (
    select(tasks.c.id)
    .where(tasks.c.queue == bindparam("queue"), tasks.c.lane == bindparam("lane"), _HELD, _NOBODY_BEFORE)
    .order_by(tasks.c.run_at, tasks.c.id)
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
    held: Collection[str] = (),
) -> None:
    """One task per (lane, payload), in one statement; those of the `held` lanes wait for `release`."""
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
            "held": lane in held,
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
    tx: Tx,
    queue: str,
    *,
    limit: int,
    per_lane: int,
    busy: Mapping[str, int],
    extras: int | None = None,
    lease: timedelta = LEASE,
) -> list[Task]:
    """Lease up to `limit` due rows, at most `per_lane` of one lane, counting what `busy` says is under way.

    Every lane gets its first place before any gets a second. `extras` bounds the places beyond one for each lane, so that
    a few hosts that take long leave room for all others.
    """
    full = [lane for lane, count in busy.items() if count >= per_lane]
    due = _DUE_ELSEWHERE if full else _DUE
    if tx.conn.dialect.name != "sqlite":
        due = _DUE_ELSEWHERE_UNLOCKED if full else _DUE_UNLOCKED
    given: dict[str, object] = {"queue": queue, "now": tx.now, "most": limit * 8}
    counts = dict(busy)
    places: list[tuple[int, int]] = []
    for row in tx.conn.execute(due, given | {"full": full} if full else given):
        place = counts.get(row.lane, 0)
        if place < per_lane:
            counts[row.lane] = place + 1
            places.append((place, row.id))
    places.sort(key=lambda one: one[0])  # stable: due first, first
    firsts = sum(place == 0 for place, _ in places)
    room = limit if extras is None else max(extras - sum(count - 1 for count in busy.values() if count > 1), 0)
    taken = [number for _, number in places[: min(limit, firsts + room)]]
    if not taken:
        return []
    rows = tx.conn.execute(_LEASE, {"ids": taken, "until": tx.now + lease}).all()
    return [
        Task(row.id, queue, row.name, row.lane, orjson.loads(row.payload), row.attempts)
        for row in sorted(rows, key=lambda row: (row.run_at, row.id))
    ]


def prolong(tx: Tx, task_id: int, seconds: float) -> None:
    """Lease a row for longer than is usual, from now: for work that takes its time."""
    until = tx.now + timedelta(seconds=seconds)
    tx.conn.execute(update(tasks).where(tasks.c.id == task_id).values(leased_until=until))


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


def hold(tx: Tx, queue: str, lane: str) -> None:
    """Claim nothing of a lane any more, not even what is added to it with `held`, until it is released."""
    tx.conn.execute(
        update(tasks)
        .where(tasks.c.queue == queue, tasks.c.lane == lane, tasks.c.parked_at.is_(None), tasks.c.held.is_(False))
        .values(held=True)
    )


def give_back(tx: Tx, task_id: int, *, error: str) -> None:
    """The attempt does not count, since the lane's host is down: the row waits, held, behind the others of its lane and
    behind what will come within a day."""
    tx.conn.execute(
        update(tasks)
        .where(tasks.c.id == task_id)
        .values(
            leased_until=None,
            held=True,
            run_at=tx.now + timedelta(days=1),
            attempts=tasks.c.attempts - 1,
            last_error=error[:500],
        )
    )


def release(tx: Tx, queue: str, lane: str) -> int:
    """Let the rows of a held lane run, now and oldest first; how many there are."""
    released = tx.conn.execute(
        update(tasks)
        .where(tasks.c.queue == queue, tasks.c.lane == lane, tasks.c.held.is_(True))
        .values(held=False, run_at=tx.now)
    ).rowcount
    bus = tx.bus
    tx.after_commit(lambda: bus.publish(topic(queue)))
    return released


def release_one(tx: Tx, queue: str, lane: str) -> bool:
    """Let one row of a held lane run, the one whose turn it is by its time; False if there is none."""
    found = tx.conn.execute(_FIRST_HELD, {"queue": queue, "lane": lane}).first()
    if found is None:
        return False
    tx.conn.execute(update(tasks).where(tasks.c.id == found.id).values(held=False, run_at=tx.now))
    bus = tx.bus
    tx.after_commit(lambda: bus.publish(topic(queue)))
    return True


def cancel(tx: Tx, once: str) -> None:
    """Take back the row of that key, if it still waits."""
    tx.conn.execute(delete(tasks).where(tasks.c.once == once))


def is_planned(conn: Connection, once: str) -> bool:
    """Whether a row of that key waits or runs."""
    return conn.execute(_EXISTS_ONCE, {"once": once}).first() is not None


def unclaim(tx: Tx, task_ids: Collection[int]) -> None:
    """Take back the lease of what was claimed and not begun, as when the process stops; the attempt does not count."""
    tx.conn.execute(
        update(tasks).where(tasks.c.id.in_(task_ids)).values(leased_until=None, attempts=tasks.c.attempts - 1)
    )


def next_due(conn: Connection, queue: str) -> datetime | None:
    """When the next row of `queue` becomes due (its time, or the end of its lease); None if nothing waits."""
    moment: datetime | None = conn.execute(_NEXT_DUE, {"queue": queue}).scalar()
    return moment


def is_waiting(conn: Connection, queues: Collection[str], now: datetime) -> bool:
    """Whether some row is due that nobody has taken up."""
    return conn.execute(_WAITING, {"queues": list(queues), "now": now}).first() is not None


@dataclass(frozen=True, slots=True)
class QueueState:
    """What waits in one queue, `held` included: `oldest` is the due time of what has waited longest and may run."""

    queue: str
    waiting: int
    parked: int
    held: int
    oldest: datetime | None


def overview(conn: Connection) -> Sequence[QueueState]:
    """Every queue that holds rows, for `doctor` and the health check."""
    rows = conn.execute(
        select(
            tasks.c.queue,
            func.count().label("total"),
            func.count(tasks.c.parked_at).label("parked"),
            func.count().filter(_HELD).label("held"),
            func.min(tasks.c.run_at, type_=Moment)
            .filter(tasks.c.parked_at.is_(None), tasks.c.held.is_(False))
            .label("oldest"),
        ).group_by(tasks.c.queue)
    )
    return [QueueState(row.queue, row.total - row.parked, row.parked, row.held, row.oldest) for row in rows]


def backoff(attempt: int) -> timedelta:
    """How long to wait after attempt `attempt` (from 1): 10 s doubled each time, at most 6 h, give or take a fifth."""
    seconds = min(10 * 2 ** (attempt - 1), 6 * 3600)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def release_all(tx: Tx) -> None:
    """Give back every lease: at the start of the only process, whoever held one is dead. The attempt counts, since a
    row that brings its process down must be parked in the end."""
    tx.conn.execute(update(tasks).where(tasks.c.leased_until.is_not(None)).values(leased_until=None))


# -- for whoever looks after the node ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which rows an administrator means: all conditions together. Without any, every row."""

    ids: Collection[int] = ()
    queue: str | None = None
    lane: str | None = None
    name: str | None = None
    parked: bool | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        """As SQL."""
        found: list[ColumnElement[bool]] = []
        if self.ids:
            found.append(tasks.c.id.in_(list(self.ids)))
        for column, value in ((tasks.c.queue, self.queue), (tasks.c.lane, self.lane), (tasks.c.name, self.name)):
            if value is not None:
                found.append(column == value)
        if self.parked is not None:
            found.append(tasks.c.parked_at.is_not(None) if self.parked else tasks.c.parked_at.is_(None))
        return found


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as an administrator sees it."""

    id: int
    queue: str
    name: str
    lane: str
    payload: dict[str, object]
    run_at: datetime
    attempts: int
    held: bool
    leased_until: datetime | None
    parked_at: datetime | None
    last_error: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LaneState:
    """What waits for one host: `error` is what went wrong last."""

    lane: str
    waiting: int
    parked: int
    held: int
    oldest: datetime
    error: str | None


def listing(conn: Connection, chosen: Chosen, *, limit: int = 50) -> Sequence[Entry]:
    """The oldest of the rows."""
    columns = [tasks.c[field.name] for field in fields(Entry)]
    rows = conn.execute(select(*columns).where(*chosen.clauses()).order_by(tasks.c.id).limit(limit))
    return [Entry(**{**row._mapping, "payload": orjson.loads(row.payload)}) for row in rows]


@long_read
def lanes(conn: Connection, queue: str, *, limit: int = 200) -> Sequence[LaneState]:
    """What waits in each lane of a queue, the longest lanes first."""
    total = func.count().label("total")
    rows = conn.execute(
        select(
            tasks.c.lane,
            total,
            func.count(tasks.c.parked_at).label("parked"),
            func.count().filter(_HELD).label("held"),
            func.min(tasks.c.created_at, type_=Moment).label("oldest"),
            func.max(tasks.c.id).filter(tasks.c.last_error.is_not(None)).label("failed_id"),
        )
        .where(tasks.c.queue == queue)
        .group_by(tasks.c.lane)
        .order_by(total.desc(), tasks.c.lane)
        .limit(limit)
    ).all()
    failed = [row.failed_id for row in rows if row.failed_id is not None]
    said = conn.execute(select(tasks.c.id, tasks.c.last_error).where(tasks.c.id.in_(failed)))
    errors = {row.id: row.last_error for row in said}
    return [
        LaneState(row.lane, row.total - row.parked, row.parked, row.held, row.oldest, errors.get(row.failed_id))
        for row in rows
    ]


@long_read
def lanes_of(conn: Connection, queue: str, since: Mapping[str, datetime]) -> dict[str, dict[str, bool]]:
    """The lanes in which rows of some sequences wait, of those made since a moment each; True where they were given up.
    One statement."""
    found: dict[str, dict[str, bool]] = {sequence: {} for sequence in since}
    if not since:
        return found
    rows = conn.execute(
        select(tasks.c.id, tasks.c.lane, tasks.c.sequence, tasks.c.parked_at).where(
            tasks.c.queue == queue,
            tasks.c.sequence.in_(list(since)),
            tasks.c.id >= first_id_at(min(since.values())),
        )
    )
    for row in rows:
        if row.id >= first_id_at(since[row.sequence]):
            lanes = found[row.sequence]
            lanes[row.lane] = lanes.get(row.lane, True) and row.parked_at is not None
    return found


def counts(conn: Connection) -> Sequence[tuple[str, int, int]]:
    """How many rows of each task wait and are parked: (name, waiting, parked)."""
    rows = conn.execute(
        select(tasks.c.name, func.count().label("total"), func.count(tasks.c.parked_at).label("parked"))
        .group_by(tasks.c.name)
        .order_by(tasks.c.name)
    )
    return [(row.name, row.total - row.parked, row.parked) for row in rows]


def retry_now(tx: Tx, chosen: Chosen) -> int:
    """Have rows run now that wait or were set aside, as if they were new; how many. What runs already goes on."""
    names = tx.conn.execute(select(tasks.c.queue).where(*chosen.clauses()).distinct()).scalars().all()
    changed = tx.conn.execute(
        update(tasks)
        .where(*chosen.clauses(), tasks.c.leased_until.is_(None))
        .values(parked_at=None, held=False, attempts=0, run_at=tx.now)
    ).rowcount
    bus = tx.bus

    def wake() -> None:
        for name in names:
            bus.publish(topic(name))

    tx.after_commit(wake)
    return changed


def drop(tx: Tx, chosen: Chosen) -> int:
    """Take rows away for good; how many. What runs now is left to end."""
    return tx.conn.execute(delete(tasks).where(*chosen.clauses(), tasks.c.leased_until.is_(None))).rowcount


def held_lanes(conn: Connection, queue: str) -> Sequence[str]:
    """The lanes of which rows are held."""
    return conn.execute(select(tasks.c.lane).where(tasks.c.queue == queue, _HELD).distinct()).scalars().all()


def sweep(tx: Tx, *, held_before: datetime, parked_before: datetime) -> None:
    """Set aside what has been held since long ago, and drop what was set aside long ago."""
    tx.conn.execute(
        update(tasks)
        .where(_HELD, tasks.c.created_at < held_before)
        .values(held=False, parked_at=tx.now, last_error="the host did not answer for too long")
    )
    tx.conn.execute(delete(tasks).where(tasks.c.parked_at < parked_before))
