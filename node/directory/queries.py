# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finding members of this node through a member's eyes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, bindparam, case, exists, func, select

from node.actors import Actor, by_ids
from node.actors.tables import actors
from node.directory import matching
from node.directory.facts import Kind
from node.directory.matching import Viewer, near
from node.directory.tables import directory_people, directory_values
from node.directory.words import key_of, readings
from node.kernel.among import among
from node.kernel.db import long_read
from node.relationships.visibility import not_blocked

PAGE: Final = 20
PAGES: Final = 10
MOST: Final = PAGE * PAGES
"""Who finds more than so many is asked to say more."""
FEWEST: Final = 3
"""A value that fewer share is not counted: the number would tell who they are."""
_FACETS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for: words, and what must be so. A class alone has `class_from` and `class_to` the same."""

    words: str = ""
    class_from: int | None = None
    class_to: int | None = None
    city: str = ""
    employer: str = ""
    skill: str = ""
    seek: str = ""
    offer: str = ""
    contacts: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing in particular is looked for."""
        return self == Wanted()

    @property
    def values(self) -> Mapping[Kind, str]:
        """The values that are asked for."""
        asked = {
            Kind.CITY: self.city,
            Kind.EMPLOYER: self.employer,
            Kind.SKILL: self.skill,
            Kind.SEEK: self.seek,
            Kind.OFFER: self.offer,
        }
        return {kind: key for kind, text in asked.items() if (key := key_of(text))}


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
    return Viewer(member.id, member.class_year, matching.contact_ids(conn, member.id))


@long_read
def search(conn: Connection, member: Actor, wanted: Wanted, page: int = 1) -> Found:
    """Who may be found by a member of this node, the best first; without words by class and name.

    Nobody is found by what the member may not see. A fixed number of statements for a number of words.
    """
    eyes = viewer(conn, member)
    statement = _ranked(conn, eyes, wanted)
    if statement is None:
        return Found(people=(), count=0)
    rows = conn.execute(statement.limit(MOST + 1), _bound(eyes)).all()
    numbers = [row.actor_id for row in rows[:MOST]]
    shown = numbers[(page - 1) * PAGE : page * PAGE]
    known = by_ids(conn, shown)
    return Found(
        people=[known[number] for number in shown if number in known and known[number].is_active],
        count=len(numbers),
        too_many=len(rows) > MOST,
        similar=bool(rows) and rows[0].grade >= matching.APPROXIMATE,
        facets=() if wanted.is_open else _facets(conn, eyes, wanted),
    )


def by_name(conn: Connection, member: Actor, words: str) -> list[int]:
    """The numbers of those who may be found by name or handle, the best first; at most `MOST`. For completing a mention."""
    eyes = viewer(conn, member)
    statement = _ranked(conn, eyes, Wanted(words=words), kinds=(Kind.NAME, Kind.HANDLE))
    if statement is None:
        return []
    return [row.actor_id for row in conn.execute(statement.limit(MOST), _bound(eyes))]


def may_find(person: ColumnElement[int], member: Actor, contact_ids: frozenset[int]) -> ColumnElement[bool]:
    """The clause for a statement of people of this node: those who are listed to the member. It binds nothing but
    numbers of its own."""
    eyes = Viewer(member.id, member.class_year, contact_ids)
    clause = near(directory_people, eyes, "listed").params(_bound(eyes))
    return exists(select(directory_people.c.actor_id).where(directory_people.c.actor_id == person, clause))


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


def _ranked(conn: Connection, eyes: Viewer, wanted: Wanted, *, kinds: Sequence[Kind] = ()) -> Select[Any] | None:
    """`actor_id` and `grade` of all who match, the best first: the whole name, then the beginning of it, then what is only
    similar; among equals classmates, contacts, those of the same city, and who posted last. None where words were typed
    that hold no letter."""
    people = directory_people
    found = _matches(conn, eyes, wanted, kinds)
    if found is None:
        return None
    if not wanted.words.strip():
        # Nobody without a class comes before those who have one.
        return found.order_by(func.coalesce(people.c.class_year, 9999), people.c.sort_key, people.c.actor_id)
    grade = found.selected_columns.grade
    near_by = case(
        (people.c.class_year == eyes.class_year, 0) if eyes.class_year is not None else (people.c.listed < 0, 0),
        (among(people.c.actor_id, "contact_ids"), 1),
        else_=2,
    )
    same_city = case((_same_city(eyes), 0), else_=1)
    return found.join(actors, actors.c.id == people.c.actor_id).order_by(
        grade, near_by, same_city, actors.c.last_status_at.desc().nulls_last(), people.c.sort_key, people.c.actor_id
    )


def _same_city(eyes: Viewer) -> ColumnElement[bool]:
    """Somebody's city, which the viewer may see, is the viewer's."""
    theirs, mine = directory_values.alias("theirs"), directory_values.alias("mine")
    return exists(
        select(theirs.c.actor_id)
        .join(mine, and_(mine.c.kind == theirs.c.kind, mine.c.value_key == theirs.c.value_key))
        .where(
            theirs.c.actor_id == directory_people.c.actor_id,
            theirs.c.kind == Kind.CITY,
            mine.c.actor_id == bindparam("viewer_id", type_=BigInteger),
            near(theirs, eyes),
        )
    )


def _matches(conn: Connection, eyes: Viewer, wanted: Wanted, kinds: Sequence[Kind] = ()) -> Select[Any] | None:
    """All who match, in no order."""
    people = directory_people
    if wanted.words.strip():
        ways = readings(wanted.words)
        if not ways:
            return None
        found = matching.matching(conn, eyes, ways, kinds=kinds).subquery()
        statement = select(people.c.actor_id, found.c.grade).join(found, found.c.actor_id == people.c.actor_id)
    else:
        statement = select(people.c.actor_id, (people.c.actor_id * 0).label("grade"))
    statement = statement.where(*_may_be_found(eyes))
    if wanted.class_from is not None:
        statement = statement.where(people.c.class_year >= wanted.class_from)
    if wanted.class_to is not None:
        statement = statement.where(people.c.class_year <= wanted.class_to)
    if wanted.contacts:
        statement = statement.where(among(people.c.actor_id, "contact_ids"))
    for kind, key in wanted.values.items():
        values = directory_values.alias(f"of_{kind}")
        statement = statement.where(
            people.c.actor_id.in_(
                select(values.c.actor_id).where(values.c.kind == kind, values.c.value_key == key, near(values, eyes))
            )
        )
    return statement


def _facets(conn: Connection, eyes: Viewer, wanted: Wanted) -> list[Facet]:
    """What those who match share, as far as the viewer may see it: the most frequent of each kind."""
    matches = _matches(conn, eyes, wanted)
    if matches is None:
        return []
    found = matches.subquery()
    values = directory_values
    number = func.count()
    rows = conn.execute(
        select(values.c.kind, func.min(values.c.label).label("label"), number.label("people"))
        .join(found, found.c.actor_id == values.c.actor_id)
        .where(near(values, eyes))
        .group_by(values.c.kind, values.c.value_key)
        .having(number >= FEWEST)
        .order_by(values.c.kind, number.desc(), values.c.value_key),
        _bound(eyes),
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
