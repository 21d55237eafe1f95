# SPDX-License-Identifier: AGPL-3.0-or-later
"""Following, blocking and muting, by people here. What others do to us is in `activities`; both end in the same rows."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from activitypub import activity as activity_documents
from activitypub.parse import JsonObject
from node import actors, federation
from node.actors import Actor, ActorRecreated
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid, NotAllowed, NotFound
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.relationships import hiding, queries, reach
from node.relationships.queries import ACCEPTED, PENDING, Follow
from node.relationships.tables import blocks, endorsements, follows, mutes, past_recipients
from node.relationships.types import Blocked, Followed, FollowEnded, FollowRequested, Muted

BEYOND = marked(
    "Your account is not known to that server. You choose how far it goes under “Education, career and more”."
)


def follow(
    tx: Tx,
    actor: Actor,
    target: Actor,
    *,
    show_boosts: bool | None = None,
    notify: bool | None = None,
    languages: Sequence[str] | None = None,
) -> str:
    """Have a local actor follow somebody; the id of the Follow activity.

    A follow of somebody elsewhere, or of a locked account, waits for their yes. Asking again changes only the options.
    Raises Invalid (oneself), NotAllowed (a block between the two, or of their network; a server to which the actor is not
    known), NotFound (an account that is gone).
    """
    if actor.id == target.id:
        raise Invalid("You cannot follow yourself.")
    if not target.is_active:
        raise NotFound
    if queries.is_blocked_between(tx.conn, actor.id, target.id) or hiding.blocks_network_of(
        tx.conn, actor.id, target.id
    ):
        raise NotAllowed("You cannot follow this account.")
    if not reach.meets(tx.conn, actor, target):
        raise NotAllowed(BEYOND)
    options: dict[str, object] = {}
    if show_boosts is not None:
        options["show_boosts"] = show_boosts
    if notify is not None:
        options["notify"] = notify
    if languages is not None:
        options["languages"] = tuple(languages)
    known = queries.find(tx.conn, actor.id, target.id)
    if known is not None:
        if options:
            tx.conn.execute(update(follows).where(follows.c.id == known.id).values(**options))
        return known.uri
    uri = tx.site.new_activity()
    document = activity_documents.build("Follow", id=uri, actor=actor.uri, object=target.uri, to=[target.uri])
    begin(tx, actor, target, uri, accepted=target.is_local and not target.locked, **options)
    federation.publish(tx, actor, document, [target.inbox], about=f"{actor.uri} {target.uri}")
    return uri


def begin(tx: Tx, follower: Actor, followee: Actor, uri: str, *, accepted: bool, **options: object) -> None:
    """Write a follow, accepted or waiting, whoever asked for it. One that is there stays, under the newer id."""
    result = tx.conn.execute(
        insert_or_ignore(tx.conn, follows),
        {
            "id": new_id(tx.now),
            "follower_id": follower.id,
            "followee_id": followee.id,
            "state": ACCEPTED if accepted else PENDING,
            "uri": uri,
            "show_boosts": True,
            "notify": False,
            "created_at": tx.now,
            **options,
        },
    )
    if result.rowcount == 0:
        known = queries.find(tx.conn, follower.id, followee.id)
        tx.conn.execute(
            update(follows)
            .where(follows.c.follower_id == follower.id, follows.c.followee_id == followee.id)
            .values(uri=uri)
        )
        if accepted and known is not None and not known.is_accepted:
            confirm(tx, known, follower, followee)
        return
    if accepted:
        _count(tx, follower, followee, 1)
        tx.tell(Followed(follower, followee))
    elif followee.is_local:
        tx.tell(FollowRequested(follower, followee))


def confirm(tx: Tx, waiting: Follow, follower: Actor, followee: Actor) -> None:
    """The followee says yes. Saying it twice changes nothing."""
    changed = tx.conn.execute(
        update(follows).where(follows.c.id == waiting.id, follows.c.state == PENDING).values(state=ACCEPTED)
    )
    if changed.rowcount:
        _count(tx, follower, followee, 1)
        tx.tell(Followed(follower, followee))


def end(tx: Tx, follower: Actor, followee: Actor) -> Follow | None:
    """Take a follow away, whoever ends it; the row that was there, or None."""
    row = tx.conn.execute(
        delete(follows)
        .where(follows.c.follower_id == follower.id, follows.c.followee_id == followee.id)
        .returning(*follows.c)
    ).one_or_none()
    if row is None:
        return None
    known = Follow(**row._mapping)
    # Whom one does not follow one does not show on one's profile either.
    tx.conn.execute(
        delete(endorsements).where(endorsements.c.endorser_id == follower.id, endorsements.c.endorsed_id == followee.id)
    )
    if known.is_accepted:
        _count(tx, follower, followee, -1)
        if followee.is_local and not follower.is_local:
            remember_recipient(tx, followee, follower.delivery_inbox)
    tx.tell(FollowEnded(follower, followee))
    return known


def start_anew(tx: Tx, happening: ActorRecreated) -> None:
    """Somebody else, as it seems, lives at the id of an account that was known: those whom it followed here are asked
    whether it may go on, and whoever followed it here follows it no more."""
    actor = happening.actor
    mine = select(follows).where(
        or_(follows.c.follower_id == actor.id, follows.c.followee_id == actor.id), follows.c.state == ACCEPTED
    )
    rows = tx.conn.execute(mine).all()
    people = actors.by_ids(
        tx.conn, [row.followee_id if row.follower_id == actor.id else row.follower_id for row in rows]
    )
    for row in rows:
        if row.followee_id == actor.id:
            end(tx, people[row.follower_id], actor)
            continue
        followee = people[row.followee_id]
        tx.conn.execute(update(follows).where(follows.c.id == row.id).values(state=PENDING))
        _count(tx, actor, followee, -1)
        remember_recipient(tx, followee, actor.delivery_inbox)
        tx.tell(FollowRequested(actor, followee))


def remember_recipient(tx: Tx, author: Actor, inbox: str) -> None:
    """Keep in mind that a server got what a local author published until now: it is told of what is deleted later."""
    _remember(tx, author.id, inbox)


def _remember(tx: Tx, author_id: int, inbox: str) -> None:
    key = {"actor_id": author_id, "inbox": inbox}
    if tx.conn.execute(insert_or_ignore(tx.conn, past_recipients), {**key, "until": tx.now}).rowcount == 0:
        tx.conn.execute(
            update(past_recipients)
            .where(past_recipients.c.actor_id == author_id, past_recipients.c.inbox == inbox)
            .values(until=tx.now)
        )


def end_all(tx: Tx, actor: Actor) -> None:
    """Take away every follow of and by an actor who is gone, and set everybody's numbers right."""
    rows = tx.conn.execute(
        delete(follows)
        .where(or_(follows.c.follower_id == actor.id, follows.c.followee_id == actor.id))
        .returning(follows.c.follower_id, follows.c.followee_id, follows.c.state)
    ).all()
    for row in rows:
        if row.state == ACCEPTED:
            actors.count(tx, row.follower_id, following=-1)
            actors.count(tx, row.followee_id, followers=-1)
            if row.follower_id == actor.id and not actor.is_local:
                _remember(tx, row.followee_id, actor.delivery_inbox)


