# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the directory knows of members, as they have written it, each text with the level at which it is shown."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from node import profiles
from node.actors import ActorType
from node.actors.tables import actors
from node.members.tables import members
from node.profiles import Ask, Career, Education, Label, Listing, Own, State
from node.profiles import Kind as EntryKind


class Kind(StrEnum):
    """Of what a word is one."""

    NAME = "name"
    HANDLE = "handle"
    CITY = "city"
    EMPLOYER = "employer"
    SKILL = "skill"
    SEEK = "seek"
    OFFER = "offer"
    TEXT = "text"
    SCHOOL = "school"
    PROGRAMME = "programme"
    CAMPUS = "campus"
    COUNTRY = "country"
    LANGUAGE = "language"
    SECTOR = "sector"


FILTERS: Final = (
    Kind.SCHOOL,
    Kind.PROGRAMME,
    Kind.CAMPUS,
    Kind.CITY,
    Kind.COUNTRY,
    Kind.EMPLOYER,
    Kind.SECTOR,
    Kind.SKILL,
    Kind.LANGUAGE,
    Kind.SEEK,
    Kind.OFFER,
)
"""The kinds whose values one can ask for. A country is its two letters, a language its tag without a region."""


@dataclass(frozen=True, slots=True)
class Text:
    """Something that a member says of themselves. `value` is what it counts as, if it is one to filter by."""

    kind: Kind
    text: str
    level: int
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A member as the directory keeps them."""

    actor_id: int
    name: str
    listed: int
    class_year: int | None = None
    school: str | None = None
    texts: Sequence[Text] = field(default=())

    @property
    def class_key(self) -> str:
        """The class they are of."""
        return class_key(self.class_year, self.school)


def class_key(year: int | None, school: str | None) -> str:
    """A class as it is compared, a year at a school; empty without a year."""
    return f"{year} {school or ''}" if year is not None else ""


_HERE: Final = (
    select(actors.c.id, actors.c.display_name, actors.c.username, actors.c.class_year, actors.c.school)
    .join(members, members.c.actor_id == actors.c.id)
    .where(
        actors.c.domain == "",
        actors.c.type == ActorType.PERSON,
        actors.c.deleted_at.is_(None),
        actors.c.suspended_at.is_(None),
        members.c.suspended_at.is_(None),
    )
)


def of(conn: Connection, actor_ids: Collection[int], now: datetime) -> list[Facts]:
    """Those of the actors who are members and may be found; three statements, however many they are."""
    rows: Sequence[Row[Any]] = conn.execute(_HERE.where(actors.c.id.in_(actor_ids))).all()  # type: ignore[assignment]
    said = profiles.everything(conn, [row.id for row in rows], now)
    return [_facts(row, said[row.id]) for row in rows]


def _facts(row: Row[Any], own: Own) -> Facts:
    name = row.display_name or row.username
    # Whoever is listed to a circle shows it name and class: somebody must be able to recognise them.
    listed = int((own.listed_to or Listing.NOBODY).level)
    return Facts(
        actor_id=row.id,
        name=name,
        listed=listed,
        class_year=row.class_year,
        school=row.school,
        texts=[
            Text(Kind.NAME, name, listed),
            Text(Kind.HANDLE, row.username, listed),
            Text(Kind.SCHOOL, "", listed, value=row.school or ""),
            *_said(own),
        ],
    )


def _said(own: Own) -> Iterator[Text]:
    facts, level = own.facts, {name: own.level_of(its) for name, its in own.levels.items()}
    for name in ("given_name", "family_name", "birth_family_name"):
        yield Text(Kind.NAME, getattr(facts, name), level[name])
    for other in facts.other_names:
        yield Text(Kind.NAME, other, level["other_names"])
    yield Text(Kind.TEXT, facts.headline, level["headline"])
    yield Text(Kind.CITY, facts.city, level["location"], value=facts.city)
    yield Text(Kind.COUNTRY, "", level["location"], value=facts.country)
    for tag, _ in facts.languages:
        yield Text(Kind.LANGUAGE, "", level["languages"], value=tag.partition("-")[0])
    for entry in own.entries:
        its = own.level_of(entry.level)
        match entry.details:
            case Career() as work:
                # Who worked somewhere is found by it; what is counted and filtered by is where they work now.
                yield Text(Kind.EMPLOYER, work.employer, its, value="" if work.until else work.employer)
                yield Text(Kind.TEXT, f"{work.title} {work.sector}", its)
                yield Text(Kind.SECTOR, "", its, value="" if work.until else work.sector)
            case Education() as learnt:
                yield Text(Kind.TEXT, f"{learnt.programme} {learnt.subject}", its)
                yield Text(Kind.PROGRAMME, "", its, value=learnt.programme)
                yield Text(Kind.CAMPUS, "", its, value=learnt.campus)
            case Label() as label if entry.kind is EntryKind.SKILL:
                yield Text(Kind.SKILL, label.label, its, value=label.label)
            case Ask() as ask if entry.state is State.OPEN:
                kind = Kind.SEEK if entry.kind is EntryKind.SEEK else Kind.OFFER
                yield Text(kind, f"{ask.text} {' '.join(ask.tags)}", its, value=ask.category)
            case _:
                pass
