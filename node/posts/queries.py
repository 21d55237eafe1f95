# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading posts. Every function that serves a viewer carries the visibility clause, and a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from activitypub.addressing import Visibility
from node import actors, media
from node.actors import Actor, ActorId
from node.actors.tables import actors as actors_table
from node.emojis import Shown
from node.kernel import clock, paging
from node.kernel.among import among
from node.kernel.errors import NotFound
from node.kernel.paging import Page
from node.kernel.text import fold_hashtag
from node.media.tables import media as media_table
from node.notifications.tables import muted_threads
from node.posts.tables import bookmarks, edits, favourites, mentions, pins, poll_options, post_tags, posts
from node.posts.types import Edit, Flags, Kind, Post, PostId, PostView, QuoteState, from_row
from node.relationships import Circle, circles, visible_posts
from node.relationships.hiding import is_unwanted, is_withheld
from node.relationships.tables import follows

_BY_ID = select(posts).where(posts.c.id == bindparam("id"))
_BY_URI = select(posts).where(posts.c.uri == bindparam("uri"))
_VIEWER = bindparam("viewer_id", type_=BigInteger)
_card_author = actors_table.alias("card_author")
_VERSIONS = (
    select(
        posts.c.id,
        posts.c.version,
        posts.c.author_id,
        posts.c.boost_of_id,
        posts.c.kind,
        posts.c.quote_state,
        posts.c.quote_of_id,
        actors_table.c.version.label("author_version"),
        _card_author.c.version.label("card_author_version"),
    )
    .join(actors_table, actors_table.c.id == posts.c.author_id)
    .outerjoin(_card_author, _card_author.c.id == posts.c.card_author_id)
    .where(among(posts.c.id))
)
_VERSIONS_FOR_ALL = _VERSIONS.where(visible_posts(posts, mentions, None))
_VERSIONS_FOR_VIEWER = _VERSIONS.where(visible_posts(posts, mentions, _VIEWER))
_POSTS_FOR_ALL = select(posts).where(among(posts.c.id), visible_posts(posts, mentions, None))
_POSTS_FOR_VIEWER = select(posts).where(among(posts.c.id), visible_posts(posts, mentions, _VIEWER))
_MARKED = union_all(
    select(favourites.c.post_id, literal_column("'liked'", String).label("mark")).where(
        favourites.c.actor_id == _VIEWER, among(favourites.c.post_id)
    ),
    select(posts.c.boost_of_id, literal_column("'boosted'", String)).where(
        posts.c.author_id == _VIEWER, among(posts.c.boost_of_id)
    ),
    select(bookmarks.c.post_id, literal_column("'kept'", String)).where(
        bookmarks.c.actor_id == _VIEWER, among(bookmarks.c.post_id)
    ),
    select(pins.c.post_id, literal_column("'pinned'", String)).where(pins.c.actor_id == _VIEWER, among(pins.c.post_id)),
    select(posts.c.id, literal_column("'muted'", String))
    .join(muted_threads, muted_threads.c.thread_id == posts.c.thread_id)
    .where(muted_threads.c.owner_id == _VIEWER, among(posts.c.id)),
)
_NAMED = select(mentions.c.post_id, mentions.c.actor_id).where(among(mentions.c.post_id), mentions.c.named.is_(True))
_ANSWERS = (
    select(poll_options.c.title).where(poll_options.c.post_id == bindparam("post_id")).order_by(poll_options.c.position)
)
_ADDRESSED = select(mentions.c.actor_id).where(mentions.c.post_id == bindparam("post_id"))
OPEN = (Visibility.PUBLIC, Visibility.UNLISTED)
MAX_TAGS_ASKED = 4


class Version(NamedTuple):
    """What a rendered post is kept under: it changes whenever anything that is shown of it changes.

    A tuple, because a page makes forty of them and asks for their hashes a few hundred times.
    """

    id: PostId
    version: int
    author_id: ActorId
    author_version: int
    boost_of: "Version | None" = None
    has_poll: bool = False
    quote_state: str | None = None
    quote_of_id: PostId | None = None
    card_author_version: int | None = None


