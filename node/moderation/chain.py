# SPDX-License-Identifier: AGPL-3.0-or-later
"""The log of what the staff did is a chain: each line carries a keyed digest of itself and of the line before it.

A line that is changed, taken out or put in breaks the chain from there on, and one that is missing at the end does not fit
what is kept of its head. The key is the node's secret, so that whoever can write to the database alone cannot mend it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from node.kernel.db import Tx, insert_or_ignore
from node.kernel.site import Site
from node.moderation.tables import staff_actions, staff_chain

_PURPOSE: Final = "staff-log"
_HEAD: Final = 1
_COLUMNS: Final = ("id", "actor_id", "action", "report_id", "target_id", "domain")
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold any more: the number of the line, and its moment; None where lines are missing."""

    position: int
    at: datetime | None


def append(tx: Tx, values: dict[str, Any]) -> None:
    """Write a line behind all others. Whoever else writes one waits, so that each line has one before it."""
    position, before = _lock(tx)
    row = {**values, "position": position, "created_at": tx.now}
    row["hash"] = _digest(tx.site, row, before)
    tx.conn.execute(insert(staff_actions), row)
    tx.conn.execute(update(staff_chain).where(staff_chain.c.id == _HEAD).values(head=row["hash"]))


def first_break(conn: Connection, site: Site) -> Break | None:
    """The first line that is not as it was written; None while the log is whole. Reads all of it."""
    before, expected = "", 1
    for row in _lines(conn):
        if row.position != expected or row.hash != _digest(site, dict(row._mapping), before):
            return Break(expected, row.created_at)
        before, expected = row.hash, expected + 1
    kept = conn.execute(select(staff_chain.c.length, staff_chain.c.head)).one_or_none()
    length, head = (0, "") if kept is None else (kept.length, kept.head)
    return None if (length, head) == (expected - 1, before) else Break(expected, None)


def _lines(conn: Connection) -> Iterator[Row[Any]]:
    """All of the log, some at a time, in the order of the chain."""
    in_order = select(staff_actions).order_by(staff_actions.c.position).limit(_AT_ONCE)
    after: int | None = None
    while True:
        rows = conn.execute(in_order if after is None else in_order.where(staff_actions.c.position > after)).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].position


def _lock(tx: Tx) -> tuple[int, str]:
    """(the number of the next line, the digest of the last)."""
    take = (
        update(staff_chain)
        .where(staff_chain.c.id == _HEAD)
        .values(length=staff_chain.c.length + 1)
        .returning(staff_chain.c.length, staff_chain.c.head)
    )
    found = tx.conn.execute(take).one_or_none()
    if found is None:
        tx.conn.execute(insert_or_ignore(tx.conn, staff_chain), {"id": _HEAD, "length": 0, "head": ""})
        found = tx.conn.execute(take).one()
    return found.length, found.head


def _digest(site: Site, row: dict[str, Any], before: str) -> str:
    moment = row["created_at"].astimezone(UTC).isoformat(timespec="milliseconds")
    said = [str(row["position"]), before, moment, *("" if row[name] is None else str(row[name]) for name in _COLUMNS)]
    return site.sign(_PURPOSE, "\n".join(said))
