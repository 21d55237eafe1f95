# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is in contact with whom, and who waits for whose answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select, and_, case, exists, func, or_, select

from node.actors import Actor, ActorId, by_ids
from node.actors.tables import actors
from node.contacts.rules import ENDS, NONE, Standing, State
from node.contacts.tables import contact_sides, contacts
from node.kernel import paging
from node.kernel.paging import Page
from node.relationships.visibility import not_blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody asks to be a contact."""

    id: int
    person: Actor
    message: str
    how_met: str
    asked_at: datetime


def between(conn: Connection, who: ActorId, others: Collection[int], now: datetime) -> Mapping[int, Standing]:
    """How somebody stands with each of the others, as they are shown it. One statement."""
    if not others:
        return {}
    rows = conn.execute(select(contacts).where(_of(who), or_(*_pairs(who, others))))
    found = {_other(row, who): standing_of(row).seen_by(who, now) for row in rows}
    return {other: found.get(other, NONE) for other in others}


def find(conn: Connection, one: int, other: int) -> Row[Any] | None:
    """The row of a pair."""
    low, high = sorted((one, other))
    return conn.execute(select(contacts).where(contacts.c.low_id == low, contacts.c.high_id == high)).one_or_none()


def of(conn: Connection, who: ActorId, page: Page, *which: ColumnElement[bool]) -> list[tuple[int, Actor]]:
    """Somebody's contacts, the latest first, each with the number of the row; without those who are gone or hidden.

    `which` are further clauses over contacts, as `has_tag` makes them.
    """
    return _people(conn, paging.read(conn, _contacts_of(who, which), contacts.c.id, page))


def longest_unheard(
    conn: Connection, who: ActorId, *which: ColumnElement[bool], limit: int, offset: int = 0
) -> list[tuple[int, Actor]]:
    """The same, those first of whom they wrote down the earliest day, and before them those of whom they wrote none.

    Nobody has more than some thousand contacts, so the rows before `offset` cost little.
    """
    mine = and_(contact_sides.c.contact_id == contacts.c.id, contact_sides.c.owner_id == who)
    heard = func.coalesce(contact_sides.c.last_contact, date.min)
    statement = _contacts_of(who, which).outerjoin(contact_sides, mine).order_by(heard, contacts.c.id)
    return _people(conn, conn.execute(statement.limit(limit).offset(offset)).all())


def waiting(conn: Connection, who: ActorId, now: datetime, *, limit: int = 200) -> Sequence[Request]:
    """Those who ask somebody, the latest first."""
    return _requests(conn, select(contacts).where(contacts.c.requested_by != who), who, now, limit, hidden=False)


def asked(conn: Connection, who: ActorId, now: datetime, *, limit: int = 200) -> Sequence[Request]:
    """Those whom somebody has asked and who have not said yes; whether they said no is not told."""
    return _requests(conn, select(contacts).where(contacts.c.requested_by == who), who, now, limit, hidden=True)


def waiting_count(conn: Connection, who: ActorId, now: datetime) -> int:
    """How many wait for somebody's answer."""
    other = case((contacts.c.low_id == who, contacts.c.high_id), else_=contacts.c.low_id)
    return conn.execute(
        select(func.count())
        .select_from(contacts.join(actors, actors.c.id == other))
        .where(
            _of(who),
            contacts.c.state == State.REQUESTED,
            contacts.c.requested_by != who,
            contacts.c.asked_at > now - ENDS,
            _is_there(),
            not_blocked(other, who),
        )
    ).scalar_one()


def count(conn: Connection, who: ActorId) -> int:
    """How many contacts somebody has."""
    return conn.execute(
        select(func.count()).select_from(contacts).where(_of(who), contacts.c.state == State.CONFIRMED)
    ).scalar_one()


def with_(person: ColumnElement[int], owner: int | BindParameter[int]) -> ColumnElement[bool]:
    """The clause for a query of people: those who are contacts of `owner`."""
    return exists(
        select(contacts.c.id).where(
            contacts.c.state == State.CONFIRMED,
            or_(
                and_(contacts.c.low_id == owner, contacts.c.high_id == person),
                and_(contacts.c.high_id == owner, contacts.c.low_id == person),
            ),
        )
    )


def standing_of(row: Row[Any] | None) -> Standing:
    """What is stored."""
    return NONE if row is None else Standing(State(row.state), row.requested_by, row.asked_at, row.withdrawn)


def _contacts_of(who: ActorId, which: Collection[ColumnElement[bool]]) -> Select[Any]:
    other = case((contacts.c.low_id == who, contacts.c.high_id), else_=contacts.c.low_id)
    return (
        select(contacts.c.id, other.label("other"))
        .join(actors, actors.c.id == other)
        .where(_of(who), contacts.c.state == State.CONFIRMED, _is_there(), not_blocked(other, who), *which)
    )


def _people(conn: Connection, rows: Sequence[Any]) -> list[tuple[int, Actor]]:
    known = by_ids(conn, [row.other for row in rows])
    return [(row.id, known[row.other]) for row in rows if row.other in known]


def _requests(
    conn: Connection, statement: Select[Any], who: ActorId, now: datetime, limit: int, *, hidden: bool
) -> Sequence[Request]:
    states = (State.REQUESTED, State.DECLINED) if hidden else (State.REQUESTED,)
    other = case((contacts.c.low_id == who, contacts.c.high_id), else_=contacts.c.low_id)
    rows = conn.execute(
        statement.where(
            _of(who),
            contacts.c.state.in_(states),
            contacts.c.withdrawn.is_(False),
            contacts.c.asked_at > now - ENDS,
            not_blocked(other, who),
        )
        .order_by(contacts.c.id.desc())
        .limit(limit)
    ).all()
    known = by_ids(conn, [_other(row, who) for row in rows])
    return [
        Request(
            id=row.id,
            person=known[_other(row, who)],
            message=row.message,
            how_met=row.how_met,
            asked_at=row.asked_at,
        )
        for row in rows
        if _other(row, who) in known and known[_other(row, who)].is_active
    ]


def _of(who: int) -> ColumnElement[bool]:
    return or_(contacts.c.low_id == who, contacts.c.high_id == who)


def _pairs(who: int, others: Collection[int]) -> Sequence[ColumnElement[bool]]:
    return (
        and_(contacts.c.low_id == who, contacts.c.high_id.in_(others)),
        and_(contacts.c.high_id == who, contacts.c.low_id.in_(others)),
    )


def _other(row: Row[Any], who: int) -> int:
    number: int = row.high_id if row.low_id == who else row.low_id
    return number


def _is_there() -> ColumnElement[bool]:
    return and_(actors.c.deleted_at.is_(None), actors.c.suspended_at.is_(None))