@dataclass(frozen=True, slots=True)
class ThreadBounds:
    """How much of a thread is shown: posts before, posts after, and how many steps down."""

    ancestors: int = 100
    descendants: int = 500
    depth: int = 1_000


PAGE_OF_THREAD = ThreadBounds()


@dataclass(frozen=True, slots=True)
class Thread:
    """What stands around a post: `ancestors` oldest first, `descendants` depth first."""

    ancestors: tuple[PostId, ...]
    descendants: tuple[PostId, ...]


def find(conn: Connection, post_id: int) -> Post | None:
    """The post with this number, whoever may see it."""
    row = conn.execute(_BY_ID, {"id": post_id}).one_or_none()
    return None if row is None else from_row(row)


def by_uri(conn: Connection, uri: str) -> Post | None:
    """The post with this id on the wire, whoever may see it."""
    row = conn.execute(_BY_URI, {"uri": uri}).one_or_none()
    return None if row is None else from_row(row)


def is_open(conn: Connection, uri: str) -> bool | None:
    """Whether everybody may read the post with this id; None if we do not hold it."""
    post = by_uri(conn, uri)
    return None if post is None else post.visibility in OPEN


def id_by_address(conn: Connection, address: str) -> int | None:
    """The number of the post with this id or this page, or None."""
    row = conn.execute(
        select(posts.c.id)
        .where(or_(posts.c.uri == address, posts.c.url == address))
        .order_by(posts.c.boost_of_id.is_not(None))
        .limit(1)
    ).one_or_none()
    return None if row is None else row.id


def ids_by_uris(conn: Connection, uris: Collection[str]) -> dict[str, PostId]:
    """The numbers of those posts that are here, by id on the wire."""
    if not uris:
        return {}
    rows = conn.execute(select(posts.c.uri, posts.c.id).where(posts.c.uri.in_(set(uris))))
    return {row.uri: PostId(row.id) for row in rows}


def authors_by_uris(conn: Connection, uris: Collection[str]) -> dict[str, ActorId]:
    """Who wrote each of those posts that are here, by id on the wire."""
    if not uris:
        return {}
    rows = conn.execute(select(posts.c.uri, posts.c.author_id).where(posts.c.uri.in_(set(uris))))
    return {row.uri: ActorId(row.author_id) for row in rows}


def author_ids(conn: Connection, post_ids: Collection[int]) -> dict[int, ActorId]:
    """Who wrote each of the posts, whoever may see them."""
    rows = conn.execute(select(posts.c.id, posts.c.author_id).where(posts.c.id.in_(set(post_ids))))
    return {row.id: ActorId(row.author_id) for row in rows}


def visible(conn: Connection, post_id: int, viewer: int | None) -> Post:
    """The post, if the viewer may see it; raises NotFound."""
    row = conn.execute(select(posts).where(posts.c.id == post_id, visible_posts(posts, mentions, viewer))).one_or_none()
    if row is None:
        raise NotFound
    return from_row(row)


def original(conn: Connection, post_id: int, viewer: int | None) -> Post:
    """The post itself, also when the number is that of a boost of it; raises NotFound if the viewer may not see it."""
    post = visible(conn, post_id, viewer)
    return post if post.boost_of_id is None else visible(conn, post.boost_of_id, viewer)


def versions(conn: Connection, post_ids: Sequence[int], viewer: int | None) -> list[Version]:
    """Of the posts, those that the viewer may see, in the order asked for, with their versions. One statement, two if
    there are boosts among them."""
    found = _versions(conn, post_ids, viewer)
    boosted = [row.boost_of_id for row in found.values() if row.boost_of_id is not None]
    originals = _versions(conn, boosted, viewer) if boosted else {}
    result: list[Version] = []
    for post_id in post_ids:
        row = found.get(post_id)
        if row is None:
            continue
        inner = None
        if row.boost_of_id is not None:
            inner_row = originals.get(row.boost_of_id)
            if inner_row is None:
                continue  # what is boosted is hidden from the viewer, and the boost with it
            inner = _version(inner_row)
        result.append(_version(row, inner))
    return result


