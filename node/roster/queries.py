# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading the roster and its imports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from node.kernel.db import long_read
from node.kernel.errors import NotFound
from node.kernel.folding import name_key
from node.roster.candidates import Education
from node.roster.comparing import Content, Entry
from node.roster.rules import UNDO, ImportState
from node.roster.tables import roster_changes, roster_educations, roster_entries, roster_imports

_ORDER = (roster_educations.c.entry_id, roster_educations.c.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A file that was brought in, or waits to be. `counts` are people by verdict; `done` those already written."""

    id: int
    actor_id: int | None
    name: str
    options: Mapping[str, Any]
    state: ImportState
    done: int
    counts: Mapping[str, int]
    created_at: datetime
    finished_at: datetime | None


@long_read
def everybody(conn: Connection) -> Sequence[Entry]:
    """The whole roster, in two statements. 100,000 entries take about 150 MiB: for comparing, not for showing."""
    educations = _educations(conn.execute(select(roster_educations).order_by(*_ORDER)))
    rows = conn.execute(select(roster_entries).order_by(roster_entries.c.id)).yield_per(1000)
    # The same few words stand in all of them: programmes, cities, names of details.
    texts: dict[str, str] = {}
    return [_entry(row, educations.get(row.id, ()), texts) for row in rows]


def claimed(conn: Connection) -> Sequence[int]:
    """The members whom the association has taken for somebody of the roster."""
    statement = select(roster_entries.c.claimed_by).where(roster_entries.c.claimed_by.is_not(None))
    return [number for number in conn.scalars(statement) if number is not None]


def entries(conn: Connection, numbers: Sequence[int]) -> dict[int, Entry]:
    """Some entries by their numbers."""
    educations = _educations(
        conn.execute(select(roster_educations).where(roster_educations.c.entry_id.in_(numbers)).order_by(*_ORDER))
    )
    rows = conn.execute(select(roster_entries).where(roster_entries.c.id.in_(numbers)))
    return {row.id: _entry(row, educations.get(row.id, ()), {}) for row in rows}


def find(conn: Connection, words: str, *, limit: int = 40) -> Sequence[Entry]:
    """Entries whose family or given name begins with these words, however they are accented."""
    key = name_key(words).replace("%", "")
    if not key:
        return []
    columns = roster_entries.c
    numbers = (
        conn.execute(
            select(columns.id)
            .where(
                or_(columns.names_key.like(f"{key}%"), columns.names_key.like(f"%|{key}%"), columns.source_id == words)
            )
            .order_by(columns.names_key)
            .limit(limit)
        )
        .scalars()
        .all()
    )
    found = entries(conn, numbers)
    return [found[number] for number in numbers]


def count(conn: Connection) -> int:
    """How many people the roster names."""
    return conn.execute(select(func.count()).select_from(roster_entries)).scalar_one()


def imports(conn: Connection, *, limit: int = 40) -> Sequence[Import]:
    """The imports, the newest first."""
    columns = [column for column in roster_imports.c if column.name != "file"]
    return [_import(row) for row in conn.execute(select(*columns).order_by(roster_imports.c.id.desc()).limit(limit))]


def get_import(conn: Connection, number: int) -> Import:
    """One import. Raises NotFound."""
    columns = [column for column in roster_imports.c if column.name != "file"]
    row = conn.execute(select(*columns).where(roster_imports.c.id == number)).one_or_none()
    if row is None:
        raise NotFound
    return _import(row)


def may_undo(item: Import, now: datetime) -> bool:
    """Whether an import is such that it can be taken back, as far as its own row tells."""
    return item.state is ImportState.APPLIED and item.finished_at is not None and item.finished_at + UNDO >= now


@long_read
def file_of(conn: Connection, number: int) -> bytes | None:
    """The file of an import that has not been finished."""
    return conn.execute(select(roster_imports.c.file).where(roster_imports.c.id == number)).scalar_one_or_none()


def to_undo(conn: Connection, number: int) -> int:
    """How many entries an import made or changed that are not yet as they were."""
    return conn.execute(
        select(func.count()).select_from(roster_changes).where(roster_changes.c.import_id == number)
    ).scalar_one()


def changed_since(conn: Connection, number: int) -> int:
    """How many of an import's entries a later one has changed."""
    later = roster_changes.alias()
    return conn.execute(
        select(func.count(func.distinct(roster_changes.c.entry_id)))
        .join(later, later.c.entry_id == roster_changes.c.entry_id)
        .where(roster_changes.c.import_id == number, later.c.import_id > number)
    ).scalar_one()


def _educations(rows: Iterable[Row[Any]]) -> dict[int, tuple[Education, ...]]:
    educations: dict[int, tuple[Education, ...]] = {}
    same: dict[Education, Education] = {}
    for row in rows:
        education = Education(row.class_year, row.programme, row.campus)
        educations[row.entry_id] = (*educations.get(row.entry_id, ()), same.setdefault(education, education))
    return educations


def _entry(row: Row[Any], educations: tuple[Education, ...], texts: dict[str, str]) -> Entry:
    return Entry(
        row.id,
        Content(
            source_id=row.source_id,
            family_name=row.family_name,
            birth_family_name=row.birth_family_name,
            given_name=row.given_name,
            other_names=tuple(row.other_names),
            birth_date=row.birth_date,
            emails=tuple(row.emails),
            deceased=row.deceased,
            deceased_on=row.deceased_on,
            educations=educations,
            details={texts.setdefault(name, name): texts.setdefault(text, text) for name, text in row.details.items()},
        ),
    )


def _import(row: Row[Any]) -> Import:
    return Import(
        id=row.id,
        actor_id=row.actor_id,
        name=row.name,
        options=row.options,
        state=ImportState(row.state),
        done=row.done,
        counts=row.counts,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
