# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member's inbox as ActivityPub has it: the activities of others that are for them, newest first, for their programs.

    named          they are among the recipients, or are the object themselves
    about theirs   the object is a post of theirs (a Mastodon Like has no recipients), or what they asked for is answered
    followed       said to the followers or to everybody by somebody whom they follow

It reaches back as far as received activities are kept. What they may not see is not in it: nothing passes a block or a
mute, blocks and reports are told to nobody, what was deleted or taken back is gone. Of an embedded object only the
sender's own words are shown; of what belongs to somebody else, its id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Row,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from activitypub import addressing
from activitypub.accessors import as_id, as_object, types
from activitypub.addressing import Visibility
from activitypub.origin import same_origin
from activitypub.parse import JsonObject
from node.actors import Actor
from node.actors.tables import actors
from node.federation.tables import activities, recipients, tombstones
from node.kernel import clock, ids
from node.kernel.clock import Moment
from node.posts.tables import posts
from node.relationships.tables import follows, mutes
from node.relationships.visibility import not_blocked

REACHES_BACK: Final = timedelta(days=7)
_UNTOLD: Final = ("Block", "Flag")


@dataclass(frozen=True, slots=True)
class Item:
    """An activity in an inbox. `number` is what pages are cut at."""

    number: int
    document: JsonObject


_me = bindparam("me", type_=BigInteger)
_my_uri = bindparam("my_uri", type_=String)
_within = and_(
    activities.c.id >= bindparam("since", type_=BigInteger), activities.c.id < bindparam("before", type_=BigInteger)
)
_earlier = activities.alias("earlier")
_followee = actors.alias("followee")
_mine = union_all(
    select(posts.c.uri).where(posts.c.author_id == _me, posts.c.local.is_(True), posts.c.boost_of_id.is_(None)),
    select(_my_uri.label("uri")),
).subquery("mine")
# By number; `is_direct` tells what was said to everybody's followers from what is for this member.
_REACHED = union_all(
    select(activities.c.id, literal(1).label("is_direct"))
    .join_from(recipients, activities, activities.c.id == recipients.c.activity_id)
    .where(recipients.c.actor_id == _me, _within),
    select(activities.c.id, literal(1)).join_from(_mine, activities, activities.c.object == _mine.c.uri).where(_within),
    # The end of what is about theirs: the Undo names the Like, and the Like names the post.
    select(activities.c.id, literal(1))
    .join_from(_mine, _earlier, _earlier.c.object == _mine.c.uri)
    .join(activities, and_(activities.c.object == _earlier.c.uri, activities.c.actor == _earlier.c.actor))
    .where(activities.c.type == "Undo", _within),
    select(activities.c.id, literal(1))
    .join_from(_earlier, activities, activities.c.object == _earlier.c.uri)
    .where(
        _earlier.c.actor == _my_uri,
        _earlier.c.local.is_(True),
        _earlier.c.type.in_(("Follow", "Join")),
        activities.c.type.in_(("Accept", "Reject")),
        _within,
    ),
    select(activities.c.id, literal(0))
    .join_from(follows, _followee, _followee.c.id == follows.c.followee_id)
    .join(activities, activities.c.actor == _followee.c.uri)
    .where(follows.c.follower_id == _me, follows.c.state == "accepted", _within),
).subquery("reached")
_WANTED = (
    select(_REACHED.c.id, func.max(_REACHED.c.is_direct).label("is_direct")).group_by(_REACHED.c.id).subquery("wanted")
)
_ITEMS = (
    select(activities.c.id, activities.c.actor, activities.c.body, actors.c.followers, _WANTED.c.is_direct)
    .join_from(_WANTED, activities, activities.c.id == _WANTED.c.id)
    .join(actors, actors.c.uri == activities.c.actor)
    .where(
        actors.c.id != _me,
        actors.c.suspended_at.is_(None),
        activities.c.undone_at.is_(None),
        activities.c.type.not_in(_UNTOLD),
        or_(activities.c.object_type.is_(None), activities.c.object_type.not_in(_UNTOLD)),
        not_blocked(actors.c.id, _me),
        ~exists(
            select(mutes.c.id).where(
                mutes.c.muter_id == _me,
                mutes.c.muted_id == actors.c.id,
                or_(mutes.c.expires_at.is_(None), mutes.c.expires_at > bindparam("now", type_=Moment)),
            )
        ),
        ~and_(
            activities.c.type.in_(("Create", "Update")),
            exists(
                select(tombstones.c.uri).where(
                    tombstones.c.uri == activities.c.object, tombstones.c.actor == activities.c.actor
                )
            ),
        ),
    )
    .order_by(activities.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


def inbox_page(
    conn: Connection, member: Actor, *, before: int | None = None, limit: int = 20
) -> tuple[list[Item], int]:
    """A page of a member's inbox, and the number before which the next one begins (0 after the last).

    A page may hold fewer than `limit`: what somebody they follow said to others alone is left out after reading.
    """
    now = clock.now()
    rows = _rows(
        conn, member, ids.first_id_at(now - REACHES_BACK), before or ids.first_id_at(now + timedelta(days=1)), limit
    )
    items = [item for row in rows if (item := _item(row)) is not None]
    return items, rows[-1].id if len(rows) == limit else 0


def in_inbox(conn: Connection, member: Actor, activity_id: int) -> JsonObject | None:
    """The activity with this number as it stands in a member's inbox; None if it is not for them."""
    rows = _rows(conn, member, activity_id, activity_id + 1, 1)
    item = _item(rows[0]) if rows else None
    return item.document if item is not None else None


def _rows(conn: Connection, member: Actor, since: int, before: int, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    return conn.execute(
        _ITEMS,
        {
            "me": member.id,
            "my_uri": member.uri,
            "since": since,
            "before": before,
            "now": clock.now(),
            "limit": limit,
        },
    ).all()


def _item(row: Row[*tuple[Any, ...]]) -> Item | None:
    document: JsonObject = orjson.loads(row.body)
    audience = addressing.read(document, row.followers)
    if not row.is_direct and audience.visibility is Visibility.DIRECT:
        return None
    return Item(row.id, _own_words(addressing.without_hidden(document), row.actor))


def _own_words(document: JsonObject, sender: str) -> JsonObject:
    """The activity with its object embedded only if that is the sender's own: the rest is somebody's claim."""
    inner = as_object(document.get("object"))
    if inner is None:
        return document
    uri = as_id(inner)
    owner = as_id(inner.get("attributedTo")) or as_id(inner.get("actor"))
    if uri == sender or (owner == sender and uri is not None and same_origin(uri, sender)):
        return document
    if types(inner) == ("Tombstone",) and uri is not None and same_origin(uri, sender):
        return document
    return {**document, "object": uri}
