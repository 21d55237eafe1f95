# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom a member may want to follow: classmates first, then people of the same school, then whom those they follow follow."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, literal, or_, select, true

from node.actors import Actor, ActorType, by_ids, get
from node.actors.tables import actors
from node.kernel.db import Tx, insert_or_ignore, long_read
from node.relationships.hiding import is_unwanted
from node.relationships.queries import ACCEPTED
from node.relationships.tables import blocks, dismissed_suggestions, follows

_PEOPLE: Final = (ActorType.PERSON, ActorType.SERVICE)


class Reason(StrEnum):
    """Why somebody is suggested."""

    CLASSMATE = "classmate"
    SCHOOL = "school"
    FRIEND_OF_FRIENDS = "friend_of_friends"


_RANKS: Final = {0: Reason.CLASSMATE, 1: Reason.SCHOOL, 2: Reason.FRIEND_OF_FRIENDS}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody whom a member may want to follow."""

    reason: Reason
    actor: Actor


@long_read
def suggestions(
    conn: Connection,
    viewer: Actor,
    now: datetime,
    *,
    limit: int = 40,
    offset: int = 0,
    listed: ColumnElement[bool] | None = None,
) -> list[Suggestion]:
    """Suggestions for a member, best first: nobody whom they follow, have asked, block or mute, or sent away before.

    Members of this node are suggested if they are `listed` to the viewer, which is a clause over `actors`; somebody
    elsewhere only if they want to be found. Two statements.
    """
    # Members of a node are of its school. Elsewhere it is what the profile says.
    same_school = or_(
        and_(actors.c.domain == "", actors.c.type == ActorType.PERSON),
        and_(actors.c.school == viewer.school, actors.c.discoverable.is_(True)) if viewer.school else literal(False),
    )
    classmate = (
        and_(
            same_school,
            actors.c.school.is_not_distinct_from(viewer.school),
            actors.c.class_year == viewer.class_year,
        )
        if viewer.class_year is not None
        else literal(False)
    )
    mine = follows.alias("mine")
    friends = (
        select(func.count())
        .select_from(follows)
        .join(mine, mine.c.followee_id == follows.c.follower_id)
        .where(
            mine.c.follower_id == viewer.id,
            mine.c.state == ACCEPTED,
            follows.c.followee_id == actors.c.id,
            follows.c.state == ACCEPTED,
        )
        .scalar_subquery()
    )
    rank = case((classmate, 0), (same_school, 1), else_=2)
    rows = conn.execute(
        select(actors.c.id, rank.label("rank"), friends.label("friends"))
        .where(
            actors.c.type.in_(_PEOPLE),
            actors.c.deleted_at.is_(None),
            actors.c.suspended_at.is_(None),
            actors.c.limited_at.is_(None),
            actors.c.memorial.is_(False),
            actors.c.moved_to.is_(None),
            actors.c.id != viewer.id,
            or_(same_school, and_(actors.c.discoverable.is_(True), _followed_by_followed(viewer.id))),
            ~_known(viewer.id, now),
            or_(actors.c.domain != "", actors.c.type != ActorType.PERSON, listed) if listed is not None else true(),
        )
        .order_by("rank", friends.desc(), actors.c.followers_count.desc(), actors.c.id)
        .limit(limit)
        .offset(offset)
    ).all()
    people = by_ids(conn, [row.id for row in rows])
    return [Suggestion(_RANKS[row.rank], people[row.id]) for row in rows]


def _followed_by_followed(viewer_id: int) -> ColumnElement[bool]:
    mine = follows.alias("mine")
    return exists(
        select(follows.c.id)
        .join(mine, mine.c.followee_id == follows.c.follower_id)
        .where(
            mine.c.follower_id == viewer_id,
            mine.c.state == ACCEPTED,
            follows.c.followee_id == actors.c.id,
            follows.c.state == ACCEPTED,
        )
    )


def _known(viewer_id: int, now: datetime) -> ColumnElement[bool]:
    """Whoever need not be suggested, or must not be."""
    other = actors.c.id
    return or_(
        exists(select(follows.c.id).where(follows.c.follower_id == viewer_id, follows.c.followee_id == other)),
        exists(
            select(blocks.c.id).where(
                or_(
                    and_(blocks.c.blocker_id == viewer_id, blocks.c.blocked_id == other),
                    and_(blocks.c.blocked_id == viewer_id, blocks.c.blocker_id == other),
                )
            )
        ),
        exists(
            select(true()).where(
                dismissed_suggestions.c.owner_id == viewer_id, dismissed_suggestions.c.subject_id == other
            )
        ),
        is_unwanted(other, viewer_id, now),
    )


def dismiss_suggestion(tx: Tx, owner: Actor, subject_id: int) -> None:
    """Never suggest somebody again. Raises NotFound for nobody."""
    subject = get(tx.conn, subject_id)
    tx.conn.execute(insert_or_ignore(tx.conn, dismissed_suggestions), {"owner_id": owner.id, "subject_id": subject.id})
