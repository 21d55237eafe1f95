# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who would like to join, for those who decide: the secretary, administrators, and delegates for their own class.

A delegate sees names, classes and what was said; addresses, dates of birth and student numbers are for the office.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, members, privacy, roster, schools
from node.actors import ActorId
from node.kernel.db import Tx, long_read
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.kernel.i18n import marked
from node.members import Member
from web import SERVICES, auth, csrf, params
from web.auth import Handler
from web.pages import convert
from web.pages.frames import done, fault, fault_status, respond
from web.pages.newcomer_views import VerificationView, VouchedView
from web.pages.views import Fault, MatchView, NewcomerView, Place, SignUpsView, VouchView

_PAGE: Final = 40
DOUBTS: Final = {
    roster.Doubt.BIRTH: marked("The date of birth differs."),
    roster.Doubt.CLAIMED: marked("Another member is this person already."),
    roster.Doubt.DECEASED: marked("This person is noted as deceased."),
    roster.Doubt.SEVERAL: marked("Several people fit nearly as well."),
    roster.Doubt.NUMBER: marked("The student number is not in the roster."),
}
HOW_KNOWN: Final = {
    roster.HowKnown.CLASSMATE: marked("We were in the same class"),
    roster.HowKnown.PROGRAMME: marked("We were in the same programme"),
    roster.HowKnown.CLUB: marked("We were in the same club"),
    roster.HowKnown.COLLEAGUE: marked("We have worked together"),
    roster.HowKnown.OTHER: marked("Otherwise"),
}
STATES: Final = {
    roster.State.OPEN: marked("Not looked at yet"),
    roster.State.REVIEW: marked("Waits for a decision"),
    roster.State.INFO_NEEDED: marked("Was asked something"),
    roster.State.LAPSED: marked("Has not answered"),
    roster.State.REFUSED: marked("Refused"),
    roster.State.VERIFIED: marked("Verified"),
    roster.State.REVOKED: marked("Found not to be who they said"),
}
METHODS: Final = {
    roster.Method.ROSTER: marked("by the roster"),
    roster.Method.VOUCHING: marked("because others vouched for them"),
    roster.Method.DECISION: marked("by a decision"),
    roster.Method.INVITATION: marked("by an invitation"),
}


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form that comes back with a fault."""

    chosen: int
    reason: str
    faults: tuple[Fault, ...]


async def show(request: web.Request) -> web.Response:
    """Who waits for the association's yes."""
    return await _answer(request, await auth.visiting_member(request))


async def _answer(
    request: web.Request, member: Member, sent: _Sent | None = None, *, status: int = 200
) -> web.Response:
    services = request.app[SERVICES]
    before = params.query(request).number("before")
    domains = services.settings.registrations.school_mail_domains
    view = await services.db.read(_newcomers, member, before, domains, sent)
    shown = [one.id for one in view.newcomers]
    await services.db.write(privacy.looked_through, member.id, shown, privacy.Seen.SIGN_UP)
    return await respond(request, view, Place.NONE, status=status)


@long_read
def _newcomers(
    conn: Connection, decider: Member, before: int | None, school_mail: tuple[str, ...], sent: _Sent | None
) -> SignUpsView:
    own = roster.own_class(decider.roles, decider.actor.class_year)
    found = roster.waiting(conn, decider, limit=_PAGE, before=before)
    numbers = [member.id for member, _ in found]
    said = roster.claims_of(conn, numbers)
    judged = roster.judgements(
        conn, [(member, said[member.id]) for member, _ in found if member.id in said], school_mail
    )
    vouched = roster.vouches_for(conn, numbers)
    names = actors.by_ids(conn, {one.by_id for some in vouched.values() for one in some})
    nothing = roster.Judgement()

    def newcomer(member: Member, case: roster.Case) -> NewcomerView:
        claim, judgement = said.get(member.id), judged.get(member.id, nothing)
        year = claim.class_year if claim is not None and claim.class_year is not None else member.actor.class_year
        return NewcomerView(
            id=member.id,
            name=member.actor.name,
            username=member.actor.username,
            email=member.email if own is None else "",
            class_year=year,
            reason=member.reason,
            since=member.created_at,
            was=_was(claim, everything=own is None) if claim is not None else (),
            matches=tuple(_match(match) for match in judgement.matches if _concerns(match, own)),
            doubts=tuple(DOUBTS[doubt] for doubt in roster.Doubt if doubt in judgement.doubts),
            vouches=tuple(vouch_view(one, names[one.by_id].name) for one in vouched.get(member.id, ())),
            asked=case.reason,
            answer=case.answer,
            may_decide=case.state is not roster.State.INFO_NEEDED,
        )

    return SignUpsView(
        newcomers=tuple(newcomer(member, case) for member, case in found),
        waiting=roster.waiting_count(conn, decider),
        older=f"/staff/sign-ups?before={found[-1][0].id}" if len(found) == _PAGE else "",
        own_class=own,
        chosen=sent.chosen if sent is not None else None,
        reason=sent.reason if sent is not None else "",
        faults=sent.faults if sent is not None else (),
    )


def vouch_view(one: roster.Vouch, name: str) -> VouchView:
    """What a member of this name said."""
    return VouchView(by=name, how=HOW_KNOWN[one.how_known], text=one.text, same_class=one.same_class)


def _was(said: roster.Claim, *, everything: bool) -> tuple[str, ...]:
    name = f"{said.given_name} {said.family_name}".strip()
    born = said.birth_date.isoformat() if said.birth_date is not None else ""
    parts = (name, str(said.class_year or ""), *((born, said.student_number) if everything else ()))
    return tuple(part for part in parts if part)


