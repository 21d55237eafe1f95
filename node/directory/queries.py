# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finding members of this node through a member's eyes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, and_, bindparam, exists, func, or_, select

from node import contacts
from node.actors import Actor, by_ids
from node.actors.tables import actors
from node.directory import matching
from node.directory.facts import FILTERS, Kind, class_key
from node.directory.matching import Viewer, near
from node.directory.tables import directory_people, directory_values
from node.directory.words import key_of, readings
from node.kernel.among import among
from node.kernel.db import long_read
from node.profiles import Level
from node.relationships.visibility import not_blocked

PAGE: Final = 20
PAGES: Final = 10
MOST: Final = PAGE * PAGES
"""Who finds more than so many is asked to say more."""
FEWEST: Final = 3
"""A value that fewer share is not counted: the number would tell who they are."""
_FACETS: Final = 8


class Distance(StrEnum):
    """How near the people are whom one looks for: one's contacts, or also those to whom a contact of one's leads."""

    CONTACTS = "contacts"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for: words, and what must be so. A class alone has `class_from` and `class_to` the same. The texts are
    values of the kinds in `FILTERS`, and called like them."""

    words: str = ""
    class_from: int | None = None
    class_to: int | None = None
    school: str = ""
    programme: str = ""
    campus: str = ""
    city: str = ""
    country: str = ""
    employer: str = ""
    sector: str = ""
    skill: str = ""
    language: str = ""
    seek: str = ""
    offer: str = ""
    distance: Distance | None = None
    active_since: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing in particular is looked for."""
        return self == Wanted()

    @property
    def values(self) -> Mapping[Kind, str]:
        """The values that are asked for."""
        return {kind: key for kind in FILTERS if (key := key_of(getattr(self, kind)))}


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that some of those who were found share."""

    kind: Kind
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of those who were found. `count` stops at `MOST`, then there are `too_many`; `similar`: nobody has exactly
    what was typed."""

    people: Sequence[Actor]
    count: int
    too_many: bool = False
    similar: bool = False
    facets: Sequence[Facet] = field(default=())


def viewer(conn: Connection, member: Actor) -> Viewer:
    """Who is looking. One statement."""
    return Viewer(member.id, class_key(member.class_year, member.school), matching.contact_ids(conn, member.id))


@long_read
def search(conn: Connection, member: Actor, wanted: Wanted, page: int = 1) -> Found:
    """Who may be found by a member of this node, the best first; without words by class and name.

    Nobody is found by what the member may not see. A fixed number of statements for a number of words.
    """
    eyes = viewer(conn, member)
    grades = None
    if wanted.words.strip():
        grades = matching.matching(conn, eyes, readings(wanted.words))
    numbers = _ranked(conn, member, eyes, wanted, grades)
    shown = numbers[:MOST][(page - 1) * PAGE : page * PAGE]
    known = by_ids(conn, shown)
    return Found(
        people=[known[number] for number in shown if number in known and known[number].is_active],
        count=min(len(numbers), MOST),
        too_many=len(numbers) > MOST,
        similar=grades is not None and bool(numbers) and grades[numbers[0]] >= matching.APPROXIMATE,
        facets=() if wanted.is_open else _facets(conn, eyes, wanted, numbers),
    )


def by_name(conn: Connection, member: Actor, words: str) -> list[int]:
    """The numbers of those who may be found by name or handle, the best first; at most `MOST`. For completing a mention."""
    eyes = viewer(conn, member)
    grades = matching.matching(conn, eyes, readings(words), kinds=(Kind.NAME, Kind.HANDLE))
    return _ranked(conn, member, eyes, Wanted(words=words), grades)[:MOST]


def may_find(person: ColumnElement[int], member: Actor) -> ColumnElement[bool]:
    """The clause for another statement of people: those of this node who are listed to the member. It binds nothing."""
    people = directory_people.alias("directory_listed")
    ways = [
        people.c.listed >= Level.SCHOOL,
        people.c.actor_id == member.id,
        and_(people.c.listed >= Level.CONTACTS, contacts.with_(people.c.actor_id, member.id)),
    ]
    own = class_key(member.class_year, member.school)
    if own:
        ways.append(and_(people.c.listed >= Level.CLASS, people.c.class_key == own))
    return exists(select(people.c.actor_id).where(people.c.actor_id == person, or_(*ways)))


@long_read
def class_years(conn: Connection, member: Actor) -> dict[int, int]:
    """How many of each class a member may find, by year."""
    eyes = viewer(conn, member)
    rows = conn.execute(
        select(directory_people.c.class_year, func.count().label("people"))
        .where(directory_people.c.class_year.is_not(None), *_may_be_found(eyes))
        .group_by(directory_people.c.class_year)
        .order_by(directory_people.c.class_year),
        _bound(eyes),
    )
    return {row.class_year: row.people for row in rows}


