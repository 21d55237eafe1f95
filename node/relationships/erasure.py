# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deleting an account: what is personal goes, here and wherever a copy may be; the name stays taken for ever.

What remains is a row that says that there was an account: its id answers 410 with a Tombstone, and nobody gets the name.
The keys stay for a month, since the news of the deletion is signed with them. Everything that hangs on the account in the
slices above goes by their reactions to `ActorGone`.
"""

from sqlalchemy import delete, or_

from activitypub import activity as activity_documents
from activitypub.actor import ActorType
from activitypub.addressing import PUBLIC
from node import actors, federation, members
from node.actors import Actor
from node.kernel.db import Tx
from node.kernel.errors import NotAllowed
from node.members import Member
from node.relationships import actions, filters
from node.relationships.tables import (
    account_notes,
    blocks,
    dismissed_suggestions,
    domain_blocks,
    endorsements,
    mutes,
    past_recipients,
)
from node.relationships.types import ActorGone


def delete_account(tx: Tx, member: Member) -> None:
    """Delete a member's account for good. Raises NotAllowed (the association's), Conflict (the only administrator)."""
    actor = actors.get(tx.conn, member.id)
    if actor.type is not ActorType.PERSON:
        raise NotAllowed("This account belongs to the association.")
    members.check_may_leave(tx.conn, member)
    document = activity_documents.build(
        "Delete", id=tx.site.new_activity(), actor=actor.uri, object=actor.uri, to=[PUBLIC], published=tx.now
    )
    # Whoever saw a post by a boost, a search or a link may hold a copy, too: every server that we know is told.
    everywhere = actors.every_inbox(tx.conn)
    federation.activities.forget_actor(tx, actor)
    federation.publish(tx, actor, document, everywhere, about=actor.uri, withdraws=True)
    actions.end_all(tx, actor)
    _forget_ties(tx, actor)
    actors.mark_deleted(tx, actor)
    tx.tell(ActorGone(actor))
    members.erase(tx, member)


def _forget_ties(tx: Tx, actor: Actor) -> None:
    tx.conn.execute(delete(blocks).where(or_(blocks.c.blocker_id == actor.id, blocks.c.blocked_id == actor.id)))
    tx.conn.execute(delete(mutes).where(or_(mutes.c.muter_id == actor.id, mutes.c.muted_id == actor.id)))
    tx.conn.execute(delete(past_recipients).where(past_recipients.c.actor_id == actor.id))
    tx.conn.execute(delete(domain_blocks).where(domain_blocks.c.owner_id == actor.id))
    filters.forget_owner(tx, actor.id)
    for table, owner, other in (
        (endorsements, endorsements.c.endorser_id, endorsements.c.endorsed_id),
        (account_notes, account_notes.c.owner_id, account_notes.c.subject_id),
        (dismissed_suggestions, dismissed_suggestions.c.owner_id, dismissed_suggestions.c.subject_id),
    ):
        tx.conn.execute(delete(table).where(or_(owner == actor.id, other == actor.id)))
