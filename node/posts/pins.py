# SPDX-License-Identifier: AGPL-3.0-or-later
"""What somebody shows at the head of their profile: pinned posts and hashtags, here and as other servers say.

On the wire both are collections of the actor (`featured`, `featuredTags`), changed by `Add` and `Remove` in the shape of
Mastodon: the target is the collection, the object a post's id or a Hashtag. Only one's own posts can be pinned. What is
pinned for followers alone is shown to them here, and is neither announced nor served.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from activitypub import activity as activity_documents
from activitypub.accessors import as_text
from activitypub.addressing import PUBLIC, Visibility
from activitypub.build import HashtagLink, build_hashtag
from activitypub.origin import same_origin
from activitypub.parse import JsonObject
from node import federation, relationships
from node.actors import Actor
from node.federation import Missing, Received
from node.kernel import paging
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid, NotFound
from node.kernel.ids import new_id
from node.kernel.paging import Page
from node.kernel.site import Site
from node.kernel.text import find_hashtags, fold_hashtag
from node.posts import queries, store
from node.posts.queries import OPEN
from node.posts.tables import featured_tags, mentions, pins, post_tags, posts
from node.posts.types import Post, PostId
from node.relationships import visible_posts

MAX_PINS: Final = 5
MAX_FEATURED_TAGS: Final = 10
# What is kept of somebody elsewhere; other programs allow more than we do.
MAX_REMOTE: Final = 20
_WHOLE: Final = Page(limit=MAX_REMOTE)


@dataclass(frozen=True, slots=True)
class FeaturedTag:
    """A hashtag on a profile, with how often its owner used it in posts that anybody may see."""

    id: int
    name: str
    display: str
    posts_count: int = 0
    last_at: datetime | None = None


# -- reading ----------------------------------------------------------------------------------------------------------


def pinned_ids(conn: Connection, actor_id: int, viewer: int | None, page: Page = _WHOLE) -> Sequence[PostId]:
    """What somebody pinned and the viewer may see, newest post first."""
    pinned = (
        select(posts.c.id)
        .join(pins, pins.c.post_id == posts.c.id)
        .where(pins.c.actor_id == actor_id, visible_posts(posts, mentions, viewer))
    )
    return [PostId(row.id) for row in paging.read(conn, pinned, posts.c.id, page)]


def pinned_uris(conn: Connection, actor_id: int) -> Sequence[str]:
    """The `featured` collection: what is pinned and open to everybody, last pinned first."""
    return (
        conn.execute(
            select(posts.c.uri)
            .join(pins, pins.c.post_id == posts.c.id)
            .where(pins.c.actor_id == actor_id, posts.c.visibility.in_(OPEN))
            .order_by(pins.c.id.desc())
        )
        .scalars()
        .all()
    )


def tags_of(conn: Connection, actor_id: int) -> list[FeaturedTag]:
    """The hashtags on somebody's profile, in the order in which they were put there. One statement."""
    rows = conn.execute(
        select(
            featured_tags.c.id,
            featured_tags.c.name,
            featured_tags.c.display,
            func.count(posts.c.id).label("posts_count"),
            func.max(posts.c.created_at, type_=posts.c.created_at.type).label("last_at"),
        )
        .outerjoin(post_tags, post_tags.c.name == featured_tags.c.name)
        .outerjoin(
            posts,
            (posts.c.id == post_tags.c.post_id) & (posts.c.author_id == actor_id) & (posts.c.visibility.in_(OPEN)),
        )
        .where(featured_tags.c.actor_id == actor_id)
        .group_by(featured_tags.c.id, featured_tags.c.name, featured_tags.c.display)
        .order_by(featured_tags.c.id)
    )
    return [FeaturedTag(**row._mapping) for row in rows]


def tags_in_use(conn: Connection, actor_id: int, *, limit: int = 10) -> Sequence[str]:
    """The hashtags that somebody used most and does not show yet: what may be suggested to them."""
    shown = select(featured_tags.c.name).where(featured_tags.c.actor_id == actor_id)
    return (
        conn.execute(
            select(post_tags.c.name)
            .join(posts, posts.c.id == post_tags.c.post_id)
            .where(posts.c.author_id == actor_id, posts.c.visibility.in_(OPEN), post_tags.c.name.not_in(shown))
            .group_by(post_tags.c.name)
            .order_by(func.count().desc(), post_tags.c.name)
            .limit(limit)
        )
        .scalars()
        .all()
    )


