# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many join, and who is here. Whoever shows it makes rough numbers of it (`node.kernel.figures`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, case, func, select

from node.actors.tables import actors
from node.kernel import weeks
from node.members.tables import members


@dataclass(frozen=True, slots=True)
class Standings:
    """How many have been let in, and how many wait for it: `waiting` for the association, `unconfirmed` for themselves."""

    members: int
    waiting: int
    unconfirmed: int


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


def monthly(conn: Connection, beginnings: Sequence[datetime]) -> list[int]:
    """How many of those who were let in joined between each of these moments and the next: one fewer than there are
    moments. One statement."""
    columns = members.c
    between = [
        func.count(case(((columns.created_at >= since) & (columns.created_at < until), 1)))
        for since, until in pairwise(beginnings)
    ]
    row = conn.execute(
        select(*between).where(
            columns.approved_at.is_not(None), columns.confirmed_at.is_not(None), columns.email_key.contains("@")
        )
    ).one()
    return list(row)
