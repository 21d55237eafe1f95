# SPDX-License-Identifier: AGPL-3.0-or-later
"""The visibility ladder: how far somebody stands from somebody, and what is shown at that distance.

    me 0 < contacts 1 < class 2 < school 3 < partners 4 < public 5

    0  oneself
    1  a contact: both have said that they know each other
    2  of the same class: both active members of this node, with the same verified class year
    3  of the same school: both active members of this node
    4  of a partner: one an active member here, the other at a node with which a partnership is in force
    5  everybody else: strangers, search engines, whoever waits to be let in or is locked out, and everybody between whom
       and the other there is a block, whichever of the two made it

**A value is shown if its level is at least the distance.** The nearest that applies counts. Every door asks here, by the
clause `distance_to` where a statement chooses or counts people, by `distance` and `distances` where people are known.
"""

from collections.abc import Collection
from enum import IntEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    exists,
    literal_column,
    or_,
    select,
)

from node.actors.tables import actors
from node.contacts import with_
from node.members.tables import members
from node.relationships.circles import at_partner
from node.relationships.visibility import not_blocked


class Level(IntEnum):
    """Whom a value is shown to: everybody up to this distance."""

    ME = 0
    CONTACTS = 1
    CLASS = 2
    SCHOOL = 3
    PARTNERS = 4
    PUBLIC = 5


STRANGER: Final = int(Level.PUBLIC)
"""The distance of whoever nothing is known about."""


def shown(level: int, distance: int) -> bool:
    """Whether a value of this level is shown to somebody at this distance. The one comparison."""
    return level >= distance


def distance(conn: Connection, viewer_id: int | None, subject_id: int) -> int:
    """How far `viewer_id` stands from `subject_id`; nobody (None) is a stranger to everybody. One statement at most."""
    return distances(conn, viewer_id, [subject_id])[subject_id]


def distances(conn: Connection, viewer_id: int | None, subject_ids: Collection[int]) -> dict[int, int]:
    """How far `viewer_id` stands from each of the others. One statement, however many they are; none for nobody."""
    found = dict.fromkeys(subject_ids, STRANGER)
    if viewer_id in found:
        found[viewer_id] = int(Level.ME)
    others = [number for number in found if number != viewer_id]
    if viewer_id is None or not others:
        return found
    rows = conn.execute(_DISTANCES, {"viewer_id": viewer_id, "subject_ids": others})
    return found | {row.id: row.distance for row in rows}


# Aliases, so that a query which names these tables itself is not taken for the ones meant here.
_subject_member = members.alias("ladder_subject_member")
_subject = actors.alias("ladder_subject")
_viewer_member = members.alias("ladder_viewer_member")
_viewer = actors.alias("ladder_viewer")


def distance_to(person: ColumnElement[int], viewer_id: int | BindParameter[int] | None) -> ColumnElement[int]:
    """The clause: how far `viewer_id` stands from the person whose number is in this column."""
    if viewer_id is None:
        return _step(Level.PUBLIC)
    here = select(_viewer_member.c.actor_id).join(_viewer, _viewer.c.id == _viewer_member.c.actor_id)
    viewer_here = exists(
        here.where(
            _viewer_member.c.actor_id == viewer_id,
            _viewer_member.c.suspended_at.is_(None),
            _viewer.c.suspended_at.is_(None),
            _viewer.c.deleted_at.is_(None),
        )
    )
    viewer_there = exists(
        select(_viewer.c.id).where(
            _viewer.c.id == viewer_id, _viewer.c.suspended_at.is_(None), _viewer.c.deleted_at.is_(None)
        )
    )
    viewer_year = select(_viewer.c.class_year).where(_viewer.c.id == viewer_id).scalar_subquery()
    viewer_school = select(_viewer.c.school).where(_viewer.c.id == viewer_id).scalar_subquery()
    return case(
        (person == viewer_id, _step(Level.ME)),
        (~not_blocked(person, viewer_id), _step(Level.PUBLIC)),
        (and_(viewer_there, with_(person, viewer_id)), _step(Level.CONTACTS)),
        (
            and_(
                viewer_here,
                _is_here(
                    person,
                    _subject.c.class_year == viewer_year,
                    _subject.c.school.is_not_distinct_from(viewer_school),
                ),
            ),
            _step(Level.CLASS),
        ),
        (and_(viewer_here, _is_here(person)), _step(Level.SCHOOL)),
        (
            or_(and_(viewer_here, at_partner(person)), and_(at_partner(viewer_id), _is_here(person))),
            _step(Level.PARTNERS),
        ),
        else_=_step(Level.PUBLIC),
    )


def _is_here(person: ColumnElement[int], *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(_subject_member.c.actor_id)
        .join(_subject, _subject.c.id == _subject_member.c.actor_id)
        .where(
            _subject_member.c.actor_id == person,
            _subject_member.c.suspended_at.is_(None),
            _subject.c.suspended_at.is_(None),
            _subject.c.deleted_at.is_(None),
            *more,
        )
    )


def _step(level: Level) -> ColumnElement[int]:
    # Written out: one text of the statement for all of its uses.
    return literal_column(str(int(level)), Integer)


_DISTANCES: Final = select(
    actors.c.id, distance_to(actors.c.id, bindparam("viewer_id", type_=BigInteger)).label("distance")
).where(actors.c.id.in_(bindparam("subject_ids", expanding=True)))
