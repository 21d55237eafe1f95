# SPDX-License-Identifier: AGPL-3.0-or-later
"""Letting newcomers in: the roster where it is sure, those who decide, the newcomer's answers, and what time does.

Every step is a change of `verification`; the newcomer is written to at each. Those who wait are hidden from everybody,
and whoever is refused, or does not answer, is forgotten after 90 days.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, func, or_, select, update

from node import access, mail, members, relationships
from node.access import letters as login_letters
from node.actors import ActorId, ProfileChange
from node.actors.tables import actors
from node.kernel import audit, ids, queue
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.kernel.i18n import marked
from node.kernel.text import clean
from node.members import Member, Standing
from node.members.tables import members as members_table
from node.roster import claims, letters, queries, rules, verification
from node.roster.comparing import Entry
from node.roster.tables import (
    roster_claims,
    roster_entries,
    roster_invitations,
    roster_proposals,
    roster_summaries,
    verifications,
    vouches,
)
from node.roster.verification import Method, State, Verb, Verification

JUDGE: Final = "roster.judge"
SUMMARISE: Final = "roster.summarise"
_SWEPT_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Revoked:
    """Told when somebody who was verified is so no more: their account is to be closed."""

    member: Member
    by: Member
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The question about one person, and what was said. `reason` is the last word of those who decide."""

    member_id: int
    stands: Verification
    method: Method | None = None
    decided_by: int | None = None
    reason: str = ""
    answer: str = ""
    to_classmates: bool = False
    code: str = ""

    @property
    def state(self) -> State:
        """How far it is."""
        return self.stands.state


def open_case(tx: Tx, member_id: ActorId, *, to_classmates: bool = False) -> None:
    """Begin to ask who a newcomer is; twice is harmless. `to_classmates`: those of their class may see that they wait."""
    tx.conn.execute(
        insert_or_ignore(tx.conn, verifications),
        {
            "member_id": member_id,
            "state": State.OPEN,
            "since": tx.now,
            "appealed": False,
            "to_classmates": to_classmates,
            "code": ids.slug(),
        },
    )


def consider(tx: Tx, member_id: ActorId) -> None:
    """A newcomer has proved their address: the roster is asked after this answer, or those who decide are told at once."""
    open_case(tx, member_id)
    if claims.claim_of(tx.conn, member_id) is not None:
        queue.enqueue(tx, JUDGE, {"member": member_id}, once=f"{JUDGE}:{member_id}")
        return
    member = members.get(tx.conn, member_id)
    _say_they_wait(tx, member)
    tell_deciders(tx)


def claim_later(tx: Tx, member: Member, said: claims.Claim) -> None:
    """A newcomer who had not said who they were says it; the roster is asked. Raises Conflict, Invalid."""
    if not said:
        raise Invalid(marked("Please give your family name or your student number."), field="family_name")
    if case_of(tx.conn, member.id).state is not State.OPEN or member.standing is not Standing.PENDING:
        raise Conflict(marked("This has been decided otherwise meanwhile."))
    claims.claim(tx, member.id, said)
    queue.enqueue(tx, JUDGE, {"member": member.id, "known": True}, once=f"{JUDGE}:{member.id}")


def judge_newcomer(tx: Tx, member_id: ActorId, school_mail: Collection[str] = (), *, known: bool = False) -> None:
    """Let in whom the roster is sure of; tell those who decide of the others, who are `known` to them otherwise.

    Twice is harmless.
    """
    try:
        member = members.get(tx.conn, member_id)
    except NotFound:  # turned away meanwhile
        return
    if member.standing is not Standing.PENDING:
        return
    open_case(tx, member_id)
    case = lock(tx, member_id)
    if case.state is not State.OPEN:
        return
    entry = claims.judgement_of(tx.conn, member, school_mail).sure
    if entry is None:
        _store(tx, case, Verb.TO_REVIEW)
        if not known:
            _say_they_wait(tx, member)
            tell_deciders(tx)
    else:
        _store(tx, case, Verb.AUTO_MATCH, method=Method.ROSTER)
        admit(tx, member, entry)


