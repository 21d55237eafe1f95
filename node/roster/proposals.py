# SPDX-License-Identifier: AGPL-3.0-or-later
"""Corrections of the roster: a delegate proposes one for somebody of their class, and the secretary says yes or no.

    open ──accept──> accepted
      └───refuse──> refused

A delegate sees names, classes and who is here; addresses, dates of birth and student numbers are for the office. What
was decided is kept for thirty days, so that the delegate sees it; the audit keeps that it was, without what was said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from node import members
from node.actors import ActorId
from node.kernel import audit
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean, clean_line
from node.members import Member
from node.members.rules import check_class_year
from node.roster import actions, queries, rules
from node.roster.actions import SaidDeceased
from node.roster.comparing import Content, Entry
from node.roster.tables import roster_educations, roster_entries, roster_proposals
from node.roster.values import MAX_NAME

MAX_REASON: Final = 500
MAX_VALUE: Final = 255
MOST: Final = 100
"""Proposals of one delegate that wait at the same time."""
SHOWN: Final = 1000
KEPT: Final = timedelta(days=30)


class Field(StrEnum):
    """What of an entry can be corrected."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    BIRTH_FAMILY_NAME = "birth_family_name"
    CLASS_YEAR = "class_year"
    PROGRAMME = "programme"
    EMAIL = "email"
    DECEASED = "deceased"


class State(StrEnum):
    """How far a proposal is."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Verb(StrEnum):
    """What the secretary says."""

    ACCEPT = "accept"
    REFUSE = "refuse"


ENDS: Final[Mapping[Verb, State]] = {Verb.ACCEPT: State.ACCEPTED, Verb.REFUSE: State.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One correction. `class_year` is the class in which the entry was when it was proposed, None where it had none;
    `before` is what stood there."""

    id: int
    entry_id: int
    proposed_by: ActorId | None
    class_year: int | None
    field: Field
    before: str
    value: str
    reason: str
    state: State
    created_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Classmate:
    """An entry of a delegate's class; `is_here`: it belongs to a member."""

    entry: Entry
    is_here: bool


def after(state: State, verb: Verb) -> State:
    """Where a word of the secretary leads; the same word twice changes nothing. Raises Conflict. Pure."""
    if state is State.OPEN or state is ENDS[verb]:
        return ENDS[verb]
    raise Conflict(marked("This has been decided otherwise meanwhile."))


def class_list(conn: Connection, delegate: Member) -> Sequence[Classmate]:
    """The entries of a delegate's own class, by name; four statements. Raises NotAllowed for whoever is no delegate."""
    year = _own_class(delegate)
    numbers = (
        conn.execute(
            select(roster_entries.c.id)
            .where(
                roster_entries.c.id.in_(
                    select(roster_educations.c.entry_id).where(roster_educations.c.class_year == year)
                )
            )
            .order_by(roster_entries.c.names_key, roster_entries.c.id)
            .limit(SHOWN)
        )
        .scalars()
        .all()
    )
    found = queries.entries(conn, numbers)
    here = set(
        conn.execute(
            select(roster_entries.c.id).where(
                roster_entries.c.id.in_(numbers), roster_entries.c.claimed_by.is_not(None)
            )
        ).scalars()
    )
    return [Classmate(found[number], number in here) for number in numbers]


def to_correct(conn: Connection, by: Member, entry_id: int) -> Entry:
    """An entry for which somebody may propose something: any for the office, one of their class for a delegate.

    Raises NotAllowed, NotFound.
    """
    entry = queries.entries(conn, [entry_id]).get(entry_id)
    own = None if rules.KEEPERS & by.roles else _own_class(by)
    if entry is None or (own is not None and all(one.class_year != own for one in entry.content.educations)):
        raise NotFound
    return entry


def propose(tx: Tx, by: Member, entry_id: int, field: Field, value: str, reason: str) -> int:
    """Propose that something of an entry be otherwise. Raises NotAllowed, NotFound, Invalid, TooMany."""
    entry = to_correct(tx.conn, by, entry_id)
    year = None if rules.KEEPERS & by.roles else _own_class(by)
    if year is None:
        years = [one.class_year for one in entry.content.educations if one.class_year is not None]
        year = years[0] if years else None
    said = clean(reason, MAX_REASON + 1).strip()
    if not 0 < len(said) <= MAX_REASON:
        raise Invalid(marked("Please say in up to 500 characters how you know."), field="reason")
    new = _checked(field, value, tx.now)
    before = stands(entry.content, field, year)
    if new == before:
        raise Invalid(marked("It stands there like this already."), field="value")
    waiting = tx.conn.execute(
        select(func.count())
        .select_from(roster_proposals)
        .where(roster_proposals.c.proposed_by == by.id, roster_proposals.c.state == State.OPEN)
    ).scalar_one()
    if waiting >= MOST:
        raise TooMany(marked("A hundred of your proposals wait. Please let the secretary look at them first."))
    number = new_id(tx.now)
    tx.conn.execute(
        insert(roster_proposals),
        {
            "id": number,
            "entry_id": entry_id,
            "proposed_by": by.id,
            "class_year": year,
            "field": field,
            "before": before,
            "value": new,
            "reason": said,
            "state": State.OPEN,
            "created_at": tx.now,
        },
    )
    audit.write(tx, "roster.propose", number, by=by.id, after=State.OPEN)
    return number


