# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading events and who takes part."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from activitypub.events import EventStatus, JoinMode
from node import members
from node.actors import Actor, ActorId, by_ids
from node.actors.tables import actors
from node.events.rules import TAKES_ANSWERS, State
from node.events.tables import events, participations
from node.kernel import clock
from node.kernel.clock import Moment
from node.kernel.errors import NotFound
from node.posts.tables import mentions, posts
from node.relationships import visible_posts
from node.relationships.hiding import is_unwanted, is_withheld

_GOING = State.GOING
_AFTER = bindparam("after", type_=Moment)
_NEXT_END = select(
    select(func.min(events.c.starts_at)).where(events.c.starts_at > _AFTER).scalar_subquery(),
    select(func.min(events.c.ends_at)).where(events.c.ends_at > _AFTER).scalar_subquery(),
)
_PARTICIPATION = select(participations).where(
    participations.c.post_id == bindparam("post_id"), participations.c.actor_id == bindparam("actor_id")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A row of `events`. `start_local` and `end_local` are the wall clock at the place, in `timezone`."""

    post_id: int
    title: str
    text: str
    start_local: str
    end_local: str | None
    timezone: str
    starts_at: datetime
    ends_at: datetime | None
    place_name: str
    street: str
    postcode: str
    city: str
    country: str
    latitude: float | None
    longitude: float | None
    online_url: str | None
    capacity: int | None
    remaining: int | None
    going_count: int
    join_mode: JoinMode
    external_url: str | None
    status: EventStatus

    @property
    def seats_left(self) -> int | None:
        """Seats that nobody has taken; None where there is no limit."""
        if self.capacity is None:
            return self.remaining
        left = max(0, self.capacity - self.going_count)
        return left if self.remaining is None else min(left, self.remaining)

    @property
    def takes_answers(self) -> bool:
        """Whether one says here that one comes; else on the event's own page, or nowhere."""
        return self.join_mode in TAKES_ANSWERS

    @property
    def answers_until(self) -> datetime:
        """From when on nobody can answer any more: while an event is under way one can still come."""
        return self.ends_at or self.starts_at

    def is_closed(self, now: datetime) -> bool:
        """Whether no answer counts any more."""
        return self.status is EventStatus.CANCELLED or self.answers_until <= now

    @property
    def where(self) -> str:
        """The place in one line, without the country; empty for an event that is online only."""
        city = " ".join(part for part in (self.postcode, self.city) if part)
        return ", ".join(part for part in (self.place_name, self.street, city) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """Somebody's answer."""

    id: int
    post_id: int
    actor_id: ActorId
    state: State
    uri: str
    created_at: datetime
    updated_at: datetime


def find(conn: Connection, post_id: int) -> Event | None:
    """The event of a post, whoever may see it."""
    row = conn.execute(select(events).where(events.c.post_id == post_id)).one_or_none()
    return None if row is None else _event(row._mapping)


def get(conn: Connection, post_id: int, viewer: int | None) -> Event:
    """The event of a post that the viewer may see; raises NotFound."""
    row = conn.execute(
        select(events)
        .join(posts, posts.c.id == events.c.post_id)
        .where(events.c.post_id == post_id, visible_posts(posts, mentions, viewer))
    ).one_or_none()
    if row is None:
        raise NotFound
    return _event(row._mapping)


def of_posts(conn: Connection, post_ids: Collection[int]) -> dict[int, Event]:
    """The events among some posts, in one statement."""
    if not post_ids:
        return {}
    rows = conn.execute(select(events).where(events.c.post_id.in_(set(post_ids))))
    return {row.post_id: _event(row._mapping) for row in rows}


def upcoming(
    conn: Connection, viewer: int | None, now: datetime, *, limit: int = 50, past: bool = False
) -> Sequence[Event]:
    """Events that the viewer may see: those to come, soonest first; or those that are over, latest first.

    Those of whom the viewer does not want to hear, or whom the staff has limited, are left out as on every timeline.
    """
    ends = func.coalesce(events.c.ends_at, events.c.starts_at)
    statement = (
        select(events)
        .join(posts, posts.c.id == events.c.post_id)
        .where(
            visible_posts(posts, mentions, viewer),
            ~is_withheld(posts.c.author_id, viewer),
            ends < now if past else ends >= now,
        )
        .order_by(events.c.starts_at.desc() if past else events.c.starts_at)
        .limit(limit)
    )
    if viewer is not None:
        statement = statement.where(~is_unwanted(posts.c.author_id, viewer, now))
    return [_event(row._mapping) for row in conn.execute(statement)]


def next_end(conn: Connection, after: datetime) -> datetime | None:
    """Up to when no event closes by itself: the next start or end of any; None while none is to come."""
    moments = conn.execute(_NEXT_END, {"after": after}).one()
    return min((moment for moment in moments if moment is not None), default=None)


def mine(conn: Connection, actor_id: int, post_ids: Collection[int]) -> dict[int, Participation]:
    """Somebody's answers to some events, in one statement."""
    if not post_ids:
        return {}
    rows = conn.execute(
        select(participations).where(participations.c.actor_id == actor_id, participations.c.post_id.in_(set(post_ids)))
    )
    return {row.post_id: _participation(row._mapping) for row in rows}


def participation(conn: Connection, post_id: int, actor_id: int) -> Participation | None:
    """Somebody's answer to an event."""
    row = conn.execute(_PARTICIPATION, {"post_id": post_id, "actor_id": actor_id}).one_or_none()
    return None if row is None else _participation(row._mapping)


def by_join(conn: Connection, uri: str) -> Participation | None:
    """The answer that was given with this Join."""
    row = conn.execute(select(participations).where(participations.c.uri == uri).limit(1)).one_or_none()
    return None if row is None else _participation(row._mapping)


def going_count(conn: Connection, post_id: int) -> int:
    """How many seats are taken."""
    return conn.execute(
        select(func.count())
        .select_from(participations)
        .where(participations.c.post_id == post_id, participations.c.state == _GOING)
    ).scalar_one()


def attendees(conn: Connection, post_id: int, *, limit: int = 200, viewer: int | None = None) -> Sequence[Actor]:
    """Who goes, in the order of their answers. Personal data: only for the organiser and for those who go.

    Whoever is not of age is named to the organiser alone, for whom no `viewer` is given, and to themselves.
    """
    going = (
        select(participations.c.actor_id)
        .join(actors, actors.c.id == participations.c.actor_id)
        .where(participations.c.post_id == post_id, participations.c.state == _GOING, actors.c.deleted_at.is_(None))
        .order_by(participations.c.id)
        .limit(limit)
    )
    if viewer is not None:
        person = participations.c.actor_id
        going = going.where((person == viewer) | ~members.minor(person, clock.now().date()))
    numbers = conn.execute(going).scalars().all()
    known = by_ids(conn, numbers)
    return [known[number] for number in numbers if number in known]


def _event(row: Mapping[Any, Any]) -> Event:
    values = dict(row)
    values["join_mode"] = JoinMode(values["join_mode"])
    values["status"] = EventStatus(values["status"])
    return Event(**values)


def _participation(row: Mapping[Any, Any]) -> Participation:
    values = dict(row)
    values["state"] = State(values["state"])
    return Participation(**values)


def participant_inboxes(conn: Connection, post_id: int) -> Sequence[str]:
    """Where to tell those elsewhere who go that something has changed."""
    return (
        conn.execute(
            select(func.coalesce(actors.c.shared_inbox, actors.c.inbox))
            .join_from(participations, actors, participations.c.actor_id == actors.c.id)
            .where(participations.c.post_id == post_id, participations.c.state == _GOING, actors.c.domain != "")
            .distinct()
        )
        .scalars()
        .all()
    )


def joined_by(conn: Connection, actor_id: int, now: datetime, *, limit: int = 3) -> Sequence[Event]:
    """The next events that somebody goes to, or has asked to, soonest first, of those that they may still see."""
    rows = conn.execute(
        select(events)
        .join(participations, participations.c.post_id == events.c.post_id)
        .join(posts, posts.c.id == events.c.post_id)
        .where(
            visible_posts(posts, mentions, actor_id),
            participations.c.actor_id == actor_id,
            participations.c.state.in_((State.GOING, State.PENDING)),
            func.coalesce(events.c.ends_at, events.c.starts_at) >= now,
            events.c.status != EventStatus.CANCELLED,
        )
        .order_by(events.c.starts_at)
        .limit(limit)
    )
    return [_event(row._mapping) for row in rows]
