# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finding members of this node through a member's eyes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select

from node import contacts
from node.actors import Actor, by_ids
from node.actors.tables import actors
from node.directory import matching
from node.directory.facts import FILTERS, Kind, class_key
from node.directory.matching import Viewer, near, not_parted
from node.directory.tables import directory_people, directory_values
from node.directory.words import key_of, readings
from node.kernel.among import among
from node.kernel.db import long_read
from node.profiles import Level

PAGE: Final = 20
PAGES: Final = 10
MOST: Final = PAGE * PAGES
"""Who finds more than so many is asked to say more."""
FEWEST: Final = 3
"""A value that fewer share is not counted: the number would tell who they are."""
_FACETS: Final = 8
_COUNTED: Final = 1000
"""Of more people than so many the values are not counted, but looked for among half as many."""


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
    """A value that some of those who were found share. `count` is None where there are too many to be counted."""

    kind: Kind
    label: str
    count: int | None


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
    """Who is looking. Two statements."""
    return Viewer(
        id=member.id,
        class_key=class_key(member.class_year, member.school),
        contact_ids=matching.contact_ids(conn, member.id),
        parted_ids=matching.parted_ids(conn, member.id),
    )


@long_read
def search(conn: Connection, member: Actor, wanted: Wanted, page: int = 1) -> Found:
    """Who may be found by a member of this node, the best first; without words by class and name.

    Nobody is found by what the member may not see. A fixed number of statements for a number of words.
    """
    eyes = viewer(conn, member)
    if wanted.words.strip():
        grades = matching.matching(conn, eyes, readings(wanted.words))
        numbers = _ranked(conn, member, eyes, wanted, grades)
    else:
        grades, numbers = {}, _in_order(conn, member, eyes, wanted)
    shown = numbers[:MOST][(page - 1) * PAGE : page * PAGE]
    known = by_ids(conn, shown)
    return Found(
        people=[known[number] for number in shown if number in known and known[number].is_active],
        count=min(len(numbers), MOST),
        too_many=len(numbers) > MOST,
        similar=bool(grades and numbers) and grades[numbers[0]] >= matching.APPROXIMATE,
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
        eyes.bound,
    )
    return {row.class_year: row.people for row in rows}


@long_read
def count(conn: Connection, member: Actor) -> int:
    """How many a member may find in all."""
    eyes = viewer(conn, member)
    return conn.execute(
        select(func.count()).select_from(directory_people).where(*_may_be_found(eyes)), eyes.bound
    ).scalar_one()


def _may_be_found(eyes: Viewer) -> tuple[ColumnElement[bool], ...]:
    return near(directory_people, eyes, "listed"), not_parted(directory_people.c.actor_id, eyes)


def _in_order(conn: Connection, member: Actor, eyes: Viewer, wanted: Wanted) -> list[int]:
    """Who fits where no words are looked for, by class and name; only as many as it takes to see that they are too many
    where no facets are wanted."""
    people = directory_people
    # Nobody without a class comes before those who have one.
    statement = (
        select(people.c.actor_id)
        .where(*_may_be_found(eyes), *_conditions(member, eyes, wanted))
        .order_by(func.coalesce(people.c.class_year, 9999), people.c.sort_key, people.c.actor_id)
    )
    if wanted.is_open:
        statement = statement.limit(MOST + 1)
    return list(conn.execute(statement, _bound(conn, member, eyes, wanted)).scalars())


def _ranked(conn: Connection, member: Actor, eyes: Viewer, wanted: Wanted, grades: Mapping[int, int]) -> list[int]:
    """Who has the words, the best first: the whole word, then the beginning, then what is only similar; among equals
    classmates, contacts, those of the same city, and who posted last.

    When somebody posted is looked up of those alone who can stand among the first `MOST`, since very many names begin with
    the same two letters. The rest stand behind them in no order.
    """
    people, values = directory_people, directory_values
    # Whoever is matched by a word is listed to the viewer: no word has a higher level than its owner's listing.
    found = grades.keys() - eyes.parted_ids
    bound = _bound(conn, member, eyes, wanted)
    narrowing = _conditions(member, eyes, wanted)
    if narrowing and found:
        statement = select(people.c.actor_id).where(among(people.c.actor_id, "candidates"), *narrowing)
        found = set(conn.execute(statement, bound | {"candidates": found}).scalars())
    if not found:
        return []
    classmates: set[int] = set()
    if eyes.class_key:
        classmates = set(conn.execute(select(people.c.actor_id).where(people.c.class_key == eyes.class_key)).scalars())
    mine = select(values.c.value_key).where(values.c.kind == Kind.CITY, values.c.actor_id == eyes.id)
    of_city = select(values.c.actor_id).where(
        values.c.kind == Kind.CITY, values.c.value_key == bindparam("city"), near(values, eyes)
    )
    city = conn.execute(mine).scalar() or ""
    in_city = set(conn.execute(of_city, bound | {"city": city}).scalars())
    alike: dict[int, list[int]] = {}
    for number in found:
        near_by = 0 if number in classmates else 1 if number in eyes.contact_ids else 2
        alike.setdefault(grades[number] * 6 + near_by * 2 + (number not in in_city), []).append(number)
    posted = actors.c.last_status_at.desc().nulls_last()
    latest_first = (
        select(people.c.actor_id)
        .join(actors, actors.c.id == people.c.actor_id)
        .where(among(people.c.actor_id, "candidates"))
        .order_by(posted, people.c.sort_key, people.c.actor_id)
        .limit(MOST + 1)
    )
    # All who come before the last of those that are shown, and the many of whom only the first are.
    first: list[int] = []
    rank: dict[int, int] = {}
    ranks = sorted(alike)
    while ranks and len(first) + len(alike[ranks[0]]) <= MOST:
        its = ranks.pop(0)
        first += alike[its]
        rank |= dict.fromkeys(alike[its], its)
    ordered = sorted(conn.execute(latest_first, {"candidates": first}).scalars(), key=rank.__getitem__)
    if ranks:
        ordered += conn.execute(latest_first, {"candidates": alike[ranks[0]]}).scalars()
    known = set(ordered)
    return [*ordered, *(number for number in found if number not in known)]


def _conditions(member: Actor, eyes: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What must be so beside the words."""
    people = directory_people
    conditions: list[ColumnElement[bool]] = []
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
    """What those who match share, as far as the viewer may see it: the most frequent of each kind.

    Of very many some are looked at, evenly through all; what is frequent is so among them, too, but is not counted.
    """
    values = directory_values
    step = 1 if len(numbers) <= _COUNTED else len(numbers) * 2 // _COUNTED
    number = func.count()
    rows = conn.execute(
        select(values.c.kind, func.min(values.c.label).label("label"), number.label("people"))
        .where(among(values.c.actor_id, "candidates"), near(values, eyes))
        .group_by(values.c.kind, values.c.value_key)
        .having(number >= FEWEST)
        .order_by(values.c.kind, number.desc(), values.c.value_key),
        {**eyes.bound, "candidates": numbers[::step]},
    )
    taken: dict[str, int] = {}
    facets = []
    for row in rows:
        taken[row.kind] = taken.get(row.kind, 0) + 1
        if taken[row.kind] <= _FACETS and Kind(row.kind) not in wanted.values:
            facets.append(Facet(Kind(row.kind), row.label, row.people if step == 1 else None))
    return facets


def _bound(conn: Connection, member: Actor, eyes: Viewer, wanted: Wanted) -> dict[str, object]:
    links = contacts.links_of(conn, member) if wanted.distance is Distance.THEIRS else {}
    return {**eyes.bound, **links}
