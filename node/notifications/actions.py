# SPDX-License-Identifier: AGPL-3.0-or-later
"""Telling members, and taking back what no longer is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, and_, bindparam, delete, exists, or_, select, update

from activitypub.actor import ActorType
from node import contacts, members
from node.actors import Actor, ActorId
from node.actors.tables import actors as actors_table
from node.kernel.clock import Moment
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotFound
from node.notifications import requests, rules
from node.notifications.policies import policy_of
from node.notifications.rules import Facts
from node.notifications.tables import (
    muted_threads,
    notification_permissions,
    notification_policies,
    notification_requests,
    notifications,
)
from node.notifications.types import UNGROUPED, Kind, Notification, Place, Verdict
from node.relationships.tables import blocks, domain_blocks, follows, mutes

_STAFF = ("admin", "moderator")
_TO, _BY = bindparam("owner_id", type_=BigInteger), bindparam("from_id", type_=BigInteger)
_MUTED = exists(
    select(mutes.c.id).where(
        mutes.c.muter_id == _TO,
        mutes.c.muted_id == _BY,
        mutes.c.notifications.is_(True),
        or_(mutes.c.expires_at.is_(None), mutes.c.expires_at > bindparam("now", type_=Moment)),
    )
)
_BLOCKED = exists(
    select(blocks.c.id).where(
        or_(
            and_(blocks.c.blocker_id == _TO, blocks.c.blocked_id == _BY),
            and_(blocks.c.blocker_id == _BY, blocks.c.blocked_id == _TO),
        )
    )
)
_NETWORK_BLOCKED = exists(
    select(domain_blocks.c.id)
    .join(actors_table, actors_table.c.domain == domain_blocks.c.domain)
    .where(domain_blocks.c.owner_id == _TO, actors_table.c.id == _BY)
)
_THREAD_MUTED = exists(
    select(muted_threads.c.owner_id).where(
        muted_threads.c.owner_id == _TO, muted_threads.c.thread_id == bindparam("thread_id")
    )
)
_CONTACT_MUTED = contacts.is_muted(_TO, _BY)
_UNWANTED = select(or_(_MUTED, _BLOCKED, _NETWORK_BLOCKED, _CONTACT_MUTED))
_UNWANTED_IN_THREAD = select(or_(_MUTED, _BLOCKED, _NETWORK_BLOCKED, _CONTACT_MUTED, _THREAD_MUTED))
_BETWEEN = select(follows.c.follower_id, follows.c.created_at).where(
    follows.c.state == "accepted",
    or_(
        and_(follows.c.follower_id == _TO, follows.c.followee_id == _BY),
        and_(follows.c.follower_id == _BY, follows.c.followee_id == _TO),
    ),
)
_PERMITTED = select(notification_permissions.c.owner_id).where(
    notification_permissions.c.owner_id == _TO, notification_permissions.c.from_id == _BY
)


@dataclass(frozen=True, slots=True)
class NotificationAdded:
    """On the bus as `notification`: a member has a new one."""

    owner_id: ActorId
    notification_id: int


@dataclass(frozen=True, slots=True)
class Notified:
    """Told in the same unit: a member has a new notification, which their devices may want to know of."""

    notification: Notification


def notify(
    tx: Tx,
    owner: Actor,
    kind: Kind,
    from_actor: Actor,
    post_id: int | None = None,
    *,
    place: Place | None = None,
    report_id: int | None = None,
    details: Mapping[str, object] | None = None,
    event: int | None = None,
) -> None:
    """Tell a member of this node once.

    Not about oneself, but for one's own poll; not by somebody they block or mute, be it as a contact, or whose network they
    block; not about a thread they mute; and as their policy says about strangers. `place` is where the post stands, for
    whatever is about one.
    `event` tells two apart that are about neither a post nor a report.
    """
    about_oneself = owner.id == from_actor.id and kind not in (Kind.POLL, Kind.SEVERED, Kind.WARNING)
    if not owner.is_local or about_oneself or not owner.is_active or owner.memorial:
        return
    said = _verdict(tx, owner, kind, from_actor, place)
    if said is Verdict.DROP:
        return
    filtered = said is Verdict.FILTER
    about = next((number for number in (post_id, report_id, event) if number is not None), None)
    values = {
        "owner_id": owner.id,
        "type": kind,
        "from_id": from_actor.id,
        "post_id": post_id,
        "report_id": report_id,
        "details": dict(details) if details is not None else None,
        "group_key": rules.group_key(kind, post_id, tx.now),
        "filtered": filtered,
        "read": False,
        "created_at": tx.now,
    }
    inserted = tx.conn.execute(
        insert_or_ignore(tx.conn, notifications).returning(notifications.c.id),
        {**values, "once": _once(kind, from_actor.id, about)},
    ).first()
    if inserted is None:
        return
    if filtered:
        requests.note(tx, owner.id, from_actor.id, post_id if kind in (Kind.MENTION, Kind.QUOTE) else None)
        return
    told = Notification(id=inserted.id, **values)  # type: ignore[arg-type]  # as named above
    added = NotificationAdded(owner.id, inserted.id)
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("notification", added))
    tx.tell(Notified(told))


def notify_staff(
    tx: Tx, kind: Kind, from_actor: Actor, *, roles: Iterable[str] = _STAFF, report_id: int | None = None
) -> None:
    """Tell everybody with one of these roles, otherwise those who moderate: of a report, of somebody who signed up."""
    staff = {member.id: member for role in roles for member in members.with_role(tx.conn, role)}
    for member in staff.values():
        if member.is_active:
            notify(tx, member.actor, kind, from_actor, report_id=report_id)


def _once(kind: Kind, from_id: int, about: int | None) -> str:
    return f"{kind}:{from_id}:{about or ''}"


def _verdict(tx: Tx, owner: Actor, kind: Kind, from_actor: Actor, place: Place | None) -> Verdict:
    if kind in rules.ALWAYS_HEARD:
        return Verdict.ACCEPT
    values = {"owner_id": owner.id, "from_id": from_actor.id, "now": tx.now}
    if place is None:
        unwanted = tx.conn.execute(_UNWANTED, values).scalar()
    else:
        unwanted = tx.conn.execute(_UNWANTED_IN_THREAD, {**values, "thread_id": place.thread_id}).scalar()
    if unwanted:
        return Verdict.DROP
    policy = policy_of(tx.conn, owner.id)
    limited = from_actor.limited_at is not None
    if rules.hears_everybody(policy, limited=limited) or kind in rules.NEVER_FILTERED:
        return Verdict.ACCEPT
    said = rules.verdict(policy, _facts(tx, owner, from_actor, place), kind, tx.now)
    return Verdict.ACCEPT if said is not Verdict.ACCEPT and _speaks_for_the_node(tx, from_actor) else said


def _facts(tx: Tx, owner: Actor, from_actor: Actor, place: Place | None) -> Facts:
    values = {"owner_id": owner.id, "from_id": from_actor.id}
    since = {row.follower_id: row.created_at for row in tx.conn.execute(_BETWEEN, values)}
    return Facts(
        follows=owner.id in since,
        followed_since=since.get(from_actor.id),
        permitted=tx.conn.execute(_PERMITTED, values).first() is not None,
        sender_since=from_actor.created_at,
        is_direct=place is not None and place.is_direct,
        answers_member=place is not None and place.answered_id == owner.id,
        limited=from_actor.limited_at is not None,
    )


def _speaks_for_the_node(tx: Tx, actor: Actor) -> bool:
    """The association and this node's staff are no strangers to its members."""
    if not actor.is_local:
        return False
    if actor.type is not ActorType.PERSON:
        return True
    try:
        return not members.get(tx.conn, actor.id).roles.isdisjoint(_STAFF)
    except NotFound:
        return False


