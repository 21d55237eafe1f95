# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what is kept of pages, and which posts lead to one."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Row, bindparam, exists, select

from activitypub.addressing import Visibility
from node.kernel import clock, paging
from node.kernel.db import long_read
from node.kernel.paging import Page
from node.posts.tables import mentions, posts
from node.previews.rules import State, key
from node.previews.tables import post_previews, previews
from node.previews.types import Preview
from node.relationships import visible_posts
from node.relationships.hiding import is_unwanted, is_withheld

KEPT_UNUSED: Final = timedelta(days=1)
KEEP_PICTURES: Final = timedelta(days=180)
_AT_ONCE: Final = 200
_BY_ID = select(previews).where(previews.c.id == bindparam("id"))
# Locked against being swept away before a post is tied to it.
_BY_KEY = select(previews).where(previews.c.key == bindparam("key")).with_for_update(read=True, key_share=True)
_OF_POST = (
    select(previews)
    .join(post_previews, post_previews.c.preview_id == previews.c.id)
    .where(post_previews.c.post_id == bindparam("post_id"))
)


def find(conn: Connection, preview_id: int) -> Preview | None:
    """The page with this number."""
    return _preview(conn.execute(_BY_ID, {"id": preview_id}).one_or_none())


def by_key(conn: Connection, wanted: str) -> Preview | None:
    """The page that is kept under this key, held until the transaction ends."""
    return _preview(conn.execute(_BY_KEY, {"key": wanted}).one_or_none())


def of_post(conn: Connection, post_id: int) -> Preview | None:
    """The page that a post shows a card of, or will show one."""
    return _preview(conn.execute(_OF_POST, {"post_id": post_id}).one_or_none())


def several(conn: Connection, preview_ids: Collection[int]) -> dict[int, Preview]:
    """Those of the pages that are there, by number, in one statement."""
    rows = conn.execute(select(previews).where(previews.c.id.in_(set(preview_ids))))
    return {row.id: found for row in rows if (found := _preview(row)) is not None}


@long_read
def unused(conn: Connection, now: datetime) -> Sequence[int]:
    """Pages that no post leads to any more, some hundreds at a time."""
    statement = (
        select(previews.c.id)
        .where(previews.c.created_at < now - KEPT_UNUSED, ~exists().where(post_previews.c.preview_id == previews.c.id))
        .order_by(previews.c.id)
        .limit(_AT_ONCE)
    )
    return conn.execute(statement).scalars().all()


@long_read
def with_old_pictures(conn: Connection, now: datetime) -> Sequence[int]:
    """Pages whose picture was fetched long ago and that nobody here links to, some hundreds at a time."""
    by_us = (
        select(post_previews.c.post_id)
        .join(posts, posts.c.id == post_previews.c.post_id)
        .where(post_previews.c.preview_id == previews.c.id, posts.c.local.is_(True))
    )
    statement = (
        select(previews.c.id)
        .where(previews.c.fetched_at < now - KEEP_PICTURES, previews.c.file.is_not(None), ~exists(by_us))
        .order_by(previews.c.id)
        .limit(_AT_ONCE)
    )
    return conn.execute(statement).scalars().all()


def posts_linking_to(conn: Connection, viewer: int | None, url: str, page: Page) -> Sequence[int]:
    """A page of the posts for everybody whose card is that of the page at `url`, newest first."""
    statement = (
        select(posts.c.id)
        .join(post_previews, post_previews.c.post_id == posts.c.id)
        .join(previews, previews.c.id == post_previews.c.preview_id)
        .where(
            previews.c.key == key(url),
            posts.c.visibility == Visibility.PUBLIC,
            visible_posts(posts, mentions, viewer),
            ~is_withheld(posts.c.author_id, viewer),
        )
    )
    if viewer is not None:
        statement = statement.where(~is_unwanted(posts.c.author_id, viewer, clock.now()))
    return [row.id for row in paging.read(conn, statement, posts.c.id, page)]


def _preview(row: Row[*tuple[object, ...]] | None) -> Preview | None:
    if row is None:
        return None
    values = dict(row._mapping)
    values["state"] = State(values["state"])
    return Preview(**values)
