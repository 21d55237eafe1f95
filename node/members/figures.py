# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many join, and who is here: figures in which nobody can be made out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, case, func, select

from node.actors.tables import actors
from node.kernel import weeks
from node.members.tables import members

FEW: Final = 5
"""Fewer people than this are not counted out: whoever knows some of them would learn about the others."""


@dataclass(frozen=True, slots=True)
class Rough:
    """A number of people as it may be shown: `number` is a multiple of five, so that what is hidden cannot be found by
    subtraction; 0 with `few` where it is more than none and fewer than five."""

    number: int
    few: bool = False


@dataclass(frozen=True, slots=True)
class Standings:
    """How many have been let in, and how many wait for it: `waiting` for the association, `unconfirmed` for themselves."""

    members: int
    waiting: int
    unconfirmed: int


def rough(number: int) -> Rough:
    """The number rounded down to a multiple of five. None at all is told, since it is about nobody."""
    return Rough(number - number % FEW, few=0 < number < FEW)


def standings(conn: Connection) -> Standings:
    """Of all accounts that are open: one statement."""
    columns = members.c
    row = conn.execute(
        select(
            func.count(case((columns.approved_at.is_not(None) & columns.confirmed_at.is_not(None), 1))),
            func.count(case((columns.approved_at.is_(None) & columns.confirmed_at.is_not(None), 1))),
            func.count(case((columns.confirmed_at.is_(None), 1))),
        ).where(columns.suspended_at.is_(None), columns.email_key.contains("@"))
    ).one()
    return Standings(*row)


def by_class(conn: Connection) -> Sequence[tuple[int, int]]:
    """How many members each class has, the oldest first; without those of no class. One statement."""
    rows = conn.execute(
        select(actors.c.class_year, func.count())
        .join(members, members.c.actor_id == actors.c.id)
        .where(
            actors.c.class_year.is_not(None),
            actors.c.deleted_at.is_(None),
            members.c.suspended_at.is_(None),
            members.c.approved_at.is_not(None),
            members.c.confirmed_at.is_not(None),
        )
        .group_by(actors.c.class_year)
        .order_by(actors.c.class_year)
    )
    return [(year, count) for year, count in rows]


def weekly(conn: Connection, since: datetime) -> dict[datetime, int]:
    """How many people joined in each week from a moment on: those who were let in."""
    return weeks.counted(
        conn, members.c.created_at, since, members.c.approved_at.is_not(None), members.c.email_key.contains("@")
    )
