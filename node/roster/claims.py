# SPDX-License-Identifier: AGPL-3.0-or-later
"""Newcomers who say that they are in the roster: how well they fit, letting in whom it is sure of, and whom it is not.

Whether somebody is in the roster is told to nobody but those who decide: a newcomer gets the same answer either way, and
a letter once they are let in.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, Text, cast, delete, func, insert, or_, select, update

from node import mail, members, relationships
from node.access import letters
from node.actors import Actor, ActorId, ProfileChange
from node.kernel import queue
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.kernel.i18n import marked
from node.kernel.text import clean_line
from node.members import Member, Standing
from node.roster import queries, rules, scoring
from node.roster.candidates import Education
from node.roster.comparing import Entry, person_of
from node.roster.folding import name_key
from node.roster.scoring import Person
from node.roster.tables import roster_claims, roster_educations, roster_entries, roster_invitations
from node.roster.values import MAX_NAME

JUDGE: Final = "roster.judge"
_MOST: Final = 5000
"""Entries that are looked at for one newcomer: a few large classes."""
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


def judge(person: Person, entries: Iterable[Entry], claimed: Collection[int]) -> Judgement:
    """Pure. `claimed` are the numbers of entries that belong to a member already."""
    ranked = sorted(
        (Match(entry, scoring.score(person, person_of(entry.content))) for entry in entries),
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
    """Keep what a newcomer says, until they are let in or turned away."""
    tx.conn.execute(
        insert(roster_claims),
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


def consider(tx: Tx, member_id: ActorId) -> None:
    """A newcomer has proved their address: the roster is asked after this answer, or those who decide are told at once."""
    if claim_of(tx.conn, member_id) is None:
        tell_deciders(tx, members.get(tx.conn, member_id))
    else:
        queue.enqueue(tx, JUDGE, {"member": member_id}, once=f"{JUDGE}:{member_id}")


def judge_newcomer(tx: Tx, member_id: ActorId) -> None:
    """Let in whom the roster is sure of; tell those who decide of the others. Twice is harmless."""
    try:
        member = members.get(tx.conn, member_id)
    except NotFound:  # turned away meanwhile
        return
    if member.standing is not Standing.PENDING:
        return
    entry = judgement_of(tx.conn, member).sure
    if entry is None:
        tell_deciders(tx, member)
    else:
        _let_in(tx, member, entry)


def let_in(tx: Tx, roles: Collection[str], member_id: ActorId, entry_id: int | None = None) -> None:
    """The association says yes, and who in the roster it is, if it knows.

    Raises NotAllowed, NotFound (nobody who waits, no such entry), Conflict for an entry that is somebody else's.
    """
    rules.check_decider(roles)
    member = members.get(tx.conn, member_id)
    if member.standing is not Standing.PENDING:
        raise NotFound
    entry = queries.entries(tx.conn, [entry_id]).get(entry_id) if entry_id is not None else None
    if entry_id is not None and entry is None:
        raise NotFound
    _let_in(tx, member, entry)


def claim_of(conn: Connection, member_id: ActorId) -> Claim | None:
    """What a newcomer said."""
    row = conn.execute(select(roster_claims).where(roster_claims.c.member_id == member_id)).one_or_none()
    if row is None:
        return None
    return Claim(
        given_name=row.given_name,
        family_name=row.family_name,
        class_year=row.class_year,
        birth_date=row.birth_date,
        student_number=row.student_number,
    )


def judgement_of(conn: Connection, member: Member) -> Judgement:
    """What the roster says of a newcomer; nothing of one who made no claim."""
    said = claim_of(conn, member.id)
    return judgement_on(conn, member, said) if said is not None else Judgement()


def judgement_on(conn: Connection, member: Member, said: Claim) -> Judgement:
    """The same where the claim is at hand. The address counts: they have proved it."""
    person = Person(
        number=said.student_number,
        emails=frozenset({member.email.casefold()}),
        birth_date=said.birth_date,
        family_keys=frozenset({name_key(said.family_name)} - {""}),
        given_name=said.given_name,
        educations=(Education(said.class_year),) if said.class_year is not None else (),
    )
    numbers = _near(conn, said, member.email)
    claimed = conn.execute(
        select(roster_entries.c.id).where(roster_entries.c.id.in_(numbers), roster_entries.c.claimed_by.is_not(None))
    )
    return judge(person, queries.entries(conn, numbers).values(), set(claimed.scalars()))


def entry_of(conn: Connection, member_id: ActorId) -> int | None:
    """The number of the entry that a member is, if the association knows it."""
    return conn.execute(
        select(roster_entries.c.id).where(roster_entries.c.claimed_by == member_id)
    ).scalar_one_or_none()


def check_class_year(conn: Connection, actor: Actor, year: int | None) -> None:
    """Raises NotAllowed for a member whom the association has in its list, and who gives another class."""
    if year is not None and year != actor.class_year and entry_of(conn, actor.id) is not None:
        raise NotAllowed(
            marked(
                "Your class stands in the association's list. If it is wrong there, please write to the association."
            )
        )


def forget_member(tx: Tx, member_id: ActorId) -> None:
    """Somebody is gone: their entry is free again, and forgotten is what they said and whom they have invited."""
    tx.conn.execute(
        update(roster_invitations)
        .where(roster_invitations.c.invited_by == member_id)
        .values(invited_by=None, email=None)
    )
    tx.conn.execute(delete(roster_claims).where(roster_claims.c.member_id == member_id))
    tx.conn.execute(update(roster_entries).where(roster_entries.c.claimed_by == member_id).values(claimed_by=None))


def tell_deciders(tx: Tx, member: Member) -> None:
    """Write to those who decide that somebody waits."""
    address = f"{tx.site.base_url}/staff/sign-ups"
    deciders = {person.id: person for role in sorted(rules.DECIDERS) for person in members.with_role(tx.conn, role)}
    for person in deciders.values():
        if person.is_active:
            mail.post(tx, person.email, letters.somebody_waits(tx.site, person.locale, member.actor.name, address))


def _let_in(tx: Tx, member: Member, entry: Entry | None) -> None:
    if entry is not None:
        taken = tx.conn.execute(
            update(roster_entries)
            .where(roster_entries.c.id == entry.id, roster_entries.c.claimed_by.is_(None))
            .values(claimed_by=member.id)
        )
        if taken.rowcount == 0:
            raise Conflict(marked("This entry of the roster belongs to another member already."))
    after = members.approve(tx, member)
    year = class_in(entry, member.actor.class_year) if entry is not None else None
    if year is not None and year != after.actor.class_year:
        relationships.update_profile(tx, after.actor, ProfileChange(class_year=year))
    tx.conn.execute(delete(roster_claims).where(roster_claims.c.member_id == member.id))
    mail.post(tx, member.email, letters.welcome(tx.site, member.locale))


def class_in(entry: Entry, said: int | None) -> int | None:
    """The class of the entry that is nearest to the one somebody said."""
    years = [education.class_year for education in entry.content.educations if education.class_year is not None]
    if not years:
        return None
    return max(years) if said is None else min(years, key=lambda year: (abs(year - said), -year))


def _near(conn: Connection, said: Claim, email: str) -> Sequence[int]:
    """Whoever can fit: the class and those beside it, the same name, number, birth or address."""
    columns = roster_entries.c
    address = email.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    ways: list[ColumnElement[bool]] = [func.lower(cast(columns.emails, Text)).like(f'%"{address}"%', escape="\\")]
    if said.student_number:
        ways.append(columns.source_id == said.student_number)
    if said.birth_date is not None:
        ways.append(columns.birth_date == said.birth_date)
    if said.family_name:
        ways.append(columns.names_key.like(f"{name_key(said.family_name)}|%"))
    if said.class_year is not None:
        near = (said.class_year - 1, said.class_year, said.class_year + 1)
        ways.append(
            columns.id.in_(select(roster_educations.c.entry_id).where(roster_educations.c.class_year.in_(near)))
        )
    return conn.execute(select(columns.id).where(or_(*ways)).order_by(columns.id).limit(_MOST)).scalars().all()
