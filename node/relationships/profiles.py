# SPDX-License-Identifier: AGPL-3.0-or-later
"""A changed profile, here and elsewhere. It stands above `actors` because those who follow are to hear of it."""

from activitypub import activity as activity_documents
from activitypub import actor as actor_documents
from activitypub.accessors import iso
from activitypub.addressing import PUBLIC
from node import actors, federation
from node.actors import Actor, NewKeys, ProfileChange
from node.federation import Received, links
from node.kernel import queue
from node.kernel.db import Tx
from node.members.rules import check_class_year
from node.relationships import actions, queries
from node.relationships.types import ActorGone

KEYS_CHANGED = "keys.changed"
"""The task that makes the running node take up an actor's new keys, also when a command changed them."""

CONFIRM_HANDLE = "federation.confirm_handle"
"""The task that asks WebFinger for the handle of an actor who says that they have another one."""


def update_profile(tx: Tx, actor: Actor, change: ProfileChange) -> Actor:
    """Change a local profile and tell the followers' servers (an Update of the actor). Raises Invalid."""
    check_class_year(change.class_year, tx.now)
    after = actors.change_profile(tx, actor, change)
    tell_changed(tx, after)
    links.ask(tx, after)
    return after


def rotate_keys(tx: Tx, actor: Actor, keys: NewKeys) -> Actor:
    """Give a local actor new keys and tell the followers' servers, signed with the key that they know. Whoever does not
    hear of it finds a signature that fails, and fetches the actor anew."""
    after = actors.replace_keys(tx, actor, keys)
    tell_changed(tx, after, former_key=True)
    queue.enqueue(tx, KEYS_CHANGED, {"actor": after.id})
    return after


def tell_changed(tx: Tx, actor: Actor, *, former_key: bool = False) -> None:
    """Tell the followers' servers what a local profile says now."""
    document = activity_documents.build(
        "Update",
        id=tx.site.new_activity(),
        actor=actor.uri,
        object=actors.document(tx.conn, tx.site, actor),
        to=[PUBLIC],
        cc=[actor.followers] if actor.followers else [],
        published=tx.now,
        updated=iso(tx.now),
    )
    inboxes = queries.follower_inboxes(tx.conn, actor.id)
    federation.publish(tx, actor, document, inboxes, about=actor.uri, former_key=former_key)
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("actor.changed", actor.uri))


def actor_updated(tx: Tx, received: Received) -> None:
    """Somebody elsewhere has changed their profile.

    What they sent is theirs to say, since they signed it and it is about themselves. A changed handle is believed only
    from WebFinger: the handle stays as it was until a task has asked there.
    """
    document = received.activity.embedded
    if document is None or document.get("id") != received.actor.uri:
        return
    found = actor_documents.read(document, allow_http=tx.site.allow_http)
    before = received.actor
    after = actors.store_remote(tx, found, domain=before.domain, confirmed=False, continuous=True)
    said = found.webfinger or f"{found.username}@{before.domain}"
    if found.username and said.casefold() != f"{before.username}@{before.domain}".casefold():
        queue.enqueue(tx, CONFIRM_HANDLE, {"actor": before.uri}, once=f"{CONFIRM_HANDLE}:{before.id}")
    if after.is_active and queries.local_followers(tx.conn, after.id):
        links.ask(tx, after)


def actor_deleted(tx: Tx, received: Received) -> None:
    """Somebody elsewhere is gone for good, and every follow with them. The signature is proof enough."""
    if received.activity.object_id != received.actor.uri:
        return
    remove_gone(tx, received.actor)


def remove_gone(tx: Tx, actor: Actor) -> None:
    """A remote actor is no more, by their own word or by their server's: their follows, posts and profile go."""
    actions.end_all(tx, actor)
    actors.mark_deleted(tx, actor)
    federation.activities.bury(tx, actor.uri, actor.uri, actor.type)
    tx.tell(ActorGone(actor))
