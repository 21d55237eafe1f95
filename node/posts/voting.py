# SPDX-License-Identifier: AGPL-3.0-or-later
"""Voting: by members here, by people elsewhere, and what is told of it while a poll is open and when it closes.

Counts of a poll of ours go out once a minute at most. Who chose what is known to the asking server and told to nobody.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from activitypub import activity as activity_documents
from activitypub import polls as poll_documents
from activitypub.accessors import as_id, objects
from activitypub.origin import same_origin
from node import actors, federation, notifications
from node.actors import Actor
from node.federation import Received
from node.kernel import queue
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotFound
from node.notifications import Kind as Told
from node.posts import documents, polls, queries, store
from node.posts.actions import send
from node.posts.conversations import place_of
from node.posts.types import Post, PostId

TELL: Final = "posts.tell_votes"
_TELL_AFTER: Final = timedelta(minutes=1)


def vote(tx: Tx, actor: Actor, post_id: int, positions: Collection[int]) -> PostId:
    """Vote as a member, once and for good; the number of the poll. Raises NotFound, and Invalid for what cannot count."""
    post = queries.original(tx.conn, post_id, actor.id)
    polls.lock(tx, post.id)
    poll = polls.of_post(tx.conn, post.id, actor.id)
    if poll is None:
        raise NotFound
    if poll.is_over(tx.now):
        raise Invalid("Validation failed: The poll has already ended", field="choices")
    if post.author_id == actor.id:
        raise Invalid("Validation failed: You cannot vote in your own polls", field="choices")
    if poll.own:
        raise Invalid("Validation failed: You have already voted on this poll", field="choices")
    chosen = sorted(set(positions))
    if not chosen or chosen[0] < 0 or chosen[-1] >= len(poll.options) or (len(chosen) > 1 and not poll.multiple):
        raise Invalid("Validation failed: The chosen vote option does not exist", field="choices")
    for position in chosen:
        polls.count_vote(tx, poll, actor, position)
    _counted(tx, post)
    if not post.local:
        _send_votes(tx, actor, post, [poll.options[position].title for position in chosen])
        polls.close_later(tx, post)
    return post.id


def _send_votes(tx: Tx, actor: Actor, post: Post, titles: Sequence[str]) -> None:
    author = actors.get(tx.conn, post.author_id)
    for title in titles:
        note = poll_documents.vote(tx.site.new_object(), author=actor.uri, poll=post.uri, title=title, to=author.uri)
        document = activity_documents.build(
            "Create", id=tx.site.new_activity(), actor=actor.uri, object=note, to=[author.uri], published=tx.now
        )
        federation.publish(tx, actor, document, [author.inbox], about=f"{actor.uri} {post.id}")


def heard(tx: Tx, received: Received) -> bool:
    """Count the votes that a Create brings for a poll of ours; whether it was one of votes at all.

    A vote is the signer's own or nobody's. Late ones, repeated ones and those for no answer of the poll change nothing.
    """
    votes = poll_documents.read_votes(received.activity.object)
    if not votes or not all(tx.site.is_local(one.poll) for one in votes):
        return False
    signer = received.actor.uri
    entries = objects(received.activity.object, limit=poll_documents.MAX_OPTIONS)
    if any(as_id(entry.get("attributedTo")) not in (None, signer) for entry in entries):
        return True
    for uri in dict.fromkeys(one.poll for one in votes):
        post = queries.by_uri(tx.conn, uri)
        if post is None or not queries.versions(tx.conn, [post.id], received.actor.id):
            continue
        polls.lock(tx, post.id)
        poll = polls.of_post(tx.conn, post.id)
        if poll is None or poll.is_over(tx.now):
            continue
        titles = [option.title for option in poll.options]
        chosen = {one.title for one in votes if one.poll == uri and same_origin(one.id, signer)}
        counted = [
            polls.count_vote(tx, poll, received.actor, titles.index(title)) for title in chosen if title in titles
        ]
        if any(counted):
            _counted(tx, post)
    return True


def _counted(tx: Tx, post: Post) -> None:
    store.touch(tx, post.id)
    store.tell_changed(tx, post.id)
    if post.local:
        queue.enqueue(tx, TELL, {"post": post.id}, run_at=tx.now + _TELL_AFTER, once=f"{TELL}:{post.id}")


def tell(tx: Tx, post_id: int, task_id: int) -> None:
    """The task `posts.tell_votes`: send the counts of a poll of ours as they are now."""
    polls.lock(tx, post_id)
    queue.complete(tx, task_id)
    post = queries.find(tx.conn, post_id)
    if post is not None:
        _send_counts(tx, post)


def _send_counts(tx: Tx, post: Post) -> None:
    author = actors.get(tx.conn, post.author_id)
    if post.local and author.is_active:
        document = documents.note(tx.conn, tx.site, post, author)
        # Without a new `updated`, others take it for counts and not for an edit.
        update = documents.about("Update", tx.site, author, document)
        send(tx, author, post, update, also=_voters_elsewhere(tx, post))


def _voters_elsewhere(tx: Tx, post: Post) -> list[str]:
    people = actors.by_ids(tx.conn, polls.voters(tx.conn, post.id)).values()
    return [person.delivery_inbox for person in people if not person.is_local]


def close(tx: Tx, post_id: int, task_id: int) -> None:
    """The task `posts.close_poll`: send the last counts, and tell the author and everybody here who voted.

    A poll elsewhere may have got a later end meanwhile; then the task waits for that.
    """
    polls.lock(tx, post_id)
    queue.complete(tx, task_id)
    post, poll = queries.find(tx.conn, post_id), polls.of_post(tx.conn, post_id)
    if post is None or poll is None or poll.expires_at is None:
        return
    if not poll.is_over(tx.now):
        polls.close_later(tx, post)
        return
    store.touch(tx, post_id)
    store.tell_changed(tx, post_id)
    author = actors.get(tx.conn, post.author_id)
    if post.local:
        _send_counts(tx, post)
        notifications.notify(tx, author, Told.POLL, author, post_id, place=place_of(post))
    for voter in actors.by_ids(tx.conn, polls.voters(tx.conn, post_id)).values():
        if voter.is_local:
            notifications.notify(tx, voter, Told.POLL, author, post_id, place=place_of(post))
