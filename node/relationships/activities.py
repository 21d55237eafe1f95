# SPDX-License-Identifier: AGPL-3.0-or-later
"""What other servers say about follows and blocks."""

from sqlalchemy import delete

from node import actors
from node.actors import Actor
from node.federation import Received
from node.kernel.db import Tx
from node.relationships import actions, hiding, queries, reach
from node.relationships.tables import blocks


def followed(tx: Tx, received: Received) -> None:
    """Somebody wants to follow one of our actors. Answered at once, unless the account decides by hand.

    A second Follow is answered again under its new id: the first answer may have been lost. Whom the member is not known
    to gets no answer, as if there were nobody.
    """
    target = _local(tx, received.activity.object_id)
    if target is None or received.activity.id is None or not reach.admits(tx.conn, target, received.actor):
        return
    if queries.is_blocked_between(tx.conn, received.actor.id, target.id) or hiding.blocks_network_of(
        tx.conn, target.id, received.actor.id
    ):
        actions.answer(tx, "Reject", target, received.actor, received.activity.id)
        return
    known = queries.find(tx.conn, received.actor.id, target.id)
    accepted = not target.locked or (known is not None and known.is_accepted)
    actions.begin(tx, received.actor, target, received.activity.id, accepted=accepted)
    if accepted:
        actions.answer(tx, "Accept", target, received.actor, received.activity.id)


def follow_accepted(tx: Tx, received: Received) -> None:
    """Somebody whom one of us asked to follow says yes. Only the one who was asked can."""
    follower = _asker(tx, received)
    if follower is None:
        return
    waiting = queries.find(tx.conn, follower.id, received.actor.id)
    if waiting is not None:
        actions.confirm(tx, waiting, follower, received.actor)


def follow_rejected(tx: Tx, received: Received) -> None:
    """Somebody does not want to be followed by one of us, or no longer."""
    follower = _asker(tx, received)
    if follower is not None:
        actions.end(tx, follower, received.actor)


def follow_undone(tx: Tx, received: Received) -> None:
    """Somebody follows one of us no more.

    The stored Follow says whom; where we do not hold it, the inner object does, and it can only be the signer's own.
    """
    target_uri = received.subject.object if received.subject is not None else _inner(received, "object")
    target = _local(tx, target_uri)
    if target is not None:
        actions.end(tx, received.actor, target)


def blocked(tx: Tx, received: Received) -> None:
    """Somebody elsewhere blocks one of us: honoured, and not shown to the one who is blocked."""
    target = _local(tx, received.activity.object_id)
    if target is None or received.activity.id is None:
        return
    actions.end(tx, received.actor, target)
    actions.end(tx, target, received.actor)
    actions.store_block(tx, received.actor, target, received.activity.id)


def block_undone(tx: Tx, received: Received) -> None:
    """Somebody takes a block back."""
    target_uri = received.subject.object if received.subject is not None else _inner(received, "object")
    target = _local(tx, target_uri)
    if target is not None:
        tx.conn.execute(
            delete(blocks).where(blocks.c.blocker_id == received.actor.id, blocks.c.blocked_id == target.id)
        )


def _asker(tx: Tx, received: Received) -> Actor | None:
    """Our member whose Follow is answered: by the stored Follow, or by the pair that the answer names."""
    if received.subject is not None:
        if not received.subject.local or received.subject.object != received.actor.uri:
            return None
        return _local(tx, received.subject.actor)
    if _inner(received, "object") not in (None, received.actor.uri):
        return None
    return _local(tx, _inner(received, "actor"))


def _inner(received: Received, name: str) -> str | None:
    """A property of the object inside, as an id; of a foreign Undo, only if the inner activity is the signer's own."""
    inner = received.activity.embedded
    if inner is None:
        return None
    if received.activity.type == "Undo" and inner.get("actor") not in (None, received.actor.uri):
        return None
    value = inner.get(name)
    return value if isinstance(value, str) else None


def _local(tx: Tx, uri: str | None) -> Actor | None:
    if uri is None or not tx.site.is_local(uri):
        return None
    found = actors.by_uri(tx.conn, uri)
    return found if found is not None and found.is_active else None
