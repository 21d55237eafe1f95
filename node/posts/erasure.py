# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking away everything that somebody published, once they are gone. Nobody is shown it from the first moment on; the
rows go some at a time, each batch with the row of the next, so that a long life holds up nobody else's work."""

from typing import Final

from sqlalchemy import delete, select, update

from node import actors, federation
from node.actors import Actor
from node.kernel import queue
from node.kernel.db import Tx
from node.posts import scheduled, store
from node.posts.tables import bookmarks, favourites, featured_tags, pins, poll_votes, posts
from node.posts.types import Kind, from_row

ERASE: Final = "posts.erase_author"
BATCH: Final = 100


def begin(tx: Tx, actor: Actor) -> None:
    """Take away what somebody did with others' posts, and have their own taken away."""
    liked = select(favourites.c.post_id).where(favourites.c.actor_id == actor.id)
    tx.conn.execute(
        update(posts)
        .where(posts.c.id.in_(liked))
        .values(favourites_count=posts.c.favourites_count - 1, version=posts.c.version + 1)
    )
    for table in (favourites, bookmarks, poll_votes, pins, featured_tags):
        tx.conn.execute(delete(table).where(table.c.actor_id == actor.id))
    scheduled.forget_author(tx, actor.id)
    queue.enqueue(tx, ERASE, {"actor": actor.id})


def erase_some(tx: Tx, actor_id: int, task_id: int) -> None:
    """Remove the next posts of an actor who is gone; the ids of local ones answer 410 from now on."""
    author = actors.find(tx.conn, actor_id)
    rows = tx.conn.execute(select(posts).where(posts.c.author_id == actor_id).order_by(posts.c.id).limit(BATCH)).all()
    # One who came back (their server served them again) keeps what is new.
    if author is not None and author.deleted_at is not None:
        for post in [from_row(row) for row in rows]:
            store.remove(tx, post)
            if post.local and not post.is_boost:
                kind = "Event" if post.kind is Kind.EVENT else "Note"
                federation.activities.bury(tx, post.uri, author.uri, kind)
        if len(rows) == BATCH:
            queue.enqueue(tx, ERASE, {"actor": actor_id})
    queue.complete(tx, task_id)
