# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is new for a member, as they may see it: every part carries the clause of its own pages. Fixed in statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, or_, select

from activitypub.addressing import Visibility
from activitypub.events import EventStatus
from node import contacts, directory, events, mail, members, posts, profiles, roster
from node.actors import Actor, ActorId, by_ids
from node.actors.tables import actors
from node.contacts import Request
from node.digests import rules
from node.digests.matches import Match, new_matches
from node.digests.rules import Frequency
from node.digests.tables import digests
from node.directory import Watch
from node.events import Event
from node.kernel import folding
from node.kernel.db import long_read
from node.kernel.errors import NotFound
from node.kernel.ids import first_id_at
from node.kernel.site import Site
from node.members import Member
from node.members.tables import members as members_table
from node.posts import PostView
from node.posts.tables import mentions
from node.posts.tables import posts as posts_table
from node.relationships import Circle, visible_posts
from node.relationships.hiding import is_unwanted, is_withheld
from node.relationships.tables import follows
from node.relationships.visibility import not_blocked
from node.timelines.tables import home_entries

_THREADS: Final = 5
_FAR: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What is new for a member since the last one. `missing` are classmates who are not here: no news, so they alone
    make no letter."""

    member: Member
    due: datetime
    until: datetime
    requests: Sequence[Request] = ()
    followers: Sequence[Actor] = ()
    events: Sequence[Event] = ()
    matches: Sequence[Match] = ()
    classmates: Sequence[Actor] = ()
    followed: Sequence[tuple[Watch, Actor]] = ()
    threads: Sequence[PostView] = ()
    missing: int = 0

    @property
    def is_new(self) -> bool:
        """Whether there is anything to tell."""
        return any(
            (
                self.requests,
                self.followers,
                self.events,
                self.matches,
                self.classmates,
                self.followed,
                self.threads,
            )
        )


def frequency_of(conn: Connection, member_id: int) -> Frequency:
    """How often a member wants a digest."""
    found = conn.execute(select(digests.c.frequency).where(digests.c.member_id == member_id)).scalar()
    return rules.DEFAULT if found is None else Frequency(found)


@long_read
def gather(conn: Connection, member_id: int, now: datetime) -> Digest | None:
    """What is new for somebody whose digest is due; None if none is."""
    row = conn.execute(select(digests).where(digests.c.member_id == member_id)).one_or_none()
    if row is None or row.next_at is None or row.next_at > now:
        return None
    try:
        member = members.get(conn, member_id)
    except NotFound:
        return None
    if not member.is_active or member.actor.memorial:
        return Digest(member=member, due=row.next_at, until=now)
    since = row.seen_until
    waiting = [one for one in contacts.waiting(conn, member.id, now) if one.asked_at > since]
    followers = _asking_to_follow(conn, member, since)
    coming = _new_events(conn, member, since, now)
    matching = new_matches(conn, member.id, since, now)
    mates = _new_classmates(conn, member, since, now)
    followed = _new_in_watches(conn, member, since, now, {one.id for one in mates})
    threads = _busy_threads(conn, member, since, now)
    shown = rules.room([len(one) for one in (waiting, followers, coming, matching, mates, followed, threads)])
    missing = roster.missing_classmates(conn, member)
    return Digest(
        member=member,
        due=row.next_at,
        until=now,
        requests=waiting[: shown[0]],
        followers=followers[: shown[1]],
        events=coming[: shown[2]],
        matches=matching[: shown[3]],
        classmates=mates[: shown[4]],
        followed=followed[: shown[5]],
        threads=threads[: shown[6]],
        missing=len(missing or ()),
    )


@long_read
def unreachable(conn: Connection, site: Site) -> list[Actor]:
    """The members from whose addresses letters come back."""
    rows = conn.execute(select(members_table.c.actor_id, members_table.c.email)).all()
    lost = mail.lost(conn, site, (row.email for row in rows)) if rows else set()
    known = by_ids(conn, [row.actor_id for row in rows if row.email in lost])
    return sorted((one for one in known.values() if one.is_active), key=lambda one: one.username)


@long_read
def unreachable_of_class(conn: Connection, site: Site, delegate: Member) -> list[str]:
    """The names of those in a delegate's class from whose addresses letters come back; no address, and nothing for
    whoever is no delegate."""
    year = delegate.actor.class_year
    if roster.rules.DELEGATE not in delegate.roles or year is None:
        return []
    rows = conn.execute(
        select(members_table.c.actor_id, members_table.c.email)
        .join(actors, actors.c.id == members_table.c.actor_id)
        .where(
            actors.c.class_year == year,
            actors.c.school.is_not_distinct_from(delegate.actor.school),
            actors.c.memorial.is_(False),
            members_table.c.approved_at.is_not(None),
            members_table.c.actor_id != delegate.id,
        )
    ).all()
    lost = mail.lost(conn, site, (row.email for row in rows)) if rows else set()
    return sorted(one.name for one in _active(conn, [row.actor_id for row in rows if row.email in lost]))


def _asking_to_follow(conn: Connection, member: Member, since: datetime) -> list[Actor]:
    numbers = conn.execute(
        select(follows.c.follower_id)
        .where(
            follows.c.followee_id == member.id,
            follows.c.state == "pending",
            follows.c.created_at > since,
            not_blocked(follows.c.follower_id, member.id),
            ~contacts.is_muted(member.id, follows.c.follower_id),
        )
        .order_by(follows.c.id.desc())
        .limit(rules.MOST)
    ).scalars()
    return _active(conn, list(numbers))


def _new_events(conn: Connection, member: Member, since: datetime, now: datetime) -> list[Event]:
    """Those in the member's city or for their class first, each time the soonest first."""
    first = first_id_at(since)
    found = [
        one
        for one in events.upcoming(conn, member.id, now, limit=_FAR)
        if one.post_id >= first and one.status is not EventStatus.CANCELLED
    ]
    if not found:
        return []
    columns = (posts_table.c.id, posts_table.c.author_id, posts_table.c.circle)
    of_these = posts_table.c.id.in_([one.post_id for one in found])
    rows = conn.execute(select(*columns).where(of_these, ~contacts.is_muted(member.id, posts_table.c.author_id)))
    of = {row.id: row for row in rows}
    found = [one for one in found if one.post_id in of]
    city = folding.fold(profiles.own(conn, member.id, now).facts.city)

    def is_far(one: Event) -> bool:
        return of[one.post_id].circle != Circle.CLASS and not (city and folding.fold(one.city) == city)

    return sorted((one for one in found if of[one.post_id].author_id != member.id), key=is_far)