def _version(row: Row[Any, Any, Any, Any, Any, Any, Any, Any, Any], boost_of: Version | None = None) -> Version:
    return Version(
        row.id,
        row.version,
        row.author_id,
        row.author_version,
        boost_of,
        row.kind == Kind.QUESTION,
        row.quote_state,
        row.quote_of_id,
        row.card_author_version,
    )


def _versions(
    conn: Connection, post_ids: Collection[int], viewer: int | None
) -> dict[int, Row[Any, Any, Any, Any, Any, Any, Any, Any, Any]]:
    statement = _VERSIONS_FOR_ALL if viewer is None else _VERSIONS_FOR_VIEWER
    rows = conn.execute(statement, {"ids": set(post_ids), "viewer_id": viewer})
    return {row.id: row for row in rows}


def views(conn: Connection, post_ids: Sequence[int], viewer: int | None) -> list[PostView]:
    """The posts with their authors, media and mentions, in the order asked for; those only that the viewer may see."""
    found = _visible_posts(conn, post_ids, viewer)
    boosted = [post.boost_of_id for post in found.values() if post.boost_of_id is not None]
    originals = _visible_posts(conn, boosted, viewer) if boosted else {}
    everything = {**originals, **found}
    files = media.of_posts(conn, list(everything))
    named = _named(conn, list(everything))
    people = actors.by_ids(
        conn,
        {post.author_id for post in everything.values()}
        | {post.card_author_id for post in everything.values() if post.card_author_id is not None}
        | {number for numbers in named.values() for number in numbers},
    )

    def view(post: Post, inner: PostView | None = None) -> PostView:
        return PostView(
            post,
            people[post.author_id],
            files.get(post.id, ()),
            tuple(people[number] for number in named.get(post.id, ()) if number in people),
            inner,
            people.get(post.card_author_id) if post.card_author_id is not None else None,
        )

    result: list[PostView] = []
    for post_id in post_ids:
        post = found.get(post_id)
        if post is None:
            continue
        if post.boost_of_id is None:
            result.append(view(post))
        elif post.boost_of_id in originals:
            result.append(view(post, view(originals[post.boost_of_id])))
    return result


def _visible_posts(conn: Connection, post_ids: Collection[int], viewer: int | None) -> dict[int, Post]:
    if not post_ids:
        return {}
    statement = _POSTS_FOR_ALL if viewer is None else _POSTS_FOR_VIEWER
    rows = conn.execute(statement, {"ids": set(post_ids), "viewer_id": viewer})
    return {row.id: from_row(row) for row in rows}


def _named(conn: Connection, post_ids: Collection[int]) -> dict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    if post_ids:
        for row in conn.execute(_NAMED, {"ids": set(post_ids)}):
            found[row.post_id].append(row.actor_id)
    return found


def view(conn: Connection, post_id: int, viewer: int | None) -> PostView:
    """One post with all that is shown of it; raises NotFound."""
    found = views(conn, [post_id], viewer)
    if not found:
        raise NotFound
    return found[0]


def flags(conn: Connection, viewer: int, post_ids: Collection[int]) -> dict[int, Flags]:
    """What a viewer did with each of the posts (not boosts of them), in one statement. Posts without are left out."""
    wanted = set(post_ids)
    if not wanted:
        return {}
    marks: defaultdict[int, set[str]] = defaultdict(set)
    for number, mark in conn.execute(_MARKED, {"viewer_id": viewer, "ids": wanted}):
        marks[number].add(mark)
    return {
        number: Flags("liked" in made, "boosted" in made, "kept" in made, "muted" in made, "pinned" in made)
        for number, made in marks.items()
    }


