# SPDX-License-Identifier: AGPL-3.0-or-later
"""The rows of polls: read for a viewer, written for a question of ours or of others, counted vote by vote."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, insert, select, update

from activitypub.polls import PollDocument
from node.actors import Actor, ActorId
from node.kernel import queue
from node.kernel.among import among
from node.kernel.clock import Moment
from node.kernel.db import Tx, insert_or_ignore
from node.posts.tables import poll_options, poll_votes, polls, posts
from node.posts.types import Poll, PollDraft, PollOption, Post, PostId

_POLLS = (
    select(polls, posts.c.author_id, posts.c.emojis, poll_options.c.title, poll_options.c.votes_count)
    .join(posts, posts.c.id == polls.c.post_id)
    .join(poll_options, poll_options.c.post_id == polls.c.post_id)
    .where(among(polls.c.post_id))
    .order_by(polls.c.post_id, poll_options.c.position)
)
_OWN = (
    select(poll_votes.c.post_id, poll_votes.c.position)
    .where(poll_votes.c.actor_id == bindparam("viewer_id", type_=BigInteger), among(poll_votes.c.post_id))
    .order_by(poll_votes.c.position)
)
_LOCK = select(polls.c.post_id).where(polls.c.post_id == bindparam("post_id")).with_for_update()
_NEXT_END = select(func.min(polls.c.expires_at)).where(polls.c.expires_at > bindparam("after", type_=Moment))
_SINGLE_CHOICE = -1
CLOSE: Final = "posts.close_poll"
# What was counted last elsewhere is on its way for a while.
_REMOTE_RESULTS: Final = timedelta(minutes=2)


def next_end(conn: Connection, after: datetime) -> datetime | None:
    """When the next poll closes, whoever's it is; None while none is open that has an end."""
    found: datetime | None = conn.execute(_NEXT_END, {"after": after}).scalar_one()
    return found


def read(conn: Connection, post_ids: Collection[int], viewer: int | None = None) -> dict[int, Poll]:
    """The polls of those posts that have one, with the viewer's own votes: two statements at most.

    Who may see the posts was decided by whoever found their numbers.
    """
    if not post_ids:
        return {}
    ids = list(set(post_ids))
    own: defaultdict[int, list[int]] = defaultdict(list)
    if viewer is not None:
        for row in conn.execute(_OWN, {"ids": ids, "viewer_id": viewer}):
            own[row.post_id].append(row.position)
    options: defaultdict[int, list[PollOption]] = defaultdict(list)
    rows = {}
    for row in conn.execute(_POLLS, {"ids": ids}):
        options[row.post_id].append(PollOption(row.title, row.votes_count))
        rows[row.post_id] = row
    return {
        number: Poll(
            post_id=PostId(number),
            author_id=ActorId(row.author_id),
            multiple=row.multiple,
            hide_totals=row.hide_totals,
            expires_at=row.expires_at,
            voters=row.voters_count,
            options=tuple(options[number]),
            emojis=tuple(row.emojis),
            own=tuple(own[number]),
        )
        for number, row in rows.items()
    }


def of_post(conn: Connection, post_id: int, viewer: int | None = None) -> Poll | None:
    """The poll of one post, if it has one."""
    return read(conn, [post_id], viewer).get(post_id)


def voters(conn: Connection, post_id: int) -> set[ActorId]:
    """Everybody who voted."""
    return set(conn.execute(select(poll_votes.c.actor_id).where(poll_votes.c.post_id == post_id)).scalars())


def lock(tx: Tx, post_id: int) -> None:
    """Let nobody else vote or tell of votes before this unit of work is over."""
    tx.conn.execute(_LOCK, {"post_id": post_id})


def add(tx: Tx, post_id: PostId, draft: PollDraft) -> None:
    """The poll of a local author's question."""
    tx.conn.execute(
        insert(polls),
        {
            "post_id": post_id,
            "multiple": draft.multiple,
            "hide_totals": draft.hide_totals,
            "expires_at": tx.now + draft.open_for,
            "voters_count": 0,
        },
    )
    _add_options(tx, post_id, [PollOption(title, 0) for title in draft.options])


