# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who matches what is looked for, as statements, and how well.

    0 a whole word   1 the beginning of one   20 one letter wrong   40 it sounds the same   + 3 where a particle is left out

and 5 more where the word is none of a name. The grades of all words add up. A row is matched only if its level is at
least the viewer's distance: the clause `near` is the ladder's comparison, made from the row alone (the tests hold the two
against each other). A block puts two people at the distance of strangers, to whom nobody is listed: `search` leaves such
pairs out altogether.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    and_,
    bindparam,
    or_,
    select,
    true,
    union_all,
)

from node.contacts import State
from node.contacts.tables import contacts
from node.directory.facts import Kind
from node.directory.sounds import sound_of
from node.directory.tables import directory_words
from node.directory.words import Reading
from node.kernel.among import TEXTS, among
from node.kernel.folding import one_edit_apart
from node.profiles import Level
from node.relationships.tables import blocks

PREFIX_FROM: Final = 2
EDITS_FROM: Final = 5
WHOLE, BEGINNING, EDITED, SOUNDS = 0, 1, 20, 40
LOOSE: Final = 3
NOT_A_NAME: Final = 5
APPROXIMATE: Final = EDITED
"""From this grade on what was found is not what was typed."""
_MOST_SIMILAR: Final = 200
_END: Final = "\U0010ffff"
_NAMES: Final = (Kind.NAME, Kind.HANDLE)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking: their class, which is verified, their contacts, and between whom and them there is a block."""

    id: int
    class_key: str
    contact_ids: frozenset[int]
    parted_ids: frozenset[int]

    @property
    def bound(self) -> Mapping[str, object]:
        """What `near` and `not_parted` bind."""
        return {"viewer_id": self.id, "contact_ids": self.contact_ids, "parted_ids": self.parted_ids}


def contact_ids(conn: Connection, viewer_id: int) -> frozenset[int]:
    """The numbers of somebody's contacts."""
    confirmed = contacts.c.state == State.CONFIRMED
    return frozenset(
        conn.execute(
            select(contacts.c.high_id)
            .where(contacts.c.low_id == viewer_id, confirmed)
            .union_all(select(contacts.c.low_id).where(contacts.c.high_id == viewer_id, confirmed))
        ).scalars()
    )


def parted_ids(conn: Connection, viewer_id: int) -> frozenset[int]:
    """The numbers of those whom somebody blocks or who block them."""
    return frozenset(
        conn.execute(
            select(blocks.c.blocked_id)
            .where(blocks.c.blocker_id == viewer_id)
            .union_all(select(blocks.c.blocker_id).where(blocks.c.blocked_id == viewer_id))
        ).scalars()
    )


def not_parted(person: ColumnElement[int], viewer: Viewer) -> ColumnElement[bool]:
    """The clause: there is no block between the viewer and the person."""
    return ~among(person, "parted_ids") if viewer.parted_ids else true()


def near(table: FromClause, viewer: Viewer, level: str = "level") -> ColumnElement[bool]:
    """The clause: the row's level is at least the viewer's distance from whose row it is."""
    own = table.c.actor_id == bindparam("viewer_id", type_=BigInteger)
    ways = [table.c[level] >= Level.SCHOOL]
    if viewer.class_key:
        ways.append(and_(table.c[level] >= Level.CLASS, table.c.class_key == viewer.class_key))
    if viewer.contact_ids:
        ways.append(and_(table.c[level] >= Level.CONTACTS, among(table.c.actor_id, "contact_ids")))
    return or_(*ways, own)


def matching(
    conn: Connection, viewer: Viewer, readings: Sequence[Reading], *, kinds: Collection[Kind] = ()
) -> dict[int, int]:
    """Who matches one of the readings, with the best grade. Only by words of these `kinds`, if any are given.

    Two statements for each term. What a term finds is brought together here and not in the database: planners guess
    badly how many rows a beginning has.
    """
    having: dict[str, dict[int, int]] = {}
    best: dict[int, int] = {}
    for reading in readings:
        found: dict[int, int] | None = None
        for term in reading.terms:
            if term not in having:
                having[term] = _having(conn, viewer, term, kinds)
            its = having[term]
            if found is None:
                found = its
            else:
                found = {number: grade + its[number] for number, grade in found.items() if number in its}
        extra = LOOSE if reading.loose else 0
        for number, grade in (found or {}).items():
            best[number] = min(grade + extra, best.get(number, grade + extra))
    return best


def _having(conn: Connection, viewer: Viewer, term: str, kinds: Collection[Kind]) -> dict[int, int]:
    """Those who have the term, each with the best grade."""
    words = directory_words
    similar = _similar(conn, term)
    conditions = [near(words, viewer), *([words.c.kind.in_(kinds)] if kinds else [])]
    columns = select(words.c.actor_id, words.c.kind, words.c.word).where(*conditions)
    if len(term) >= PREFIX_FROM:
        statement: Any = columns.where(words.c.word >= term, words.c.word < term + _END)
    else:
        statement = columns.where(words.c.word == term)
    if similar:
        statement = union_all(statement, columns.where(among(words.c.word, "similar", TEXTS)))
    best: dict[int, int] = {}
    for number, kind, word in conn.execute(statement, {**viewer.bound, "similar": list(similar)}):
        grade = WHOLE if word == term else similar.get(word, BEGINNING)
        if kind not in _NAMES:
            grade += NOT_A_NAME
        if grade < best.get(number, 1000):
            best[number] = grade
    return best


def _similar(conn: Connection, term: str) -> Mapping[str, int]:
    """The words that are kept and differ from the term in a letter, or only sound like it.

    A word with one edit has one half of the term whole: it begins with the first half or ends with the second.
    """
    word, sound = directory_words.c.word, sound_of(term)
    ways = []
    if len(term) >= EDITS_FROM:
        half = len(term) // 2
        start, end = term[:half], term[half:][::-1]
        backwards = directory_words.c.backwards
        ways.append(select(word).where(word >= start, word < start + _END).distinct())
        ways.append(select(word).where(backwards >= end, backwards < end + _END).distinct())
    if sound:
        ways.append(select(word).where(directory_words.c.sound == sound).distinct())
    found: dict[str, int] = {}
    for one in conn.execute(union_all(*ways)).scalars() if ways else ():
        if one.startswith(term):
            continue
        if len(term) >= EDITS_FROM and one_edit_apart(one, term):
            found[one] = EDITED
        elif sound and one not in found and sound_of(one) == sound:
            found[one] = SOUNDS
    nearest = sorted(found.items(), key=lambda item: (item[1], item[0]))
    return dict(nearest[:_MOST_SIMILAR])
