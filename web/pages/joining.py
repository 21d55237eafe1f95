# SPDX-License-Identifier: AGPL-3.0-or-later
"""What letters lead to, and who waits: confirming an address, a forgotten password, the staff's yes or no.

A link from a letter shows a form and nothing else happens: scanners of mail servers open every link. Whether somebody
has an account here is told by no answer.
"""

from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import access, mail, members, roster
from node.access import Limit, Purpose, letters
from node.actors import ActorId
from node.kernel.db import Tx, long_read
from node.kernel.errors import NotFound, Refused
from node.kernel.i18n import marked
from node.members import Member, Standing
from web import SERVICES, auth, csrf, params
from web.limits import client_address, neighbourhood
from web.pages.frames import done, fault, fault_status, respond, way_back
from web.pages.views import (
    ConfirmView,
    ForgottenView,
    MatchView,
    NewcomerView,
    NewPasswordView,
    Place,
    SignUpsView,
)

_PAGE: Final = 40
DOUBTS: Final = {
    roster.Doubt.BIRTH: marked("The date of birth differs."),
    roster.Doubt.CLAIMED: marked("Another member is this person already."),
    roster.Doubt.DECEASED: marked("This person is noted as deceased."),
    roster.Doubt.SEVERAL: marked("Several people fit nearly as well."),
    roster.Doubt.NUMBER: marked("The student number is not in the roster."),
}


async def confirm(request: web.Request) -> web.Response:
    """The question behind a confirmation link."""
    token = request.match_info["token"]
    await request.app[SERVICES].db.read(access.find_link, Purpose.CONFIRM, token)
    view = ConfirmView(
        title=marked("Confirm my address"),
        text=marked("With this you say that the address to which the letter was sent is yours."),
        button=marked("Confirm my address"),
        action=f"/confirm/{token}",
        back="/about",
    )
    return _without_a_trace(await respond(request, view, Place.ME))


async def confirmed(request: web.Request) -> web.StreamResponse:
    """Take the confirmation."""
    await csrf.check(request)
    member = await request.app[SERVICES].db.write(access.confirm_by_link, request.match_info["token"])
    return done("/login", "confirmed" if member.standing is Standing.ACTIVE else "pending")


async def change_email(request: web.Request) -> web.Response:
    """The question behind a link to a new address."""
    token = request.match_info["token"]
    await request.app[SERVICES].db.read(access.find_link, Purpose.CHANGE, token)
    view = ConfirmView(
        title=marked("Your new e-mail address"),
        text=marked("With this you say that the address to which the letter was sent is yours."),
        button=marked("Confirm my address"),
        action=f"/email/{token}",
        back="/settings/security",
    )
    return _without_a_trace(await respond(request, view, Place.ME))


async def email_changed(request: web.Request) -> web.StreamResponse:
    """Take the new address."""
    await csrf.check(request)
    await request.app[SERVICES].db.write(access.change_by_link, request.match_info["token"])
    return done("/settings/security", "saved")


async def forgotten(request: web.Request) -> web.Response:
    """The form of somebody who forgot the password."""
    view = ForgottenView(next=way_back(request.query.get("next")), has_mail=_has_mail(request))
    return await respond(request, view, Place.ME)


