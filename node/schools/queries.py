# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading the schools: there are few, and each is public."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from node.kernel.errors import Invalid, NotFound
from node.schools.rules import Programme
from node.schools.tables import programmes as table
from node.schools.tables import schools


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school that the node serves. `slug` is the last part of its address and never changes."""

    id: int
    slug: str
    name: str
    short_name: str
    aliases: tuple[str, ...]
    city: str
    country: str
    website: str
    same_as: tuple[str, ...]


def all_of(conn: Connection) -> Sequence[School]:
    """Every school, in the order in which they came: the first is whom the node was set up for."""
    return [_school(row) for row in conn.execute(select(schools).order_by(schools.c.id))]


def names(conn: Connection) -> Sequence[str]:
    """What the schools are called, the first one first."""
    return conn.execute(select(schools.c.name).order_by(schools.c.id)).scalars().all()


def find(conn: Connection, school_id: int) -> School:
    """Raises NotFound."""
    row = conn.execute(select(schools).where(schools.c.id == school_id)).one_or_none()
    if row is None:
        raise NotFound
    return _school(row)


def by_slug(conn: Connection, slug: str) -> School:
    """Raises NotFound."""
    row = conn.execute(select(schools).where(schools.c.slug == slug)).one_or_none()
    if row is None:
        raise NotFound
    return _school(row)


def chosen(conn: Connection, name: str | None = None) -> str:
    """The name of the school that somebody means, by any of its names; without one, of the school that came first.

    Raises Invalid where no school is called so.
    """
    known = all_of(conn)
    if not name and known:
        return known[0].name
    wanted = (name or "").strip().casefold()
    for one in known:
        if wanted in {called.casefold() for called in (one.name, one.short_name, one.slug, *one.aliases) if called}:
            return one.name
    raise Invalid("There is no such school here.", field="school")


def programmes(conn: Connection, school_id: int | None = None) -> Sequence[Programme]:
    """What can be studied, at one school or at all of them, by name."""
    statement = select(table).order_by(table.c.school_id, table.c.name)
    if school_id is not None:
        statement = statement.where(table.c.school_id == school_id)
    return [
        Programme(
            id=row.id,
            school_id=row.school_id,
            name=row.name,
            aliases=tuple(row.aliases),
            degree=row.degree,
            first_year=row.first_year,
            last_year=row.last_year,
        )
        for row in conn.execute(statement)
    ]


def _school(row: Row[Any]) -> School:
    values = {**row._mapping, "aliases": tuple(row.aliases), "same_as": tuple(row.same_as)}
    del values["created_at"]
    return School(**values)
