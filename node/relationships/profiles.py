# SPDX-License-Identifier: AGPL-3.0-or-later
"""A changed profile, here and elsewhere. It stands above `actors` because those who follow are to hear of it."""

from activitypub import activity as activity_documents
from activitypub import actor as actor_documents
from activitypub.accessors import iso
from activitypub.addressing import PUBLIC
from node import actors, federation
from node.actors import Actor, ProfileChange
from node.federation import Received
from node.kernel.db import Tx
from node.members.rules import check_class_year
from node.relationships import actions, queries
from node.relationships.types import ActorGone


def update_profile(tx: Tx, actor: Actor, change: ProfileChange) -> Actor:
    """Change a local profile and tell the followers' servers (an Update of the actor). Raises Invalid."""
    check_class_year(change.class_year, tx.now)
    after = actors.change_profile(tx, actor, change)
    document = activity_documents.build(
        "Update",
        id=tx.site.new_activity(),
        actor=after.uri,
        object=actors.document(tx.conn, tx.site, after),
        to=[PUBLIC],
        cc=[after.followers] if after.followers else [],
        published=tx.now,
        updated=iso(tx.now),
    )
    federation.publish(tx, after, document, queries.follower_inboxes(tx.conn, after.id), about=after.uri)
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("actor.changed", after.uri))
    return after


def actor_updated(tx: Tx, received: Received) -> None:
    """Somebody elsewhere has changed their profile.

    What they sent is theirs to say, since they signed it and it is about themselves. A changed handle is believed only
    from WebFinger, so the handle stays as it was.
    """
    document = received.activity.embedded
    if document is None or document.get("id") != received.actor.uri:
        return
    found = actor_documents.read(document, allow_http=tx.site.allow_http)
    actors.store_remote(tx, found, domain=received.actor.domain, username=received.actor.username)


def actor_deleted(tx: Tx, received: Received) -> None:
    """Somebody elsewhere is gone for good, and every follow with them. The signature is proof enough."""
    if received.activity.object_id != received.actor.uri:
        return
    actions.end_all(tx, received.actor)
    actors.mark_deleted(tx, received.actor)
    federation.activities.bury(tx, received.actor.uri, received.actor.uri, received.actor.type)
    tx.tell(ActorGone(received.actor))
