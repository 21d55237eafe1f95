# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many events are to come."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from node.events.tables import events
from node.posts.tables import posts


@dataclass(frozen=True, slots=True)
class Coming:
    """Events of this node that are to come: `seats` in all where their number is limited, `taken` in all."""

    events: int
    seats: int
    taken: int


def coming(conn: Connection, now: datetime) -> Coming:
    """One statement."""
    row = conn.execute(
        select(
            func.count(),
            func.coalesce(func.sum(events.c.capacity), 0),
            func.coalesce(func.sum(events.c.going_count), 0),
        )
        .join_from(events, posts, posts.c.id == events.c.post_id)
        .where(events.c.starts_at >= now, events.c.status != "CANCELLED", posts.c.local.is_(True))
    ).one()
    return Coming(int(row[0]), int(row[1]), int(row[2]))
