# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom an incident concerns, so that they can be told (GDPR, articles 33 and 34): the members behind a file that got lost,
a token that was stolen, an account of the staff that somebody else used, a server that was broken into.

What the node does not know it does not claim: which posts another server read, it has no list of; who could have been
read there, it has.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Column, Connection, Select, and_, case, exists, or_, select

from activitypub.actor import ActorType
from activitypub.addressing import Visibility
from node import access, members
from node.access.tables import tokens
from node.actors.tables import actors
from node.contacts.rules import State as ContactState
from node.contacts.tables import contact_sides, contacts
from node.kernel.db import long_read
from node.kernel.errors import Invalid, NotFound
from node.kernel.i18n import marked
from node.kernel.ids import first_id_at
from node.members import Member
from node.members.tables import members as members_table
from node.posts.tables import mentions, posts
from node.privacy import taken
from node.privacy.tables import access_log, staff_export_people, staff_exports
from node.profiles import FederationMode
from node.profiles.tables import profiles
from node.relationships.tables import follows, partners

_AT_ONCE: Final = 5000
_LOOKED: Final = select(access_log.c.subject_id).distinct()
_IN_FILES: Final = (
    select(staff_export_people.c.person_id)
    .distinct()
    .join(staff_exports, staff_exports.c.id == staff_export_people.c.export_id)
)


class Incident(StrEnum):
    """What happened."""

    EXPORT = "export"
    """A file of the staff got lost."""
    TOKEN = "token"  # noqa: S105  # a word
    """The token of an app was stolen."""
    STAFF = "staff"
    """Somebody else used an account of the staff."""
    PARTNER = "partner"
    """Somebody broke into another server."""
    TIME = "time"
    """It is known when, and no more."""


class Why(StrEnum):
    """How an incident concerns somebody."""

    EXPORT = "export"
    """A file held their data."""
    LOOK = "look"
    """The account looked at their data."""
    OWNER = "owner"
    """The token was theirs."""
    MESSAGES = "messages"
    """They and the owner wrote to each other what was for few."""
    CONTACT = "contact"
    """They let the owner have their contact details."""
    FOLLOWED = "followed"
    """Somebody at the server follows them, and so has their posts for followers."""
    WROTE = "wrote"
    """They wrote to somebody at the server."""
    PROFILE = "profile"
    """What their profile shows to partner schools could be read there."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A member whom an incident concerns, and how."""

    member: Member
    why: Sequence[Why]


@long_read
def find(
    conn: Connection, kind: Incident, which: str, since: datetime | None = None, until: datetime | None = None
) -> Sequence[Touched]:
    """Whom an incident of a kind concerns: `which` is the number of the file, the token or its number, the domain, the
    username. The time counts for what has one. Raises Invalid (which)."""
    said = which.strip()
    try:
        match kind:
            case Incident.EXPORT if said.isascii() and said.isdigit() and len(said) < 20:
                return by_export(conn, int(said))
            case Incident.TOKEN if said:
                return by_token(conn, said)
            case Incident.STAFF:
                found = members.by_login(conn, said)
                if found is not None:
                    return by_staff(conn, found, since, until)
            case Incident.PARTNER if said:
                return by_partner(conn, said, since, until)
            case Incident.TIME if since is not None or until is not None:
                return by_time(conn, since, until)
            case _:
                pass
    except NotFound:
        pass
    raise Invalid(marked("Nothing of this kind is known. Please look at what you wrote."), field="which")


@long_read
def by_export(conn: Connection, export_id: int) -> Sequence[Touched]:
    """The members whose data a file of the staff held. Raises NotFound."""
    return _told(conn, [(Why.EXPORT, taken.people_in(conn, export_id))])


@long_read
def by_token(conn: Connection, said: str) -> Sequence[Touched]:
    """Whoever had a token, given as itself or as its number, and those whose private words or contact details it could
    read. Raises NotFound."""
    which = tokens.c.token_hash == access.digest(said.strip())
    if said.isascii() and said.isdigit() and len(said) < 20:
        which = tokens.c.id == int(said)
    owner = conn.execute(select(tokens.c.member_id).where(which)).scalar()
    if owner is None:
        raise NotFound(marked("There is no such token of a member."))
    return _told(conn, _about_account(conn, owner))


@long_read
def by_staff(conn: Connection, member: Member, since: datetime | None, until: datetime | None) -> Sequence[Touched]:
    """Those of whom an account of the staff saw or took along something within a time, and whom it touches as any does."""
    looks = _LOOKED.where(access_log.c.viewer_id == member.id)
    files = _IN_FILES.where(staff_exports.c.by_id == member.id)
    return _told(conn, [*_about_account(conn, member.id), *_seen(conn, looks, files, since, until)])


@long_read
def by_time(conn: Connection, since: datetime | None, until: datetime | None) -> Sequence[Touched]:
    """Those of whom anybody of the staff saw or took along something within a time."""
    return _told(conn, _seen(conn, _LOOKED, _IN_FILES, since, until))