def thread(conn: Connection, post_id: int, viewer: int | None, bounds: ThreadBounds = PAGE_OF_THREAD) -> Thread:
    """The posts around one, those that the viewer may see. Two statements: the thread is read whole and sorted here."""
    post = original(conn, post_id, viewer)
    rows = conn.execute(
        select(posts.c.id, posts.c.in_reply_to_id)
        .where(
            posts.c.thread_id == post.thread_id, posts.c.boost_of_id.is_(None), visible_posts(posts, mentions, viewer)
        )
        .order_by(posts.c.id)
        .limit(bounds.ancestors + bounds.descendants + 400)
    ).all()
    parents = {row.id: row.in_reply_to_id for row in rows}
    children: defaultdict[int, list[PostId]] = defaultdict(list)
    for row in rows:
        if row.in_reply_to_id is not None:
            children[row.in_reply_to_id].append(row.id)
    ancestors: list[PostId] = []
    at = parents.get(post.id, post.in_reply_to_id)
    while at is not None and at in parents and at not in ancestors and len(ancestors) < bounds.ancestors:
        ancestors.append(PostId(at))
        at = parents[at]
    descendants: list[PostId] = []
    waiting = [(number, 1) for number in reversed(children[post.id])]
    met = {post.id}  # two posts of a hostile server can answer each other
    while waiting and len(descendants) < bounds.descendants:
        number, step = waiting.pop()
        if number not in met:
            met.add(number)
            descendants.append(number)
            if step < bounds.depth:
                waiting.extend((below, step + 1) for below in reversed(children[number]))
    return Thread(tuple(reversed(ancestors)), tuple(descendants))


def _ids(conn: Connection, statement: Select[tuple[int]], page: Page) -> Sequence[PostId]:
    return [PostId(row.id) for row in paging.read(conn, statement, posts.c.id, page)]


def of_author(
    conn: Connection,
    author_id: int,
    viewer: int | None,
    page: Page,
    *,
    only_media: bool = False,
    exclude_replies: bool = False,
    exclude_boosts: bool = False,
    tagged: str | None = None,
) -> Sequence[PostId]:
    """A page of somebody's posts, newest first, those that the viewer may see. A reply to oneself is not a reply."""
    statement = select(posts.c.id).where(posts.c.author_id == author_id, visible_posts(posts, mentions, viewer))
    if only_media:
        statement = statement.where(_has_media())
    if exclude_replies:
        statement = statement.where(or_(posts.c.in_reply_to_uri.is_(None), posts.c.in_reply_to_author_id == author_id))
    if exclude_boosts:
        statement = statement.where(posts.c.boost_of_id.is_(None))
    if tagged:
        statement = statement.where(_has_tags([tagged]))
    return _ids(conn, statement, page)


def public(
    conn: Connection, viewer: int | None, page: Page, *, local: bool | None = None, only_media: bool = False
) -> Sequence[PostId]:
    """A page of the public timeline: this node's (True), everybody else's (False), or all."""
    statement = _public(viewer)
    if local is not None:
        statement = statement.where(posts.c.local.is_(local))
    if only_media:
        statement = statement.where(_has_media())
    return _ids(conn, statement, page)


def tagged(
    conn: Connection,
    viewer: int | None,
    tag: str,
    page: Page,
    *,
    any_of: Collection[str] = (),
    all_of: Collection[str] = (),
    none_of: Collection[str] = (),
    local: bool | None = None,
    only_media: bool = False,
) -> Sequence[PostId]:
    """A page of the public posts with a hashtag, or any of several; with all of some and none of others.

    Of each of the three, as many as `MAX_TAGS_ASKED` count, as in Mastodon: each costs a look at every post.
    """
    statement = _public(viewer).where(_has_tags([tag, *list(any_of)[:MAX_TAGS_ASKED]]))
    for other in list(all_of)[:MAX_TAGS_ASKED]:
        statement = statement.where(_has_tags([other]))
    if none_of:
        statement = statement.where(~_has_tags(list(none_of)[:MAX_TAGS_ASKED]))
    if local is not None:
        statement = statement.where(posts.c.local.is_(local))
    if only_media:
        statement = statement.where(_has_media())
    return _ids(conn, statement, page)


