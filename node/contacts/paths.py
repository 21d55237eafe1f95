# SPDX-License-Identifier: AGPL-3.0-or-later
"""How one member is connected to another: over one person whom both know, or over two who know each other.

The contacts of both are read, and where the two sets do not meet, what lies between them: at most three links, and a
fixed number of statements. Whoever does not want to be a link is in neither set, nor is anybody who is gone, suspended,
remembered only, or parted by a block from the reader or from whom they look for. So nothing is said of them, whichever
way is found or not. That there is no way, and that it may not be shown, are one answer.

The first on the way is a contact of the reader's and is named to them. The second is not: of them the class year is told
where they let everybody here know (`LinkVisibility.SCHOOL`), and else that there is somebody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    union_all,
)

from node.actors import Actor, ActorId, ActorType, by_ids
from node.actors.tables import actors
from node.contacts.choices import choices, is_classmate
from node.contacts.rules import LinkVisibility, PathTo, State
from node.contacts.tables import contact_choices, contacts
from node.kernel.among import among
from node.kernel.db import long_read
from node.members.tables import members
from node.relationships.hiding import block_between
from node.relationships.tables import blocks

MAX_FIRST_STEPS: Final = 3

_who: BindParameter[int] = bindparam("who")
# The empty text keeps planners from the index of states: nearly all contacts are confirmed.
_CONFIRMED = contacts.c.state.concat("") == State.CONFIRMED
_links = union_all(
    select(contacts.c.id, contacts.c.high_id.label("other")).where(contacts.c.low_id == _who, _CONFIRMED),
    select(contacts.c.id, contacts.c.low_id.label("other")).where(contacts.c.high_id == _who, _CONFIRMED),
).subquery()
_IS_THERE = and_(
    actors.c.type == ActorType.PERSON,
    actors.c.deleted_at.is_(None),
    actors.c.suspended_at.is_(None),
    actors.c.memorial.is_(False),
    members.c.suspended_at.is_(None),
    members.c.confirmed_at.is_not(None),
    members.c.approved_at.is_not(None),
)
_SIDE = (
    select(_links.c.id, _links.c.other, actors.c.class_year, actors.c.school, contact_choices.c.link_visibility)
    .join(actors, actors.c.id == _links.c.other)
    .join(members, members.c.actor_id == _links.c.other)
    .outerjoin(contact_choices, contact_choices.c.member_id == _links.c.other)
    .where(_IS_THERE)
)
_near: BindParameter[int] = bindparam("near", expanding=True)
_far: BindParameter[int] = bindparam("far", expanding=True)
_ends: BindParameter[int] = bindparam("ends", expanding=True)
# From the contacts of one side to those of the other, through all that the near ones know. The zero keeps the planner
# from a worse way: each pair of the two sets.
_BETWEEN = union_all(
    select(contacts.c.id, contacts.c.low_id.label("near"), contacts.c.high_id.label("far")).where(
        contacts.c.low_id.in_(_near), (contacts.c.high_id + 0).in_(_far), _CONFIRMED
    ),
    select(contacts.c.id, contacts.c.high_id.label("near"), contacts.c.low_id.label("far")).where(
        contacts.c.high_id.in_(_near), (contacts.c.low_id + 0).in_(_far), _CONFIRMED
    ),
)
_BLOCKS = select(blocks.c.blocker_id, blocks.c.blocked_id).where(
    or_(blocks.c.blocker_id.in_(_ends), blocks.c.blocked_id.in_(_ends))
)
_led_to = actors.alias("led_to")
_LED_TO = union_all(
    *(
        select(end).where(among(link, "links"), _CONFIRMED, ~block_between(link, end))
        for link, end in ((contacts.c.low_id, contacts.c.high_id), (contacts.c.high_id, contacts.c.low_id))
    )
)
_Person = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """A contact of the reader's through whom they get to somebody.

    `then_class` is the class year of a second person between the two, if there is one who lets it be told.
    """

    person: Actor
    then_class: int | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """The shortest ways to somebody. `between` counts who stands between the two: 1 or 2, or 0 where none is known."""

    between: int = 0
    first_steps: tuple[Step, ...] = ()


NO_WAY: Final = Ways()


@long_read
def ways(conn: Connection, reader: Actor, target: Actor) -> Ways:
    """How a member is connected to another one; nothing for oneself and for one's contacts.

    Of ways that are equally short those over somebody of the reader's own class come first, then those over the latest
    contact; three at most, each over another contact of the reader's.
    """
    if reader.id == target.id or not _may_be_found(conn, reader, target):
        return NO_WAY
    hidden = _parted(conn, (reader.id, target.id))
    if target.id in hidden:
        return NO_WAY
    mine, theirs = _side(conn, reader.id, hidden), _side(conn, target.id, hidden)
    if target.id in mine:
        return NO_WAY
    mine, theirs = _links_among(mine), _links_among(theirs)
    shared = mine.keys() & theirs.keys()
    if shared:
        return _ways(conn, reader, mine, dict.fromkeys(shared))
    second: dict[int, int | None] = {}
    for _, first, last in _edges(conn, mine.keys(), theirs.keys()):
        told = theirs[last].class_year if theirs[last].link_visibility == LinkVisibility.SCHOOL else None
        # Of several who come second, one of whom something may be told.
        second[first] = second.get(first) or told
    return _ways(conn, reader, mine, second, between=2)


def links_of(conn: Connection, reader: Actor) -> Mapping[str, Collection[int]]:
    """What `leads_to` binds: those of a member's contacts who let themselves be links. Two statements."""
    return {"links": _links_among(_side(conn, reader.id, _parted(conn, (reader.id,)))).keys()}


