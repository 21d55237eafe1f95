# SPDX-License-Identifier: AGPL-3.0-or-later
"""Threads as other servers read them: the replies to a post, and the whole of a conversation.

Both hold ids of posts that anybody may see. The address of a conversation is made of the number of a post in it, of the
first one as far as was known; threads grow together when a missing post comes, so any member's number leads to all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, case, exists, func, literal, or_, select

from node.actors import Reach
from node.actors.tables import actors
from node.kernel.errors import NotFound
from node.posts.tables import mentions, posts
from node.posts.types import Post
from node.relationships import visible_posts


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of replies ends: the author's own replies (0) come before those of others (1)."""

    rank: int
    number: int


@dataclass(frozen=True, slots=True)
class Answers:
    """A page of replies. `last` is None when nothing comes after it."""

    uris: tuple[str, ...]
    last: Place | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A page of a thread, oldest first; `last` is None when nothing comes after it."""

    uris: tuple[str, ...]
    last: int | None
    total: int


START = Place(0, 0)
_narrow = actors.alias("narrow_author")
_OPEN = and_(
    posts.c.boost_of_id.is_(None),
    visible_posts(posts, mentions, None),
    # Of members who are not known to every server nothing is said here.
    ~exists(select(_narrow.c.id).where(_narrow.c.id == posts.c.author_id, _narrow.c.reach != Reach.OPEN)),
)
_RANK = case((posts.c.author_id == bindparam("author_id"), 0), else_=1)
_REPLIES = (
    select(posts.c.id, posts.c.uri, _RANK.label("rank"))
    .where(
        posts.c.in_reply_to_id == bindparam("post_id"),
        _OPEN,
        or_(
            bindparam("after_rank") < _RANK,
            and_(bindparam("after_rank") == _RANK, posts.c.id > bindparam("after")),
        ),
    )
    .order_by(_RANK, posts.c.id)
    .limit(bindparam("most"))
)
_REPLIES_COUNT = select(func.count()).select_from(posts).where(posts.c.in_reply_to_id == bindparam("post_id"), _OPEN)
_THREAD_OF = select(posts.c.thread_id).where(posts.c.id == bindparam("number"))
_IN_THREAD = and_(posts.c.thread_id == bindparam("thread_id"), _OPEN)
_CONVERSATION = (
    select(posts.c.id, posts.c.uri)
    .where(_IN_THREAD, posts.c.id > bindparam("after"))
    .order_by(posts.c.id)
    .limit(bindparam("most"))
)
_CONVERSATION_COUNTS = select(
    func.count(), func.coalesce(func.sum(case((posts.c.local.is_(True), 1), else_=literal(0))), 0)
).where(_IN_THREAD)


def replies(conn: Connection, post: Post, *, after: Place = START, limit: int) -> Answers:
    """A page of the open replies to a post: first the author's own, each part oldest first."""
    rows = conn.execute(
        _REPLIES,
        {
            "post_id": post.id,
            "author_id": post.author_id,
            "after_rank": after.rank,
            "after": after.number,
            "most": limit + 1,
        },
    ).all()
    shown = rows[:limit]
    last = Place(shown[-1].rank, shown[-1].id) if len(rows) > limit else None
    return Answers(tuple(row.uri for row in shown), last)


def replies_count(conn: Connection, post: Post) -> int:
    """How many open replies to a post we hold."""
    return conn.execute(_REPLIES_COUNT, {"post_id": post.id}).scalar_one()


def conversation(conn: Connection, number: int, *, after: int = 0, limit: int) -> Conversation:
    """A page of the thread that a post is or was in. Raises NotFound if nobody of this node has said anything openly
    in it: threads of others are theirs to show."""
    thread_id = conn.execute(_THREAD_OF, {"number": number}).scalar()
    values = {"thread_id": number if thread_id is None else thread_id}
    total, ours = conn.execute(_CONVERSATION_COUNTS, values).one()
    if not ours:
        raise NotFound
    rows: Sequence[tuple[int, str]] = [
        (row.id, row.uri) for row in conn.execute(_CONVERSATION, {**values, "after": after, "most": limit + 1})
    ]
    shown = rows[:limit]
    return Conversation(tuple(uri for _, uri in shown), shown[-1][0] if len(rows) > limit else None, total)