def let_in(tx: Tx, decider: Member, member_id: ActorId, entry_id: int | None = None) -> None:
    """The association says yes, and who in the roster it is, if it knows.

    Raises NotAllowed, NotFound (nobody who waits, of another class, no such entry), Conflict (decided otherwise, or the
    entry is somebody else's).
    """
    member, case = _deciding(tx, decider, member_id)
    entry = queries.entries(tx.conn, [entry_id]).get(entry_id) if entry_id is not None else None
    if entry_id is not None and (entry is None or not _is_of_class(entry, _own_class(decider))):
        raise NotFound
    _store(tx, case, Verb.APPROVE, method=Method.DECISION, decided_by=decider.id, reason="")
    admit(tx, member, entry)


def refuse(tx: Tx, decider: Member, member_id: ActorId, reason: str) -> None:
    """The association says no; the newcomer reads why, and can write once. Raises as `let_in`, and Invalid."""
    said = _words(reason, verification.MAX_REASON, "reason")
    member, case = _deciding(tx, decider, member_id)
    if case.state is State.REFUSED:
        return
    then = _store(tx, case, Verb.REFUSE, decided_by=decider.id, reason=said)
    link = access.newcomer_link(tx, member)
    letter = letters.refused(tx.site, member.locale, said, link, may_appeal=not then.appealed)
    mail.post(tx, member.email, letter, about=mail.About.VERIFICATION, member=member.id)


def ask_more(tx: Tx, decider: Member, member_id: ActorId, question: str) -> None:
    """Ask a newcomer something before deciding; they have 30 days. Raises as `let_in`, and Invalid."""
    said = _words(question, verification.MAX_REASON, "reason")
    member, case = _deciding(tx, decider, member_id)
    if case.state is State.INFO_NEEDED:
        return
    _store(tx, case, Verb.ASK_MORE, decided_by=decider.id, reason=said)
    letter = letters.question(tx.site, member.locale, said, access.newcomer_link(tx, member))
    mail.post(tx, member.email, letter, about=mail.About.VERIFICATION, member=member.id)


def answer(tx: Tx, member: Member, words: str) -> None:
    """A newcomer answers what they were asked, or writes against a refusal, once. Raises Invalid, Conflict."""
    said = _words(words, verification.MAX_ANSWER, "words")
    case = lock(tx, member.id)
    verb = Verb.ANSWER if case.state is State.INFO_NEEDED else Verb.APPEAL
    _store(tx, case, verb, answer=said)
    tell_deciders(tx)


def show_classmates(tx: Tx, member: Member, *, show: bool) -> None:
    """Let classmates see that one waits, or not any more."""
    tx.conn.execute(update(verifications).where(verifications.c.member_id == member.id).values(to_classmates=show))


def turn_away(tx: Tx, decider: Member, member_id: ActorId) -> None:
    """Forget a sign-up that is none, such as an advertisement. Raises NotAllowed for delegates, NotFound, Conflict."""
    if _own_class(decider) is not None:
        raise NotAllowed(marked("Only the association's secretary and administrators delete a sign-up."))
    member = members.get(tx.conn, member_id)
    if member.standing is not Standing.PENDING:
        raise NotFound
    members.turn_away(tx, member)
    # They are nobody any more whose choices could be asked for.
    letter = login_letters.turned_away(tx.site, member.locale)
    mail.post(tx, member.email, letter, about=mail.About.VERIFICATION, member=None)


def revoke(tx: Tx, admin: Member, member_id: ActorId, reason: str) -> None:
    """Somebody was not who they said: their entry is free again, and who vouched for them hears of it.

    Raises NotAllowed for whoever is no administrator, NotFound, Invalid, Conflict for somebody who is not let in.
    """
    if not admin.is_admin:
        raise NotAllowed(marked("Only an administrator does this."))
    said = _words(reason, verification.MAX_REASON, "reason")
    member = members.get(tx.conn, member_id)
    if member.id == admin.id:
        raise NotAllowed(marked("You cannot decide about yourself."))
    _remember(tx, member)
    case = lock(tx, member.id)
    if case.state is State.REVOKED:
        return
    _store(tx, case, Verb.REVOKE, decided_by=admin.id, reason=said)
    tx.conn.execute(update(roster_entries).where(roster_entries.c.claimed_by == member.id).values(claimed_by=None))
    vouchers = tx.conn.execute(select(vouches.c.by_id).where(vouches.c.member_id == member.id)).scalars().all()
    for voucher in members.by_numbers(tx.conn, vouchers):
        if voucher.is_active:
            letter = letters.revoked(tx.site, voucher.locale, member.actor.name)
            mail.post(tx, voucher.email, letter, member=voucher.id)
    tx.tell(Revoked(member, admin, said))


