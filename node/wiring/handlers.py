# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which handler applies which activity. What an Accept, Reject or Undo names decides which of its lines holds."""

from datetime import timedelta
from typing import Final

from node.events import activities as events
from node.federation.apply import Handlers
from node.federation.types import Received
from node.kernel.db import Tx
from node.moderation import activities as moderation
from node.posts import activities as posts
from node.posts import featured, pins, quotes
from node.relationships import activities as relationships
from node.relationships import moves, profiles

_SETTLED: Final = timedelta(minutes=10)


def updated(tx: Tx, received: Received) -> None:
    """An Update is of the sender, or of something they published."""
    if received.activity.object_id == received.actor.uri:
        profiles.actor_updated(tx, received)
        # Not every server says what it pins by itself (GoToSocial); however often they change, once in ten minutes is read.
        featured.ask(tx, received.actor, after=_SETTLED)
    else:
        posts.updated(tx, received)


def deleted(tx: Tx, received: Received) -> None:
    """A Delete is of the sender, or of something they published."""
    if received.activity.object_id == received.actor.uri:
        profiles.actor_deleted(tx, received)
    else:
        posts.deleted(tx, received)


HANDLERS: Final[Handlers] = {
    ("Follow", None): relationships.followed,
    ("Accept", "Follow"): relationships.follow_accepted,
    ("Reject", "Follow"): relationships.follow_rejected,
    ("Undo", "Follow"): relationships.follow_undone,
    ("Block", None): relationships.blocked,
    ("Undo", "Block"): relationships.block_undone,
    ("Create", None): posts.created,
    ("Update", None): updated,
    ("Delete", None): deleted,
    ("Like", None): posts.liked,
    ("EmojiReact", None): posts.liked,
    ("Undo", "Like"): posts.like_undone,
    ("Undo", "EmojiReact"): posts.like_undone,
    ("Announce", None): posts.announced,
    ("Undo", "Announce"): posts.announce_undone,
    ("Flag", None): moderation.flagged,
    ("Move", None): moves.moved,
    ("Add", None): pins.added,
    ("Remove", None): pins.removed,
    ("QuoteRequest", None): quotes.requested,
    ("Accept", "QuoteRequest"): quotes.granted,
    ("Reject", "QuoteRequest"): quotes.refused,
    ("Invite", None): posts.created,
    ("Join", None): events.joined,
    ("Leave", None): events.left,
    ("Undo", "Join"): events.join_undone,
    ("Accept", "Join"): events.join_accepted,
    ("Reject", "Join"): events.join_rejected,
    ("Accept", "Event"): events.answered,
    ("Reject", "Event"): events.answered,
    # Of something we hold no activity for: an event's id (Friendica), or a Follow that only the body names.
    ("Accept", None): events.answered,
    ("Reject", None): events.answered,
}
