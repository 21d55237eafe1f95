# SPDX-License-Identifier: AGPL-3.0-or-later
"""The timelines of lists, and who is on one. A list that a member made has rows (`node.lists`); those that the node keeps
are gathered when they are read, through the member's eyes and without whom they want to see nothing of.

Of the lists of people: what those people write, and what is for the circle of that name. Answers come where somebody on
the list is answered, as in a list whose policy is `list`; boosts do not come.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, false, func, literal_column, or_, select

from activitypub.addressing import Visibility
from node import actors, lists
from node.actors import Actor, ActorId
from node.actors.tables import actors as actors_table
from node.kernel import clock, paging
from node.kernel.paging import Page
from node.lists import BuiltIn, built_in
from node.posts.queries import OPEN
from node.posts.tables import mentions, posts
from node.posts.types import Kind, PostId
from node.relationships import Circle, visible_posts
from node.relationships.circles import at_partner
from node.relationships.hiding import is_unwanted
from node.relationships.tables import follows

_CIRCLES: Final = {
    BuiltIn.CLASS: Circle.CLASS,
    BuiltIn.SCHOOL: Circle.SCHOOL,
    BuiltIn.PARTNERS: Circle.PARTNERS,
}
_author = actors_table.alias("listed_author")
_answered = actors_table.alias("listed_answered")
_follow = follows.alias("listed_follow")
# Written out, because a partial index is used only where the statement itself holds its condition.
IS_EVENT: Final = posts.c.kind == literal_column(f"'{Kind.EVENT}'")


def timeline(conn: Connection, owner: Actor, list_id: int, page: Page) -> Sequence[int]:
    """The posts on a page of one of somebody's lists, newest first. Raises NotFound."""
    found = lists.get(conn, owner, list_id)
    if found.built_in is None:
        return lists.entries(conn, found.id, page)
    return [row.id for row in paging.read(conn, _gathered(found.built_in, owner), posts.c.id, page)]


def accounts(conn: Connection, owner: Actor, list_id: int, page: Page) -> list[tuple[int, Actor]]:
    """Who is on one of somebody's lists, with the number by which the list is paged: of the row, or of the account where
    the node keeps the list. On the list of events stand those who plan them. Raises NotFound."""
    found = lists.get(conn, owner, list_id)
    if found.built_in is None:
        return lists.accounts(conn, found.id, page)
    if found.built_in is not BuiltIn.EVENTS:
        return built_in.accounts(conn, found.built_in, owner, page)
    planning = _gathered(BuiltIn.EVENTS, owner).with_only_columns(posts.c.author_id).group_by(posts.c.author_id)
    numbers = [row.author_id for row in paging.read(conn, planning, posts.c.author_id, page)]
    known = actors.by_ids(conn, numbers)
    return [(number, known[number]) for number in numbers if number in known]


def built_in_holds(conn: Connection, owner: Actor, list_id: int, post_id: int) -> bool:
    """Whether a post stands on the timeline of a list that the node keeps for somebody. Raises NotFound."""
    found = lists.get(conn, owner, list_id)
    if found.built_in is None:
        return False
    return conn.execute(_gathered(found.built_in, owner).where(posts.c.id == post_id)).first() is not None


def _gathered(one: BuiltIn, owner: Actor) -> Select[tuple[int]]:
    """The posts of a list that the node keeps."""
    statement = select(posts.c.id).where(
        posts.c.boost_of_id.is_(None),
        posts.c.visibility != Visibility.DIRECT,
        visible_posts(posts, mentions, owner.id),
        ~is_unwanted(posts.c.author_id, owner.id, clock.now()),
    )
    if one is BuiltIn.EVENTS:
        return statement.where(IS_EVENT, _planned_nearby(owner))
    by_them = exists(
        select(_author.c.id).where(_author.c.id == posts.c.author_id, built_in.within(one, _author, owner))
    )
    to_them = exists(
        select(_answered.c.id).where(
            _answered.c.id == posts.c.in_reply_to_author_id, built_in.within(one, _answered, owner)
        )
    )
    return statement.where(
        or_(
            posts.c.circle == _CIRCLES[one] if one in _CIRCLES else false(),
            and_(by_them, or_(posts.c.in_reply_to_uri.is_(None), to_them)),
        )
    )


def _planned_nearby(owner: Actor) -> ColumnElement[bool]:
    """The clause: an event of this node, of a partner school, or of somebody whom the member follows."""
    follows_author = exists(
        select(_follow.c.id).where(
            _follow.c.follower_id == owner.id,
            _follow.c.followee_id == posts.c.author_id,
            _follow.c.state == "accepted",
        )
    )
    return or_(posts.c.local.is_(True), follows_author, at_partner(posts.c.author_id))


def latest_of_each(
    conn: Connection, author_ids: Collection[int], *, limit: int = 20
) -> Mapping[ActorId, Sequence[PostId]]:
    """The newest open posts and boosts of each author, without answers to others, for a timeline that begins to hold
    them. One statement."""
    if not author_ids:
        return {}
    ranked = (
        select(
            posts.c.id,
            posts.c.author_id,
            func.row_number().over(partition_by=posts.c.author_id, order_by=posts.c.id.desc()).label("rank"),
        )
        .where(
            posts.c.author_id.in_(set(author_ids)),
            posts.c.visibility.in_(OPEN),
            or_(posts.c.in_reply_to_uri.is_(None), posts.c.in_reply_to_author_id == posts.c.author_id),
        )
        .subquery()
    )
    found: dict[ActorId, list[PostId]] = {}
    for row in conn.execute(select(ranked.c.id, ranked.c.author_id).where(ranked.c.rank <= limit)):
        found.setdefault(ActorId(row.author_id), []).append(PostId(row.id))
    return found


def direct(conn: Connection, viewer: int, page: Page) -> Sequence[PostId]:
    """A page of the direct posts that somebody wrote or got, newest first."""
    named = select(mentions.c.post_id).where(mentions.c.actor_id == viewer)
    statement = select(posts.c.id).where(
        posts.c.visibility == Visibility.DIRECT,
        or_(posts.c.author_id == viewer, posts.c.id.in_(named)),
        visible_posts(posts, mentions, viewer),
        ~is_unwanted(posts.c.author_id, viewer, clock.now()),
    )
    return [PostId(row.id) for row in paging.read(conn, statement, posts.c.id, page)]
