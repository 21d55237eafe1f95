# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may see a post: the one rule, as a SQL clause that every query of posts carries and as a function over facts.

    public, unlisted   anyone
    private            the author, the author's accepted followers, whoever is named
    direct             the author and whoever is named
    a circle           the author and whoever is inside (`circles`); such a post is `private` for everything else,
                       but neither following its author nor being named brings anybody in

Whatever the visibility: nothing passes between two people of whom one blocks the other, and nothing of a suspended or
deleted author is shown. `may_see` and `visible_posts` say the same; a test holds them against each other.
"""

from functools import cache

from sqlalchemy import BindParameter, ColumnElement, FromClause, String, and_, exists, literal_column, or_, select, true

from activitypub.addressing import Visibility
from node.actors.tables import actors
from node.relationships.circles import is_inside
from node.relationships.tables import blocks, follows

# Aliases, so that a query which names these tables itself is not taken for the one meant here. Made once: making one
# copies every column.
_author = actors.alias("seen_author")
_follow = follows.alias("seen_follow")
_block = blocks.alias("seen_block")
# Written out: values that are bound to an IN are put into the text of the statement again each time it is run.
_OPEN = (literal_column("'public'", String), literal_column("'unlisted'", String))
Viewer = int | BindParameter[int]


@cache
def _alias(mentions: FromClause) -> FromClause:
    return mentions.alias("seen_mention")


def may_see(
    visibility: Visibility,
    *,
    is_author: bool = False,
    is_named: bool = False,
    follows_author: bool = False,
    blocks_between: bool = False,
    author_active: bool = True,
    to_circle: bool = False,
    in_circle: bool = False,
) -> bool:
    """Whether a viewer of whom those facts hold may see a post. `in_circle`: of the circle that it is to, if any."""
    if not author_active or (blocks_between and not is_author):
        return False
    if to_circle:
        return is_author or in_circle
    if is_author or is_named or visibility in (Visibility.PUBLIC, Visibility.UNLISTED):
        return True
    return visibility is Visibility.PRIVATE and follows_author


def visible_posts(posts: FromClause, mentions: FromClause, viewer_id: Viewer | None) -> ColumnElement[bool]:
    """The clause for a query of `posts` (or an alias of it): rows that `viewer_id` may see; None is a stranger.

    With a bind parameter for the viewer the clause can stand in a statement that is built once.
    """
    author_active = exists(
        select(_author.c.id).where(
            _author.c.id == posts.c.author_id, _author.c.suspended_at.is_(None), _author.c.deleted_at.is_(None)
        )
    )
    open_to_all = posts.c.visibility.in_(_OPEN)
    if viewer_id is None:
        return and_(open_to_all, author_active)
    follows_author = exists(
        select(_follow.c.id).where(
            _follow.c.follower_id == viewer_id,
            _follow.c.followee_id == posts.c.author_id,
            _follow.c.state == "accepted",
        )
    )
    named = _alias(mentions)
    is_named = exists(select(named.c.post_id).where(named.c.post_id == posts.c.id, named.c.actor_id == viewer_id))
    return and_(
        or_(
            posts.c.author_id == viewer_id,
            and_(
                or_(
                    open_to_all,
                    and_(
                        posts.c.circle.is_(None),
                        or_(is_named, and_(posts.c.visibility == Visibility.PRIVATE, follows_author)),
                    ),
                    is_inside(posts, viewer_id),
                ),
                not_blocked(posts.c.author_id, viewer_id),
            ),
        ),
        author_active,
    )


def not_blocked(other: ColumnElement[int], viewer_id: Viewer | None) -> ColumnElement[bool]:
    """The clause: neither of the two blocks the other."""
    if viewer_id is None:
        return true()
    return ~exists(
        select(_block.c.id).where(
            or_(
                and_(_block.c.blocker_id == other, _block.c.blocked_id == viewer_id),
                and_(_block.c.blocker_id == viewer_id, _block.c.blocked_id == other),
            )
        )
    )
