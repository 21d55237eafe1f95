# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading follows, blocks and mutes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, and_, bindparam, func, literal, null, or_, select, union_all

from node.actors import Actor, ActorId, Reach, by_ids
from node.actors.tables import actors
from node.kernel import clock, paging
from node.kernel.clock import Moment
from node.kernel.db import long_read
from node.kernel.paging import Page
from node.relationships.tables import (
    account_notes,
    blocks,
    domain_blocks,
    endorsements,
    follows,
    mutes,
    past_recipients,
)

ACCEPTED = "accepted"
PENDING = "pending"
_FIND = select(follows).where(
    follows.c.follower_id == bindparam("follower_id"), follows.c.followee_id == bindparam("followee_id")
)
_BLOCKED_BETWEEN = (
    select(blocks.c.id)
    .where(
        or_(
            and_(blocks.c.blocker_id == bindparam("a"), blocks.c.blocked_id == bindparam("b")),
            and_(blocks.c.blocker_id == bindparam("b"), blocks.c.blocked_id == bindparam("a")),
        )
    )
    .limit(1)
)
_NEXT_END_OF_MUTE = select(func.min(mutes.c.expires_at)).where(mutes.c.expires_at > bindparam("after", type_=Moment))
_LOCAL_FOLLOWERS = (
    select(follows.c.follower_id)
    .join(actors, actors.c.id == follows.c.follower_id)
    .where(follows.c.followee_id == bindparam("actor_id"), follows.c.state == ACCEPTED, actors.c.domain == "")
)
_INBOXES = (
    select(func.coalesce(actors.c.shared_inbox, actors.c.inbox))
    .join_from(follows, actors, follows.c.follower_id == actors.c.id)
    .where(
        follows.c.followee_id == bindparam("actor_id"),
        follows.c.state == ACCEPTED,
        actors.c.domain != "",
        actors.c.deleted_at.is_(None),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Follow:
    """A row of `follows`."""

    id: int
    follower_id: ActorId
    followee_id: ActorId
    state: str
    uri: str
    show_boosts: bool
    notify: bool
    languages: tuple[str, ...] | None
    created_at: datetime

    @property
    def is_accepted(self) -> bool:
        """Whether the other side has said yes."""
        return self.state == ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """What stands between a viewer and somebody else, from the viewer's side."""

    following: bool = False
    showing_boosts: bool = False
    notifying: bool = False
    languages: tuple[str, ...] | None = None
    followed_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    muting_notifications: bool = False
    muting_expires_at: datetime | None = None
    requested: bool = False
    requested_by: bool = False
    domain_blocking: bool = False
    endorsed: bool = False
    note: str = ""


def find(conn: Connection, follower_id: int, followee_id: int) -> Follow | None:
    """The follow of one by the other, accepted or pending."""
    row = conn.execute(_FIND, {"follower_id": follower_id, "followee_id": followee_id}).one_or_none()
    return None if row is None else Follow(**row._mapping)


def by_uri(conn: Connection, uri: str) -> Follow | None:
    """The follow that was asked for with this activity."""
    row = conn.execute(select(follows).where(follows.c.uri == uri).limit(1)).one_or_none()
    return None if row is None else Follow(**row._mapping)


def is_following(conn: Connection, follower_id: int, followee_id: int) -> bool:
    """Whether one follows the other, accepted."""
    found = find(conn, follower_id, followee_id)
    return found is not None and found.is_accepted


def follows_each_other(conn: Connection, a: int, b: int) -> bool:
    """Whether both follow each other, accepted."""
    return is_following(conn, a, b) and is_following(conn, b, a)


def is_blocked_between(conn: Connection, a: int, b: int) -> bool:
    """Whether either of the two blocks the other."""
    return conn.execute(_BLOCKED_BETWEEN, {"a": a, "b": b}).first() is not None


def between(conn: Connection, viewer_id: int, others: Collection[int]) -> dict[int, Relationship]:
    """What stands between a viewer and each of the others, in five statements."""
    wanted = set(others)
    if not wanted:
        return {}
    found: dict[int, dict[str, object]] = {number: {} for number in wanted}
    for row in conn.execute(
        select(follows).where(
            or_(
                and_(follows.c.follower_id == viewer_id, follows.c.followee_id.in_(wanted)),
                and_(follows.c.followee_id == viewer_id, follows.c.follower_id.in_(wanted)),
            )
        )
    ):
        accepted = row.state == ACCEPTED
        if row.follower_id == viewer_id and row.followee_id in wanted:
            found[row.followee_id].update(
                following=accepted,
                requested=not accepted,
                showing_boosts=row.show_boosts,
                notifying=row.notify,
                languages=row.languages,
            )
        if row.followee_id == viewer_id and row.follower_id in wanted:
            found[row.follower_id].update(followed_by=accepted, requested_by=not accepted)
    for row in conn.execute(
        select(blocks.c.blocker_id, blocks.c.blocked_id).where(
            or_(
                and_(blocks.c.blocker_id == viewer_id, blocks.c.blocked_id.in_(wanted)),
                and_(blocks.c.blocked_id == viewer_id, blocks.c.blocker_id.in_(wanted)),
            )
        )
    ):
        if row.blocker_id == viewer_id:
            found[row.blocked_id]["blocking"] = True
        else:
            found[row.blocker_id]["blocked_by"] = True
    in_force = or_(mutes.c.expires_at.is_(None), mutes.c.expires_at > clock.now())
    for row in conn.execute(select(mutes).where(mutes.c.muter_id == viewer_id, mutes.c.muted_id.in_(wanted), in_force)):
        found[row.muted_id].update(
            muting=True, muting_notifications=row.notifications, muting_expires_at=row.expires_at
        )
    for row in conn.execute(
        select(actors.c.id)
        .join(domain_blocks, domain_blocks.c.domain == actors.c.domain)
        .where(domain_blocks.c.owner_id == viewer_id, actors.c.id.in_(wanted))
    ):
        found[row.id]["domain_blocking"] = True
    for row in conn.execute(
        union_all(
            select(endorsements.c.endorsed_id.label("other"), null().label("comment")).where(
                endorsements.c.endorser_id == viewer_id, endorsements.c.endorsed_id.in_(wanted)
            ),
            select(account_notes.c.subject_id, account_notes.c.comment).where(
                account_notes.c.owner_id == viewer_id, account_notes.c.subject_id.in_(wanted)
            ),
        )
    ):
        if row.comment is None:
            found[row.other]["endorsed"] = True
        else:
            found[row.other]["note"] = row.comment
    return {number: Relationship(**values) for number, values in found.items()}  # type: ignore[arg-type]  # as named above


def _people(
    conn: Connection, page: Page, of: Column[int], owner_id: int, who: Column[int], state: str
) -> list[tuple[int, Actor]]:
    rows = paging.read(
        conn,
        select(follows.c.id, who.label("who"))
        .join(actors, actors.c.id == who)
        .where(
            of == owner_id, follows.c.state == state, actors.c.deleted_at.is_(None), actors.c.suspended_at.is_(None)
        ),
        follows.c.id,
        page,
    )
    known = by_ids(conn, [row.who for row in rows])
    return [(row.id, known[row.who]) for row in rows if row.who in known]


def shows_connections(actor: Actor, viewer_id: int | None) -> bool:
    """Whether a viewer is told whom somebody follows and who follows them: not of one who hides it, nor of one who is shut
    out. How many there are is told to everybody."""
    return actor.id == viewer_id or (actor.is_active and not actor.hide_collections)


def followers(conn: Connection, actor_id: int, page: Page) -> list[tuple[int, Actor]]:
    """Who follows an actor, newest first, each with the number of the row."""
    return _people(conn, page, follows.c.followee_id, actor_id, follows.c.follower_id, ACCEPTED)


def following(conn: Connection, actor_id: int, page: Page) -> list[tuple[int, Actor]]:
    """Whom an actor follows, newest first, each with the number of the row."""
    return _people(conn, page, follows.c.follower_id, actor_id, follows.c.followee_id, ACCEPTED)


def requests(conn: Connection, actor_id: int, page: Page) -> list[tuple[int, Actor]]:
    """Who asks to follow an actor, newest first, each with the number of the row."""
    return _people(conn, page, follows.c.followee_id, actor_id, follows.c.follower_id, PENDING)


def requests_count(conn: Connection, actor_id: int) -> int:
    """How many ask to follow an actor."""
    return conn.execute(
        select(func.count()).select_from(follows).where(follows.c.followee_id == actor_id, follows.c.state == PENDING)
    ).scalar_one()


def block_uri(conn: Connection, blocker_id: int, blocked_id: int) -> str | None:
    """The id of the Block between the two, if there is one."""
    uri: str | None = conn.execute(
        select(blocks.c.uri).where(blocks.c.blocker_id == blocker_id, blocks.c.blocked_id == blocked_id)
    ).scalar()
    return uri


def blocked(conn: Connection, actor_id: int, page: Page) -> list[tuple[int, Actor]]:
    """Whom an actor blocks, newest first, each with the number of the row."""
    rows = paging.read(
        conn, select(blocks.c.id, blocks.c.blocked_id).where(blocks.c.blocker_id == actor_id), blocks.c.id, page
    )
    known = by_ids(conn, [row.blocked_id for row in rows])
    return [(row.id, known[row.blocked_id]) for row in rows if row.blocked_id in known]


def next_end_of_mute(conn: Connection, after: datetime) -> datetime | None:
    """When the next mute is over, whoever's it is; None while there is none with an end."""
    found: datetime | None = conn.execute(_NEXT_END_OF_MUTE, {"after": after}).scalar_one()
    return found


def muted(conn: Connection, actor_id: int, page: Page, now: datetime) -> list[tuple[int, Actor, datetime | None]]:
    """Whom an actor mutes at `now`, newest first, with the number of the row and when it ends."""
    rows = paging.read(
        conn,
        select(mutes.c.id, mutes.c.muted_id, mutes.c.expires_at).where(
            mutes.c.muter_id == actor_id, or_(mutes.c.expires_at.is_(None), mutes.c.expires_at > now)
        ),
        mutes.c.id,
        page,
    )
    known = by_ids(conn, [row.muted_id for row in rows])
    return [(row.id, known[row.muted_id], row.expires_at) for row in rows if row.muted_id in known]


def follower_inboxes(conn: Connection, actor_id: int) -> Sequence[str]:
    """Where to deliver what an actor's remote followers should get: each shared inbox once."""
    return conn.execute(_INBOXES, {"actor_id": actor_id}).scalars().all()


@long_read
def reader_of(conn: Connection, url: str) -> int | None:
    """A member who follows somebody at the server of `url`, best somebody whose id it begins with."""
    start = "/".join(url.split("/", 3)[:3]) + "/"
    followee, follower = actors.alias("followee"), actors.alias("follower")
    found: int | None = conn.execute(
        select(follower.c.id)
        .select_from(follows)
        .join(followee, followee.c.id == follows.c.followee_id)
        .join(follower, follower.c.id == follows.c.follower_id)
        .where(
            follows.c.state == ACCEPTED,
            follower.c.domain == "",
            follower.c.deleted_at.is_(None),
            # Their signature would tell that there is such an account.
            follower.c.reach == Reach.OPEN,
            followee.c.uri.startswith(start, autoescape=True),
        )
        .order_by(literal(url).startswith(followee.c.uri).desc(), follows.c.id.desc())
        .limit(1)
    ).scalar()
    return found


def past_inboxes(conn: Connection, actor_id: int, since: datetime) -> Sequence[str]:
    """The inboxes that got what an actor published at `since`, though nobody follows from there any more."""
    return (
        conn.execute(
            select(past_recipients.c.inbox).where(
                past_recipients.c.actor_id == actor_id, past_recipients.c.until >= since
            )
        )
        .scalars()
        .all()
    )


def local_followers(conn: Connection, actor_id: int) -> Sequence[int]:
    """The members of this node who follow an actor."""
    return conn.execute(_LOCAL_FOLLOWERS, {"actor_id": actor_id}).scalars().all()
