# SPDX-License-Identifier: AGPL-3.0-or-later
"""What we know of other servers: the signatures they take, whether they answer, and which we do not talk to.

A server that has failed five times in a row is held: nothing is sent there but one delivery after 2, 5, 15 and 60
minutes and then every 6 hours, and what is for it waits. Any answer, and anything it sends us, opens it again at once.

    open ──5 failures──> held ──a probe is taken, or it is heard──> open
                          ^  └──a probe fails──┐
                          └────────────────────┘

A server that says of itself that it is no more (410) is gone: what waits for it is dropped, and it is asked once a week
whether that still holds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, exists, or_, select, update

from node.federation.tables import blocked_domains, hosts
from node.kernel import queue
from node.kernel.among import TEXTS, among
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.queue import tasks

PROBE: Final = "federation.probe"
VERIFY: Final = "federation.verify"
HELD: Final = "host.held"
"""On the bus: this host is held from now on."""
BLOCKS_CHANGED: Final = "host.blocks"
"""On the bus: this domain is blocked from now on, or is not any more."""
HOLD_AFTER: Final = 5
PROBES: Final = (
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
)
ASK_THE_GONE_EVERY: Final = timedelta(days=7)
# A server that keeps sending but takes nothing opens itself no more often than this.
_OPENED_AT_MOST_EVERY: Final = timedelta(minutes=1)
_SIGNATURE_HOLDS: Final = timedelta(days=30)
_KEPT_WITHOUT_SUCCESS: Final = timedelta(days=7)
_KEPT_AFTER_SUCCESS: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class HostState:
    """A row of `hosts`."""

    domain: str
    first_seen_at: datetime
    last_success_at: datetime | None
    last_failure_at: datetime | None
    failures: int
    last_error: str | None
    held_since: datetime | None
    gone_at: datetime | None


_COLUMNS = (
    hosts.c.domain,
    hosts.c.first_seen_at,
    hosts.c.last_success_at,
    hosts.c.last_failure_at,
    hosts.c.failures,
    hosts.c.last_error,
    hosts.c.held_since,
    hosts.c.gone_at,
)
_STATE = select(*_COLUMNS).where(hosts.c.domain == bindparam("host"))
_BLOCKED = select(blocked_domains.c.domain).where(among(blocked_domains.c.domain, "candidates", TEXTS)).limit(1)
_SIGNATURE = select(hosts.c.signature).where(
    hosts.c.domain == bindparam("host"), hosts.c.signature_learnt_at > bindparam("since")
)
_CIRCUIT = select(hosts.c.held_since, hosts.c.probes, hosts.c.gone_at, hosts.c.last_failure_at).where(
    hosts.c.domain == bindparam("host")
)
_CLOSED = select(hosts.c.domain, hosts.c.gone_at).where(hosts.c.held_since.is_not(None))


# -- whom we do not talk to -------------------------------------------------------------------------------------------


def blocked(conn: Connection, host: str) -> bool:
    """Whether `host` or a domain above it is blocked. A port does not matter."""
    return conn.execute(_BLOCKED, {"candidates": domains_of(host)}).first() is not None


def domains_of(host: str) -> list[str]:
    """The domain of a host and those above it."""
    labels = host.partition(":")[0].lower().split(".")
    return [".".join(labels[index:]) for index in range(len(labels))]


def block(tx: Tx, domain: str, reason: str = "") -> None:
    """Have nothing more to do with a domain and all below it."""
    tx.conn.execute(
        insert_or_ignore(tx.conn, blocked_domains),
        {"domain": domain.lower(), "reason": reason[:500], "created_at": tx.now},
    )
    _tell_blocks(tx, domain)


def unblock(tx: Tx, domain: str) -> bool:
    """Talk to a domain again; False if it was not blocked."""
    found = tx.conn.execute(delete(blocked_domains).where(blocked_domains.c.domain == domain.lower())).rowcount > 0
    _tell_blocks(tx, domain)
    return found


def _tell_blocks(tx: Tx, domain: str) -> None:
    bus = tx.bus
    tx.after_commit(lambda: bus.publish(BLOCKS_CHANGED, domain))


def all_blocked(conn: Connection) -> Sequence[str]:
    """Every blocked domain, by name."""
    return conn.execute(select(blocked_domains.c.domain).order_by(blocked_domains.c.domain)).scalars().all()


def blocked_with_reasons(conn: Connection) -> Sequence[tuple[str, str]]:
    """The same, each with why: for the administrators of this node."""
    rows = conn.execute(select(blocked_domains.c.domain, blocked_domains.c.reason).order_by(blocked_domains.c.domain))
    return [(row.domain, row.reason) for row in rows]


# -- what they take, and whether they answer --------------------------------------------------------------------------


def signature_of(conn: Connection, host: str, now: datetime) -> str | None:
    """The family of signatures that the host took within the last 30 days (`cavage` or `rfc9421`), if it is known."""
    value: str | None = conn.execute(_SIGNATURE, {"host": host, "since": now - _SIGNATURE_HOLDS}).scalar()
    return value


def state(conn: Connection, host: str) -> HostState | None:
    """What is known of a server; None before anything was sent there."""
    row = conn.execute(_STATE, {"host": host}).one_or_none()
    return None if row is None else HostState(**row._mapping)


def closed(conn: Connection) -> tuple[set[str], set[str]]:
    """The servers that are held, and among them those that are gone."""
    rows = conn.execute(_CLOSED).all()
    return {row.domain for row in rows}, {row.domain for row in rows if row.gone_at is not None}


def succeeded(tx: Tx, host: str, *, signature: str | None = None) -> None:
    """The host answered; `signature` is the form in which it took what we sent, if that is news."""
    values: dict[str, object] = {
        "last_success_at": tx.now,
        "failures": 0,
        "last_error": None,
        "held_since": None,
        "probes": 0,
        "gone_at": None,
    }
    if signature is not None:
        values.update(signature=signature, signature_learnt_at=tx.now)
    before = _circuit(tx, host)
    _set(tx, host, values)
    if before is not None and before.held_since is not None:
        _open(tx, host)


def refused(tx: Tx, host: str, error: str) -> None:
    """The host answered, and did not take this one."""
    succeeded(tx, host)
    _set(tx, host, {"last_failure_at": tx.now, "last_error": error[:500]})


def failed(tx: Tx, host: str, error: str, *, wait: timedelta | None = None) -> bool:
    """The host did not answer, or was not able to; whether it is held now. `wait` is how long it asked us to."""
    _set(tx, host, {"last_failure_at": tx.now, "failures": hosts.c.failures + 1, "last_error": error[:500]})
    row = tx.conn.execute(
        select(hosts.c.failures, hosts.c.held_since, hosts.c.probes).where(hosts.c.domain == host)
    ).one()
    if row.failures < HOLD_AFTER:
        return False
    if row.held_since is None or not queue.is_planned(tx.conn, _probe_key(host)):
        pause = PROBES[min(row.probes, len(PROBES) - 1)]
        _set(tx, host, {"held_since": row.held_since or tx.now, "probes": row.probes + 1})
        queue.hold(tx, queue.DELIVERY, host)
        queue.enqueue(tx, PROBE, {"host": host}, run_at=tx.now + max(pause, wait or pause), once=_probe_key(host))
        bus = tx.bus
        tx.after_commit(lambda: bus.publish(HELD, host))
    return True


def probe(tx: Tx, host: str, task_id: int) -> None:
    """Let one delivery to a held host run, and end the task that does so. The outcome decides what follows."""
    queue.complete(tx, task_id)
    row = _circuit(tx, host)
    if row is not None and row.held_since is not None and not queue.release_one(tx, queue.DELIVERY, host):
        # Nothing waits that could tell: the next delivery is tried, and its first failure holds the host again.
        _set(tx, host, {"held_since": None, "failures": HOLD_AFTER - 1})


def heard(tx: Tx, host: str) -> None:
    """Something came from this host, and its signature is right: so it is there, and what waits is sent at once.

    The next failure holds it again: that it can reach us does not prove that we reach it.
    """
    row = _circuit(tx, host)
    if row is None or row.held_since is None:
        return
    if row.probes > 1 and row.last_failure_at is not None and tx.now - row.last_failure_at < _OPENED_AT_MOST_EVERY:
        return
    _set(tx, host, {"held_since": None, "gone_at": None, "failures": HOLD_AFTER - 1})
    _open(tx, host)


def gone(tx: Tx, host: str) -> None:
    """The host says that it is no more. Saying it again changes nothing but when it is asked next."""
    _set(tx, host, {"last_failure_at": tx.now, "last_error": "HTTP 410"})
    tx.conn.execute(
        update(hosts).where(hosts.c.domain == host, hosts.c.gone_at.is_(None)).values(gone_at=tx.now, held_since=tx.now)
    )
    queue.cancel(tx, _probe_key(host))
    queue.drop(tx, queue.Chosen(queue=queue.DELIVERY, lane=host))
    bus = tx.bus
    tx.after_commit(lambda: bus.publish(HELD, host))


def sweep(tx: Tx) -> None:
    """Forget servers with which there is nothing to do any more, so that names made up by others do not pile up, and
    release what is held for a host that is not (a row may be written while its host opens)."""
    waiting = exists().where(tasks.c.queue == queue.DELIVERY, tasks.c.lane == hosts.c.domain)
    tx.conn.execute(
        delete(hosts).where(
            hosts.c.gone_at.is_(None),
            or_(
                hosts.c.last_success_at < tx.now - _KEPT_AFTER_SUCCESS,
                hosts.c.last_success_at.is_(None) & (hosts.c.first_seen_at < tx.now - _KEPT_WITHOUT_SUCCESS),
            ),
            ~waiting,
        )
    )
    held, _ = closed(tx.conn)
    for lane in queue.held_lanes(tx.conn, queue.DELIVERY):
        if lane not in held:
            queue.release(tx, queue.DELIVERY, lane)


def peers(conn: Connection) -> Sequence[str]:
    """Every server that we have had to do with, without the blocked ones."""
    refused_here: Collection[str] = set(all_blocked(conn))
    return [
        name
        for name in conn.execute(select(hosts.c.domain).order_by(hosts.c.domain)).scalars()
        if name not in refused_here
    ]


def listing(conn: Connection, *, after: str = "", limit: int = 100) -> Sequence[HostState]:
    """Servers by name, for the administrator."""
    rows = conn.execute(select(*_COLUMNS).where(hosts.c.domain > after).order_by(hosts.c.domain).limit(limit))
    return [HostState(**row._mapping) for row in rows]


def _circuit(tx: Tx, host: str) -> Row[Any, Any, Any, Any] | None:
    statement = _CIRCUIT if tx.conn.dialect.name == "sqlite" else _CIRCUIT.with_for_update()
    return tx.conn.execute(statement, {"host": host}).one_or_none()


def _open(tx: Tx, host: str) -> None:
    queue.cancel(tx, _probe_key(host))
    queue.release(tx, queue.DELIVERY, host)


def _probe_key(host: str) -> str:
    return f"{PROBE} {host}"[:255]


def _set(tx: Tx, host: str, values: dict[str, object]) -> None:
    changed = tx.conn.execute(update(hosts).where(hosts.c.domain == host).values(**values))
    if changed.rowcount == 0:
        tx.conn.execute(insert_or_ignore(tx.conn, hosts), {"domain": host, "first_seen_at": tx.now})
        tx.conn.execute(update(hosts).where(hosts.c.domain == host).values(**values))