def hashtag(site: Site, display: str) -> JsonObject:
    """A hashtag as a member of `featuredTags`."""
    return build_hashtag(HashtagLink(name=display, href=site.tag_url(fold_hashtag(display))))


# -- what members do --------------------------------------------------------------------------------------------------


def pin(tx: Tx, actor: Actor, post_id: int) -> PostId:
    """Keep one's own post at the head of one's profile. Twice changes nothing. Raises NotFound and Invalid."""
    post = _own(tx, actor, post_id)
    if post.visibility is Visibility.DIRECT:
        raise Invalid("Validation failed: Posts that are only visible to mentioned users cannot be pinned", field="id")
    held = set(tx.conn.execute(select(pins.c.post_id).where(pins.c.actor_id == actor.id)).scalars())
    if post.id in held:
        return post.id
    if len(held) >= MAX_PINS:
        raise Invalid("Validation failed: You have already pinned the maximum number of posts", field="id")
    _add_pin(tx, actor, post)
    _say(tx, "Add", actor, post)
    return post.id


def unpin(tx: Tx, actor: Actor, post_id: int) -> PostId:
    """Take one's post from the head of one's profile; if it is not there, that is fine. Raises NotFound."""
    post = _own(tx, actor, post_id)
    if _drop_pin(tx, actor, post):
        _say(tx, "Remove", actor, post)
    return post.id


def feature_tag(tx: Tx, actor: Actor, written: str) -> FeaturedTag:
    """Show a hashtag on one's profile, written with or without `#`. Twice gives the first. Raises Invalid."""
    [display] = find_hashtags(f"#{written.strip().removeprefix('#')}") or [""]
    if not display or fold_hashtag(display) != fold_hashtag(written.strip().removeprefix("#")):
        raise Invalid("A hashtag is letters and digits without spaces.", field="name")
    known = {tag.name: tag for tag in tags_of(tx.conn, actor.id)}
    name = fold_hashtag(display)
    if name in known:
        return known[name]
    if len(known) >= MAX_FEATURED_TAGS:
        raise Invalid("Ten hashtags can be shown. Please take one away first.", field="name")
    _add_tag(tx, actor, display)
    _say_tag(tx, "Add", actor, display)
    return next(tag for tag in tags_of(tx.conn, actor.id) if tag.name == name)


def unfeature_tag(tx: Tx, actor: Actor, number: int) -> None:
    """Show a hashtag no more. Raises NotFound."""
    row = tx.conn.execute(
        delete(featured_tags)
        .where(featured_tags.c.id == number, featured_tags.c.actor_id == actor.id)
        .returning(featured_tags.c.display)
    ).first()
    if row is None:
        raise NotFound
    _say_tag(tx, "Remove", actor, row.display)


def _own(tx: Tx, actor: Actor, post_id: int) -> Post:
    post = queries.visible(tx.conn, post_id, actor.id)
    if post.author_id != actor.id or post.is_boost:
        raise NotFound
    return post


def _say(tx: Tx, kind: str, actor: Actor, post: Post) -> None:
    """Tell the followers' servers. What is not open to all has never been in the collection."""
    if post.visibility in OPEN:
        _send(tx, kind, actor, post.uri, about=post.uri)


def _say_tag(tx: Tx, kind: str, actor: Actor, display: str) -> None:
    _send(tx, kind, actor, hashtag(tx.site, display), about=f"{actor.uri} #{fold_hashtag(display)}")


def _send(tx: Tx, kind: str, actor: Actor, item: str | JsonObject, *, about: str) -> None:
    document = activity_documents.build(
        kind,
        id=tx.site.new_activity(),
        actor=actor.uri,
        object=item,
        target=actor.featured,
        to=[PUBLIC],
        cc=[actor.followers] if actor.followers else [],
        published=tx.now,
    )
    federation.publish(tx, actor, document, relationships.follower_inboxes(tx.conn, actor.id), about=about)


# -- what other servers say -------------------------------------------------------------------------------------------


