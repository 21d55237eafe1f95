# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of somebody who waits to be let in, behind the link of a letter; and those on which members vouch for them.

Whether the roster names somebody stands on none of them.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import access, actors, members, roster
from node.access import Limit, Purpose
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.members import Member, Standing
from web import SERVICES, auth, csrf, params
from web.pages import sign_up
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.joining import without_a_trace
from web.pages.newcomer_views import NewcomersView, SignUpStandingView, VouchFormView, WaitingView
from web.pages.sign_ups import HOW_KNOWN, vouch_view
from web.pages.views import Fault, Place

_SENT: Final = "signed-up-answer"


async def standing(request: web.Request) -> web.Response:
    """How far one's sign-up is."""
    return await _standing(request)


async def _standing(
    request: web.Request, faults: tuple[Fault, ...] = (), *, status: int = 200, **given: object
) -> web.Response:
    token = request.match_info["token"]
    view = await request.app[SERVICES].db.read(_view, token, request.app[SERVICES].db.site.base_url)
    view = replace(view, faults=faults, **given)  # type: ignore[arg-type]  # what was typed, by the view's own names
    return without_a_trace(await respond(request, view, Place.ME, status=status))


def _view(conn: Connection, token: str, base_url: str) -> SignUpStandingView:
    member = access.find_link(conn, Purpose.NEWCOMER, token).member
    case = roster.standing_of(conn, member)
    waits = member.standing is Standing.PENDING
    given = roster.vouches_for(conn, [member.id]).get(member.id, [])
    names = actors.by_ids(conn, {one.by_id for one in given})
    state = case.state
    may_vouch = waits and state in (roster.State.OPEN, roster.State.REVIEW)
    return SignUpStandingView(
        name=member.actor.name,
        action=f"/sign-up/answer/{token}",
        state=state,
        said=case.reason if waits else "",
        answer=case.answer if waits else "",
        may_answer=waits and state is roster.State.INFO_NEEDED,
        may_appeal=waits and state in (roster.State.REFUSED, roster.State.LAPSED) and not case.stands.appealed,
        may_claim=waits and state is roster.State.OPEN and roster.claim_of(conn, member.id) is None,
        may_delete=waits,
        vouching=may_vouch,
        link=f"{base_url}/people/newcomers/{case.code}" if may_vouch else "",
        to_classmates=case.to_classmates,
        vouches=tuple(vouch_view(one, names[one.by_id].name) for one in given) if waits else (),
    )


async def answer(request: web.Request) -> web.StreamResponse:
    """Answer what was asked, or write against a refusal."""
    member = await _newcomer(request)
    words = (await params.read(request)).text("words") or ""
    try:
        await request.app[SERVICES].db.write(roster.answer, member, words)
    except (Invalid, Conflict) as refusal:
        return await _standing(request, fault(refusal), status=fault_status(refusal), words=words)
    return _back(request, _SENT)


async def claim(request: web.Request) -> web.StreamResponse:
    """Say who one was at school, where one had not at sign-up."""
    member = await _newcomer(request)
    given = await params.read(request)
    typed = {name: given.text(name) or "" for name in sign_up.CLAIM}
    try:
        said = sign_up.claim_in(typed)
        await request.app[SERVICES].db.write(roster.claim_later, member, said)
    except (Invalid, Conflict) as refusal:
        return await _standing(request, fault(refusal), status=fault_status(refusal), typed=typed)
    return _back(request, "saved")


async def classmates(request: web.Request) -> web.StreamResponse:
    """Let classmates see that one waits, or not."""
    member = await _newcomer(request)
    show = (await params.read(request)).flag("to_classmates")
    await request.app[SERVICES].db.write(lambda tx: roster.show_classmates(tx, member, show=show))
    return _back(request, "saved")


async def delete(request: web.Request) -> web.StreamResponse:
    """Delete one's sign-up, and all that one gave."""
    member = await _newcomer(request)

    def write(tx: Tx) -> None:
        members.turn_away(tx, members.get(tx.conn, member.id))

    await request.app[SERVICES].db.write(write)
    return done("/about", "deleted")


async def _newcomer(request: web.Request) -> Member:
    """Whose link this is, while they wait. Raises NotFound also for somebody who is let in, or gone."""
    await csrf.check(request)
    services = request.app[SERVICES]
    member = (await services.db.read(access.find_link, Purpose.NEWCOMER, request.match_info["token"])).member
    if member.standing is not Standing.PENDING:
        raise NotFound
    await access.check(services.db, [Limit(f"sign-up-of:{member.id}", 30, timedelta(hours=1))])
    return member


def _back(request: web.Request, what: str) -> web.Response:
    return without_a_trace(done(f"/sign-up/answer/{request.match_info['token']}", what))


# -- members ----------------------------------------------------------------------------------------------------------


async def people(request: web.Request) -> web.Response:
    """Those of one's class who wait and would like others to vouch for them."""
    member = await auth.visiting_member(request)
    found = await request.app[SERVICES].db.read(roster.newcomers, member)
    view = NewcomersView(people=tuple(_waiting(one) for one in found), class_year=member.actor.class_year)
    return await respond(request, view, Place.PEOPLE)


async def form(request: web.Request) -> web.Response:
    """The form to vouch for somebody."""
    member = await auth.visiting_member(request)
    return await _form(request, member)


async def _form(
    request: web.Request,
    member: Member,
    how_known: str = "",
    text: str = "",
    faults: tuple[Fault, ...] = (),
    *,
    status: int = 200,
) -> web.Response:
    newcomer = await request.app[SERVICES].db.read(roster.by_code, member, request.match_info["code"])
    view = VouchFormView(
        newcomer=_waiting(newcomer),
        ways=tuple((str(way), label) for way, label in HOW_KNOWN.items()),
        how_known=how_known,
        text=text,
        faults=faults,
    )
    return await respond(request, view, Place.PEOPLE, status=status)


async def vouch(request: web.Request) -> web.StreamResponse:
    """Say that a newcomer is who they say."""
    await acting(request)
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    given = await params.read(request)
    how_known, text = given.text("how_known") or "", given.text("text") or ""
    registrations = services.settings.registrations
    needed = roster.Needed(registrations.class_vouches, registrations.school_vouches)
    try:
        await services.db.write(roster.vouch, member, request.match_info["code"], how_known, text, needed)
    except (Invalid, Conflict, NotAllowed, TooMany) as refusal:
        return await _form(request, member, how_known, text, fault(refusal), status=fault_status(refusal))
    return done("/people/newcomers", "vouched")


def _waiting(one: roster.Newcomer) -> WaitingView:
    return WaitingView(
        name=one.name, class_year=one.class_year, path=f"/people/newcomers/{one.code}", vouched=one.vouched
    )
