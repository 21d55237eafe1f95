# SPDX-License-Identifier: AGPL-3.0-or-later
"""Newcomers who say that they are in the roster: what they say, and how well the entries fit it.

Whether somebody is in the roster is told to nobody but those who decide: a newcomer gets the same answer either way.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, or_, select

from node import members, relationships, schools
from node.actors import Actor, ActorId, ProfileChange
from node.kernel import audit
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid, NotAllowed
from node.kernel.folding import name_key
from node.kernel.i18n import marked
from node.kernel.text import clean_line
from node.members import Member
from node.roster import queries, scoring
from node.roster.candidates import Education
from node.roster.comparing import Entry, person_of
from node.roster.rules import DECIDERS, DELEGATE
from node.roster.scoring import Person
from node.roster.tables import roster_addresses, roster_claims, roster_educations, roster_entries
from node.roster.values import MAX_NAME

_MOST: Final = 5000
"""Entries that are looked at for one newcomer: a few large classes."""
_MOST_AT_ONCE: Final = 20_000
"""The same for all those on a page."""
_SHOWN: Final = 3
_OLDEST: Final = timedelta(days=365 * 120)


class Doubt(StrEnum):
    """What forbids letting somebody in by the roster alone."""

    BIRTH = "birth"
    CLAIMED = "claimed"
    DECEASED = "deceased"
    SEVERAL = "several"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who somebody says they were at school."""

    given_name: str = ""
    family_name: str = ""
    class_year: int | None = None
    birth_date: date | None = None
    student_number: str = ""

    def __bool__(self) -> bool:
        return bool(self.family_name or self.student_number)


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that fits, and how well."""

    entry: Entry
    points: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the roster says of a claim: the entries that fit, the best first, what speaks against the best, who it is."""

    matches: tuple[Match, ...] = ()
    doubts: frozenset[Doubt] = frozenset()

    @property
    def sure(self) -> Entry | None:
        """The entry, where there is no doubt."""
        if self.doubts or not self.matches or self.matches[0].points < scoring.SURE:
            return None
        return self.matches[0].entry


def judge(person: Person, entries: Iterable[Entry], claimed: Collection[int], *, more: int = 0) -> Judgement:
    """Pure. `claimed` are the numbers of entries that belong to a member already; `more` are points for whoever it is."""
    ranked = sorted(
        (Match(entry, scoring.score(person, person_of(entry.content)) + more) for entry in entries),
        key=lambda match: (-match.points, match.entry.id),
    )
    ranked = [match for match in ranked if match.points >= scoring.LIKELY]
    if not ranked:
        return Judgement()
    best = ranked[0]
    born = best.entry.content.birth_date
    doubts = {
        Doubt.BIRTH: person.birth_date is not None and born is not None and person.birth_date != born,
        Doubt.CLAIMED: best.entry.id in claimed,
        Doubt.DECEASED: best.entry.content.deceased,
        Doubt.SEVERAL: len(ranked) > 1 and best.points - ranked[1].points < scoring.AHEAD,
        Doubt.NUMBER: bool(person.number) and all(m.entry.content.source_id != person.number for m in ranked),
    }
    return Judgement(tuple(ranked[:_SHOWN]), frozenset(doubt for doubt, holds in doubts.items() if holds))


def check_claim(claim: Claim, today: date) -> Claim:
    """The claim, tidied. Raises Invalid for a date of birth that cannot be one."""
    if claim.birth_date is not None and not today - _OLDEST < claim.birth_date < today:
        raise Invalid(marked("Please look at the date of birth again."), field="birth_date")
    return Claim(
        given_name=clean_line(claim.given_name, MAX_NAME),
        family_name=clean_line(claim.family_name, MAX_NAME),
        class_year=claim.class_year,
        birth_date=claim.birth_date,
        student_number=clean_line(claim.student_number, 64),
    )


def claim(tx: Tx, member_id: ActorId, said: Claim) -> None:
    """Keep what a newcomer says, until they are let in or turned away. Raises Conflict if they have said it already."""
    made = tx.conn.execute(
        insert_or_ignore(tx.conn, roster_claims),
        {
            "member_id": member_id,
            "given_name": said.given_name,
            "family_name": said.family_name,
            "class_year": said.class_year,
            "birth_date": said.birth_date,
            "student_number": said.student_number,
            "created_at": tx.now,
        },
    )
    if made.rowcount == 0:
        raise Conflict(marked("You have said already who you are."))


def claim_of(conn: Connection, member_id: ActorId) -> Claim | None:
    """What a newcomer said."""
    return claims_of(conn, [member_id]).get(member_id)


def claims_of(conn: Connection, member_ids: Collection[int]) -> dict[int, Claim]:
    """What several said; one statement."""
    rows = conn.execute(select(roster_claims).where(roster_claims.c.member_id.in_(member_ids)))
    return {row.member_id: _claim(row) for row in rows}


def judgement_of(conn: Connection, member: Member, school_mail: Collection[str] = ()) -> Judgement:
    """What the roster says of a newcomer; nothing of one who made no claim."""
    said = claim_of(conn, member.id)
    return judgements(conn, [(member, said)], school_mail)[member.id] if said is not None else Judgement()


