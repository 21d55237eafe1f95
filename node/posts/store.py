# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writing rows of posts: what every kind of post shares, whoever wrote it. Rules and wire are in the modules above."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql.dml import ReturningInsert

from activitypub.addressing import Visibility
from activitypub.emojis import Emoji, Reaction
from node import actors, lists, media, notifications, timelines
from node.actors import Actor, ActorId
from node.emojis import CustomEmoji, shown_of
from node.kernel import queue
from node.kernel.db import Tx, insert_into, insert_or_ignore
from node.kernel.ids import new_id
from node.kernel.text import fold_hashtag
from node.notifications import Kind as Told
from node.posts import conversations, emojis, queries
from node.posts.tables import edits, favourites, mentions, post_tags, posts, quote_stamps
from node.posts.types import Kind, Post, PostId, QuoteState, from_row
from node.relationships import Circle, circles, filters
from node.relationships.tables import follows

MAX_TAGS = 50
MAX_MENTIONS = 50
_TAGGED = insert(post_tags)
_WANT_EVERY_POST = select(follows.c.follower_id).where(
    follows.c.followee_id == bindparam("author_id"), follows.c.state == "accepted", follows.c.notify.is_(True)
)
_ORPHANS = select(posts.c.id, posts.c.thread_id).where(
    posts.c.in_reply_to_uri == bindparam("uri"),
    posts.c.in_reply_to_id.is_(None),
    posts.c.id != bindparam("post_id"),
)
_LOCK = select(posts.c.id).where(posts.c.id == bindparam("post_id")).with_for_update()
_LOCK_TO_WRITE = select(posts.c.id).where(posts.c.id == bindparam("post_id")).with_for_update(key_share=True)
_LOCK_SEVERAL = (
    select(posts.c.id)
    .where(posts.c.id.in_(bindparam("post_ids", expanding=True)))
    .order_by(posts.c.id)
    .with_for_update()
)
_ACCEPTED_QUOTE = select(posts.c.quote_of_id).where(
    posts.c.id == bindparam("post_id"), posts.c.quote_state == QuoteState.ACCEPTED
)
_quoting = posts.alias("quoting")
_COUNT_QUOTES = (
    update(posts)
    .where(posts.c.id.in_(bindparam("post_ids", expanding=True)))
    .values(
        quotes_count=select(func.count())
        .select_from(_quoting)
        .where(_quoting.c.quote_of_id == posts.c.id, _quoting.c.quote_state == QuoteState.ACCEPTED)
        .scalar_subquery(),
        version=posts.c.version + 1,
    )
)
_REACT = (
    update(favourites)
    .where(favourites.c.actor_id == bindparam("of_actor"), favourites.c.post_id == bindparam("of_post"))
    .values(reaction=bindparam("shown"))
)
_TOUCH = update(posts).where(posts.c.id == bindparam("post_id")).values(version=posts.c.version + 1)


@dataclass(frozen=True, slots=True)
class PostDeleted:
    """On the bus as `post.deleted`: a post is gone; it was on these members' home timelines, and on these of their lists,
    each as (list, owner)."""

    post_id: int
    owners: tuple[ActorId, ...]
    public: bool
    lists: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TextWritten:
    """Told to the slices above: this post was written, here or elsewhere, or says something else than before."""

    post: Post


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """A row to be written. `named` are those whom the text names, `addressed` further people who may read it.

    `emojis` came with a post from elsewhere; `own_emojis` are those of ours that one from here names. A boost is to the
    circle of what it boosts.
    """

    uri: str
    url: str
    author: Actor
    kind: Kind
    visibility: Visibility
    created_at: datetime
    circle: Circle | None = None
    circle_year: int | None = None
    title: str = ""
    content: str = ""
    source: str = ""
    spoiler_text: str = ""
    sensitive: bool = False
    language: str | None = None
    in_reply_to: Post | None = None
    in_reply_to_uri: str | None = None
    context: str | None = None
    boost_of: Post | None = None
    quote_uri: str | None = None
    quote_stamp: str | None = None
    reply_policy: Sequence[str] | None = None
    quote_policy: Sequence[str] | None = None
    quote_manual: Sequence[str] | None = None
    tags: Sequence[str] = ()
    emojis: Sequence[Emoji] = ()
    own_emojis: Sequence[CustomEmoji] = ()
    named: Sequence[Actor] = ()
    addressed: Collection[int] = ()
    card: Mapping[str, object] | None = None
    details: Mapping[str, object] | None = None
    app_name: str | None = None
    app_website: str | None = None
    post_id: PostId | None = None


