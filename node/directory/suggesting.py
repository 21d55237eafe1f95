# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom a member may want to know: only those whom they may find."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from node.actors import Actor, by_ids
from node.actors.tables import actors
from node.directory.facts import class_key
from node.directory.queries import may_find
from node.directory.tables import directory_people
from node.kernel.db import long_read
from node.relationships import suggestions as of_relationships
from node.relationships.suggestions import Suggestion
from node.relationships.visibility import not_blocked


@long_read
def suggestions(
    conn: Connection, member: Actor, now: datetime, *, limit: int = 40, offset: int = 0
) -> Sequence[Suggestion]:
    """`relationships.suggestions`, of this node's members only those whom the member may find."""
    listed = may_find(actors.c.id, member)
    return of_relationships.suggestions(conn, member, now, limit=limit, offset=offset, listed=listed)


def some(conn: Connection, member: Actor, *, limit: int) -> Sequence[Actor]:
    """A few of those whom a member may find, classmates first: for a home that is still empty."""
    people = directory_people
    own = class_key(member.class_year, member.school)
    classmates_first = case((people.c.class_key == own, 0), else_=1)
    numbers = (
        conn.execute(
            select(people.c.actor_id)
            .join(actors, actors.c.id == people.c.actor_id)
            .where(
                people.c.actor_id != member.id,
                may_find(people.c.actor_id, member),
                not_blocked(people.c.actor_id, member.id),
                actors.c.memorial.is_(False),
                actors.c.moved_to.is_(None),
            )
            .order_by(classmates_first, func.coalesce(people.c.class_year, 9999), people.c.sort_key, people.c.actor_id)
            .limit(limit)
        )
        .scalars()
        .all()
    )
    known = by_ids(conn, numbers)
    return [known[number] for number in numbers if number in known and known[number].is_active]