def let_in_again(tx: Tx, staff: Member | None, member_id: ActorId) -> None:
    """A suspension is taken back: if it came of a revocation, which is final, the question is asked anew, and answered
    with a yes by whoever takes it back. Their former entry of the roster is free, and stays so.

    Raises NotAllowed for whoever does not decide about newcomers of every class; without `staff` it is a command.
    """
    try:
        before = lock(tx, member_id)
    except NotFound:
        return
    if before.state is not State.REVOKED:
        return
    if staff is not None and not rules.DECIDERS & staff.roles:
        raise NotAllowed(marked("They were found not to be who they said. Only an administrator lets them in again."))
    by = staff.id if staff is not None else None
    tx.conn.execute(delete(verifications).where(verifications.c.member_id == member_id))
    open_case(tx, member_id)
    audit.write(tx, "verification.anew", member_id, by=by, before=State.REVOKED, after=State.OPEN)
    case = lock(tx, member_id)
    case = replace(case, stands=_store(tx, case, Verb.TO_REVIEW))
    _store(tx, case, Verb.APPROVE, method=Method.DECISION, decided_by=by, reason="")


def lapse(tx: Tx) -> None:
    """What time does: whoever does not answer for 30 days is asked no more; 90 days after a no nothing is kept."""
    silent = _since(tx, State.INFO_NEEDED, tx.now - verification.SILENCE)
    for member in members.by_numbers(tx.conn, silent):
        _store(tx, lock(tx, member.id), Verb.SILENCE)
        letter = letters.lapsed(tx.site, member.locale, access.newcomer_link(tx, member))
        mail.post(tx, member.email, letter, about=mail.About.VERIFICATION, member=member.id)
    for state in (State.REFUSED, State.LAPSED):
        for member in members.by_numbers(tx.conn, _since(tx, state, tx.now - verification.FORGOTTEN)):
            if member.standing is Standing.PENDING:
                members.turn_away(tx, member)


def forget_member(tx: Tx, member_id: ActorId) -> None:
    """Somebody is gone: their entry is free again, and forgotten is what they said, of whom, and whom they have invited."""
    tx.conn.execute(
        update(roster_invitations)
        .where(roster_invitations.c.invited_by == member_id)
        .values(invited_by=None, email=None)
    )
    tx.conn.execute(delete(roster_claims).where(roster_claims.c.member_id == member_id))
    tx.conn.execute(update(roster_entries).where(roster_entries.c.claimed_by == member_id).values(claimed_by=None))
    tx.conn.execute(delete(verifications).where(verifications.c.member_id == member_id))
    tx.conn.execute(delete(roster_proposals).where(roster_proposals.c.proposed_by == member_id))
    tx.conn.execute(delete(roster_summaries).where(roster_summaries.c.member_id == member_id))
    tx.conn.execute(delete(vouches).where(vouches.c.member_id == member_id))
    # That they vouched stays, without their words: it says how somebody else came in.
    tx.conn.execute(update(vouches).where(vouches.c.by_id == member_id).values(text=""))


def invited_as(tx: Tx, member_id: ActorId) -> None:
    """Somebody came by an invitation to a person of the roster."""
    open_case(tx, member_id)
    tx.conn.execute(
        update(verifications)
        .where(verifications.c.member_id == member_id, verifications.c.state == State.OPEN)
        .values(state=State.VERIFIED, method=Method.INVITATION, since=tx.now)
    )