def change(tx: Tx, post_id: PostId, draft: PollDraft | None) -> bool:
    """The poll of one's own post as it is to be; whether the question is another one now.

    Other answers, or another way to choose among them, are a new question: the votes given to the old one fall away. The
    same answers keep their votes and may get another end. Source: methods/statuses, edit.
    """
    known = of_post(tx.conn, post_id)
    if draft is not None and known is not None and _is_same(known, draft):
        tx.conn.execute(
            update(polls)
            .where(polls.c.post_id == post_id)
            .values(hide_totals=draft.hide_totals, expires_at=tx.now + draft.open_for)
        )
        return False
    if known is not None:
        tx.conn.execute(delete(polls).where(polls.c.post_id == post_id))
    if draft is not None:
        add(tx, post_id, draft)
    return (known, draft) != (None, None)


def _is_same(known: Poll, draft: PollDraft) -> bool:
    return tuple(option.title for option in known.options) == draft.options and known.multiple == draft.multiple


def add_remote(tx: Tx, post_id: PostId, document: PollDocument) -> None:
    """The poll of a question from elsewhere."""
    tx.conn.execute(
        insert(polls),
        {
            "post_id": post_id,
            "multiple": document.multiple,
            "hide_totals": False,
            "expires_at": document.closed_at or document.ends_at,
            "voters_count": document.voters,
        },
    )
    _add_options(tx, post_id, [PollOption(option.title, option.votes or 0) for option in document.options])


def close_later(tx: Tx, post: Post) -> None:
    """Have the task `posts.close_poll` run when the poll of this post is over, if it has an end."""
    poll = of_post(tx.conn, post.id)
    if poll is not None and poll.expires_at is not None:
        run_at = poll.expires_at if post.local else poll.expires_at + _REMOTE_RESULTS
        # One row for each end: an edit may bring it forward.
        once = f"{CLOSE}:{post.id}:{poll.expires_at:%Y%m%d%H%M%S}"
        queue.enqueue(tx, CLOSE, {"post": post.id}, run_at=run_at, once=once)


def _add_options(tx: Tx, post_id: int, options: Sequence[PollOption]) -> None:
    tx.conn.execute(
        insert(poll_options),
        [
            {"post_id": post_id, "position": position, "title": option.title, "votes_count": option.votes}
            for position, option in enumerate(options)
        ],
    )


def refresh(tx: Tx, known: Poll, document: PollDocument, *, edited: bool) -> bool:
    """Take over what the asking server says now; whether a reader sees a difference.

    Other answers than before are a new question, and taken only from an edit: the votes given to the old one fall away.
    """
    titles = tuple(option.title for option in known.options)
    if titles != tuple(option.title for option in document.options) or known.multiple != document.multiple:
        if not edited:
            return False
        tx.conn.execute(delete(polls).where(polls.c.post_id == known.post_id))
        add_remote(tx, known.post_id, document)
        return True
    expires_at = document.closed_at or document.ends_at
    counts = tuple(
        was.votes if now.votes is None else now.votes for was, now in zip(known.options, document.options, strict=True)
    )
    voters_count = known.voters if document.voters is None else document.voters
    if (expires_at, voters_count, counts) == (
        known.expires_at,
        known.voters,
        tuple(option.votes for option in known.options),
    ):
        return False
    tx.conn.execute(
        update(polls).where(polls.c.post_id == known.post_id).values(expires_at=expires_at, voters_count=voters_count)
    )
    for position, count in enumerate(counts):
        tx.conn.execute(
            update(poll_options)
            .where(poll_options.c.post_id == known.post_id, poll_options.c.position == position)
            .values(votes_count=count)
        )
    return True


def count_vote(tx: Tx, poll: Poll, actor: Actor, position: int) -> bool:
    """Write one vote and count it; False if this person has given it, or in a single choice any other, already."""
    first = tx.conn.execute(
        select(poll_votes.c.position)
        .where(poll_votes.c.post_id == poll.post_id, poll_votes.c.actor_id == actor.id)
        .limit(1)
    ).first()
    written = tx.conn.execute(
        insert_or_ignore(tx.conn, poll_votes),
        {
            "post_id": poll.post_id,
            "actor_id": actor.id,
            "slot": position if poll.multiple else _SINGLE_CHOICE,
            "position": position,
            "created_at": tx.now,
        },
    )
    if written.rowcount == 0:
        return False
    tx.conn.execute(
        update(poll_options)
        .where(poll_options.c.post_id == poll.post_id, poll_options.c.position == position)
        .values(votes_count=poll_options.c.votes_count + 1)
    )
    if first is None:
        tx.conn.execute(
            update(polls).where(polls.c.post_id == poll.post_id).values(voters_count=polls.c.voters_count + 1)
        )
    return True