def _public(viewer: int | None) -> Select[tuple[int]]:
    statement = select(posts.c.id).where(
        posts.c.visibility == Visibility.PUBLIC,
        posts.c.boost_of_id.is_(None),
        visible_posts(posts, mentions, viewer),
        ~is_withheld(posts.c.author_id, viewer),
    )
    if viewer is not None:
        statement = statement.where(~is_unwanted(posts.c.author_id, viewer, clock.now()))
    return statement


def _has_media() -> ColumnElement[bool]:
    return exists(select(media_table.c.id).where(media_table.c.post_id == posts.c.id))


def _has_tags(names: Collection[str]) -> ColumnElement[bool]:
    folded = [fold_hashtag(name) for name in names]
    return exists(select(post_tags.c.post_id).where(post_tags.c.post_id == posts.c.id, post_tags.c.name.in_(folded)))


def search(conn: Connection, viewer: int, words: str, page: Page) -> Sequence[PostId]:
    """Posts that hold `words` and that the viewer wrote, favourited, kept, or is named in, newest first."""
    text = words.strip().casefold()
    if not text:
        return []
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    own = or_(
        posts.c.author_id == viewer,
        exists(select(favourites.c.id).where(favourites.c.post_id == posts.c.id, favourites.c.actor_id == viewer)),
        exists(select(bookmarks.c.id).where(bookmarks.c.post_id == posts.c.id, bookmarks.c.actor_id == viewer)),
        exists(select(mentions.c.post_id).where(mentions.c.post_id == posts.c.id, mentions.c.actor_id == viewer)),
    )
    statement = select(posts.c.id).where(
        own,
        posts.c.boost_of_id.is_(None),
        func.lower(posts.c.content).like(pattern, escape="\\"),
        visible_posts(posts, mentions, viewer),
    )
    return _ids(conn, statement, page)


def hashtags(conn: Connection, words: str, *, limit: int = 20, offset: int = 0) -> Sequence[str]:
    """Hashtags in use in public posts that begin with `words`."""
    name = fold_hashtag(words.strip())
    if not name:
        return []
    rows = conn.execute(
        select(post_tags.c.name)
        .join(posts, posts.c.id == post_tags.c.post_id)
        .where(post_tags.c.name.startswith(name, autoescape=True), posts.c.visibility == Visibility.PUBLIC)
        .group_by(post_tags.c.name)
        .order_by(func.count().desc(), post_tags.c.name)
        .limit(limit)
        .offset(offset)
    )
    return rows.scalars().all()


def favourited_by(conn: Connection, post_id: int, viewer: int | None, page: Page) -> list[tuple[int, Actor]]:
    """Who favourited a post, newest first, with the number of the row."""
    post = original(conn, post_id, viewer)
    rows = paging.read(
        conn,
        select(favourites.c.id, favourites.c.actor_id).where(favourites.c.post_id == post.id),
        favourites.c.id,
        page,
    )
    return _people(conn, [(row.id, row.actor_id) for row in rows])


def reactions(conn: Connection, post_ids: Collection[int], by: Collection[int]) -> dict[int, dict[ActorId, Shown]]:
    """Of each post the emoji with which some people elsewhere favourited it; one of Unicode has no address."""
    found: dict[int, dict[ActorId, Shown]] = {number: {} for number in post_ids}
    if not found or not by:
        return found
    rows = conn.execute(
        select(favourites.c.post_id, favourites.c.actor_id, favourites.c.reaction).where(
            favourites.c.actor_id.in_(list(by)),
            favourites.c.post_id.in_(list(found)),
            favourites.c.reaction.is_not(None),
        )
    )
    for row in rows:
        found[row.post_id][row.actor_id] = {"shortcode": row.reaction["name"], "url": row.reaction["url"] or ""}
    return found


