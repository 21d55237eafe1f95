# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files with members' data that the staff takes along. Each is written down before it is given, with whose data it holds,
so that administrators see it and, should a file get lost, can tell those whom it concerns.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from node.actors import Actor, by_ids
from node.kernel import audit
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.kernel.ids import new_id
from node.privacy.rules import Taken
from node.privacy.tables import staff_export_people, staff_exports

_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffExport:
    """A file that was given; `by` is None for the command line, and where they are gone."""

    id: int
    what: Taken
    by: Actor | None
    row_count: int
    at: datetime


def note_export(tx: Tx, by_id: int | None, what: Taken, people: Collection[int], *, rows: int) -> int:
    """Write down that somebody takes a file along: its number. `people` are the members whom it names, of `rows` lines."""
    number = new_id(tx.now)
    common = {"id": number, "by_id": by_id, "what": what, "row_count": rows, "at": tx.now}
    tx.conn.execute(insert(staff_exports), common)
    wanted = sorted(set(people))
    for first in range(0, len(wanted), _AT_ONCE):
        some = [{"export_id": number, "person_id": one} for one in wanted[first : first + _AT_ONCE]]
        tx.conn.execute(insert(staff_export_people), some)
    if by_id is not None:
        audit.write(tx, "staff_export", by_id, by=by_id, after=what)
    return number


def staff_exports_before(conn: Connection, *, before: int | None = None, limit: int = 40) -> Sequence[StaffExport]:
    """The files that were given, the latest first."""
    statement = select(staff_exports)
    if before is not None:
        statement = statement.where(staff_exports.c.id < before)
    rows = conn.execute(statement.order_by(staff_exports.c.id.desc()).limit(limit)).all()
    known = by_ids(conn, {row.by_id for row in rows if row.by_id is not None})
    return [
        StaffExport(id=row.id, what=Taken(row.what), by=known.get(row.by_id), row_count=row.row_count, at=row.at)
        for row in rows
    ]


def people_in(conn: Connection, export_id: int) -> Sequence[int]:
    """Whose data a file held. Raises NotFound."""
    if conn.execute(select(staff_exports.c.id).where(staff_exports.c.id == export_id)).first() is None:
        raise NotFound
    statement = select(staff_export_people.c.person_id).where(staff_export_people.c.export_id == export_id)
    return conn.execute(statement.order_by(staff_export_people.c.person_id)).scalars().all()
