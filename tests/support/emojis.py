# SPDX-License-Identifier: AGPL-3.0-or-later
"""Emoji of the node for tests that need no picture, and the work that follows when one changes."""

from sqlalchemy import update

from node import emojis
from node.emojis import CustomEmoji, NewEmoji
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.queue import tasks
from node.posts import emojis as post_emojis

KEEPER = frozenset({"moderator"})


def a_file(letter: str = "a", mime: str = "image/png") -> NewEmoji:
    """The names of files as the store gives them; the files are not there."""
    name = f"{letter * 32}.{mime.rpartition('/')[2]}"
    return NewEmoji(file=name, still=f"{letter * 32}.png", mime=mime, size=500)


def an_emoji(db: Database, shortcode: str = "cap", letter: str = "a", **more: object) -> CustomEmoji:
    """An emoji of the node."""
    made: CustomEmoji = db.write_now(emojis.add, KEEPER, shortcode, a_file(letter), **more)  # type: ignore[arg-type]  # passed on as given
    return made


def renew(db: Database) -> int:
    """Write anew all posts that name an emoji that has changed; how many tasks that took."""
    count = 0
    while True:
        for task in db.write_now(queue.claim, queue.WORK, limit=50, per_lane=50, busy={}):
            if task.name != post_emojis.RENEW:
                db.write_now(_put_back, task.id)
                continue
            db.write_now(post_emojis.renew_some, task)
            count += 1
            break
        else:
            return count


def _put_back(tx: Tx, task_id: int) -> None:
    """Let what this is not about wait for good."""
    tx.conn.execute(update(tasks).where(tasks.c.id == task_id).values(parked_at=tx.now))