def accept(tx: Tx, keeper: Member, number: int) -> None:
    """The entry is as was proposed. Raises NotAllowed, NotFound, Conflict (decided, or changed meanwhile)."""
    found = _decide(tx, keeper, number, Verb.ACCEPT)
    if found is None:
        return
    entry = queries.entries(tx.conn, [found.entry_id])[found.entry_id]
    if stands(entry.content, found.field, found.class_year) != found.before:
        raise Conflict(marked("This entry has changed meanwhile. Please look at it again."))
    actions.write_entry(tx, entry.id, corrected(entry.content, found))
    if found.field is Field.DECEASED:
        claimed = tx.conn.execute(
            select(roster_entries.c.claimed_by).where(roster_entries.c.id == entry.id)
        ).scalar_one()
        if claimed is not None:
            tx.tell(SaidDeceased(ActorId(claimed)))


def refuse(tx: Tx, keeper: Member, number: int) -> None:
    """The entry stays as it is. Raises NotAllowed, NotFound, Conflict."""
    _decide(tx, keeper, number, Verb.REFUSE)


def waiting(conn: Connection) -> Sequence[tuple[Proposal, Entry]]:
    """What waits for the secretary, the oldest first, with the entries it is about."""
    rows = conn.execute(
        select(roster_proposals)
        .where(roster_proposals.c.state == State.OPEN)
        .order_by(roster_proposals.c.id)
        .limit(SHOWN)
    )
    return _with_entries(conn, [_proposal(row) for row in rows])


def mine(conn: Connection, delegate: Member) -> Sequence[tuple[Proposal, Entry]]:
    """What somebody proposed, the latest first."""
    rows = conn.execute(
        select(roster_proposals)
        .where(roster_proposals.c.proposed_by == delegate.id)
        .order_by(roster_proposals.c.id.desc())
        .limit(MOST)
    )
    return _with_entries(conn, [_proposal(row) for row in rows])


def open_count(conn: Connection) -> int:
    """How many proposals wait."""
    return conn.execute(
        select(func.count()).select_from(roster_proposals).where(roster_proposals.c.state == State.OPEN)
    ).scalar_one()


def sweep(tx: Tx) -> None:
    """Forget what was decided a month ago."""
    tx.conn.execute(delete(roster_proposals).where(roster_proposals.c.decided_at < tx.now - KEPT))


def stands(content: Content, field: Field, year: int | None) -> str:
    """What an entry says now, as it is compared. Of an address nothing: a delegate does not see those. Pure."""
    education = next((one for one in content.educations if one.class_year == year), None)
    match field:
        case Field.GIVEN_NAME | Field.FAMILY_NAME | Field.BIRTH_FAMILY_NAME:
            return str(getattr(content, field))
        case Field.CLASS_YEAR:
            return str(education.class_year or "") if education is not None else ""
        case Field.PROGRAMME:
            return education.programme if education is not None else ""
        case Field.DECEASED:
            return "yes" if content.deceased else ""
    return ""


def corrected(content: Content, proposal: Proposal) -> Content:
    """The entry as the proposal says. Pure."""
    value = proposal.value
    match proposal.field:
        case Field.GIVEN_NAME:
            return replace(content, given_name=value)
        case Field.FAMILY_NAME:
            return replace(content, family_name=value)
        case Field.BIRTH_FAMILY_NAME:
            return replace(content, birth_family_name=value)
        case Field.EMAIL:
            others = [one for one in content.emails if one.casefold() != value.casefold()]
            return replace(content, emails=(value, *others))
        case Field.DECEASED:
            return replace(content, deceased=True)
    change = {"class_year": int(value)} if proposal.field is Field.CLASS_YEAR else {"programme": value}
    done, educations = False, []
    for one in content.educations:
        is_meant = not done and one.class_year == proposal.class_year
        educations.append(replace(one, **change) if is_meant else one)
        done = done or is_meant
    return replace(content, educations=tuple(educations))


def _own_class(delegate: Member) -> int:
    year = delegate.actor.class_year
    if rules.DELEGATE not in delegate.roles or year is None:
        raise NotAllowed(marked("Only the association's secretary and delegates of a class see this."))
    return year


def _checked(field: Field, value: str, now: datetime) -> str:
    if field is Field.DECEASED:
        return "yes"
    if field is Field.EMAIL:
        try:
            return members.check_email(value)
        except Invalid as refusal:
            raise Invalid(refusal.message, field="value") from None
    text = clean_line(value, MAX_VALUE if field is Field.PROGRAMME else MAX_NAME)
    if field is Field.CLASS_YEAR:
        try:
            check_class_year(int(text) if text.isascii() and text.isdigit() else 0, now)
        except Invalid as refusal:
            raise Invalid(refusal.message, field="value") from None
    if not text and field in (Field.FAMILY_NAME, Field.GIVEN_NAME):
        raise Invalid(marked("Please write something."), field="value")
    return text


def _decide(tx: Tx, keeper: Member, number: int, verb: Verb) -> Proposal | None:
    """The proposal that was open until now; None where this was decided like this already."""
    rules.check_keeper(keeper.roles)
    row = tx.conn.execute(
        select(roster_proposals).where(roster_proposals.c.id == number).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    found = _proposal(row)
    then = after(found.state, verb)
    if then is found.state:
        return None
    tx.conn.execute(
        update(roster_proposals)
        .where(roster_proposals.c.id == number)
        .values(state=then, decided_at=tx.now, decided_by=keeper.id)
    )
    audit.write(tx, f"roster.{verb}", number, by=keeper.id, before=found.state, after=then)
    return found


def _with_entries(conn: Connection, found: Sequence[Proposal]) -> Sequence[tuple[Proposal, Entry]]:
    entries = queries.entries(conn, list({one.entry_id for one in found}))
    return [(one, entries[one.entry_id]) for one in found]


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        entry_id=row.entry_id,
        proposed_by=row.proposed_by,
        class_year=row.class_year,
        field=Field(row.field),
        before=row.before,
        value=row.value,
        reason=row.reason,
        state=State(row.state),
        created_at=row.created_at,
        decided_at=row.decided_at,
    )
