# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second step at login, and the page where a member turns it on and off.

Whoever changes how one logs in proves first that it is they who sit there: by the password, at most a quarter of an hour
ago. The QR code is drawn here, into the page; no other server learns the secret.
"""

from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import access, members
from node.access import Limit
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotAllowed, Refused
from node.kernel.html import Html
from node.members import Member
from web import SERVICES, auth, csrf, params
from web.auth import Visitor
from web.pages.frames import acting, done, fault, fault_status, respond, way_back
from web.pages.views import CodesView, Fault, Place, ProveView, SecondStepView, SecurityView

_PAGE: Final = "/settings/security"


# -- logging in -------------------------------------------------------------------------------------------------------


async def ask_code(request: web.Request) -> web.Response:
    """The second form of the login."""
    if await auth.half_login(request) is None:
        raise web.HTTPSeeOther("/login")
    return await respond(request, SecondStepView(), Place.ME)


async def take_code(request: web.Request) -> web.StreamResponse:
    """Complete the login, and go on to where the visitor wanted."""
    await csrf.check(request)
    half = await auth.half_login(request)
    if half is None:
        return done("/login")
    given = await params.read(request)
    try:
        token = await auth.complete_login(request, half, given.text("code") or "")
    except Invalid as refusal:
        view = SecondStepView(faults=fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    response = done(way_back(half.next))
    auth.drop_half_login(request, response)
    auth.keep_session(request, response, token)
    return response


# -- proving oneself --------------------------------------------------------------------------------------------------


async def ask_proof(request: web.Request) -> web.Response:
    """The password once more."""
    await auth.visiting_member(request)
    return await respond(request, ProveView(next=way_back(request.query.get("next"), _PAGE)), Place.ME)


async def take_proof(request: web.Request) -> web.StreamResponse:
    """Take the password, and go on."""
    visitor = await _sending(request)
    given = await params.read(request)
    address = way_back(given.text("next"), _PAGE)
    try:
        await auth.prove(request, visitor.member, given.text("password") or "")
    except NotAllowed:
        refusal = Invalid("This is not your password.", field="password")
        return await respond(request, ProveView(next=address, faults=fault(refusal)), Place.ME, status=422)
    await request.app[SERVICES].db.write(access.prove_session, visitor.session.id)
    return done(address)


async def _sending(request: web.Request) -> Visitor:
    await acting(request)
    visitor = await auth.visitor(request)
    assert visitor is not None
    return visitor


async def _proved(request: web.Request) -> Visitor:
    """Who sends this form, if they have proved themselves a moment ago; others are led to do so."""
    visitor = await _sending(request)
    if not visitor.session.is_proved(clock.now()):
        raise web.HTTPSeeOther(f"/settings/prove?next={_PAGE}")
    return visitor


# -- the settings -----------------------------------------------------------------------------------------------------


async def show(request: web.Request) -> web.Response:
    """Whether the second step is on, and how to turn it on."""
    return await respond(request, await _view(request, await auth.visiting_member(request), ()), Place.ME)


async def _view(request: web.Request, member: Member, faults: tuple[Fault, ...]) -> SecurityView:
    services = request.app[SERVICES]

    def read(conn: Connection) -> tuple[bool, str | None, int]:
        return (
            access.second_step_is_on(conn, member.id),
            access.pending_secret(conn, services.db.site, member.id),
            access.recovery_codes_left(conn, member.id),
        )

    is_on, secret, left = await services.db.read(read)
    address = ""
    if secret is not None:
        account = f"{member.actor.username}@{services.settings.domain}"
        address = access.authenticator_address(secret, account=account, issuer=services.settings.name)
    return SecurityView(
        is_on=is_on,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else "",
        picture=_drawn(address) if address else None,
        codes_left=left,
        email=member.email,
        has_mail=services.settings.mail.is_on,
        faults=faults,
    )


def _drawn(address: str) -> Html:
    """A QR code as SVG, which holds no text of anybody's: it is made of lines."""
    import segno

    code = segno.make(address, error="m", micro=False)
    return Html(code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None))


async def begin(request: web.Request) -> web.StreamResponse:
    """Make a secret for the member's app."""
    visitor = await _proved(request)
    await request.app[SERVICES].db.write(access.begin_second_step, visitor.member.id)
    return done(_PAGE)


async def turn_on(request: web.Request) -> web.StreamResponse:
    """The first code is right: from now on it takes one. The recovery codes are shown, this once."""
    visitor = await _proved(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    await access.check(services.db, [_attempts(visitor.member)])
    try:
        codes = await services.db.write(access.turn_on_second_step, visitor.member.id, given.text("code") or "")
    except Refused as refusal:
        view = await _view(request, visitor.member, fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return await respond(request, CodesView(codes=tuple(codes)), Place.ME)


async def turn_off(request: web.Request) -> web.StreamResponse:
    """The password alone is enough again."""
    visitor = await _proved(request)
    await request.app[SERVICES].db.write(access.turn_off_second_step, visitor.member.id)
    return done(_PAGE, "ended")


async def new_codes(request: web.Request) -> web.StreamResponse:
    """Ten new recovery codes, shown this once."""
    visitor = await _proved(request)

    def write(tx: Tx) -> tuple[str, ...]:
        if not access.second_step_is_on(tx.conn, visitor.member.id):
            return ()
        return tuple(access.new_recovery_codes(tx, visitor.member.id))

    codes = await request.app[SERVICES].db.write(write)
    return await respond(request, CodesView(codes=codes), Place.ME) if codes else done(_PAGE)


async def change_email(request: web.Request) -> web.StreamResponse:
    """Send a link to a new address; whether somebody here has it already is not told."""
    visitor = await _proved(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    hour = timedelta(hours=1)
    try:
        email = members.check_email(given.text("email") or "")
    except Invalid as refusal:
        view = await _view(request, visitor.member, fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    limits = [Limit(f"mail:{email.casefold()[:200]}", 5, hour), Limit(f"mail-of:{visitor.member.id}", 5, hour)]
    await access.check(services.db, limits)
    await services.db.write(access.ask_change, visitor.member, email)
    return done(_PAGE, "link")


def _attempts(member: Member) -> Limit:
    return Limit(f"second-step:{member.id}", auth.CODES_IN_A_QUARTER, timedelta(minutes=15))