def new_number(tx: Tx, created_at: datetime) -> PostId:
    """A number for a post, by when it was written; one from the future or from before the web counts as of now."""
    trusted = datetime(1990, 1, 1, tzinfo=tx.now.tzinfo) < created_at < tx.now + timedelta(minutes=5)
    return PostId(new_id(created_at if trusted else tx.now))


def write(tx: Tx, new: NewPost) -> Post | None:
    """Write a post and all that hangs on it: mentions, hashtags, counters, timelines, notifications.

    None when a post with this id is here already, or this author's boost of the same post.
    """
    post_id = new.post_id or new_number(tx, new.created_at)
    parent = new.in_reply_to
    circle, circle_year = new.circle, new.circle_year
    if new.boost_of is not None:
        circle, circle_year = new.boost_of.circle, new.boost_of.circle_year
    row = tx.conn.execute(
        _writing(tx.conn.dialect.name),
        {
            "id": post_id,
            "uri": new.uri,
            "url": new.url,
            "author_id": new.author.id,
            "local": new.author.is_local,
            "kind": new.kind,
            "visibility": new.visibility if circle is None else Visibility.PRIVATE,
            "circle": circle,
            "circle_year": circle_year,
            "title": new.title[:500],
            "content": new.content,
            "source": new.source,
            "spoiler_text": new.spoiler_text[:1000],
            "sensitive": new.sensitive,
            "language": new.language[:16] if new.language else None,
            "in_reply_to_id": parent.id if parent else None,
            "in_reply_to_uri": parent.uri if parent else new.in_reply_to_uri,
            "in_reply_to_author_id": parent.author_id if parent else None,
            "thread_id": parent.thread_id if parent else post_id,
            "context": _context(tx, new, post_id),
            "boost_of_id": new.boost_of.id if new.boost_of else None,
            "quote_uri": new.quote_uri,
            "quote_state": QuoteState.PENDING if new.quote_uri else None,
            "quote_stamp": new.quote_stamp,
            "reply_policy": list(new.reply_policy) if new.reply_policy is not None else None,
            "quote_policy": list(new.quote_policy) if new.quote_policy is not None else None,
            "quote_manual": list(new.quote_manual) if new.quote_manual is not None else None,
            "tags": list(new.tags[:MAX_TAGS]),
            "emojis": [asdict(emoji) for emoji in new.emojis] or shown_of(tx.site, new.own_emojis),
            "card": dict(new.card) if new.card else None,
            "details": dict(new.details) if new.details else None,
            "app_name": new.app_name,
            "app_website": new.app_website,
            "created_at": new.created_at,
        },
    ).one_or_none()
    if row is None:
        return None
    _add_people(tx, post_id, new.named, new.addressed)
    _add_tags(tx, post_id, new.tags)
    emojis.keep(tx, post_id, new.own_emojis)
    actors.count_post(tx, new.author.id, new.created_at)
    if parent is not None:
        touch(tx, parent.id, replies_count=posts.c.replies_count + 1)
    if new.boost_of is not None:
        touch(tx, new.boost_of.id, boosts_count=posts.c.boosts_count + 1)
    # What is written here has its address from now on: nothing can have answered it before.
    if not new.author.is_local and new.boost_of is None and _adopt(tx, post_id, new.uri, new.author.id):
        return queries.find(tx.conn, post_id)
    return from_row(row)


@cache
def _writing(dialect: str) -> ReturningInsert[tuple[Any, ...]]:
    """Writes a post, if it is not here already, and gives it back; made once."""
    return insert_into(dialect, posts).on_conflict_do_nothing().returning(posts)


