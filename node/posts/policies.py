# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom an author elsewhere lets answer (GoToSocial's `interactionPolicy`): an answer that would be thrown away there is
not taken here either."""

from sqlalchemy import Connection

from activitypub.addressing import is_public
from node import actors, relationships
from node.actors import Actor
from node.posts import queries
from node.posts.types import Post


def may_reply(conn: Connection, post: Post, member: Actor) -> bool:
    """Whether the author of `post` takes an answer by `member`: without a word of theirs, everybody's is taken.

    The author and whoever the post names may always answer.
    """
    allowed = post.reply_policy
    if (
        allowed is None
        or post.author_id == member.id
        or member.uri in allowed
        or any(is_public(one) for one in allowed)
    ):
        return True
    if any(person.id == member.id for person in queries.named(conn, post.id)):
        return True
    author = actors.get(conn, post.author_id)
    between = relationships.between(conn, member.id, [author.id]).get(author.id)
    if between is None:
        return False
    return (author.followers in allowed and between.following) or (author.following in allowed and between.followed_by)
