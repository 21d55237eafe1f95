# SPDX-License-Identifier: AGPL-3.0-or-later
"""The document at the id of something of ours, whatever kind of thing it is."""

from dataclasses import dataclass

from sqlalchemy import Connection

from activitypub.build import build_tombstone
from activitypub.parse import JsonObject
from activitypub.quotes import build_authorization
from node import federation, posts
from node.actors import Actor, Reach, by_uri
from node.actors import get as actor_of
from node.events import documents as event_documents
from node.kernel.errors import NotFound
from node.kernel.site import Site
from node.posts import Kind, Post
from node.posts import documents as post_documents
from node.posts.queries import OPEN
from node.relationships import reach


@dataclass(frozen=True, slots=True)
class Served:
    """A document as it goes out: `gone` for a tombstone (410), `public` if caches may keep it."""

    document: JsonObject
    page: str
    public: bool
    gone: bool = False


def local_object(conn: Connection, site: Site, uri: str, reader: Actor | None) -> Served:
    """The local post, event or tombstone with this id, for a signed reader or for anybody.

    Raises NotFound, also for what the reader may not see.
    """
    post = posts.by_uri(conn, uri)
    if post is None or not post.local or post.is_boost:
        stamp = posts.stamp(conn, uri)
        if stamp is not None:
            _check_author(conn, stamp.author, reader)
            return Served(build_authorization(stamp), site.base_url, public=True)
        buried = federation.activities.tombstone(conn, uri)
        if buried is None:
            raise NotFound
        _, kind, deleted_at = buried
        return Served(build_tombstone(uri, kind or "Note", deleted_at), site.base_url, public=True, gone=True)
    public = post.visibility in OPEN
    if not public and (reader is None or not _may_read(conn, post, reader)):
        raise NotFound
    author = actor_of(conn, post.author_id)
    if not author.is_active or not reach.admits(conn, author, reader):
        raise NotFound
    public = public and author.reach is Reach.OPEN
    return Served(document_of(conn, site, post, author), post.url, public=public)


def _check_author(conn: Connection, uri: str, reader: Actor | None) -> None:
    """Raises NotFound for what a member says who is not known to the reader's server."""
    author = by_uri(conn, uri)
    if author is None or not reach.admits(conn, author, reader):
        raise NotFound


def _may_read(conn: Connection, post: Post, reader: Actor) -> bool:
    """A server reads for all its people; a member of ours, with a token, for themselves alone."""
    if not reader.is_local:
        return posts.can_be_read_by(conn, post, reader)
    try:
        return posts.visible(conn, post.id, reader.id) is not None
    except NotFound:
        return False


def document_of(conn: Connection, site: Site, post: Post, author: Actor) -> JsonObject:
    """A local post in its own form."""
    if post.kind is Kind.EVENT:
        return event_documents.event(conn, site, post, author, locale=post.language or "en")
    return post_documents.note(conn, site, post, author)
