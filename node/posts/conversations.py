# SPDX-License-Identifier: AGPL-3.0-or-later
"""Direct posts as conversations, each member with rows of their own: a thread, and who takes part in it.

The same thread with other people is another conversation, so that somebody who is brought in later sees in one place
what is said to them. What nobody can see any more leaves its conversation, and an empty one is gone.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, and_, bindparam, delete, exists, func, or_, select, update

from activitypub.addressing import Visibility
from node import actors, notifications
from node.actors import Actor, ActorId
from node.actors.tables import actors as actors_table
from node.kernel import paging
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotFound
from node.kernel.ids import new_id
from node.kernel.paging import Page
from node.notifications import Place
from node.posts import queries
from node.posts.tables import conversation_posts, conversations, mentions
from node.posts.types import Post, PostId
from node.relationships.tables import blocks, domain_blocks, mutes

_ADDRESSED = select(mentions.c.actor_id).where(mentions.c.post_id == bindparam("post_id"))
_LAST = (
    select(func.max(conversation_posts.c.post_id))
    .where(conversation_posts.c.conversation_id == conversations.c.id)
    .scalar_subquery()
)
_HAS_POSTS = exists(
    select(conversation_posts.c.post_id).where(conversation_posts.c.conversation_id == conversations.c.id)
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of one member's. `people` are the others."""

    id: int
    owner_id: ActorId
    thread_id: int
    people: tuple[ActorId, ...]
    last_post_id: int
    unread: bool


@dataclass(frozen=True, slots=True)
class ConversationChanged:
    """On the bus as `conversation`: something new was said in a conversation of this member's."""

    owner_id: ActorId
    conversation_id: int


def place_of(post: Post) -> Place:
    """Where a post stands, for a notification about it."""
    return Place(post.thread_id, post.visibility is Visibility.DIRECT, post.in_reply_to_author_id)


def add(tx: Tx, post: Post, author: Actor) -> None:
    """Put a new direct post into the conversations of everybody here who takes part.

    Not of those who block or mute its author, or their network; and a thread that is muted does not become unread.
    """
    people = actors.by_ids(tx.conn, {author.id, *tx.conn.execute(_ADDRESSED, {"post_id": post.id}).scalars()})
    owners = {person.id for person in people.values() if person.is_local and person.is_active}
    owners -= _unheard(tx, owners - {author.id}, author.id)
    changed: list[ConversationChanged] = []
    for owner_id in sorted(owners):
        others = sorted(set(people) - {owner_id})
        quiet = owner_id == author.id or notifications.is_thread_muted(tx.conn, owner_id, post.thread_id)
        conversation_id = _grown(tx, owner_id, others, post, unread=not quiet)
        changed.append(ConversationChanged(owner_id, conversation_id))
    bus = tx.bus

    def publish() -> None:
        for one in changed:
            bus.publish("conversation", one)

    tx.after_commit(publish)


def _grown(tx: Tx, owner_id: ActorId, others: Sequence[int], post: Post, *, unread: bool) -> int:
    key = _key(others)
    conversation_id = new_id(tx.now)
    inserted = tx.conn.execute(
        insert_or_ignore(tx.conn, conversations),
        {
            "id": conversation_id,
            "owner_id": owner_id,
            "thread_id": post.thread_id,
            "people": list(others),
            "people_key": key,
            "last_post_id": post.id,
            "unread": unread,
        },
    )
    if inserted.rowcount == 0:
        same = and_(
            conversations.c.owner_id == owner_id,
            conversations.c.thread_id == post.thread_id,
            conversations.c.people_key == key,
        )
        conversation_id = tx.conn.execute(select(conversations.c.id).where(same)).scalar_one()
        # What the member says themselves they have read, and what stood before it.
        tx.conn.execute(update(conversations).where(same).values(unread=unread))
        tx.conn.execute(
            update(conversations).where(same, conversations.c.last_post_id < post.id).values(last_post_id=post.id)
        )
    tx.conn.execute(
        insert_or_ignore(tx.conn, conversation_posts), {"conversation_id": conversation_id, "post_id": post.id}
    )
    return conversation_id


def _unheard(tx: Tx, owners: Collection[ActorId], author_id: ActorId) -> set[ActorId]:
    """Those of the members who hear nothing of the author."""
    if not owners:
        return set()
    blocking = tx.conn.execute(
        select(blocks.c.blocker_id, blocks.c.blocked_id).where(
            or_(
                and_(blocks.c.blocker_id.in_(owners), blocks.c.blocked_id == author_id),
                and_(blocks.c.blocker_id == author_id, blocks.c.blocked_id.in_(owners)),
            )
        )
    )
    found = {number for row in blocking for number in row}
    found.update(
        tx.conn.execute(
            select(mutes.c.muter_id).where(
                mutes.c.muter_id.in_(owners),
                mutes.c.muted_id == author_id,
                mutes.c.notifications.is_(True),
                or_(mutes.c.expires_at.is_(None), mutes.c.expires_at > tx.now),
            )
        ).scalars()
    )
    found.update(
        tx.conn.execute(
            select(domain_blocks.c.owner_id)
            .join(actors_table, actors_table.c.domain == domain_blocks.c.domain)
            .where(domain_blocks.c.owner_id.in_(owners), actors_table.c.id == author_id)
        ).scalars()
    )
    return found & set(owners)


