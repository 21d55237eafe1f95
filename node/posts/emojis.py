# SPDX-License-Identifier: AGPL-3.0-or-later
"""The association's emoji in posts from here: kept in the row as they are when it is written, and written anew, some posts
at a time, when one of them changes."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, exists, select, update

from node import emojis
from node.emojis import CustomEmoji, EmojiChanged
from node.kernel import queue
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.queue import Task
from node.posts import polls
from node.posts.tables import edits, post_emojis, posts
from node.posts.types import Draft, PostId, from_row

RENEW: Final = "posts.renew_emojis"
BATCH: Final = 100
_SHOW = (
    update(posts)
    .where(posts.c.id == bindparam("post_id"))
    .values(emojis=bindparam("shown"), version=posts.c.version + 1)
)


def in_draft(conn: Connection, draft: Draft) -> list[CustomEmoji]:
    """The emoji that a draft which is about to be written names: in its text, its warning, and the answers of its poll."""
    options = draft.poll.options if draft.poll is not None else ()
    return emojis.used_in(conn, draft.text, draft.spoiler_text, *options)


def keep(tx: Tx, post_id: PostId, used: Sequence[CustomEmoji]) -> None:
    """Note which emoji a post that has just been written, or changed, names. What it named before can still be read."""
    if used:
        rows = [{"emoji_id": emoji.id, "post_id": post_id} for emoji in used]
        tx.conn.execute(insert_or_ignore(tx.conn, post_emojis), rows)


def begin(tx: Tx, changed: EmojiChanged) -> None:
    """Have the posts that name an emoji written anew."""
    named = select(exists().where(post_emojis.c.emoji_id == changed.emoji_id))
    if tx.conn.execute(named).scalar():
        queue.enqueue(tx, RENEW, {"emoji": changed.emoji_id, "after": 0})


def renew_some(tx: Tx, task: Task) -> None:
    """Show the next posts that name an emoji, and what they were before, with what it is now; in the end forget those of
    one that is gone."""
    emoji_id, after = int(str(task.payload["emoji"])), int(str(task.payload["after"]))
    named = select(post_emojis.c.post_id).where(post_emojis.c.emoji_id == emoji_id, post_emojis.c.post_id > after)
    numbers = tx.conn.execute(named.order_by(post_emojis.c.post_id).limit(BATCH)).scalars().all()
    if numbers:
        rows = tx.conn.execute(select(posts).where(posts.c.id.in_(numbers)).order_by(posts.c.id).with_for_update())
        asked = polls.read(tx.conn, numbers)
        for post in [from_row(row) for row in rows]:
            options = [option.title for option in asked[post.id].options] if post.id in asked else []
            used = emojis.used_in(tx.conn, post.title, post.source, post.spoiler_text, *options)
            shown = emojis.shown_of(tx.site, used)
            if shown != list(post.emojis):
                tx.conn.execute(_SHOW, {"post_id": post.id, "shown": shown})
        _renew_edits(tx, numbers)
    if len(numbers) == BATCH:
        queue.enqueue(tx, RENEW, {"emoji": emoji_id, "after": numbers[-1]})
    elif emojis.find(tx.conn, emoji_id) is None:
        tx.conn.execute(delete(post_emojis).where(post_emojis.c.emoji_id == emoji_id))
    queue.complete(tx, task.id)


def _renew_edits(tx: Tx, post_ids: Sequence[int]) -> None:
    for row in tx.conn.execute(select(edits).where(edits.c.post_id.in_(post_ids))).all():
        used = emojis.used_in(tx.conn, row.content, row.spoiler_text, *(row.poll or ()))
        shown = emojis.shown_of(tx.site, used)
        if shown != row.emojis:
            tx.conn.execute(update(edits).where(edits.c.id == row.id).values(emojis=shown))
