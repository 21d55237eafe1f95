# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading notifications."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select

from node.actors import ActorId
from node.kernel import paging
from node.kernel.errors import NotFound
from node.kernel.paging import Page
from node.notifications.tables import notifications


class Kind(StrEnum):
    """Mastodon's kinds, as far as this node makes them."""

    MENTION = "mention"
    STATUS = "status"
    BOOST = "reblog"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FAVOURITE = "favourite"
    UPDATE = "update"
    POLL = "poll"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of `notifications`."""

    id: int
    owner_id: ActorId
    type: Kind
    from_id: ActorId
    post_id: int | None
    read: bool
    created_at: datetime


_COLUMNS = (
    notifications.c.id,
    notifications.c.owner_id,
    notifications.c.type,
    notifications.c.from_id,
    notifications.c.post_id,
    notifications.c.read,
    notifications.c.created_at,
)


def page(
    conn: Connection,
    owner_id: int,
    page: Page,
    *,
    types: Collection[str] = (),
    exclude_types: Collection[str] = (),
    from_id: int | None = None,
) -> Sequence[Notification]:
    """A page of a member's notifications, newest first."""
    statement = select(*_COLUMNS).where(notifications.c.owner_id == owner_id)
    if types:
        statement = statement.where(notifications.c.type.in_(set(types)))
    if exclude_types:
        statement = statement.where(notifications.c.type.not_in(set(exclude_types)))
    if from_id is not None:
        statement = statement.where(notifications.c.from_id == from_id)
    rows = paging.read(conn, statement, notifications.c.id, page)
    return [Notification(**{**row._mapping, "type": Kind(row.type)}) for row in rows]


def get(conn: Connection, owner_id: int, notification_id: int) -> Notification:
    """One of a member's own notifications; raises NotFound."""
    row = conn.execute(
        select(*_COLUMNS).where(notifications.c.id == notification_id, notifications.c.owner_id == owner_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Notification(**{**row._mapping, "type": Kind(row.type)})


def unread_count(conn: Connection, owner_id: int, *, after_id: int = 0, limit: int = 100) -> int:
    """How many notifications came after the one that was read last, counted up to `limit`."""
    newest = (
        select(notifications.c.id)
        .where(notifications.c.owner_id == owner_id, notifications.c.id > after_id)
        .limit(limit)
        .subquery()
    )
    return conn.execute(select(func.count()).select_from(newest)).scalar_one()
