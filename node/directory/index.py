# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeping the directory: a member's rows are made anew whenever something that they are found by has changed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from node.actors import ActorType
from node.actors.tables import actors
from node.directory import facts
from node.directory.facts import Facts, Kind
from node.directory.sounds import sound_of
from node.directory.tables import directory_people, directory_values, directory_words
from node.directory.watches import rename_school as rename_watched_school
from node.directory.words import key_of, words_of
from node.kernel.db import Tx
from node.kernel.folding import fold
from node.profiles import Level

Known = Mapping[tuple[int, str, str], tuple[int, datetime]]
_TABLES: Final = (directory_people, directory_words, directory_values)
_CLASS: Final = "class"
STEP: Final = 500
"""So many members are made anew in one transaction of a rebuild."""


def refresh(tx: Tx, actor_ids: Collection[int]) -> None:
    """Make the rows of these members anew; none for those who may not be found."""
    known = _known(tx.conn, actor_ids)
    forget(tx, actor_ids)
    write(tx, facts.of(tx.conn, actor_ids, tx.now), known)


def write(tx: Tx, found: Collection[Facts], known: Known | None = None) -> None:
    """Add the rows of people who have none now. `known` is what they had before: it is no news."""
    before = known or {}

    def since(key: tuple[int, str, str], level: int) -> datetime:
        level_before, moment = before.get(key, (Level.ME, tx.now))
        return moment if level_before >= level else tx.now

    people = [
        {
            "actor_id": one.actor_id,
            "listed": one.listed,
            "class_year": one.class_year,
            "class_key": one.class_key,
            "sort_key": fold(one.name)[:128],
            "since": since((one.actor_id, _CLASS, one.class_key), one.listed),
        }
        for one in found
    ]
    words = [row for one in found for row in _words(one)]
    values = [
        row | {"since": since((one.actor_id, row["kind"], row["value_key"]), row["level"])}
        for one in found
        for row in _values(one)
    ]
    for table, rows in zip(_TABLES, (people, words, values), strict=True):
        if rows:
            tx.conn.execute(insert(table), rows)


def rename_school(tx: Tx, before: str, after: str) -> None:
    """The classes of a school are those of its new name: a statement for each table, whatever its size."""
    for table in _TABLES:
        year, school = func.substr(table.c.class_key, 1, 5), func.substr(table.c.class_key, 6)
        tx.conn.execute(update(table).where(school == before).values(class_key=year.concat(after)))
    values = directory_values
    tx.conn.execute(
        update(values)
        .where(values.c.kind == Kind.SCHOOL, values.c.value_key == key_of(before), values.c.label == before)
        .values(value_key=key_of(after), label=after)
    )
    rename_watched_school(tx, before, after)


def forget(tx: Tx, actor_ids: Collection[int]) -> None:
    """Nobody finds these people any more."""
    for table in _TABLES:
        tx.conn.execute(delete(table).where(table.c.actor_id.in_(actor_ids)))


def next_after(conn: Connection, actor_id: int) -> list[int]:
    """The next members of this node after a number: what a rebuild goes through."""
    return list(
        conn.execute(
            select(actors.c.id)
            .where(actors.c.domain == "", actors.c.type == ActorType.PERSON, actors.c.id > actor_id)
            .order_by(actors.c.id)
            .limit(STEP)
        ).scalars()
    )


def _known(conn: Connection, actor_ids: Collection[int]) -> Known:
    """Since when these members have been found by what, and by how many."""
    people, values = directory_people, directory_values
    rows = conn.execute(
        select(
            people.c.actor_id,
            literal(_CLASS).label("kind"),
            people.c.class_key.label("key"),
            people.c.listed,
            people.c.since,
        )
        .where(people.c.actor_id.in_(actor_ids))
        .union_all(
            select(values.c.actor_id, values.c.kind, values.c.value_key, values.c.level, values.c.since).where(
                values.c.actor_id.in_(actor_ids)
            )
        )
    )
    return {(row.actor_id, row.kind, row.key): (row.listed, row.since) for row in rows}


def _level(one: Facts, level: int) -> int:
    """Nobody is found by what is theirs alone, nor beyond those to whom they are listed; contacts they always are."""
    return min(level, one.listed)


def _words(one: Facts) -> list[dict[str, Any]]:
    levels: dict[tuple[str, str], int] = {}
    for text in one.texts:
        level = _level(one, text.level)
        if level > Level.ME:
            for word in words_of(text.text):
                levels[text.kind, word] = max(level, levels.get((text.kind, word), 0))
    return [
        {
            "actor_id": one.actor_id,
            "kind": kind,
            "word": word,
            "backwards": word[::-1],
            "sound": sound_of(word),
            "level": level,
            "class_key": one.class_key,
        }
        for (kind, word), level in levels.items()
    ]


def _values(one: Facts) -> list[dict[str, Any]]:
    best: dict[tuple[str, str], tuple[int, str]] = {}
    for text in one.texts:
        key, level = key_of(text.value), _level(one, text.level)
        if key and level > best.get((text.kind, key), (Level.ME, ""))[0]:
            best[text.kind, key] = (level, text.value[:255])
    return [
        {
            "actor_id": one.actor_id,
            "kind": kind,
            "value_key": key,
            "label": label,
            "level": level,
            "class_key": one.class_key,
        }
        for (kind, key), (level, label) in best.items()
    ]