def admit(tx: Tx, member: Member, entry: Entry | None) -> None:
    """Open the door to somebody who has just been verified. Raises Conflict for an entry that is somebody else's."""
    said = claims.claim_of(tx.conn, member.id)
    if entry is not None:
        taken = tx.conn.execute(
            update(roster_entries)
            .where(roster_entries.c.id == entry.id, roster_entries.c.claimed_by.is_(None))
            .values(claimed_by=member.id)
        )
        if taken.rowcount == 0:
            refusal = Conflict(marked("This entry of the roster belongs to another member already."))
            raise refusal.coded("E_ALREADY_CLAIMED")
    after = members.approve(tx, member)
    year = said.class_year if said is not None and said.class_year is not None else member.actor.class_year
    if entry is not None:
        year = claims.class_in(entry, year) or year
    if year is not None and year != after.actor.class_year:
        relationships.update_profile(tx, after.actor, ProfileChange(class_year=year))
    tx.conn.execute(delete(roster_claims).where(roster_claims.c.member_id == member.id))
    letter = login_letters.welcome(tx.site, member.locale)
    mail.post(tx, member.email, letter, about=mail.About.VERIFICATION, member=member.id)


def case_of(conn: Connection, member_id: ActorId) -> Case:
    """How the question about somebody stands. Raises NotFound where nobody has asked it."""
    row = conn.execute(select(verifications).where(verifications.c.member_id == member_id)).one_or_none()
    if row is None:
        raise NotFound
    return _case(row)


def is_revoked(conn: Connection, member_id: int) -> bool:
    """Whether somebody was found not to be who they said."""
    return (
        conn.execute(
            select(verifications.c.member_id).where(
                verifications.c.member_id == member_id, verifications.c.state == State.REVOKED
            )
        ).first()
        is not None
    )


def standing_of(conn: Connection, member: Member) -> Case:
    """The same of a member; whoever was let in without the question counts as invited."""
    try:
        return case_of(conn, member.id)
    except NotFound:
        if member.approved_at is None:
            raise
        stands = Verification(state=State.VERIFIED, since=member.approved_at)
        return Case(member_id=member.id, stands=stands, method=Method.INVITATION)


def waiting(
    conn: Connection, decider: Member, *, limit: int = 40, before: int | None = None
) -> Sequence[tuple[Member, Case]]:
    """Those who wait for this decider's yes, the latest first: those of their class alone, for a delegate.

    Raises NotAllowed for whoever decides about nobody.
    """
    statement = _waiting(decider, verification.WAITING, verifications)
    if before is not None:
        statement = statement.where(verifications.c.member_id < before)
    rows = conn.execute(statement.order_by(verifications.c.member_id.desc()).limit(limit)).all()
    cases = {row.member_id: _case(row) for row in rows}
    return [(member, cases[member.id]) for member in members.by_numbers(conn, list(cases))]


def waiting_count(conn: Connection, decider: Member) -> int:
    """How many wait for this decider's yes, without those who have been asked something; none for whoever decides about
    nobody, such as a delegate without a class."""
    if not rules.may_decide(decider.roles, decider.actor.class_year):
        return 0
    number: int = conn.execute(_waiting(decider, verification.VOUCHABLE, func.count())).scalar_one()
    return number


def class_of(conn: Connection, member: Member) -> int | None:
    """The class of which a newcomer says they are."""
    said = claims.claim_of(conn, member.id)
    return said.class_year if said is not None and said.class_year is not None else member.actor.class_year


def store_vouched(tx: Tx, member_id: ActorId, *, enough: bool) -> State:
    """A member has vouched for a newcomer: `enough` lets them in. Raises NotFound, Conflict."""
    case = lock(tx, member_id)
    then = _store(tx, case, Verb.VOUCH, enough=enough, **({"method": Method.VOUCHING} if enough else {}))
    if then.state is State.VERIFIED and case.state is not State.VERIFIED:
        admit(tx, members.get(tx.conn, member_id), None)
    return then.state


def tell_deciders(tx: Tx) -> None:
    """Somebody waits: those who decide hear of it in their letter of the day (`summaries`)."""
    queue.enqueue(tx, SUMMARISE, {}, once=SUMMARISE)


def _say_they_wait(tx: Tx, member: Member) -> None:
    letter = letters.checking(tx.site, member.locale, access.newcomer_link(tx, member))
    mail.post(tx, member.email, letter, about=mail.About.VERIFICATION, member=member.id)