def _count(tx: Tx, follower: Actor, followee: Actor, number: int) -> None:
    actors.count(tx, follower.id, following=number)
    actors.count(tx, followee.id, followers=number)


def unfollow(tx: Tx, actor: Actor, target: Actor) -> None:
    """Have a local actor follow somebody no more, or take back what they asked. Nothing to end is fine."""
    known = end(tx, actor, target)
    if known is None:
        return
    said = federation.activities.find(tx.conn, known.uri, actor=actor.uri)
    if said is not None:
        federation.activities.mark_undone(tx, said.id)
    document = activity_documents.build(
        "Undo",
        id=tx.site.new_activity(),
        actor=actor.uri,
        object=_follow_document(known.uri, actor, target),
        to=[target.uri],
    )
    federation.publish(tx, actor, document, [target.inbox], about=f"{actor.uri} {target.uri}")


def accept_request(tx: Tx, actor: Actor, follower: Actor) -> None:
    """Let somebody follow who asked to. Raises NotFound if they did not ask, NotAllowed if they could not be told."""
    waiting = queries.find(tx.conn, follower.id, actor.id)
    if waiting is None:
        raise NotFound
    if not reach.meets(tx.conn, actor, follower):
        raise NotAllowed(BEYOND)
    confirm(tx, waiting, follower, actor)
    answer(tx, "Accept", actor, follower, waiting.uri)