def _context(tx: Tx, new: NewPost, post_id: PostId) -> str | None:
    """The collection of the thread: that of the post which is answered, as FEP-7888 asks, or else its own."""
    parent = new.in_reply_to
    if parent is not None and parent.context is not None:
        return parent.context
    if new.author.is_local and new.boost_of is None:
        return f"{tx.site.base_url}/contexts/{parent.thread_id if parent else post_id}"
    return new.context


def announce_here(
    tx: Tx, post: Post, author: Actor, *, boosted: Post | None = None, people: Sequence[Actor] | None = None
) -> None:
    """Bring a new post to the timelines and the notifications of this node. `people` are those whom it is addressed to;
    whoever does not know them has them looked up."""
    if people is None:
        people = queries.named(tx.conn, post.id)
    only: Collection[int] | None = None
    if post.visibility is Visibility.DIRECT:
        only = [person.id for person in people]
    elif post.circle is not None:
        only = circles.followers_inside(tx.conn, author.id, post.circle, post.circle_year)
    answered = post.in_reply_to_author_id if post.in_reply_to_uri else None
    boosted_author = boosted.author_id if boosted else None
    holding = lists.holding(tx.conn, author.id)
    is_found_by_tag = post.visibility is Visibility.PUBLIC and boosted is None
    timelines.fan_out(
        tx,
        post.id,
        author.id,
        author_is_local=author.is_local,
        reply_to_author=answered,
        boosted_author=boosted_author,
        only=only,
        without=[one.owner_id for one in holding if one.exclusive],
        tags=[fold_hashtag(tag)[:255] for tag in post.tags] if is_found_by_tag else (),
        language=(boosted or post).language,
    )
    if post.visibility is not Visibility.DIRECT:
        lists.fan_out(
            tx,
            post.id,
            author.id,
            holding,
            reply_to_author=answered,
            boosted_author=boosted_author,
            only=only,
            language=(boosted or post).language,
        )
    if boosted is None:
        place = conversations.place_of(post)
        for person in people:
            notifications.notify(tx, person, Told.MENTION, author, post.id, place=place)
        if post.visibility is Visibility.DIRECT:
            conversations.add(tx, post, author)
        wanting = _wants_every_post(tx, author.id) if post.visibility is not Visibility.DIRECT else ()
        if post.circle is not None:
            wanting = [follower_id for follower_id in wanting if follower_id in (only or ())]
        for follower in actors.by_ids(tx.conn, wanting).values():
            notifications.notify(tx, follower, Told.STATUS, author, post.id, place=place)
        if post.visibility is Visibility.PUBLIC:
            bus, post_id = tx.bus, post.id
            tx.after_commit(lambda: bus.publish("public", post_id))


def _wants_every_post(tx: Tx, author_id: ActorId) -> Sequence[int]:
    return tx.conn.execute(_WANT_EVERY_POST, {"author_id": author_id}).scalars().all()


def _adopt(tx: Tx, post_id: PostId, uri: str, author_id: ActorId) -> bool:
    """Tie replies to this post that came before it, and make their threads part of its thread; whether there are any."""
    orphans = tx.conn.execute(_ORPHANS, {"uri": uri, "post_id": post_id}).all()
    if not orphans:
        return False
    thread_id = tx.conn.execute(select(posts.c.thread_id).where(posts.c.id == post_id)).scalar_one()
    tx.conn.execute(
        update(posts)
        .where(posts.c.id.in_([row.id for row in orphans]))
        .values(in_reply_to_id=post_id, in_reply_to_author_id=author_id, version=posts.c.version + 1)
    )
    tx.conn.execute(
        update(posts).where(posts.c.thread_id.in_({row.thread_id for row in orphans})).values(thread_id=thread_id)
    )
    conversations.join_threads(tx, {row.thread_id for row in orphans}, thread_id)
    touch(tx, post_id, replies_count=posts.c.replies_count + len(orphans))
    return True


def set_people(tx: Tx, post_id: PostId, named: Sequence[Actor], addressed: Collection[int] = ()) -> None:
    """Whom a post names and is addressed to, in place of whom it did before."""
    tx.conn.execute(delete(mentions).where(mentions.c.post_id == post_id))
    _add_people(tx, post_id, named, addressed)