@long_read
def by_partner(conn: Connection, domain: str, since: datetime | None, until: datetime | None) -> Sequence[Touched]:
    """Those of whom a server may have something that is not for everybody: within a time, as far as that is known."""
    there = select(actors.c.id).where(actors.c.domain == domain.strip().lower())
    follow = (
        select(follows.c.followee_id).distinct().where(follows.c.follower_id.in_(there), follows.c.state == "accepted")
    )
    if until is not None:
        follow = follow.where(follows.c.created_at <= until)
    wrote = (
        select(posts.c.author_id)
        .distinct()
        .join(mentions, mentions.c.post_id == posts.c.id)
        .where(posts.c.local.is_(True), mentions.c.actor_id.in_(there))
    )
    if since is not None:
        wrote = wrote.where(posts.c.id >= first_id_at(since))
    if until is not None:
        wrote = wrote.where(posts.c.id < first_id_at(until))
    found = [(Why.FOLLOWED, _numbers(conn, follow)), (Why.WROTE, _numbers(conn, wrote))]
    # Whether or not the partnership is still in force.
    if conn.execute(select(partners.c.actor_id).where(partners.c.actor_id.in_(there)).limit(1)).first() is not None:
        mode = (
            select(profiles.c.federation_mode).where(profiles.c.actor_id == members_table.c.actor_id).scalar_subquery()
        )
        # No answer counts as partners.
        shown = select(members_table.c.actor_id).where(
            members_table.c.approved_at.is_not(None), or_(mode.is_(None), mode != FederationMode.LOCAL)
        )
        found.append((Why.PROFILE, _numbers(conn, shown)))
    return _told(conn, found)


def _about_account(conn: Connection, owner: int) -> list[tuple[Why, Collection[int]]]:
    """Whom it concerns that somebody else could read all that an account could."""
    few = posts.c.visibility == Visibility.DIRECT
    is_named = exists(
        select(mentions.c.post_id).where(mentions.c.post_id == posts.c.id, mentions.c.actor_id == owner)
    ).correlate(posts)
    # Everybody in a message that the owner wrote or may read.
    readers = (
        select(mentions.c.actor_id)
        .distinct()
        .join(posts, posts.c.id == mentions.c.post_id)
        .where(few, or_(posts.c.author_id == owner, is_named))
    )
    writers = select(posts.c.author_id).distinct().where(few, is_named)
    other = case((contacts.c.low_id == owner, contacts.c.high_id), else_=contacts.c.low_id)
    gave = (
        select(other.label("who"), contact_sides.c.grants)
        .join(
            contact_sides,
            and_(contact_sides.c.contact_id == contacts.c.id, contact_sides.c.owner_id != owner),
        )
        .where(
            contacts.c.state == ContactState.CONFIRMED,
            or_(contacts.c.low_id == owner, contacts.c.high_id == owner),
        )
    )
    messages = {*_numbers(conn, readers), *_numbers(conn, writers)} - {owner}
    granted = [row.who for row in conn.execute(gave) if row.grants]
    return [(Why.OWNER, [owner]), (Why.MESSAGES, messages), (Why.CONTACT, granted)]


def _seen(
    conn: Connection,
    looks: Select[tuple[int]],
    files: Select[tuple[int]],
    since: datetime | None,
    until: datetime | None,
) -> list[tuple[Why, Collection[int]]]:
    return [
        (Why.LOOK, _numbers(conn, _within(looks, access_log.c.at, since, until))),
        (Why.EXPORT, _numbers(conn, _within(files, staff_exports.c.at, since, until))),
    ]


def _within(
    statement: Select[tuple[int]], at: Column[datetime], since: datetime | None, until: datetime | None
) -> Select[tuple[int]]:
    if since is not None:
        statement = statement.where(at >= since)
    return statement if until is None else statement.where(at < until)


def _numbers(conn: Connection, statement: Select[tuple[int]]) -> Collection[int]:
    return list(conn.scalars(statement))


def _told(conn: Connection, found: Iterable[tuple[Why, Collection[int]]]) -> Sequence[Touched]:
    """The members among them by name, each once; whoever is gone or lives elsewhere cannot be told by us."""
    reasons: dict[int, list[Why]] = {}
    for why, numbers in found:
        for number in numbers:
            reasons.setdefault(number, []).append(why)
    people: list[Member] = []
    wanted = sorted(reasons)
    for first in range(0, len(wanted), _AT_ONCE):
        people += members.by_numbers(conn, wanted[first : first + _AT_ONCE])
    # The association is nobody whom it could tell.
    people = [one for one in people if one.actor.type is ActorType.PERSON]
    people.sort(key=lambda one: (one.actor.name.casefold(), one.id))
    return [Touched(one, list(dict.fromkeys(reasons[one.id]))) for one in people]
