# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passkeys: log in by one, prove oneself by one, make, rename and remove them.

The browser is asked by a small script, and answers in a hidden field of an ordinary form. Where no scripts run the page
says so, and the password does.
"""

from typing import Final

from aiohttp import web

from node import access
from node.access import Ceremony
from node.kernel.errors import Invalid, Refused
from web import SERVICES, auth, csrf, params
from web.frames import speak_for
from web.pages import security
from web.pages.frames import done, fault, fault_status, respond, way_back
from web.pages.security_views import CodesView, NewPasskeyView, PasskeyView
from web.pages.views import Fault, Place

_NEW: Final = "/settings/security/passkeys/new"


# -- logging in -------------------------------------------------------------------------------------------------------


async def ask(request: web.Request) -> web.Response:
    """Have the browser look for a passkey."""
    return await _asked(request, way_back(request.query.get("next")))


async def log_in(request: web.Request) -> web.StreamResponse:
    """Open a session for whoever's passkey has signed, and go on to where the visitor wanted."""
    await csrf.check(request)
    given = await params.read(request)
    address = way_back(given.text("next"))
    try:
        token = await auth.log_in_by_passkey(request, given.text("credential") or "")
    except Invalid as refusal:
        return await _asked(request, address, refusal)
    response = done(address)
    auth.drop_passkey_login(request, response)
    auth.keep_session(request, response, token)
    return response


async def _asked(request: web.Request, address: str, refusal: Invalid | None = None) -> web.Response:
    speak_for(request, address)
    options, secret = await auth.begin_passkey_login(request)
    view = PasskeyView(options=options, next=address, faults=fault(refusal) if refusal else ())
    response = await respond(request, view, Place.ME, status=fault_status(refusal) if refusal else 200)
    auth.keep_passkey_login(request, response, secret)
    return response


async def complete(request: web.Request) -> web.StreamResponse:
    """The second step of a login, by a passkey in place of a code."""
    await csrf.check(request)
    half = await auth.half_login(request)
    if half is None:
        return done("/login")
    given = await params.read(request)
    try:
        token = await auth.complete_login_by_passkey(request, half, given.text("credential") or "")
    except Invalid as refusal:
        return await security.second_step(request, half, refusal)
    return security.logged_in(request, half, token)


# -- proving oneself --------------------------------------------------------------------------------------------------


async def prove(request: web.Request) -> web.StreamResponse:
    """A passkey in place of the password, before something that matters."""
    visitor = await security.sending(request)
    given = await params.read(request)
    address = way_back(given.text("next"), security.PAGE)
    db = request.app[SERVICES].db
    try:
        response = await auth.answered(
            request, Ceremony.PROVE, visitor.session.token_hash, given.text("credential") or ""
        )
        if await db.write(access.prove_by_passkey, response, visitor.member.id) is None:
            raise Invalid("This passkey did not open the account. Please try again.")
    except Invalid as refusal:
        return await security.proof(request, visitor, address, fault(refusal), status=fault_status(refusal))
    await db.write(access.prove_session, visitor.session.id)
    return done(address)


# -- a member's own ---------------------------------------------------------------------------------------------------


async def new(request: web.Request) -> web.Response:
    """Have the browser make a passkey; whoever has not proved themselves a moment ago does that first."""
    await security.check_proved(await security.visiting(request), _NEW)
    return await _new(request)


async def add(request: web.Request) -> web.StreamResponse:
    """Keep a passkey. The recovery codes are shown if it is the first second step, this once."""
    visitor = await security.proved(request, _NEW)
    given = await params.read(request)
    name = given.text("name") or ""
    try:
        response = await auth.answered(
            request, Ceremony.ADD, visitor.session.token_hash, given.text("credential") or ""
        )
        codes = await request.app[SERVICES].db.write(access.add_passkey, visitor.member.id, response, name)
    except Refused as refusal:
        return await _new(request, name, fault(refusal), status=fault_status(refusal))
    if codes:
        return await respond(request, CodesView(codes=tuple(codes)), Place.ME)
    return done(security.PAGE, "passkey")


async def _new(
    request: web.Request, name: str = "", faults: tuple[Fault, ...] = (), *, status: int = 200
) -> web.Response:
    visitor = await security.visiting(request)
    options = await request.app[SERVICES].db.write(
        access.begin_adding_passkey, visitor.member.id, visitor.session.token_hash
    )
    return await respond(request, NewPasskeyView(options=options, name=name, faults=faults), Place.ME, status=status)


async def rename(request: web.Request) -> web.StreamResponse:
    """Call a passkey something else. Nothing about how one logs in changes by that."""
    visitor = await security.sending(request)
    given = await params.read(request)
    number = int(request.match_info["number"])
    try:
        await request.app[SERVICES].db.write(access.rename_passkey, visitor.member.id, number, given.text("name") or "")
    except Invalid as refusal:
        return await security.shown(request, visitor.member, refusal)
    return done(security.PAGE, "saved")


async def remove(request: web.Request) -> web.StreamResponse:
    """A passkey opens nothing any more."""
    visitor = await security.proved(request)
    number = int(request.match_info["number"])
    await request.app[SERVICES].db.write(access.remove_passkey, visitor.member.id, number)
    return done(security.PAGE, "ended")
