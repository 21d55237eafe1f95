# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passing on what others answer to our members (ActivityPub 7.1.2), so that the followers of both see one conversation.

Passed on, unchanged and once, is an activity that came from its own actor, is about an open reply to a post of this node,
and is addressed to the followers of that post's author. What somebody meant for fewer people goes nowhere.
"""

from activitypub import addressing
from activitypub.accessors import as_object
from node import actors, federation, relationships
from node.federation import Received, host_of
from node.kernel.db import Tx
from node.posts import queries
from node.posts.queries import OPEN
from node.posts.types import Post


def pass_on(tx: Tx, received: Received, reply: Post) -> None:
    """Have an activity about a reply delivered to the followers of whom it answers, if it is for them.

    Called once for each stored activity, in the transaction that applies it: a repeat is never applied.
    """
    if received.number is None or reply.local or reply.visibility not in OPEN or reply.in_reply_to_id is None:
        return
    answered = queries.find(tx.conn, reply.in_reply_to_id)
    author = actors.find(tx.conn, answered.author_id) if answered is not None and answered.local else None
    if author is None or not author.is_active or author.followers not in _addressed(received):
        return
    if relationships.is_blocked_between(tx.conn, author.id, received.actor.id):
        return
    origin = host_of(received.actor.uri)
    inboxes = [inbox for inbox in relationships.follower_inboxes(tx.conn, author.id) if host_of(inbox) != origin]
    federation.forward(tx, author, received.number, inboxes, about=reply.uri)


def _addressed(received: Received) -> set[str]:
    """Everybody whom the activity or the object in it names."""
    named = {*received.activity.to, *received.activity.cc}
    inner = as_object(received.activity.object)
    if inner is not None:
        to, cc = addressing.addressees(inner)
        named |= {*to, *cc}
    return named