def forget_posts(tx: Tx, post_ids: Collection[int]) -> None:
    """Posts go away: each conversation falls back to what was said before, and one without any is gone."""
    gone = set(post_ids)
    affected = set(
        tx.conn.execute(
            delete(conversation_posts)
            .where(conversation_posts.c.post_id.in_(gone))
            .returning(conversation_posts.c.conversation_id)
        ).scalars()
    )
    if affected:
        _settle(tx, affected)


def join_threads(tx: Tx, former: Collection[int], thread_id: int) -> None:
    """Threads turn out to be parts of one: their conversations among the same people become one, and mutes go along."""
    notifications.join_threads(tx, former, thread_id)
    parts = {*former, thread_id}
    rows = tx.conn.execute(
        select(conversations).where(conversations.c.thread_id.in_(parts)).order_by(conversations.c.id)
    ).all()
    kept: dict[tuple[int, str], Row[*tuple[object, ...]]] = {}
    for row in rows:
        first = kept.setdefault((row.owner_id, row.people_key), row)
        if first is not row:
            _merge(tx, int(str(row.id)), into=int(str(first.id)), unread=bool(row.unread))
    numbers = {int(str(row.id)) for row in kept.values()}
    if numbers:
        tx.conn.execute(update(conversations).where(conversations.c.id.in_(numbers)).values(thread_id=thread_id))
        _settle(tx, numbers)


def _merge(tx: Tx, number: int, *, into: int, unread: bool) -> None:
    tx.conn.execute(
        update(conversation_posts).where(conversation_posts.c.conversation_id == number).values(conversation_id=into)
    )
    if unread:
        tx.conn.execute(update(conversations).where(conversations.c.id == into).values(unread=True))
    tx.conn.execute(delete(conversations).where(conversations.c.id == number))


def _settle(tx: Tx, numbers: Collection[int]) -> None:
    """Have each end with its newest post; those without any go."""
    tx.conn.execute(delete(conversations).where(conversations.c.id.in_(numbers), ~_HAS_POSTS))
    tx.conn.execute(update(conversations).where(conversations.c.id.in_(numbers)).values(last_post_id=_LAST))


# -- what a member does and sees ---------------------------------------------------------------------------------------


def page(conn: Connection, owner_id: int, page: Page) -> list[Conversation]:
    """A page of a member's conversations, by their newest posts."""
    rows = paging.read(
        conn,
        select(conversations).where(conversations.c.owner_id == owner_id),
        conversations.c.last_post_id,
        page,
    )
    return [_conversation(row) for row in rows]


def get(conn: Connection, owner_id: int, conversation_id: int) -> Conversation:
    """One of a member's own; raises NotFound."""
    row = conn.execute(
        select(conversations).where(conversations.c.id == conversation_id, conversations.c.owner_id == owner_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _conversation(row)


def of_thread(conn: Connection, owner_id: int, thread_id: int) -> list[Conversation]:
    """A member's conversations in a thread."""
    rows = conn.execute(
        select(conversations).where(conversations.c.owner_id == owner_id, conversations.c.thread_id == thread_id)
    )
    return [_conversation(row) for row in rows]


def unread_conversations(conn: Connection, owner_id: int) -> int:
    """How many of a member's conversations hold something unread."""
    return conn.execute(
        select(func.count())
        .select_from(conversations)
        .where(conversations.c.owner_id == owner_id, conversations.c.unread.is_(True))
    ).scalar_one()


def mark(tx: Tx, owner_id: ActorId, conversation_id: int, *, unread: bool) -> Conversation:
    """Note that one's own conversation was read, or is to be read again. Raises NotFound."""
    tx.conn.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.owner_id == owner_id)
        .values(unread=unread)
    )
    return get(tx.conn, owner_id, conversation_id)


def remove(tx: Tx, owner_id: ActorId, conversation_id: int) -> None:
    """Take a conversation off one's list; the posts stay, and what is said next opens it again. Raises NotFound."""
    gone = tx.conn.execute(
        delete(conversations).where(conversations.c.id == conversation_id, conversations.c.owner_id == owner_id)
    )
    if gone.rowcount == 0:
        raise NotFound


def mute_thread(tx: Tx, actor: Actor, post_id: int) -> PostId:
    """Hear nothing more of the thread that a post is in; the number of the original. Raises NotFound."""
    post = queries.original(tx.conn, post_id, actor.id)
    notifications.mute_thread(tx, actor.id, post.thread_id)
    return post.id


def unmute_thread(tx: Tx, actor: Actor, post_id: int) -> PostId:
    """Hear of it again. Raises NotFound."""
    post = queries.original(tx.conn, post_id, actor.id)
    notifications.unmute_thread(tx, actor.id, post.thread_id)
    return post.id


def forget_owner(tx: Tx, owner_id: ActorId) -> None:
    """Somebody is gone, and their list with them."""
    tx.conn.execute(delete(conversations).where(conversations.c.owner_id == owner_id))


def _key(people: Iterable[int]) -> str:
    return hashlib.blake2b(",".join(map(str, people)).encode(), digest_size=32).hexdigest()


def _conversation(row: Row[*tuple[object, ...]]) -> Conversation:
    return Conversation(
        row.id, row.owner_id, row.thread_id, tuple(map(ActorId, row.people)), row.last_post_id, bool(row.unread)
    )