def take_back(tx: Tx, owner_id: ActorId, kind: Kind, from_id: ActorId, post_id: int | None = None) -> None:
    """Remove what was told: a favourite undone, a follow request answered."""
    tx.conn.execute(
        delete(notifications).where(
            notifications.c.owner_id == owner_id, notifications.c.once == _once(kind, from_id, post_id)
        )
    )


def correct(tx: Tx, owner: Actor, kind: Kind, event: int, details: Mapping[str, object]) -> None:
    """What a member was told of themselves says something else from now on; nobody is told anew."""
    tx.conn.execute(
        update(notifications)
        .where(notifications.c.owner_id == owner.id, notifications.c.once == _once(kind, owner.id, event))
        .values(details=dict(details))
    )


def forget_posts(tx: Tx, post_ids: Collection[int]) -> None:
    """Remove everything told about posts that go away."""
    gone = set(post_ids)
    tx.conn.execute(delete(notifications).where(notifications.c.post_id.in_(gone)))
    tx.conn.execute(
        update(notification_requests).where(notification_requests.c.last_post_id.in_(gone)).values(last_post_id=None)
    )


def forget_from(tx: Tx, owner_id: ActorId, from_id: ActorId) -> None:
    """Remove everything that somebody caused: they are blocked now. What they were permitted ends too."""
    for table in (notifications, notification_requests, notification_permissions):
        tx.conn.execute(delete(table).where(table.c.owner_id == owner_id, table.c.from_id == from_id))


def forget_network(tx: Tx, owner_id: ActorId, domain: str) -> None:
    """Remove everything that people of a network caused: it is blocked now."""
    there = select(actors_table.c.id).where(actors_table.c.domain == domain)
    for table in (notifications, notification_requests, notification_permissions):
        tx.conn.execute(delete(table).where(table.c.owner_id == owner_id, table.c.from_id.in_(there)))


def forget_actor(tx: Tx, actor_id: ActorId) -> None:
    """Take away what somebody who is gone was told and decided, and what others were told about them."""
    for table in (notifications, notification_requests, notification_permissions):
        tx.conn.execute(delete(table).where(or_(table.c.owner_id == actor_id, table.c.from_id == actor_id)))
    for of_owner in (notification_policies, muted_threads):
        tx.conn.execute(delete(of_owner).where(of_owner.c.owner_id == actor_id))


def dismiss(tx: Tx, owner_id: ActorId, notification_id: int) -> None:
    """Remove one of one's own. Raises NotFound."""
    gone = tx.conn.execute(
        delete(notifications).where(notifications.c.id == notification_id, notifications.c.owner_id == owner_id)
    )
    if gone.rowcount == 0:
        raise NotFound


def dismiss_group(tx: Tx, owner_id: ActorId, key: str) -> None:
    """Remove a whole group of one's own; one that is not there is gone already."""
    number = key.removeprefix(UNGROUPED)
    if number != key:
        is_number = number.isascii() and number.isdigit() and len(number) < 19
        which = notifications.c.id == (int(number) if is_number else 0)
    else:
        which = notifications.c.group_key == key
    tx.conn.execute(delete(notifications).where(notifications.c.owner_id == owner_id, which))


def clear(tx: Tx, owner_id: ActorId) -> None:
    """Remove all of one's own, and those that wait apart."""
    for table in (notifications, notification_requests):
        tx.conn.execute(delete(table).where(table.c.owner_id == owner_id))
