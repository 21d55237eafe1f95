# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member's inbox as ActivityPub has it: the activities of others that are for them, newest first, for their programs.

    named          they are among the recipients, or are the object themselves
    about theirs   the object is a post of theirs (a Mastodon Like has no recipients), or what they asked for is answered
    followed       said to the followers or to everybody by somebody whom they follow

It reaches back as far as received activities are kept. What they may not see is not in it: nothing passes a block or a
mute, blocks and reports are told to nobody, what was deleted or taken back is gone. Of an embedded object only the
sender's own words are shown; of what belongs to somebody else, its id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Row,
    Select,
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
from node.kernel.db import long_read
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
    activities.c.id >= bindparam("since", type_=BigInteger),
    activities.c.id < bindparam("before", type_=BigInteger),
    activities.c.actor != _my_uri,
)
_limit = bindparam("limit", type_=Integer)
_earlier = activities.alias("earlier")
_followee = actors.alias("followee")
_my_posts = and_(posts.c.author_id == _me, posts.c.local.is_(True))


def _newest(part: Select[int], direct: int) -> Select[int, int]:
    """The newest of what reaches a member in one way, so that a busy way costs no more than a page."""
    newest = part.where(_within).order_by(activities.c.id.desc()).limit(_limit).subquery()
    return select(newest.c.id, literal(direct).label("is_direct"))


_undone = and_(
    activities.c.object == _earlier.c.uri, activities.c.actor == _earlier.c.actor, activities.c.type == "Undo"
)
_answered = and_(
    _earlier.c.uri == activities.c.object,
    _earlier.c.actor == _my_uri,
    _earlier.c.local.is_(True),
    _earlier.c.type.in_(("Follow", "Join")),
)
# By number; `is_direct` tells what was said to everybody's followers from what is for this member.
_REACHED = union_all(
    _newest(
        select(activities.c.id)
        .join_from(recipients, activities, activities.c.id == recipients.c.activity_id)
        .where(recipients.c.actor_id == _me),
        1,
    ),
    _newest(
        select(activities.c.id).join_from(posts, activities, activities.c.object == posts.c.uri).where(_my_posts), 1
    ),
    # The end of what was about them or theirs: the Undo names the Like, and the Like names the post.
    _newest(
        select(activities.c.id)
        .join_from(posts, _earlier, _earlier.c.object == posts.c.uri)
        .join(activities, _undone)
        .where(_my_posts),
        1,
    ),
    _newest(select(activities.c.id).join_from(_earlier, activities, _undone).where(_earlier.c.object == _my_uri), 1),
    _newest(
        select(activities.c.id)
        .join_from(_earlier, activities, _answered)
        .where(activities.c.type.in_(("Accept", "Reject"))),
        1,
    ),
    _newest(
        select(activities.c.id)
        .join_from(follows, _followee, _followee.c.id == follows.c.followee_id)
        .join(activities, activities.c.actor == _followee.c.uri)
        .where(follows.c.follower_id == _me, follows.c.state == "accepted"),
        0,
    ),
).subquery("reached")
_WANTED = (
    select(_REACHED.c.id, func.max(_REACHED.c.is_direct).label("is_direct"))
    .group_by(_REACHED.c.id)
    .order_by(_REACHED.c.id.desc())
    .limit(_limit)
)
# The same ways for one activity, from its own row: a stream asks this of everything that comes.
_REACHES = select(
    or_(
        exists(
            select(recipients.c.actor_id).where(
                recipients.c.actor_id == _me, recipients.c.activity_id == activities.c.id
            )
        ),
        exists(select(posts.c.id).where(posts.c.uri == activities.c.object, _my_posts)),
        exists(
            select(_earlier.c.id)
            .outerjoin(posts, and_(posts.c.uri == _earlier.c.object, _my_posts))
            .where(_undone, or_(_earlier.c.object == _my_uri, posts.c.id.is_not(None)))
        ),
        and_(activities.c.type.in_(("Accept", "Reject")), exists(select(_earlier.c.id).where(_answered))),
    ).label("is_direct"),
    exists(
        select(follows.c.id)
        .join(_followee, _followee.c.id == follows.c.followee_id)
        .where(_followee.c.uri == activities.c.actor, follows.c.follower_id == _me, follows.c.state == "accepted")
    ).label("is_followed"),
).where(activities.c.id == bindparam("id", type_=BigInteger), activities.c.actor != _my_uri)
_ITEMS = (
    select(activities.c.id, activities.c.actor, activities.c.body, actors.c.followers)
    .join_from(activities, actors, actors.c.uri == activities.c.actor)
    .where(
        activities.c.id.in_(bindparam("ids", expanding=True)),
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
)


@long_read
def inbox_page(
    conn: Connection, member: Actor, *, before: int | None = None, limit: int = 20
) -> tuple[list[Item], int]:
    """A page of a member's inbox, and the number before which the next one begins (0 after the last).

    A page may hold fewer than `limit`: what the member may not see is left out after its place is known.
    """
    now = clock.now()
    since, end = ids.first_id_at(now - REACHES_BACK), before or ids.first_id_at(now + timedelta(days=1))
    wanted = _wanted(conn, member, since, end, limit)
    return _items(conn, member, wanted), min(wanted) if len(wanted) == limit else 0


def in_inbox(conn: Connection, member: Actor, activity_id: int) -> JsonObject | None:
    """The activity with this number as it stands in a member's inbox; None if it is not for them."""
    row = conn.execute(_REACHES, {"me": member.id, "my_uri": member.uri, "id": activity_id}).one_or_none()
    if row is None or not (row.is_direct or row.is_followed):
        return None
    items = _items(conn, member, {activity_id: bool(row.is_direct)})
    return items[0].document if items else None


def _wanted(conn: Connection, member: Actor, since: int, before: int, limit: int) -> dict[int, bool]:
    """What reached the member, newest first, and whether it is for them in person."""
    values = {"me": member.id, "my_uri": member.uri, "since": since, "before": before, "limit": limit}
    return {row.id: bool(row.is_direct) for row in conn.execute(_WANTED, values)}


def _items(conn: Connection, member: Actor, wanted: Mapping[int, bool]) -> list[Item]:
    """Those of the activities that the member may see."""
    if not wanted:
        return []
    rows = conn.execute(_ITEMS, {"ids": list(wanted), "me": member.id, "now": clock.now()})
    return [item for row in rows if (item := _item(row, direct=wanted[row.id])) is not None]


def _item(row: Row[*tuple[Any, ...]], *, direct: bool) -> Item | None:
    document: JsonObject = orjson.loads(row.body)
    audience = addressing.read(document, row.followers)
    if not direct and audience.visibility is Visibility.DIRECT:
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