def leads_to(person: ColumnElement[int], reader: Actor) -> ColumnElement[bool]:
    """The clause for a statement of people: a contact of the reader's is a contact of theirs, as `ways` would say it.

    Whether there is a block between the person and the reader is for the statement to ask.
    """
    same_class: ColumnElement[bool] = false()
    if reader.class_year is not None:
        same_class = and_(
            _led_to.c.class_year == reader.class_year, _led_to.c.school.is_not_distinct_from(reader.school)
        )
    shown_to = func.coalesce(contact_choices.c.show_path_to_me, PathTo.SCHOOL)
    lets = (
        select(_led_to.c.id)
        .outerjoin(contact_choices, contact_choices.c.member_id == _led_to.c.id)
        .where(
            _led_to.c.id == person,
            _led_to.c.id != reader.id,
            _led_to.c.memorial.is_(False),
            or_(shown_to == PathTo.SCHOOL, and_(shown_to == PathTo.CLASS, same_class)),
        )
    )
    return and_(person.in_(_LED_TO), exists(lets))


def _ways(
    conn: Connection, reader: Actor, mine: Mapping[int, _Person], steps: Mapping[int, int | None], *, between: int = 1
) -> Ways:
    def rank(number: int) -> tuple[bool, int]:
        # Numbers of contacts rise with time.
        return not is_classmate(reader, mine[number]), -mine[number].id

    first = sorted(steps, key=rank)[:MAX_FIRST_STEPS]
    known = by_ids(conn, first)
    found = tuple(Step(known[number], steps[number]) for number in first if number in known)
    return Ways(between, found) if found else NO_WAY


def _may_be_found(conn: Connection, reader: Actor, target: Actor) -> bool:
    """Whether the target is a member who lets the reader be shown a way to them."""
    if not target.is_local or target.type is not ActorType.PERSON or not target.is_active or target.memorial:
        return False
    match choices(conn, target.id).show_path_to_me:
        case PathTo.NOBODY:
            return False
        case PathTo.CLASS:
            return is_classmate(reader, target)
        case PathTo.SCHOOL:
            return True


def _parted(conn: Connection, ends: Sequence[int]) -> set[int]:
    """Everybody who blocks one of the two or is blocked by one; also each of the two, if that is the other."""
    rows = conn.execute(_BLOCKS, {"ends": list(ends)}).all()
    found: set[int] = set()
    for row in rows:
        both = {row.blocker_id, row.blocked_id}
        found |= both if both == set(ends) else both - set(ends)
    return found


def _side(conn: Connection, who: ActorId, hidden: Collection[int]) -> dict[int, _Person]:
    return {row.other: row for row in conn.execute(_SIDE, {"who": who}) if row.other not in hidden}


def _links_among(side: Mapping[int, _Person]) -> dict[int, _Person]:
    return {number: row for number, row in side.items() if row.link_visibility != LinkVisibility.NOBODY}


def _edges(conn: Connection, mine: Collection[int], theirs: Collection[int]) -> Sequence[tuple[int, int, int]]:
    """(contact, one of mine, one of theirs), the latest contact first."""
    if not mine or not theirs:
        return []
    swapped = len(theirs) < len(mine)
    near, far = (theirs, mine) if swapped else (mine, theirs)
    rows = conn.execute(_BETWEEN, {"near": list(near), "far": list(far)}).all()
    found = [(row.id, row.far, row.near) if swapped else (row.id, row.near, row.far) for row in rows]
    return sorted(found, reverse=True)
