# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members follow in the directory: a class, a city, a skill. Whoever is new there stands in their next digest, and
nowhere else; nobody learns that they are followed so.

New is who has come since then, or lets so many more see it since then. Nobody is told of who may not see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, Connection, and_, bindparam, delete, func, select, update

from node import contacts
from node.actors import Actor, ActorId, by_ids
from node.actors.tables import actors
from node.directory.facts import class_key
from node.directory.matching import near
from node.directory.queries import viewer
from node.directory.tables import directory_people, directory_values, directory_watches
from node.directory.words import key_of
from node.kernel.db import Tx, insert_or_ignore, long_read
from node.kernel.errors import Invalid, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean_line
from node.relationships.hiding import is_unwanted, is_withheld
from node.relationships.visibility import not_blocked

MOST_WATCHES: Final = 30
MOST_NEWS: Final = 100
_LONGEST: Final = 80


class Watchable(StrEnum):
    """What can be followed. A city and a skill are kinds of the directory's values too."""

    CLASS = "class"
    CITY = "city"
    SKILL = "skill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Something that a member follows. `class_year` and `school` are of a class alone."""

    id: int
    kind: Watchable
    label: str
    class_year: int | None = None
    school: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """Who is new in what a member follows, the latest last."""

    watch: Watch
    people: Sequence[Actor]


def watch(tx: Tx, member: Actor, kind: Watchable, text: str) -> None:
    """Follow a city or a skill; again is nothing new. Raises Invalid for no text, TooMany for one too many."""
    label = clean_line(text, _LONGEST)
    key = key_of(label)
    if kind is Watchable.CLASS or not key:
        raise Invalid(marked("Please fill this in."), field="value")
    _watch(tx, member.id, kind, key, label)


def watch_class(tx: Tx, member: Actor, year: int, school: str | None) -> None:
    """Follow a class; again is nothing new. Raises TooMany for one too many."""
    _watch(tx, member.id, Watchable.CLASS, class_key(year, school), f"{year} {school or ''}".strip())


def unwatch(tx: Tx, member: Actor, watch_id: int) -> None:
    """Follow it no more. Raises NotFound."""
    gone = tx.conn.execute(
        delete(directory_watches).where(directory_watches.c.id == watch_id, directory_watches.c.member_id == member.id)
    )
    if gone.rowcount == 0:
        raise NotFound


def watches(conn: Connection, member_id: int) -> Sequence[Watch]:
    """What a member follows, the oldest first."""
    rows = conn.execute(
        select(directory_watches).where(directory_watches.c.member_id == member_id).order_by(directory_watches.c.id)
    )
    return [_of(row.id, row.kind, row.value_key, row.label) for row in rows]


@long_read
def watched(conn: Connection, member: Actor, since: datetime, now: datetime) -> Sequence[News]:
    """Who is new since then in what a member follows, as far as they may see it; the member's order of watches.

    Whom the member blocks, mutes or is blocked by is left out, as are those who died or went elsewhere.
    """
    eyes = viewer(conn, member)
    mine, people, values = directory_watches, directory_people, directory_values
    found = select(mine.c.id, mine.c.kind, mine.c.value_key, mine.c.label)
    in_values = (
        found.add_columns(values.c.actor_id, values.c.since)
        .join(values, and_(values.c.kind == mine.c.kind, values.c.value_key == mine.c.value_key))
        .where(mine.c.kind != Watchable.CLASS, near(values, eyes), values.c.since > since)
    )
    in_classes = (
        found.add_columns(people.c.actor_id, people.c.since)
        .join(people, people.c.class_key == mine.c.value_key)
        .where(mine.c.kind == Watchable.CLASS, near(people, eyes, "listed"), people.c.since > since)
    )
    viewer_id = bindparam("viewer_id", type_=BigInteger)
    both = in_values.where(mine.c.member_id == viewer_id).union_all(in_classes.where(mine.c.member_id == viewer_id))
    news = both.subquery()
    person = news.c.actor_id
    rows = conn.execute(
        select(news)
        .join(actors, actors.c.id == person)
        .where(
            person != viewer_id,
            actors.c.memorial.is_(False),
            actors.c.moved_to.is_(None),
            not_blocked(person, viewer_id),
            ~is_withheld(person, member.id),
            ~is_unwanted(person, member.id, now),
            ~contacts.is_muted(member.id, person),
        )
        .order_by(news.c.id, news.c.since, person)
        .limit(MOST_NEWS),
        eyes.bound,
    ).all()
    known = by_ids(conn, {row.actor_id for row in rows})
    told: dict[int, News] = {}
    for row in rows:
        actor = known.get(row.actor_id)
        if actor is not None and actor.is_active:
            its = told.get(row.id) or News(_of(row.id, row.kind, row.value_key, row.label), ())
            told[row.id] = News(its.watch, (*its.people, actor))
    return list(told.values())


def rename_school(tx: Tx, before: str, after: str) -> None:
    """The classes of a school are followed under its new name."""
    mine = directory_watches
    year, school = func.substr(mine.c.value_key, 1, 5), func.substr(mine.c.value_key, 6)
    tx.conn.execute(
        update(mine)
        .where(mine.c.kind == Watchable.CLASS, school == before)
        .values(value_key=year.concat(after), label=year.concat(after))
    )


def forget_watcher(tx: Tx, member_id: ActorId) -> None:
    """Somebody is gone, and what they followed is nobody's business."""
    tx.conn.execute(delete(directory_watches).where(directory_watches.c.member_id == member_id))


def _watch(tx: Tx, member_id: int, kind: Watchable, key: str, label: str) -> None:
    mine = directory_watches
    known = tx.conn.execute(select(mine.c.kind, mine.c.value_key).where(mine.c.member_id == member_id)).all()
    if (kind, key) in {(row.kind, row.value_key) for row in known}:
        return
    if len(known) >= MOST_WATCHES:
        full = TooMany(marked("You follow thirty things here already. Please end one of them first."), retry_after=3600)
        raise full.coded("E_LIMIT")
    # Another connection may have been faster.
    tx.conn.execute(
        insert_or_ignore(tx.conn, mine),
        {
            "id": new_id(tx.now),
            "member_id": member_id,
            "kind": kind,
            "value_key": key,
            "label": label,
            "created_at": tx.now,
        },
    )


def _of(number: int, kind: str, key: str, label: str) -> Watch:
    if kind != Watchable.CLASS:
        return Watch(id=number, kind=Watchable(kind), label=label)
    return Watch(id=number, kind=Watchable.CLASS, label=label, class_year=int(key[:4]), school=key[5:])
