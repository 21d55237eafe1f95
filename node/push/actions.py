# SPDX-License-Identifier: AGPL-3.0-or-later
"""Subscribing a device, and planning what it is sent: a task in the same unit as the notification."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from node import relationships
from node.access.tables import tokens
from node.actors import ActorId
from node.federation import host_of
from node.kernel import queue
from node.kernel.db import Tx
from node.notifications import Notified
from node.push import queries, rules
from node.push.queries import Subscription
from node.push.rules import Audience, Keys
from node.push.tables import push_subscriptions

SEND = "push.send"


def subscribe(
    tx: Tx,
    *,
    token_id: int,
    member_id: ActorId,
    token: str,
    endpoint: str,
    keys: Keys,
    standard: bool,
    alerts: Collection[str],
    policy: Audience,
) -> Subscription:
    """Tell this device from now on, in place of what the same app asked for before.

    `endpoint` has been checked to be a public https address.
    """
    tx.conn.execute(delete(push_subscriptions).where(push_subscriptions.c.token_id == token_id))
    tx.conn.execute(
        insert(push_subscriptions),
        {
            "token_id": token_id,
            "member_id": member_id,
            "sealed_token": tx.site.seal(token.encode()),
            "endpoint": endpoint,
            "p256dh": keys.p256dh,
            "auth": keys.auth,
            "standard": standard,
            "alerts": sorted(set(alerts).intersection(rules.ALERTS)),
            "policy": policy,
            "created_at": tx.now,
        },
    )
    return queries.of_token(tx.conn, token_id)


def change(
    tx: Tx, token_id: int, *, alerts: Collection[str] | None = None, policy: Audience | None = None
) -> Subscription:
    """Change of what an app is told. Raises NotFound if it has not subscribed."""
    before = queries.of_token(tx.conn, token_id)
    chosen = before.alerts if alerts is None else set(alerts).intersection(rules.ALERTS)
    tx.conn.execute(
        update(push_subscriptions)
        .where(push_subscriptions.c.id == before.id)
        .values(alerts=sorted(chosen), policy=policy or before.policy)
    )
    return queries.of_token(tx.conn, token_id)


def remove(tx: Tx, token_id: int) -> None:
    """Tell an app no more; harmless if it was not told."""
    tx.conn.execute(delete(push_subscriptions).where(push_subscriptions.c.token_id == token_id))


def drop(tx: Tx, subscription_id: int) -> None:
    """The push service says that the device is gone."""
    tx.conn.execute(delete(push_subscriptions).where(push_subscriptions.c.id == subscription_id))


def sweep(tx: Tx, *, revoked_before: datetime) -> None:
    """Forget the devices whose tokens are revoked; nothing was sent to them since."""
    ended = select(tokens.c.id).where(tokens.c.revoked_at.is_not(None), tokens.c.revoked_at <= revoked_before)
    tx.conn.execute(delete(push_subscriptions).where(push_subscriptions.c.token_id.in_(ended)))


def plan(tx: Tx, happening: Notified) -> None:
    """A member has a new notification: send it to each of their devices that wants to know."""
    told = happening.notification
    wanting = [one for one in queries.of_member(tx.conn, told.owner_id) if rules.wants(one.alerts, told.type)]
    if not wanting:
        return
    audiences = {Audience.ALL}
    if any(one.policy in (Audience.FOLLOWED, Audience.FOLLOWER) for one in wanting):
        if relationships.is_following(tx.conn, told.owner_id, told.from_id):
            audiences.add(Audience.FOLLOWED)
        if relationships.is_following(tx.conn, told.from_id, told.owner_id):
            audiences.add(Audience.FOLLOWER)
    for one in wanting:
        if one.policy in audiences:
            payload = {"subscription": one.id, "notification": told.id}
            queue.enqueue(tx, SEND, payload, lane=host_of(one.endpoint))