async def ask_reset(request: web.Request) -> web.StreamResponse:
    """Send a link, if the address is known; the answer is the same if it is not."""
    await csrf.check(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    email = (given.text("email") or "").strip()[:254]
    hour = timedelta(hours=1)
    await access.check(
        services.db,
        [
            Limit(f"reset-address:{neighbourhood(client_address(request))}", 20, hour),
            Limit(f"mail:{email.casefold()[:200]}", 5, hour),
        ],
    )
    next_page = way_back(given.text("next"))
    await services.db.write(access.ask_reset, email, next_page if next_page != "/" else "")
    return done("/login", "sent")


async def new_password(request: web.Request) -> web.Response:
    """The form behind a link for a new password."""
    token = request.match_info["token"]
    await request.app[SERVICES].db.read(access.find_link, Purpose.RESET, token)
    return _without_a_trace(await respond(request, NewPasswordView(token=token), Place.ME))


async def set_password(request: web.Request) -> web.StreamResponse:
    """Take the new password; every browser and every app is logged out."""
    await csrf.check(request)
    token = request.match_info["token"]
    services = request.app[SERVICES]
    given = await params.read(request)
    new = given.text("password") or ""
    link = await services.db.read(access.find_link, Purpose.RESET, token)
    actor = link.member.actor
    try:
        members.check_new_password(new, about=(actor.username, actor.display_name, link.member.email))
        hashed = await services.passwords.hash(new)
    except Refused as refusal:
        view = NewPasswordView(token=token, faults=fault(refusal))
        return _without_a_trace(await respond(request, view, Place.ME, status=fault_status(refusal)))
    link = await services.db.write(access.reset_by_link, token, hashed)
    if not link.next:
        return done("/login", "password")
    return done(auth.LoginNeeded(way_back(link.next)).location, "password")


def _without_a_trace(response: web.Response) -> web.Response:
    """The address holds a secret: it is told to no other page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _has_mail(request: web.Request) -> bool:
    return request.app[SERVICES].settings.mail.is_on


# -- the staff --------------------------------------------------------------------------------------------------------


async def sign_ups(request: web.Request) -> web.Response:
    """Who waits for the association's yes."""
    await _decider(request)
    services = request.app[SERVICES]
    before = params.query(request).number("before")
    view = await services.db.read(_newcomers, before)
    return await respond(request, view, Place.NONE)


@long_read
def _newcomers(conn: Connection, before: int | None) -> SignUpsView:
    found = members.waiting(conn, limit=_PAGE, before=before)
    return SignUpsView(
        newcomers=tuple(_newcomer(conn, member) for member in found),
        waiting=members.waiting_count(conn),
        older=f"/staff/sign-ups?before={found[-1].id}" if len(found) == _PAGE else "",
    )


def _newcomer(conn: Connection, member: Member) -> NewcomerView:
    said = roster.claim_of(conn, member.id)
    judgement = roster.judgement_on(conn, member, said) if said is not None else roster.Judgement()
    return NewcomerView(
        id=member.id,
        name=member.actor.name,
        username=member.actor.username,
        email=member.email,
        class_year=member.actor.class_year,
        reason=member.reason,
        since=member.created_at,
        was=_was(said) if said is not None else (),
        matches=tuple(_match(match) for match in judgement.matches),
        doubts=tuple(DOUBTS[doubt] for doubt in roster.Doubt if doubt in judgement.doubts),
    )


def _was(said: roster.Claim) -> tuple[str, ...]:
    name = f"{said.given_name} {said.family_name}".strip()
    born = said.birth_date.isoformat() if said.birth_date is not None else ""
    return tuple(part for part in (name, str(said.class_year or ""), born, said.student_number) if part)


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
    newcomer = ActorId(int(request.match_info["number"]))
    entry = params.query(request).number("entry")
    await request.app[SERVICES].db.write(roster.let_in, member.roles, newcomer, entry)
    return done("/staff/sign-ups", "accepted")


async def turn_away(request: web.Request) -> web.StreamResponse:
    """Do not let somebody in: write to them, and forget what they gave."""
    await _deciding(request)

    def write(tx: Tx) -> None:
        member = _waiting(tx, request)
        members.turn_away(tx, member)
        mail.post(tx, member.email, letters.turned_away(tx.site, member.locale))

    await request.app[SERVICES].db.write(write)
    return done("/staff/sign-ups", "turned-away")


async def _decider(request: web.Request) -> Member:
    """Who says whether newcomers are let in. Raises LoginNeeded, NotAllowed."""
    member = await auth.visiting_member(request)
    roster.check_decider(member.roles)
    return member


async def _deciding(request: web.Request) -> Member:
    await csrf.check(request)
    return await _decider(request)


def _waiting(tx: Tx, request: web.Request) -> Member:
    member = members.get(tx.conn, int(request.match_info["number"]))
    if member.standing is not Standing.PENDING:
        raise NotFound
    return member