@long_read
def count(conn: Connection, member: Actor) -> int:
    """How many a member may find in all."""
    eyes = viewer(conn, member)
    return conn.execute(
        select(func.count()).select_from(directory_people).where(*_may_be_found(eyes)), _bound(eyes)
    ).scalar_one()


def _may_be_found(eyes: Viewer) -> tuple[ColumnElement[bool], ...]:
    viewer_id = bindparam("viewer_id", type_=BigInteger)
    return near(directory_people, eyes, "listed"), not_blocked(directory_people.c.actor_id, viewer_id)


def _ranked(
    conn: Connection, member: Actor, eyes: Viewer, wanted: Wanted, grades: Mapping[int, int] | None
) -> list[int]:
    """The numbers of all who match, the best first: who has the whole word, then the beginning, then what is only similar;
    among equals classmates, contacts, those of the same city, and who posted last. Without words by class and name, and
    only as many as it takes to see that they are too many where no facets are wanted.
    """
    people = directory_people
    bound = _bound(eyes) | {"candidates": list(grades or ())}
    if wanted.distance is Distance.THEIRS:
        bound |= contacts.links_of(conn, member)
    if grades is None:
        statement = select(people.c.actor_id).where(*_conditions(member, eyes, wanted))
        # Nobody without a class comes before those who have one.
        statement = statement.order_by(func.coalesce(people.c.class_year, 9999), people.c.sort_key, people.c.actor_id)
        return list(conn.execute(statement.limit(MOST + 1) if wanted.is_open else statement, bound).scalars())
    if not grades:
        return []
    cities = directory_values
    mine = select(cities.c.value_key).where(
        cities.c.kind == Kind.CITY, cities.c.actor_id == bindparam("viewer_id", type_=BigInteger)
    )
    same_city = exists(
        select(cities.c.actor_id).where(
            cities.c.actor_id == people.c.actor_id,
            cities.c.kind == Kind.CITY,
            cities.c.value_key == (conn.execute(mine, bound).scalar() or ""),
            near(cities, eyes),
        )
    )
    rows = conn.execute(
        select(
            people.c.actor_id,
            people.c.class_key,
            people.c.sort_key,
            actors.c.last_status_at,
            same_city.label("in_city"),
        )
        .join(actors, actors.c.id == people.c.actor_id)
        .where(among(people.c.actor_id, "candidates"), *_conditions(member, eyes, wanted)),
        bound,
    ).all()

    def rank(row: Row[Any]) -> tuple[object, ...]:
        near_by = (
            0 if row.class_key and row.class_key == eyes.class_key else 1 if row.actor_id in eyes.contact_ids else 2
        )
        posted = row.last_status_at.timestamp() if row.last_status_at is not None else 0.0
        return grades[row.actor_id], near_by, not row.in_city, -posted, row.sort_key, row.actor_id

    return [row.actor_id for row in sorted(rows, key=rank)]


def _conditions(member: Actor, eyes: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What must be so beside the words."""
    people = directory_people
    conditions = [*_may_be_found(eyes)]
    if wanted.class_from is not None:
        conditions.append(people.c.class_year >= wanted.class_from)
    if wanted.class_to is not None:
        conditions.append(people.c.class_year <= wanted.class_to)
    if wanted.distance is not None:
        ways = [among(people.c.actor_id, "contact_ids")]
        if wanted.distance is Distance.THEIRS:
            ways.append(contacts.leads_to(people.c.actor_id, member))
        conditions.append(or_(*ways))
    if wanted.active_since is not None:
        posted = select(actors.c.id).where(actors.c.last_status_at >= wanted.active_since)
        conditions.append(exists(posted.where(actors.c.id == people.c.actor_id).correlate(people)))
    for kind, key in wanted.values.items():
        values = directory_values.alias(f"of_{kind}")
        conditions.append(
            people.c.actor_id.in_(
                select(values.c.actor_id).where(values.c.kind == kind, values.c.value_key == key, near(values, eyes))
            )
        )
    return conditions


def _facets(conn: Connection, eyes: Viewer, wanted: Wanted, numbers: Sequence[int]) -> list[Facet]:
    """What those who match share, as far as the viewer may see it: the most frequent of each kind."""
    values = directory_values
    number = func.count()
    rows = conn.execute(
        select(values.c.kind, func.min(values.c.label).label("label"), number.label("people"))
        .where(among(values.c.actor_id, "candidates"), near(values, eyes))
        .group_by(values.c.kind, values.c.value_key)
        .having(number >= FEWEST)
        .order_by(values.c.kind, number.desc(), values.c.value_key),
        _bound(eyes) | {"candidates": list(numbers)},
    )
    taken: dict[str, int] = {}
    facets = []
    for row in rows:
        taken[row.kind] = taken.get(row.kind, 0) + 1
        if taken[row.kind] <= _FACETS and Kind(row.kind) not in wanted.values:
            facets.append(Facet(Kind(row.kind), row.label, row.people))
    return facets


def _bound(eyes: Viewer) -> dict[str, object]:
    return dict(eyes.bound)