def _new_classmates(conn: Connection, member: Member, since: datetime, now: datetime) -> list[Actor]:
    """Those who have come to the member's class, wished that classmates hear of it, and let them find them."""
    year = member.actor.class_year
    if year is None:
        return []
    numbers = conn.execute(
        select(members_table.c.actor_id)
        .join(actors, actors.c.id == members_table.c.actor_id)
        .where(
            # A class is of a school.
            actors.c.class_year == year,
            actors.c.school.is_not_distinct_from(member.actor.school),
            actors.c.memorial.is_(False),
            members_table.c.announced_at > since,
            members_table.c.actor_id != member.id,
            profiles.is_listed(members_table.c.actor_id, member.id),
            not_blocked(members_table.c.actor_id, member.id),
            ~is_withheld(members_table.c.actor_id, member.id),
            ~is_unwanted(members_table.c.actor_id, member.id, now),
            ~contacts.is_muted(member.id, members_table.c.actor_id),
        )
        .order_by(members_table.c.announced_at)
        .limit(rules.MOST)
    ).scalars()
    return _active(conn, list(numbers))


def _new_in_watches(
    conn: Connection, member: Member, since: datetime, now: datetime, named: set[ActorId]
) -> list[tuple[Watch, Actor]]:
    """Who is new in what the member follows, each person once."""
    found = []
    for news in directory.watched(conn, member.actor, since, now):
        for person in news.people:
            if person.id not in named:
                named.add(person.id)
                found.append((news.watch, person))
    return found


def _busy_threads(conn: Connection, member: Member, since: datetime, now: datetime) -> list[PostView]:
    """The posts with the most answers, of those that came to the member's home or were written to a circle of theirs."""
    at_home = select(home_entries.c.post_id).where(home_entries.c.owner_id == member.id)
    numbers = conn.execute(
        select(posts_table.c.id)
        .where(
            posts_table.c.id >= first_id_at(since),
            or_(posts_table.c.id.in_(at_home), posts_table.c.circle.is_not(None)),
            posts_table.c.boost_of_id.is_(None),
            posts_table.c.visibility != Visibility.DIRECT,
            posts_table.c.author_id != member.id,
            posts_table.c.replies_count > 0,
            visible_posts(posts_table, mentions, member.id),
            ~is_withheld(posts_table.c.author_id, member.id),
            ~is_unwanted(posts_table.c.author_id, member.id, now),
            ~contacts.is_muted(member.id, posts_table.c.author_id),
        )
        .order_by(posts_table.c.replies_count.desc(), posts_table.c.id.desc())
        .limit(_THREADS)
    ).scalars()
    return posts.views(conn, list(numbers), member.id)


def _active(conn: Connection, numbers: Sequence[int]) -> list[Actor]:
    known = by_ids(conn, numbers)
    return [known[number] for number in numbers if number in known and known[number].is_active]
