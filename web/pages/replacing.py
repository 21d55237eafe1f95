# SPDX-License-Identifier: AGPL-3.0-or-later
"""One's own post in the hands of its author: finding it, describing its files anew, and making room for its successor."""

from sqlalchemy import Connection

from node import media, posts
from node.actors import Actor
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.posts import Draft, Post
from web.params import Params


def own_post(conn: Connection, owner_id: int, post_id: int) -> Post:
    """A post that somebody wrote themselves, no boost of another. Raises NotFound."""
    post = posts.visible(conn, post_id, owner_id)
    if post.author_id != owner_id or post.is_boost:
        raise NotFound
    return post


def describe(tx: Tx, author: Actor, given: Params, media_ids: tuple[int, ...]) -> None:
    """Take what a form says of files (`described[<number>]`). Raises NotFound for files of somebody else."""
    said = given.table("described")
    for number in media_ids:
        if str(number) in said:
            media.describe(tx, number, author.id, description=said.text(str(number)) or "")


def make_room(tx: Tx, author: Actor, given: Params, draft: Draft) -> None:
    """Delete the post that a form `replaces`, if it does; its files are free for the new one. Raises NotFound.

    The new one follows in the same transaction: if it is refused, the old one is still there.
    """
    replaced = given.number("replaces")
    if replaced is not None:
        posts.delete_post(tx, author, own_post(tx.conn, author.id, replaced).id, keep_media=True)
    describe(tx, author, given, draft.media_ids)