def _add_people(tx: Tx, post_id: PostId, named: Sequence[Actor], addressed: Collection[int]) -> None:
    names = {person.id for person in named[:MAX_MENTIONS]}
    rows = [{"post_id": post_id, "actor_id": number, "named": True} for number in names]
    rows += [{"post_id": post_id, "actor_id": number, "named": False} for number in set(addressed) - names]
    if rows:
        tx.conn.execute(insert(mentions), rows)


def set_tags(tx: Tx, post_id: PostId, tags: Sequence[str]) -> None:
    """The hashtags of a post, in place of those it had before."""
    tx.conn.execute(delete(post_tags).where(post_tags.c.post_id == post_id))
    _add_tags(tx, post_id, tags)


def _add_tags(tx: Tx, post_id: PostId, tags: Sequence[str]) -> None:
    folded = {fold_hashtag(tag)[:255] for tag in tags[:MAX_TAGS]}
    if folded:
        tx.conn.execute(_TAGGED, [{"name": name, "post_id": post_id} for name in folded])


def lock(tx: Tx, post_id: int) -> None:
    """Let nobody else write this post until we are done (PostgreSQL; SQLite has one writer). Rows that only point at it
    may still be added."""
    tx.conn.execute(_LOCK_TO_WRITE, {"post_id": post_id})


def touch(tx: Tx, post_id: int, **values: object) -> None:
    """Set columns of a post and raise its version, so that nothing rendered before is shown again."""
    tx.conn.execute(_TOUCH.values(**values) if values else _TOUCH, {"post_id": post_id})


def set_card(
    tx: Tx, which: Select[tuple[int]] | Collection[int], card: Mapping[str, object] | None, author_id: int | None = None
) -> None:
    """What all of these posts show of the page that they link to, and who wrote it. One statement."""
    tx.conn.execute(
        update(posts)
        .where(posts.c.id.in_(which))
        .values(card=dict(card) if card else None, card_author_id=author_id, version=posts.c.version + 1)
    )


def set_quote(tx: Tx, post_id: int, **values: object) -> None:
    """Change how a post stands to what it quotes, and count the quotes of what it quoted before and quotes now."""
    before = tx.conn.execute(_ACCEPTED_QUOTE, {"post_id": post_id}).scalar()
    touch(tx, post_id, **values)
    after = tx.conn.execute(_ACCEPTED_QUOTE, {"post_id": post_id}).scalar()
    if before != after:
        count_quotes(tx, *(number for number in (before, after) if number is not None))


def count_quotes(tx: Tx, *post_ids: int) -> None:
    """Count anew how many quotes the authors of these posts agreed to.

    The rows are locked first: a count by a statement that began before would miss what another transaction has just added.
    """
    wanted = {"post_ids": sorted(post_ids)}
    tx.conn.execute(_LOCK_SEVERAL, wanted)
    tx.conn.execute(_COUNT_QUOTES, wanted)


def tell_changed(tx: Tx, post_id: int) -> None:
    """Let open streams show the changed post."""
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("post.changed", post_id))


def remember_edit(tx: Tx, post: Post) -> None:
    """Keep the state that a post is in before it changes."""
    shown = media.of_posts(tx.conn, [post.id]).get(post.id, ())
    tx.conn.execute(
        insert(edits),
        {
            "id": new_id(tx.now),
            "post_id": post.id,
            "content": post.content,
            "spoiler_text": post.spoiler_text,
            "sensitive": post.sensitive,
            "media": [{"id": str(item.id), "description": item.description} for item in shown],
            "poll": list(queries.answers(tx.conn, post.id)) if post.kind is Kind.QUESTION else None,
            "emojis": list(post.emojis),
            "created_at": post.edited_at or post.created_at,
        },
    )


