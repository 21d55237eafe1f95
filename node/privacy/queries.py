# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member agreed to, who of the staff looked at their data, and the copies that they asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from node.actors import Actor, by_ids
from node.kernel.errors import NotFound
from node.privacy.rules import KEPT_ACCESS, KEPT_EXPORT, Purpose, Seen
from node.privacy.tables import access_log, consents, exports, staff_export_people, staff_exports


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Somebody agreed to a purpose, by which door, under which privacy policy, and until when."""

    purpose: Purpose
    text_version: str
    how: str
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody of the staff looked at a member's data; `viewer` is None where they are gone."""

    what: Seen
    viewer: Actor | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A copy of somebody's data: being made, or ready until `ends_at`."""

    id: int
    member_id: int
    file: str
    size: int | None
    asked_at: datetime
    ready_at: datetime | None

    @property
    def ends_at(self) -> datetime | None:
        """When it is removed."""
        return None if self.ready_at is None else self.ready_at + KEPT_EXPORT


def of(conn: Connection, person_id: int) -> Sequence[Consent]:
    """All that somebody agreed to, the latest first, with what they took back."""
    rows = conn.execute(select(consents).where(consents.c.person_id == person_id).order_by(consents.c.id.desc()))
    return [
        Consent(
            purpose=Purpose(row.purpose),
            text_version=row.text_version,
            how=row.how,
            given_at=row.given_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
    ]


def looks(conn: Connection, subject_id: int, now: datetime, *, limit: int = 200) -> Sequence[Look]:
    """Who of the staff looked at somebody's data, or took it along, within the last year, the latest first."""
    rows = conn.execute(
        select(access_log)
        .where(access_log.c.subject_id == subject_id, access_log.c.at > now - KEPT_ACCESS)
        .order_by(access_log.c.id.desc())
        .limit(limit)
    ).all()
    files = conn.execute(
        select(staff_exports.c.by_id, staff_exports.c.at)
        .join(staff_export_people, staff_export_people.c.export_id == staff_exports.c.id)
        .where(
            staff_export_people.c.person_id == subject_id,
            staff_exports.c.at > now - KEPT_ACCESS,
            or_(staff_exports.c.by_id.is_(None), staff_exports.c.by_id != subject_id),
        )
        .order_by(staff_exports.c.id.desc())
        .limit(limit)
    ).all()
    known = by_ids(conn, {row.viewer_id for row in rows} | {row.by_id for row in files if row.by_id is not None})
    found = [Look(what=Seen(row.what), viewer=known.get(row.viewer_id), at=row.at) for row in rows]
    found += [Look(what=Seen.FILE, viewer=known.get(row.by_id), at=row.at) for row in files]
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


def exports_of(conn: Connection, member_id: int) -> Sequence[Export]:
    """The copies that somebody asked for and that are still there, the latest first."""
    rows = conn.execute(select(exports).where(exports.c.member_id == member_id).order_by(exports.c.id.desc()))
    return [Export(**row._mapping) for row in rows]


def export(conn: Connection, export_id: int) -> Export:
    """A copy, whosever it is. Raises NotFound."""
    row = conn.execute(select(exports).where(exports.c.id == export_id)).one_or_none()
    if row is None:
        raise NotFound
    return Export(**row._mapping)
