# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second step at login, and the page where a member sets it up: an authenticator app, passkeys, recovery codes.

Whoever changes how one logs in proves first that it is they who sit there: by the password or a passkey, at most a
quarter of an hour ago. The QR code is drawn here, into the page; no other server learns the secret.
"""

from datetime import timedelta
from typing import Final
from urllib.parse import quote

from aiohttp import web
from sqlalchemy import Connection

from node import access, members
from node.access import Ceremony, HalfLogin, Limit, Passkey
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotAllowed, Refused
from node.kernel.html import Html
from node.members import Member
from web import SERVICES, auth, csrf, params
from web.auth import Visitor
from web.frames import speak_for
from web.pages.frames import acting, done, fault, fault_status, respond, way_back
from web.pages.security_views import CodesView, PasskeyRow, ProveView, SecondStepView, SecurityView
from web.pages.views import Fault, Place

PAGE: Final = "/settings/security"


# -- logging in -------------------------------------------------------------------------------------------------------


async def ask_code(request: web.Request) -> web.Response:
    """The second form of the login."""
    half = await auth.half_login(request)
    if half is None:
        raise web.HTTPSeeOther("/login")
    return await second_step(request, half)


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
        return await second_step(request, half, refusal)
    return logged_in(request, half, token)


async def second_step(request: web.Request, half: HalfLogin, refusal: Invalid | None = None) -> web.Response:
    """The form for whichever second proofs the member has."""
    speak_for(request, half.next)
    bound_to = auth.half_login_digest(request)

    def write(tx: Tx) -> SecondStepView:
        has_passkeys = bool(access.passkeys_of(tx.conn, half.member_id))
        return SecondStepView(
            has_app=access.authenticator_is_on(tx.conn, half.member_id),
            passkey=access.begin_passkey(tx, Ceremony.SECOND_STEP, bound_to, half.member_id) if has_passkeys else "",
            faults=fault(refusal) if refusal else (),
        )

    view = await request.app[SERVICES].db.write(write)
    return await respond(request, view, Place.ME, status=fault_status(refusal) if refusal else 200)


def logged_in(request: web.Request, half: HalfLogin, token: str) -> web.StreamResponse:
    """On to where they wanted, with a session."""
    response = done(way_back(half.next))
    auth.drop_half_login(request, response)
    auth.keep_session(request, response, token)
    return response


# -- proving oneself --------------------------------------------------------------------------------------------------


async def ask_proof(request: web.Request) -> web.Response:
    """The password or a passkey once more."""
    return await proof(request, await visiting(request), way_back(request.query.get("next"), PAGE))


async def take_proof(request: web.Request) -> web.StreamResponse:
    """Take the password, and go on."""
    visitor = await sending(request)
    given = await params.read(request)
    address = way_back(given.text("next"), PAGE)
    try:
        await auth.prove(request, visitor.member, given.text("password") or "")
    except NotAllowed:
        refusal = Invalid("This is not your password.", field="password")
        return await proof(request, visitor, address, fault(refusal), status=422)
    await request.app[SERVICES].db.write(access.prove_session, visitor.session.id)
    return done(address)


async def proof(
    request: web.Request, visitor: Visitor, address: str, faults: tuple[Fault, ...] = (), *, status: int = 200
) -> web.Response:
    """The form that asks for it."""

    def write(tx: Tx) -> str:
        if not access.passkeys_of(tx.conn, visitor.member.id):
            return ""
        return access.begin_passkey(tx, Ceremony.PROVE, visitor.session.token_hash, visitor.member.id)

    view = ProveView(next=address, passkey=await request.app[SERVICES].db.write(write), faults=faults)
    return await respond(request, view, Place.ME, status=status)


async def visiting(request: web.Request) -> Visitor:
    """Who looks at this page. Raises LoginNeeded."""
    await auth.visiting_member(request)
    visitor = await auth.visitor(request)
    assert visitor is not None
    return visitor


async def sending(request: web.Request) -> Visitor:
    """Who sends this form."""
    await acting(request)
    return await visiting(request)


async def proved(request: web.Request, back_to: str = PAGE) -> Visitor:
    """Who sends this form, if they have proved themselves a moment ago; others are led to do so."""
    visitor = await sending(request)
    await check_proved(visitor, back_to)
    return visitor


async def check_proved(visitor: Visitor, back_to: str) -> None:
    """Lead those who have not proved themselves a moment ago to do so, and then to `back_to`."""
    if not visitor.session.is_proved(clock.now()):
        raise web.HTTPSeeOther(f"/settings/prove?next={quote(back_to)}")


# -- the settings -----------------------------------------------------------------------------------------------------


async def show(request: web.Request) -> web.Response:
    """What logging in takes, and how to change it."""
    return await respond(request, await _view(request, await auth.visiting_member(request), ()), Place.ME)


async def shown(request: web.Request, member: Member, refusal: Refused) -> web.Response:
    """The same with what was wrong."""
    view = await _view(request, member, fault(refusal))
    return await respond(request, view, Place.ME, status=fault_status(refusal))


async def _view(request: web.Request, member: Member, faults: tuple[Fault, ...]) -> SecurityView:
    services = request.app[SERVICES]

    def read(conn: Connection) -> tuple[bool, str | None, int, list[Passkey]]:
        return (
            access.authenticator_is_on(conn, member.id),
            access.pending_secret(conn, services.db.site, member.id),
            access.recovery_codes_left(conn, member.id),
            access.passkeys_of(conn, member.id),
        )

    is_on, secret, left, passkeys = await services.db.read(read)
    address = ""
    if secret is not None:
        account = f"{member.actor.username}@{services.settings.domain}"
        address = access.authenticator_address(secret, account=account, issuer=services.settings.name)
    return SecurityView(
        is_on=is_on,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else "",
        picture=_drawn(address) if address else None,
        passkeys=tuple(
            PasskeyRow(id=one.id, name=one.name, since=one.created_at, last_used=one.used_at) for one in passkeys
        ),
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
    visitor = await proved(request)
    await request.app[SERVICES].db.write(access.begin_authenticator, visitor.member.id)
    return done(PAGE)


async def turn_on(request: web.Request) -> web.StreamResponse:
    """The first code is right: from now on it takes one. The recovery codes are shown, this once."""
    visitor = await proved(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    await access.check(services.db, [_attempts(visitor.member)])
    try:
        codes = await services.db.write(access.turn_on_authenticator, visitor.member.id, given.text("code") or "")
    except Refused as refusal:
        return await shown(request, visitor.member, refusal)
    return await respond(request, CodesView(codes=tuple(codes)), Place.ME)


async def turn_off(request: web.Request) -> web.StreamResponse:
    """The app is asked for no more; passkeys stay."""
    visitor = await proved(request)
    await request.app[SERVICES].db.write(access.turn_off_authenticator, visitor.member.id)
    return done(PAGE, "ended")


async def new_codes(request: web.Request) -> web.StreamResponse:
    """Ten new recovery codes, shown this once."""
    visitor = await proved(request)

    def write(tx: Tx) -> tuple[str, ...]:
        if not access.second_step_is_on(tx.conn, visitor.member.id):
            return ()
        return tuple(access.new_recovery_codes(tx, visitor.member.id))

    codes = await request.app[SERVICES].db.write(write)
    return await respond(request, CodesView(codes=codes), Place.ME) if codes else done(PAGE)


async def change_email(request: web.Request) -> web.StreamResponse:
    """Send a link to a new address; whether somebody here has it already is not told."""
    visitor = await proved(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    hour = timedelta(hours=1)
    try:
        email = members.check_email(given.text("email") or "")
    except Invalid as refusal:
        return await shown(request, visitor.member, refusal)
    limits = [Limit(f"mail:{email.casefold()[:200]}", 5, hour), Limit(f"mail-of:{visitor.member.id}", 5, hour)]
    await access.check(services.db, limits)
    await services.db.write(access.ask_change, visitor.member, email)
    return done(PAGE, "link")


def _attempts(member: Member) -> Limit:
    return Limit(f"second-step:{member.id}", auth.CODES_IN_A_QUARTER, timedelta(minutes=15))
