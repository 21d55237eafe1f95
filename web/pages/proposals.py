# SPDX-License-Identifier: AGPL-3.0-or-later
"""Corrections of the roster: a delegate's class, the form to propose one, and what waits for the secretary."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, roster
from node.actors import ActorId
from node.kernel.db import Tx, long_read
from node.kernel.errors import Conflict, Invalid, NotAllowed, TooMany
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.members import Member
from node.roster import Entry, proposals
from node.roster.proposals import Classmate, Field, Proposal, State
from web import SERVICES, auth, csrf, params
from web.auth import Handler
from web.pages import convert
from web.pages.frames import done, fault, fault_status, respond
from web.pages.proposal_views import ClassmateView, CorrectionsView, CorrectionView, ProposalView, RosterClassView

PAGE: Final = "/staff/roster/corrections"
FIELDS: Final = {
    Field.GIVEN_NAME: marked("Given names"),
    Field.FAMILY_NAME: marked("Family name"),
    Field.BIRTH_FAMILY_NAME: marked("Family name at birth"),
    Field.CLASS_YEAR: marked("Class year"),
    Field.PROGRAMME: marked("Programme"),
    Field.EMAIL: marked("E-mail address"),
    Field.DECEASED: marked("Has died"),
}
STATES: Final = {
    State.OPEN: marked("waits"),
    State.ACCEPTED: marked("accepted"),
    State.REFUSED: marked("refused"),
}


async def class_of(request: web.Request, delegate: Member) -> web.Response:
    """The delegate's own class in the roster."""
    return await respond(request, await request.app[SERVICES].db.read(_class, delegate))


@long_read
def _class(conn: Connection, delegate: Member) -> RosterClassView:
    people = proposals.class_list(conn, delegate)
    return RosterClassView(
        year=delegate.actor.class_year or 0,
        people=tuple(_classmate(one) for one in people),
        proposals=tuple(_proposal(one, entry) for one, entry in proposals.mine(conn, delegate)),
    )


async def form(request: web.Request) -> web.Response:
    """What can be corrected of an entry."""
    return await respond(request, await _form(request, await _proposing(request)))


async def propose(request: web.Request) -> web.StreamResponse:
    """Take a proposal."""
    await csrf.check(request)
    member = await _proposing(request)
    given = await params.read(request)
    field, value, reason = (given.text(name) or "" for name in ("field", "value", "reason"))
    try:
        if field not in set(Field):
            raise Invalid(marked("Please choose what is to be corrected."), field="field")
        await request.app[SERVICES].db.write(
            proposals.propose, member, int(request.match_info["number"]), Field(field), value, reason
        )
    except (Invalid, TooMany) as refusal:
        view = await _form(request, member)
        view = replace(view, field=field, value=value, reason=reason, faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done(PAGE if roster.KEEPERS & member.roles else "/staff/roster", "correction")


async def index(request: web.Request) -> web.Response:
    """What waits for the secretary."""
    await _keeper(request)
    return await respond(request, await _waiting(request))


def deciding(act: Callable[[Tx, Member, int], None]) -> Handler:
    """A handler for a yes or a no."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await csrf.check(request)
        member = await _keeper(request)
        try:
            await request.app[SERVICES].db.write(act, member, int(request.match_info["number"]))
        except Conflict as refusal:
            view = replace(await _waiting(request), faults=fault(refusal))
            return await respond(request, view, status=fault_status(refusal))
        return done(PAGE, "saved")

    return handle


async def _keeper(request: web.Request) -> Member:
    member = await auth.visiting_member(request)
    roster.check_keeper(member.roles)
    return member


async def _proposing(request: web.Request) -> Member:
    member = await auth.visiting_member(request)
    if not (roster.KEEPERS | {roster.DELEGATE}) & member.roles:
        raise NotAllowed(marked("Only the association's secretary and delegates of a class see this."))
    return member


async def _form(request: web.Request, member: Member) -> CorrectionView:
    number = int(request.match_info["number"])
    entry = await request.app[SERVICES].db.read(proposals.to_correct, member, number)
    return CorrectionView(
        person=_classmate(Classmate(entry, is_here=False)),
        fields=tuple((str(field), label) for field, label in FIELDS.items()),
    )


async def _waiting(request: web.Request) -> CorrectionsView:
    db = request.app[SERVICES].db
    return await db.read(_read_waiting, db.site)


@long_read
def _read_waiting(conn: Connection, site: Site) -> CorrectionsView:
    found = proposals.waiting(conn)
    known = actors.by_ids(conn, {one.proposed_by for one, _ in found if one.proposed_by is not None})
    return CorrectionsView(
        proposals=tuple(
            replace(
                _proposal(one, entry),
                by=convert.person(site, known[ActorId(one.proposed_by)]) if one.proposed_by in known else None,
            )
            for one, entry in found
        )
    )


def _proposal(one: Proposal, entry: Entry) -> ProposalView:
    return ProposalView(
        id=one.id,
        whom=_name(entry),
        field=FIELDS[one.field],
        before="" if one.field is Field.DECEASED else one.before,
        value="" if one.field is Field.DECEASED else one.value,
        reason=one.reason,
        state=STATES[one.state],
        when=one.created_at,
    )


def _classmate(one: Classmate) -> ClassmateView:
    who = one.entry.content
    return ClassmateView(
        id=one.entry.id,
        name=_name(one.entry),
        birth_name=roster.proposed_name(who.birth_family_name),
        classes=roster.classes_of(who),
        is_here=one.is_here,
        deceased=who.deceased,
    )


def _name(entry: Entry) -> str:
    who = entry.content
    return f"{roster.proposed_name(who.given_name)} {roster.proposed_name(who.family_name)}".strip()