def judgements(
    conn: Connection, newcomers: Sequence[tuple[Member, Claim]], school_mail: Collection[str] = ()
) -> dict[int, Judgement]:
    """What the roster says of each; four statements. Their addresses count: they have proved them.

    `school_mail` are the domains of the school's own addresses.
    """
    if not newcomers:
        return {}
    limit = _MOST if len(newcomers) == 1 else _MOST_AT_ONCE
    numbers = conn.execute(
        select(roster_entries.c.id).where(or_(*_ways(newcomers))).order_by(roster_entries.c.id).limit(limit)
    )
    entries = queries.entries(conn, numbers.scalars().all())
    claimed = set(
        conn.execute(
            select(roster_entries.c.id).where(
                roster_entries.c.id.in_(list(entries)), roster_entries.c.claimed_by.is_not(None)
            )
        ).scalars()
    )
    near = _index(entries.values())
    found: dict[int, Judgement] = {}
    for member, said in newcomers:
        numbers_near = {number for key in _keys(member, said) for number in near.get(key, ())}
        domain = member.email.casefold().rpartition("@")[2]
        more = scoring.SCHOOL_MAIL if domain in school_mail else 0
        found[member.id] = judge(
            _person(member, said), [entries[number] for number in sorted(numbers_near)], claimed, more=more
        )
    return found


def entry_of(conn: Connection, member_id: ActorId) -> int | None:
    """The number of the entry that a member is, if the association knows it."""
    return conn.execute(
        select(roster_entries.c.id).where(roster_entries.c.claimed_by == member_id)
    ).scalar_one_or_none()


def check_class_year(conn: Connection, actor: Actor, year: int | None) -> None:
    """Raises NotAllowed for a member who gives another class than the one that they have, or that stands in the list.

    A class is what others let somebody read and vouch for newcomers by: whoever has none may say it once, and after that
    the association alone changes it (`set_class`). A delegate decides about newcomers of their class, and so never
    chooses it.
    """
    if year is None or year == actor.class_year:
        return
    if DELEGATE in members.get(conn, actor.id).roles:
        raise NotAllowed(marked("You are the delegate of your class. If it is wrong, please write to the association."))
    if actor.class_year is not None or entry_of(conn, actor.id) is not None:
        raise NotAllowed(marked("Others know you by your class. If it is wrong, please write to the association."))


def set_class(tx: Tx, decider: Member, member: Member, year: int | None, school: str) -> None:
    """Say of which class at which school a member is. `school` is a name of one that the node serves.

    Raises NotAllowed (only the secretary and administrators), Invalid.
    """
    if not DECIDERS & decider.roles:
        raise NotAllowed(marked("Only the association's secretary and administrators see this."))
    if year is None:
        raise Invalid(marked("Please give the class as a year of four digits."), field="class_year")
    before = member.actor
    change = ProfileChange(class_year=year, school=schools.chosen(tx.conn, school))
    after = relationships.update_profile(tx, before, change)
    audit.write(
        tx,
        "member.class",
        member.id,
        by=decider.id,
        before=str(before.class_year or ""),
        after=str(after.class_year),
    )


def class_in(entry: Entry, said: int | None) -> int | None:
    """The class of the entry that is nearest to the one somebody said."""
    years = [education.class_year for education in entry.content.educations if education.class_year is not None]
    if not years:
        return None
    return max(years) if said is None else min(years, key=lambda year: (abs(year - said), -year))


def _claim(row: Any) -> Claim:
    return Claim(
        given_name=row.given_name,
        family_name=row.family_name,
        class_year=row.class_year,
        birth_date=row.birth_date,
        student_number=row.student_number,
    )


def _person(member: Member, said: Claim) -> Person:
    return Person(
        number=said.student_number,
        emails=frozenset({member.email.casefold()}),
        birth_date=said.birth_date,
        family_keys=frozenset({name_key(said.family_name)} - {""}),
        given_name=said.given_name,
        educations=(Education(said.class_year),) if said.class_year is not None else (),
    )


def _keys(member: Member, said: Claim) -> Iterable[tuple[str, Hashable]]:
    """By what an entry can fit: address, number, birth, family name, the class and those beside it."""
    yield "email", member.email.casefold()
    if said.student_number:
        yield "number", said.student_number
    if said.birth_date is not None:
        yield "born", said.birth_date
    if name_key(said.family_name):
        yield "name", name_key(said.family_name)
    if said.class_year is not None:
        yield from (("year", said.class_year + beside) for beside in (-1, 0, 1))


def _index(entries: Iterable[Entry]) -> Mapping[Hashable, Sequence[int]]:
    """The numbers of entries by what `_keys` looks for."""
    found: defaultdict[Hashable, list[int]] = defaultdict(list)
    for entry in entries:
        who = entry.content
        for key in {
            *(("email", address.casefold()) for address in who.emails),
            ("number", who.source_id),
            ("born", who.birth_date),
            ("name", who.names_key.partition("|")[0]),
            *(("year", education.class_year) for education in who.educations),
        }:
            found[key].append(entry.id)
    return found


def _ways(newcomers: Sequence[tuple[Member, Claim]]) -> Iterable[ColumnElement[bool]]:
    """The same as `_keys`, of all of them, for the database."""
    sought: defaultdict[str, set[Any]] = defaultdict(set)
    for member, said in newcomers:
        for kind, value in _keys(member, said):
            sought[kind].add(value)
    columns = roster_entries.c
    yield columns.id.in_(
        select(roster_addresses.c.entry_id).where(roster_addresses.c.address.in_(sorted(sought["email"])))
    )
    if sought["number"]:
        yield columns.source_id.in_(sorted(sought["number"]))
    if sought["born"]:
        yield columns.birth_date.in_(sorted(sought["born"]))
    # A folded name holds letters alone: nothing in it means anything to LIKE.
    yield from (columns.names_key.like(f"{name}|%") for name in sorted(sought["name"]))
    if sought["year"]:
        yield columns.id.in_(
            select(roster_educations.c.entry_id).where(roster_educations.c.class_year.in_(sorted(sought["year"])))
        )