def added(tx: Tx, received: Received) -> None:
    """Somebody elsewhere pins a post of theirs or shows a hashtag. Only their own collections are theirs to change."""
    if not _is_theirs(received):
        return
    # Mastodon's Add has no id and is told apart by what it says: after this one a Remove must count again.
    federation.activities.forget_nameless(tx, received.actor.uri, "Remove", received.activity.object_id)
    written = _tag_in(received)
    if written:
        _add_tag(tx, received.actor, written)
        return
    uri = received.activity.object_id
    if uri is None or not same_origin(uri, received.actor.uri):
        return
    post = queries.by_uri(tx.conn, uri)
    if post is None:
        if uri not in received.unavailable and relationships.local_followers(tx.conn, received.actor.id):
            raise Missing(uri, optional=True)
        return
    if post.author_id == received.actor.id and not post.is_boost and _count(tx, received.actor) < MAX_REMOTE:
        _add_pin(tx, received.actor, post)


def removed(tx: Tx, received: Received) -> None:
    """Somebody elsewhere takes a pinned post or a hashtag away."""
    if not _is_theirs(received):
        return
    federation.activities.forget_nameless(tx, received.actor.uri, "Add", received.activity.object_id)
    written = _tag_in(received)
    if written:
        tx.conn.execute(
            delete(featured_tags).where(
                featured_tags.c.actor_id == received.actor.id, featured_tags.c.name == fold_hashtag(written)
            )
        )
        return
    post = queries.by_uri(tx.conn, received.activity.object_id) if received.activity.object_id else None
    if post is not None:
        _drop_pin(tx, received.actor, post)


def replace_pins(tx: Tx, actor: Actor, uris: Sequence[str]) -> None:
    """What a remote actor's `featured` collection says now, its first member the one that stands first."""
    found = {
        row.uri: row.id
        for row in tx.conn.execute(
            select(posts.c.id, posts.c.uri).where(
                posts.c.uri.in_(uris[:MAX_REMOTE]), posts.c.author_id == actor.id, posts.c.boost_of_id.is_(None)
            )
        )
    }
    tx.conn.execute(delete(pins).where(pins.c.actor_id == actor.id))
    wanted = [found[uri] for uri in reversed(list(dict.fromkeys(uris))) if uri in found]
    if wanted:
        tx.conn.execute(insert(pins), [_pin_row(tx, actor, post_id) for post_id in wanted])


def replace_tags(tx: Tx, actor: Actor, written: Collection[str]) -> None:
    """What a remote actor's `featuredTags` collection says now."""
    tx.conn.execute(delete(featured_tags).where(featured_tags.c.actor_id == actor.id))
    for display in list(written)[:MAX_REMOTE]:
        _add_tag(tx, actor, display)


def tag_name(document: JsonObject) -> str | None:
    """The hashtag that a document of type Hashtag names, without `#`; None for anything else."""
    if document.get("type") != "Hashtag":
        return None
    found = find_hashtags(f"#{(as_text(document.get('name')) or '').removeprefix('#')}")
    return found[0] if found else None


def _is_theirs(received: Received) -> bool:
    target = received.activity.target_id
    return target is not None and target in (received.actor.featured, received.actor.featured_tags)


def _tag_in(received: Received) -> str | None:
    inner = received.activity.embedded
    return tag_name(inner) if inner is not None else None


def _count(tx: Tx, actor: Actor) -> int:
    return tx.conn.execute(select(func.count()).select_from(pins).where(pins.c.actor_id == actor.id)).scalar_one()


# -- rows -------------------------------------------------------------------------------------------------------------


def _add_pin(tx: Tx, actor: Actor, post: Post) -> None:
    tx.conn.execute(insert_or_ignore(tx.conn, pins), _pin_row(tx, actor, post.id))
    store.touch(tx, post.id)


def _pin_row(tx: Tx, actor: Actor, post_id: int) -> dict[str, object]:
    return {"id": new_id(tx.now), "actor_id": actor.id, "post_id": post_id, "created_at": tx.now}


def _drop_pin(tx: Tx, actor: Actor, post: Post) -> bool:
    return tx.conn.execute(delete(pins).where(pins.c.actor_id == actor.id, pins.c.post_id == post.id)).rowcount > 0


def _add_tag(tx: Tx, actor: Actor, display: str) -> None:
    tx.conn.execute(
        insert_or_ignore(tx.conn, featured_tags),
        {
            "id": new_id(tx.now),
            "actor_id": actor.id,
            "name": fold_hashtag(display)[:255],
            "display": display[:255],
            "created_at": tx.now,
        },
    )