def _deciding(tx: Tx, decider: Member, member_id: ActorId) -> tuple[Member, Case]:
    """Somebody who waits, and the question about them, put to people if it was not yet."""
    own = _own_class(decider)
    member = members.get(tx.conn, member_id)
    is_theirs = own is None or (class_of(tx.conn, member) == own and is_same_school(decider, member))
    if member.standing is not Standing.PENDING or not is_theirs:
        raise NotFound
    open_case(tx, member_id)
    case = lock(tx, member_id)
    if case.state is State.OPEN:
        case = replace(case, stands=_store(tx, case, Verb.TO_REVIEW))
    return member, case


def _own_class(decider: Member) -> int | None:
    return rules.own_class(decider.roles, decider.actor.class_year)


def _is_of_class(entry: Entry, year: int | None) -> bool:
    return year is None or any(education.class_year == year for education in entry.content.educations)


def _waiting(decider: Member, states: Collection[State], what: Any) -> Select[Any]:
    own = _own_class(decider)
    statement = (
        select(what)
        .select_from(verifications)
        .join(members_table, members_table.c.actor_id == verifications.c.member_id)
        .where(
            verifications.c.state.in_(states),
            members_table.c.approved_at.is_(None),
            members_table.c.confirmed_at.is_not(None),
        )
    )
    return statement if own is None else of_class(statement, own, decider.actor.school)


def is_same_school(one: Member, other: Member) -> bool:
    """Whether two are of the same school of this node."""
    return one.actor.school == other.actor.school


def of_class(statement: Select[Any], year: int, school: str | None) -> Select[Any]:
    """Of a statement over `verifications`, those who say that they are of this class at this school."""
    return (
        statement.join(actors, actors.c.id == verifications.c.member_id)
        .outerjoin(roster_claims, roster_claims.c.member_id == verifications.c.member_id)
        .where(
            actors.c.school.is_not_distinct_from(school),
            or_(
                roster_claims.c.class_year == year,
                (roster_claims.c.class_year.is_(None)) & (actors.c.class_year == year),
            ),
        )
    )


def _remember(tx: Tx, member: Member) -> None:
    """Have a row for somebody who was let in without the question."""
    if member.approved_at is None:
        return
    open_case(tx, member.id)
    tx.conn.execute(
        update(verifications)
        .where(verifications.c.member_id == member.id, verifications.c.state == State.OPEN)
        .values(state=State.VERIFIED, method=Method.INVITATION, since=member.approved_at)
    )


def _since(tx: Tx, state: State, moment: datetime) -> list[ActorId]:
    found = tx.conn.execute(
        select(verifications.c.member_id)
        .where(verifications.c.state == state, verifications.c.since <= moment)
        .order_by(verifications.c.since)
        .limit(_SWEPT_AT_ONCE)
    )
    return [ActorId(number) for number in found.scalars()]


def lock(tx: Tx, member_id: int) -> Case:
    """The question about somebody, which nobody else answers until we are done. Raises NotFound."""
    row = tx.conn.execute(
        select(verifications).where(verifications.c.member_id == member_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    return _case(row)


def _store(tx: Tx, case: Case, verb: Verb, *, enough: bool = False, **values: object) -> Verification:
    then = verification.after(case.stands, verb, tx.now, enough=enough)
    if then != case.stands:
        tx.conn.execute(
            update(verifications)
            .where(verifications.c.member_id == case.member_id)
            .values(state=then.state, since=then.since, appealed=then.appealed, **values)
        )
    if then.state is not case.state:
        by = values.get("decided_by")
        audit.write(
            tx,
            f"verification.{verb}",
            case.member_id,
            by=by if isinstance(by, int) else None,
            before=case.state,
            after=then.state,
        )
    return then


def _words(text: str, limit: int, field: str) -> str:
    said = clean(text, limit + 1).strip()
    if not said:
        raise Invalid(marked("Please write something."), field=field)
    if len(said) > limit:
        raise Invalid(marked("This is too long."), field=field)
    return said


def _case(row: Row[Any]) -> Case:
    return Case(
        member_id=row.member_id,
        stands=Verification(state=State(row.state), since=row.since, appealed=row.appealed),
        method=Method(row.method) if row.method else None,
        decided_by=row.decided_by,
        reason=row.reason,
        answer=row.answer,
        to_classmates=row.to_classmates,
        code=row.code,
    )