def boosted_by(conn: Connection, post_id: int, viewer: int | None, page: Page) -> list[tuple[int, Actor]]:
    """Who boosted a post, newest first, with the number of the boost."""
    post = original(conn, post_id, viewer)
    rows = paging.read(
        conn,
        select(posts.c.id, posts.c.author_id).where(posts.c.boost_of_id == post.id, posts.c.visibility.in_(OPEN)),
        posts.c.id,
        page,
    )
    return _people(conn, [(row.id, row.author_id) for row in rows])


def _people(conn: Connection, rows: Sequence[tuple[int, int]]) -> list[tuple[int, Actor]]:
    known = actors.by_ids(conn, [actor_id for _, actor_id in rows])
    return [(number, known[actor_id]) for number, actor_id in rows if actor_id in known and known[actor_id].is_active]


def favourite_ids(conn: Connection, actor_id: int, page: Page) -> list[tuple[int, PostId]]:
    """What somebody favourited, newest first: (number of the row, post)."""
    rows = paging.read(
        conn,
        select(favourites.c.id, favourites.c.post_id).where(favourites.c.actor_id == actor_id),
        favourites.c.id,
        page,
    )
    return [(row.id, PostId(row.post_id)) for row in rows]


def bookmark_ids(conn: Connection, actor_id: int, page: Page) -> list[tuple[int, PostId]]:
    """What somebody kept, newest first: (number of the row, post)."""
    rows = paging.read(
        conn,
        select(bookmarks.c.id, bookmarks.c.post_id).where(bookmarks.c.actor_id == actor_id),
        bookmarks.c.id,
        page,
    )
    return [(row.id, PostId(row.post_id)) for row in rows]


def history(conn: Connection, post_id: int, viewer: int | None) -> list[Edit]:
    """Every state a post has been in, oldest first, the present one last."""
    post = original(conn, post_id, viewer)
    rows = conn.execute(select(edits).where(edits.c.post_id == post.id).order_by(edits.c.id))
    past = [
        Edit(
            row.content,
            row.spoiler_text,
            row.sensitive,
            row.created_at,
            tuple(row.media),
            tuple(row.poll) if row.poll is not None else None,
            tuple(row.emojis),
        )
        for row in rows
    ]
    files = tuple(
        {"id": str(item.id), "description": item.description}
        for item in media.of_posts(conn, [post.id]).get(post.id, ())
    )
    current = Edit(
        post.content,
        post.spoiler_text,
        post.sensitive,
        post.edited_at or post.created_at,
        files,
        tuple(answers(conn, post.id)) if post.kind is Kind.QUESTION else None,
        post.emojis,
    )
    return [*past, current]


def answers(conn: Connection, post_id: int) -> Sequence[str]:
    """The answers of a post's poll, in their order."""
    return conn.execute(_ANSWERS, {"post_id": post_id}).scalars().all()


def source(conn: Connection, author_id: int, post_id: int) -> tuple[str, str]:
    """The text and the warning of one's own post as they were typed; raises NotFound."""
    post = visible(conn, post_id, author_id)
    if post.author_id != author_id or post.is_boost:
        raise NotFound
    return post.source, post.spoiler_text


def latest_of(conn: Connection, author_id: int, *, limit: int = 20) -> Sequence[PostId]:
    """An author's newest public posts and boosts, for the timeline of a new follower."""
    return [
        PostId(number)
        for number in conn.execute(
            select(posts.c.id)
            .where(
                posts.c.author_id == author_id,
                posts.c.visibility.in_(OPEN),
                or_(posts.c.in_reply_to_uri.is_(None), posts.c.in_reply_to_author_id == author_id),
            )
            .order_by(posts.c.id.desc())
            .limit(limit)
        ).scalars()
    ]