def _concerns(match: roster.Match, own: int | None) -> bool:
    return own is None or any(education.class_year == own for education in match.entry.content.educations)


def _match(match: roster.Match) -> MatchView:
    who = match.entry.content
    return MatchView(
        id=match.entry.id,
        name=f"{roster.proposed_name(who.given_name)} {roster.proposed_name(who.family_name)}".strip(),
        classes=roster.classes_of(who),
        points=match.points,
    )


async def approve(request: web.Request) -> web.StreamResponse:
    """Let somebody in, as somebody of the roster where it is known who they are, and write to them."""
    member = await _deciding(request)
    entry = params.query(request).number("entry")
    await request.app[SERVICES].db.write(roster.let_in, member, _number(request), entry)
    return done("/staff/sign-ups", "accepted")


async def turn_away(request: web.Request) -> web.StreamResponse:
    """Forget a sign-up that is none, and write so."""
    member = await _deciding(request)
    await request.app[SERVICES].db.write(roster.turn_away, member, _number(request))
    return done("/staff/sign-ups", "turned-away")


def saying(act: Callable[[Tx, Member, ActorId, str], None], what: str) -> Handler:
    """A handler for a refusal or a question: both carry words."""

    async def handle(request: web.Request) -> web.StreamResponse:
        member = await _deciding(request)
        reason = (await params.read(request)).text("reason") or ""
        try:
            await request.app[SERVICES].db.write(act, member, _number(request), reason)
        except (Invalid, Conflict) as refusal:
            sent = _Sent(_number(request), reason, fault(refusal))
            return await _answer(request, member, sent, status=fault_status(refusal))
        return done("/staff/sign-ups", what)

    return handle


async def verification(request: web.Request) -> web.Response:
    """How somebody came in, who vouched for them and whom they vouched for; for administrators and the secretary."""
    member = await _office(request)
    return await _verification(request, member)


async def _verification(
    request: web.Request,
    member: Member,
    reason: str = "",
    faults: tuple[Fault, ...] = (),
    *,
    class_year: str | None = None,
    status: int = 200,
) -> web.Response:
    services = request.app[SERVICES]

    def read(conn: Connection) -> VerificationView:
        of = members.get(conn, _number(request))
        case = roster.standing_of(conn, of)
        if of.approved_at is None:
            raise NotFound
        given = roster.vouches_for(conn, [of.id]).get(of.id, [])
        made = roster.vouched_for_by(conn, of.id)
        numbers = {*(one.by_id for one in given), *(one.member_id for one in made)}
        if case.decided_by is not None:
            numbers.add(ActorId(case.decided_by))
        known = actors.by_ids(conn, numbers)
        decider = known.get(ActorId(case.decided_by)) if case.decided_by is not None else None
        return VerificationView(
            person=convert.person(services.db.site, of.actor),
            state=STATES[case.state],
            how=METHODS[case.method] if case.method is not None else "",
            since=case.stands.since,
            by=convert.person(services.db.site, decider) if decider is not None else None,
            said=case.reason,
            vouches=tuple(vouch_view(one, known[one.by_id].name) for one in given),
            vouched_for=tuple(
                VouchedView(
                    person=convert.person(services.db.site, known[one.member_id]),
                    when=one.created_at,
                    hidden=known[one.member_id].is_hidden,
                )
                for one in made
            ),
            may_revoke=member.is_admin and member.id != of.id and case.state is roster.State.VERIFIED,
            may_give_roles=member.is_admin,
            reason=reason,
            class_year=str(of.actor.class_year or "") if class_year is None else class_year,
            school=of.actor.school or "",
            schools=tuple(schools.names(conn)),
            faults=faults,
        )

    return await respond(request, await services.db.read(read), Place.NONE, status=status)


async def set_class(request: web.Request) -> web.StreamResponse:
    """Say of which class somebody is."""
    await csrf.check(request)
    member = await _office(request)
    given = await params.read(request)
    typed, school = (given.text("class_year") or "").strip(), given.text("school") or ""
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == 4 else None

    def write(tx: Tx) -> None:
        roster.set_class(tx, member, members.get(tx.conn, _number(request)), year, school)

    try:
        await request.app[SERVICES].db.write(write)
    except Invalid as refusal:
        return await _verification(request, member, "", fault(refusal), class_year=typed, status=fault_status(refusal))
    return done(f"/staff/people/{_number(request)}/verification", "saved")


async def revoke(request: web.Request) -> web.StreamResponse:
    """Somebody is not who they said: their account is suspended."""
    await csrf.check(request)
    member = await _office(request)
    reason = (await params.read(request)).text("reason") or ""
    try:
        await request.app[SERVICES].db.write(roster.revoke, member, _number(request), reason)
    except (Invalid, Conflict) as refusal:
        return await _verification(request, member, reason, fault(refusal), status=fault_status(refusal))
    return done(f"/staff/people/{_number(request)}/verification", "saved")


async def _office(request: web.Request) -> Member:
    member = await auth.visiting_member(request)
    if not roster.DECIDERS & member.roles:
        raise NotAllowed(marked("Only the association's secretary and administrators see this."))
    return member


async def _deciding(request: web.Request) -> Member:
    await csrf.check(request)
    return await auth.visiting_member(request)


def _number(request: web.Request) -> ActorId:
    return ActorId(int(request.match_info["number"]))