def reject_request(tx: Tx, actor: Actor, follower: Actor) -> None:
    """Do not let somebody follow who asked to. Raises NotFound if they did not ask."""
    asked = end(tx, follower, actor)
    if asked is None:
        raise NotFound
    answer(tx, "Reject", actor, follower, asked.uri)


def remove_follower(tx: Tx, actor: Actor, follower: Actor) -> None:
    """Have somebody follow a local actor no more. Nothing to end is fine."""
    known = end(tx, follower, actor)
    if known is not None:
        answer(tx, "Reject", actor, follower, known.uri)


def answer(tx: Tx, kind: str, actor: Actor, follower: Actor, follow_uri: str) -> None:
    """Tell a follower yes or no, with the whole Follow inside: many servers cannot look it up by its id."""
    document = activity_documents.build(
        kind,
        id=tx.site.new_activity(),
        actor=actor.uri,
        object=_follow_document(follow_uri, follower, actor),
        to=[follower.uri],
    )
    federation.publish(tx, actor, document, [follower.inbox], about=f"{follower.uri} {actor.uri}")


def _follow_document(uri: str, follower: Actor, followee: Actor) -> JsonObject:
    return {"id": uri, "type": "Follow", "actor": follower.uri, "object": followee.uri}


def block(tx: Tx, actor: Actor, target: Actor) -> str:
    """Want nothing to do with somebody: both follows end, and each disappears for the other; the id of the Block.

    It is kept for the member's own programs and sent to nobody: it would tell the other server's users that they are
    blocked. The follows' ends are sent.
    """
    if actor.id == target.id:
        raise Invalid("You cannot block yourself.")
    unfollow(tx, actor, target)
    remove_follower(tx, actor, target)
    uri = tx.site.new_activity()
    if not store_block(tx, actor, target, uri):
        return queries.block_uri(tx.conn, actor.id, target.id) or uri
    document = activity_documents.build("Block", id=uri, actor=actor.uri, object=target.uri, published=tx.now)
    federation.publish(tx, actor, document, ())
    return uri


def store_block(tx: Tx, blocker: Actor, blocked: Actor, uri: str) -> bool:
    """Write a block, whoever made it; a second one changes nothing and is False."""
    result = tx.conn.execute(
        insert_or_ignore(tx.conn, blocks),
        {
            "id": new_id(tx.now),
            "blocker_id": blocker.id,
            "blocked_id": blocked.id,
            "uri": uri,
            "created_at": tx.now,
        },
    )
    if result.rowcount:
        tx.tell(Blocked(blocker, blocked))
    return bool(result.rowcount)


def unblock(tx: Tx, actor: Actor, target: Actor) -> None:
    """Take a block back. Nothing to take back is fine; the follows do not come back."""
    uri = queries.block_uri(tx.conn, actor.id, target.id)
    if uri is None:
        return
    tx.conn.execute(delete(blocks).where(blocks.c.blocker_id == actor.id, blocks.c.blocked_id == target.id))
    said = federation.activities.find(tx.conn, uri, actor=actor.uri)
    if said is not None:
        federation.activities.mark_undone(tx, said.id)
    inner: JsonObject = {"id": uri, "type": "Block", "actor": actor.uri, "object": target.uri}
    document = activity_documents.build("Undo", id=tx.site.new_activity(), actor=actor.uri, object=inner)
    federation.publish(tx, actor, document, ())


def mute(tx: Tx, actor: Actor, target: Actor, *, notifications: bool = True, duration: timedelta | None = None) -> None:
    """See nothing of somebody, for `duration` or until it is taken back. They are not told."""
    if actor.id == target.id:
        raise Invalid("You cannot mute yourself.")
    values = {"notifications": notifications, "expires_at": tx.now + duration if duration else None}
    changed = tx.conn.execute(
        update(mutes).where(mutes.c.muter_id == actor.id, mutes.c.muted_id == target.id).values(**values)
    )
    if changed.rowcount == 0:
        tx.conn.execute(
            insert_or_ignore(tx.conn, mutes),
            {
                "id": new_id(tx.now),
                "muter_id": actor.id,
                "muted_id": target.id,
                "created_at": tx.now,
                **values,
            },
        )
    tx.tell(Muted(actor, target))


def unmute(tx: Tx, actor: Actor, target: Actor) -> None:
    """Take a mute back."""
    tx.conn.execute(delete(mutes).where(mutes.c.muter_id == actor.id, mutes.c.muted_id == target.id))