def named_openly(conn: Connection, post_id: int) -> Sequence[Actor]:
    """Whom a local post names, without those whom it reaches in secret."""
    numbers = [row.actor_id for row in conn.execute(_NAMED, {"ids": [post_id]})]
    return list(actors.by_ids(conn, numbers).values())


def named(conn: Connection, post_id: int) -> Sequence[Actor]:
    """Everybody a post is addressed to by name, whether in its text or not."""
    numbers = conn.execute(_ADDRESSED, {"post_id": post_id}).scalars().all()
    return list(actors.by_ids(conn, numbers).values())


def boosters(conn: Connection, post_id: int) -> Sequence[Actor]:
    """Who boosted a post: their followers may hold a copy."""
    return list(actors.by_ids(conn, booster_ids(conn, post_id)).values())


def booster_ids(conn: Connection, post_id: int) -> Sequence[int]:
    """The numbers of those who boosted a post."""
    return conn.execute(select(posts.c.author_id).where(posts.c.boost_of_id == post_id)).scalars().all()


def local_quoters(conn: Connection, post_id: int) -> list[tuple[PostId, Actor]]:
    """The posts of members here that quote a post and show it, each with its author."""
    rows = conn.execute(
        select(posts.c.id, posts.c.author_id).where(
            posts.c.quote_of_id == post_id, posts.c.quote_state == QuoteState.ACCEPTED, posts.c.local.is_(True)
        )
    ).all()
    people = actors.by_ids(conn, {row.author_id for row in rows})
    return [(PostId(row.id), people[row.author_id]) for row in rows if row.author_id in people]


def quoting_ids(conn: Connection, post_id: int, viewer: int | None, page: Page) -> Sequence[PostId]:
    """A page of the posts that quote one with its author's consent, newest first, those that the viewer may see.

    Raises NotFound if they may not see the post itself.
    """
    post = original(conn, post_id, viewer)
    statement = select(posts.c.id).where(
        posts.c.quote_of_id == post.id,
        posts.c.quote_state == QuoteState.ACCEPTED,
        visible_posts(posts, mentions, viewer),
    )
    return _ids(conn, statement, page)


def boost_of(conn: Connection, actor_id: int, post_id: int) -> Post | None:
    """Somebody's boost of a post."""
    row = conn.execute(select(posts).where(posts.c.author_id == actor_id, posts.c.boost_of_id == post_id)).one_or_none()
    return None if row is None else from_row(row)


def local_count(conn: Connection) -> int:
    """How many posts were written here, without boosts."""
    return conn.execute(
        select(func.count()).select_from(posts).where(and_(posts.c.local.is_(True), posts.c.kind != Kind.BOOST))
    ).scalar_one()


def can_be_read_by(conn: Connection, post: Post, reader: Actor) -> bool:
    """Whether a signed request of `reader` may have a post: themselves, or somebody of their server for whom it is.

    Servers fetch with one actor for all their users, so the question is about the server.
    """
    if post.visibility in OPEN:
        return True
    if post.circle is not None:
        return post.circle is Circle.PARTNERS and circles.is_at_partner(conn, reader.id)
    readers = select(actors_table.c.id).where(actors_table.c.domain == reader.domain)
    is_named = exists(select(mentions.c.post_id).where(mentions.c.post_id == post.id, mentions.c.actor_id.in_(readers)))
    statement = select(is_named)
    if post.visibility is Visibility.PRIVATE:
        follows_author = exists(
            select(follows.c.id).where(
                follows.c.followee_id == post.author_id,
                follows.c.state == "accepted",
                follows.c.follower_id.in_(readers),
            )
        )
        statement = select(or_(is_named, follows_author))
    return bool(conn.execute(statement).scalar())


def favourite_uri(conn: Connection, actor_id: int, post_id: int) -> str:
    """The id of the Like by which somebody favourited a post; raises NotFound."""
    uri: str | None = conn.execute(
        select(favourites.c.uri).where(favourites.c.actor_id == actor_id, favourites.c.post_id == post_id)
    ).scalar()
    if uri is None:
        raise NotFound
    return uri
