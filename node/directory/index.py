# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeping the directory: a member's rows are made anew whenever something that they are found by has changed."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from node.actors import ActorType
from node.actors.tables import actors
from node.directory import facts
from node.directory.facts import Facts
from node.directory.sounds import sound_of
from node.directory.tables import directory_people, directory_values, directory_words
from node.directory.words import key_of, words_of
from node.kernel.db import Tx
from node.kernel.folding import fold
from node.profiles import Level

_TABLES: Final = (directory_people, directory_words, directory_values)
STEP: Final = 500
"""So many members are made anew in one transaction of a rebuild."""


def refresh(tx: Tx, actor_ids: Collection[int]) -> None:
    """Make the rows of these members anew; none for those who may not be found."""
    forget(tx, actor_ids)
    write(tx, facts.of(tx.conn, actor_ids, tx.now))


def write(tx: Tx, found: Collection[Facts]) -> None:
    """Add the rows of people who have none."""
    people = [
        {
            "actor_id": one.actor_id,
            "listed": one.listed,
            "class_year": one.class_year,
            "class_key": one.class_key,
            "sort_key": fold(one.name)[:128],
        }
        for one in found
    ]
    words = [row for one in found for row in _words(one)]
    values = [row for one in found for row in _values(one)]
    for table, rows in zip(_TABLES, (people, words, values), strict=True):
        if rows:
            tx.conn.execute(insert(table), rows)


def rename_school(tx: Tx, before: str, after: str) -> None:
    """The classes of a school are those of its new name: a statement for each table, whatever its size."""
    for table in _TABLES:
        year, school = func.substr(table.c.class_key, 1, 5), func.substr(table.c.class_key, 6)
        tx.conn.execute(update(table).where(school == before).values(class_key=year.concat(after)))


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