def remove(tx: Tx, post: Post, *, keep_media: bool = False) -> bool:
    """Take a post away with its boosts, from timelines, notifications and counters; its files are removed after.

    With `keep_media` its uploads stay for a day, as if they had never become part of a post: it may be written anew.
    False if somebody else has just done so: what is counted down is counted once.
    """
    if tx.conn.execute(_LOCK, {"post_id": post.id}).first() is None:
        return False
    boosts = tx.conn.execute(select(posts.c.id, posts.c.author_id).where(posts.c.boost_of_id == post.id)).all()
    gone = [post.id, *(row.id for row in boosts)]
    owners = timelines.forget_posts(tx, gone)
    on_lists = lists.forget_posts(tx, gone)
    notifications.forget_posts(tx, gone)
    conversations.forget_posts(tx, gone)
    filters.forget_posts(tx, gone)
    if keep_media:
        media.release(tx, [item.id for item in media.of_posts(tx.conn, [post.id]).get(post.id, ())])
    files = media.detach(tx, post.id)
    if files:
        queue.enqueue(tx, "media.remove", {"files": files})
    actors.count(tx, post.author_id, statuses=-1)
    for row in boosts:
        actors.count(tx, row.author_id, statuses=-1)
    if post.in_reply_to_id is not None:
        touch(tx, post.in_reply_to_id, replies_count=posts.c.replies_count - 1)
    if post.boost_of_id is not None:
        touch(tx, post.boost_of_id, boosts_count=posts.c.boosts_count - 1)
    tx.conn.execute(
        update(posts)
        .where(posts.c.in_reply_to_id == post.id)
        .values(in_reply_to_id=None, in_reply_to_author_id=None, version=posts.c.version + 1)
    )
    tx.conn.execute(
        update(posts)
        .where(posts.c.quote_of_id == post.id)
        .values(quote_of_id=None, quote_state=QuoteState.DELETED, version=posts.c.version + 1)
    )
    tx.conn.execute(
        delete(quote_stamps).where(or_(quote_stamps.c.quoted_uri == post.uri, quote_stamps.c.quoting_uri == post.uri))
    )
    tx.conn.execute(delete(posts).where(or_(posts.c.id == post.id, posts.c.boost_of_id == post.id)))
    if post.quote_of_id is not None and post.quote_state is QuoteState.ACCEPTED:
        count_quotes(tx, post.quote_of_id)
    bus = tx.bus
    deleted = [PostDeleted(number, owners, post.visibility is Visibility.PUBLIC, on_lists) for number in gone]

    def publish() -> None:
        for one in deleted:
            bus.publish("post.deleted", one)

    tx.after_commit(publish)
    return True


def like(tx: Tx, actor: Actor, post: Post, uri: str, *, reaction: Reaction | None = None) -> bool:
    """Write a favourite and tell the author; False if it is there already. Of several reactions the last is kept."""
    shown = asdict(reaction) if reaction is not None else None
    inserted = tx.conn.execute(
        insert_or_ignore(tx.conn, favourites),
        {
            "id": new_id(tx.now),
            "actor_id": actor.id,
            "post_id": post.id,
            "uri": uri,
            "reaction": shown,
            "created_at": tx.now,
        },
    )
    if inserted.rowcount == 0:
        if shown is not None:
            tx.conn.execute(_REACT, {"of_actor": actor.id, "of_post": post.id, "shown": shown})
        return False
    touch(tx, post.id, favourites_count=posts.c.favourites_count + 1)
    author = actors.find(tx.conn, post.author_id)
    if author is not None and author.is_local:
        notifications.notify(tx, author, Told.FAVOURITE, actor, post.id, place=conversations.place_of(post))
    return True


def unlike(tx: Tx, actor: Actor, post: Post) -> str | None:
    """Take a favourite away; the id of its Like, or None if there was none."""
    row = tx.conn.execute(
        delete(favourites)
        .where(favourites.c.actor_id == actor.id, favourites.c.post_id == post.id)
        .returning(favourites.c.uri)
    ).first()
    if row is None:
        return None
    touch(tx, post.id, favourites_count=posts.c.favourites_count - 1)
    notifications.take_back(tx, post.author_id, Told.FAVOURITE, actor.id, post.id)
    uri: str = row.uri
    return uri
