# SPDX-License-Identifier: AGPL-3.0-or-later
"""Telling members, and taking back what no longer is."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, delete, exists, or_, select

from node.actors import Actor, ActorId
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotFound
from node.notifications.queries import Kind
from node.notifications.tables import notifications
from node.relationships.tables import blocks, mutes


@dataclass(frozen=True, slots=True)
class NotificationAdded:
    """On the bus as `notification`: a member has a new one."""

    owner_id: ActorId
    notification_id: int


def notify(tx: Tx, owner: Actor, kind: Kind, from_actor: Actor, post_id: int | None = None) -> None:
    """Tell a member of this node once. Not about oneself, but for one's own poll, nor from somebody they block or mute."""
    own = owner.id == from_actor.id and kind is not Kind.POLL
    if not owner.is_local or own or not owner.is_active or _is_unwanted(tx, owner, from_actor):
        return
    once = f"{kind}:{from_actor.id}:{post_id or ''}"
    inserted = tx.conn.execute(
        insert_or_ignore(tx.conn, notifications).returning(notifications.c.id),
        {
            "owner_id": owner.id,
            "type": kind,
            "from_id": from_actor.id,
            "post_id": post_id,
            "once": once,
            "read": False,
            "created_at": tx.now,
        },
    ).first()
    if inserted is not None:
        added = NotificationAdded(owner.id, inserted.id)
        bus = tx.bus
        tx.after_commit(lambda: bus.publish("notification", added))


def _is_unwanted(tx: Tx, owner: Actor, from_actor: Actor) -> bool:
    muted = exists(
        select(mutes.c.id).where(
            mutes.c.muter_id == owner.id,
            mutes.c.muted_id == from_actor.id,
            mutes.c.notifications.is_(True),
            or_(mutes.c.expires_at.is_(None), mutes.c.expires_at > tx.now),
        )
    )
    blocked = exists(
        select(blocks.c.id).where(
            or_(
                and_(blocks.c.blocker_id == owner.id, blocks.c.blocked_id == from_actor.id),
                and_(blocks.c.blocker_id == from_actor.id, blocks.c.blocked_id == owner.id),
            )
        )
    )
    return bool(tx.conn.execute(select(or_(muted, blocked))).scalar())


def take_back(tx: Tx, owner_id: ActorId, kind: Kind, from_id: ActorId, post_id: int | None = None) -> None:
    """Remove what was told: a favourite undone, a follow request answered."""
    tx.conn.execute(
        delete(notifications).where(
            notifications.c.owner_id == owner_id,
            notifications.c.once == f"{kind}:{from_id}:{post_id or ''}",
        )
    )


def forget_posts(tx: Tx, post_ids: Collection[int]) -> None:
    """Remove everything told about posts that go away."""
    tx.conn.execute(delete(notifications).where(notifications.c.post_id.in_(set(post_ids))))


def forget_from(tx: Tx, owner_id: ActorId, from_id: ActorId) -> None:
    """Remove everything that somebody caused: they are blocked now."""
    tx.conn.execute(
        delete(notifications).where(notifications.c.owner_id == owner_id, notifications.c.from_id == from_id)
    )


def forget_actor(tx: Tx, actor_id: ActorId) -> None:
    """Take away what somebody who is gone was told, and what others were told about them."""
    tx.conn.execute(
        delete(notifications).where(or_(notifications.c.owner_id == actor_id, notifications.c.from_id == actor_id))
    )


def dismiss(tx: Tx, owner_id: ActorId, notification_id: int) -> None:
    """Remove one of one's own. Raises NotFound."""
    gone = tx.conn.execute(
        delete(notifications).where(notifications.c.id == notification_id, notifications.c.owner_id == owner_id)
    )
    if gone.rowcount == 0:
        raise NotFound


def clear(tx: Tx, owner_id: ActorId) -> None:
    """Remove all of one's own."""
    tx.conn.execute(delete(notifications).where(notifications.c.owner_id == owner_id))
