# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading which posts lead to a page."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, select

from activitypub.addressing import Visibility
from node.kernel import clock, paging
from node.kernel.paging import Page
from node.posts.tables import mentions, posts
from node.previews.tables import post_previews, previews
from node.relationships import visible_posts
from node.relationships.hiding import is_unwanted


def key(url: str) -> str:
    """What a page is kept under."""
    return hashlib.sha256(url.encode()).hexdigest()


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
        )
    )
    if viewer is not None:
        statement = statement.where(~is_unwanted(posts.c.author_id, viewer, clock.now()))
    return [row.id for row in paging.read(conn, statement, posts.c.id, page)]
