# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom an author elsewhere lets answer and quote (GoToSocial's `interactionPolicy`): what would be thrown away there is not
taken here either."""

from sqlalchemy import Connection

from activitypub.addressing import is_public
from node import actors, relationships
from node.actors import Actor
from node.posts import queries
from node.posts.queries import OPEN
from node.posts.types import Post


def may_reply(conn: Connection, post: Post, member: Actor) -> bool:
    """Whether the author of `post` takes an answer by `member`: without a word of theirs, everybody's is taken.

    The author and whoever the post names may always answer.
    """
    if _is_among(conn, post.reply_policy, post, member):
        return True
    return any(person.id == member.id for person in queries.named(conn, post.id))


def may_quote(conn: Connection, post: Post, member: Actor) -> bool:
    """Whether `member` may quote a post that they see: their own, or one that is open to all and whose author lets them."""
    if post.author_id == member.id:
        return True
    return post.visibility in OPEN and _is_among(conn, post.quote_policy, post, member)


def _is_among(conn: Connection, allowed: tuple[str, ...] | None, post: Post, member: Actor) -> bool:
    if allowed is None or post.author_id == member.id or member.uri in allowed or any(map(is_public, allowed)):
        return True
    author = actors.get(conn, post.author_id)
    between = relationships.between(conn, member.id, [author.id]).get(author.id)
    if between is None:
        return False
    return (author.followers in allowed and between.following) or (author.following in allowed and between.followed_by)
