# SPDX-License-Identifier: AGPL-3.0-or-later
"""Logging in and out, and signing up by an invitation."""

import asyncio
from urllib.parse import quote, urlsplit

from aiohttp import web
from sqlalchemy import Connection

from node import access, actors, members, privacy, schools
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotAllowed, NotFound, Refused
from node.members import (
    Invitation,
    InvitationState,
    Member,
    NewMember,
    Standing,
    check_new_password,
    check_usable,
)
from web import SERVICES, auth, csrf, params
from web.frames import locale_of, speak_for
from web.pages.frames import done, fault, fault_status, respond, way_back
from web.pages.joining import without_a_trace
from web.pages.sign_up import adult_on, minimum_age
from web.pages.views import InviteView, LoginBackView, LoginView, Place


async def show(request: web.Request) -> web.Response:
    """The log-in form; whoever is logged in goes on to where they wanted."""
    address = way_back(request.query.get("next"))
    if await auth.visitor(request) is not None and request.query.get("again") is None:
        raise web.HTTPSeeOther(address)
    speak_for(request, address)
    return await respond(request, LoginView(next=address, may_sign_up=_may_sign_up(request)), Place.ME)


async def log_in(request: web.Request) -> web.StreamResponse:
    """Open a session, and go on to where the visitor wanted."""
    await csrf.check(request)
    given = await params.read(request)
    login, address = given.text("login") or "", way_back(given.text("next"))
    try:
        _, token = await auth.log_in(request, login, given.text("password") or "", back_to=address)
    except auth.SecondStepNeeded as needed:
        response = done("/login/code")
        auth.keep_half_login(request, response, needed.token)
        return response
    except members.Away as refusal:
        # Whoever gave the right password is asked whether they want to come back.
        link = await request.app[SERVICES].db.write(access.return_link, refusal.member, address)
        return done(urlsplit(link).path)
    except members.ShutOut as refusal:
        # Whoever gave the right password may read why, and answer.
        link = await request.app[SERVICES].db.write(access.appeal_link, refusal.member)
        return done(urlsplit(link).path)
    except NotAllowed as refusal:
        speak_for(request, address)
        standing = ""
        if isinstance(refusal, members.NotLetIn):
            link = await request.app[SERVICES].db.write(access.newcomer_link, refusal.member)
            standing = urlsplit(link).path
        view = LoginView(
            login=login,
            next=address,
            may_sign_up=_may_sign_up(request),
            standing=standing,
            faults=fault(refusal),
        )
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    response = done(address)
    auth.keep_session(request, response, token)
    return response


async def ask_back(request: web.Request) -> web.Response:
    """Whether somebody who has hidden their account wants to show it again. Looking at it changes nothing."""
    await _away(request)
    view = LoginBackView(action=f"/login/back/{request.match_info['token']}")
    return without_a_trace(await respond(request, view, Place.ME))


async def come_back(request: web.Request) -> web.StreamResponse:
    """Show it again. They log in as always, with a second step where they have one."""
    await csrf.check(request)
    await _away(request)

    def write(tx: Tx) -> str:
        link = access.return_by_link(tx, request.match_info["token"])
        privacy.reactivate(tx, link.member)
        return link.next

    address = await request.app[SERVICES].db.write(write)
    return done(f"/login?next={quote(way_back(address), safe='')}", "back")


async def _away(request: web.Request) -> None:
    """Raises NotFound for a link that is not good, and where nothing is hidden any more."""
    token = request.match_info["token"]
    member = (await request.app[SERVICES].db.read(access.find_link, access.Purpose.RETURN, token)).member
    if member.standing is not Standing.DEACTIVATED:
        raise NotFound


def _may_sign_up(request: web.Request) -> bool:
    return request.app[SERVICES].settings.registrations.are_open


async def log_out(request: web.Request) -> web.StreamResponse:
    """End the session of this browser."""
    await csrf.check(request)
    await auth.log_out(request)
    response = done("/login")
    auth.drop_session(request, response)
    return response


async def invitation(request: web.Request) -> web.Response:
    """The sign-up form behind an invitation link. Looking at it uses nothing up, however often."""
    token = request.match_info["token"]
    services = request.app[SERVICES]
    found = await services.db.read(members.invitation, token)
    check_usable(found, clock.now())
    if found.state is InvitationState.SENT and request.method != "HEAD":
        await services.db.write(members.open_invitation, token)
    view = InviteView(
        schools=await _choice(request, found),
        token=token,
        email=found.email or "",
        class_year=str(found.class_year or ""),
        class_year_fixed=found.class_year is not None,
        minimum_age=minimum_age(request),
    )
    return await respond(request, view, Place.ME)


async def sign_up(request: web.Request) -> web.StreamResponse:
    """Make the account, and log in."""
    await csrf.check(request)
    token = request.match_info["token"]
    services = request.app[SERVICES]
    given = await params.read(request)
    found = await services.db.read(members.invitation, token)
    names = ("name", "username", "email", "class_year", "password", "school", "birth_date")
    typed = {name: given.text(name) or "" for name in names}
    try:
        member = await _member(request, token, typed, fixed_year=found.class_year)
    except Refused as refusal:
        view = InviteView(
            token=token,
            name=typed["name"],
            username=typed["username"],
            email=typed["email"],
            class_year=str(found.class_year or typed["class_year"]),
            class_year_fixed=found.class_year is not None,
            schools=await _choice(request, found),
            school=typed["school"],
            birth_date=typed["birth_date"],
            minimum_age=minimum_age(request),
            faults=fault(refusal),
        )
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    _, session = await auth.log_in(request, member.actor.username, typed["password"])
    response = done("/welcome", "welcome")
    auth.keep_session(request, response, session)
    return response


async def _choice(request: web.Request, found: Invitation) -> tuple[str, ...]:
    """The schools to choose among, where the one that the invitation names is served here no more."""

    def read(conn: Connection) -> tuple[str, ...]:
        return tuple(schools.names(conn)) if members.lacks_school(conn, found) else ()

    names = await request.app[SERVICES].db.read(read)
    return names if len(names) > 1 else ()


async def _member(request: web.Request, token: str, typed: dict[str, str], *, fixed_year: int | None) -> Member:
    """Check what was typed, then make keys and hash in threads, then write. Raises what is wrong."""
    services = request.app[SERVICES]
    if not typed["name"].strip():
        raise Invalid("Please say how you are called.", field="name")
    check_new_password(typed["password"], about=(typed["username"], typed["email"], typed["name"]))
    class_year = fixed_year
    if class_year is None and typed["class_year"].strip():
        if not (typed["class_year"].strip().isascii() and typed["class_year"].strip().isdigit()):
            raise Invalid("Please give the class as a year of four digits.", field="class_year")
        class_year = int(typed["class_year"])
    keys = await asyncio.to_thread(actors.make_keys)
    new = NewMember(
        username=typed["username"],
        email=typed["email"],
        password_hash=await services.passwords.hash(typed["password"]),
        display_name=typed["name"],
        class_year=class_year,
        adult_on=adult_on(request, typed["birth_date"]),
        locale=locale_of(request, None),
        timezone=services.settings.timezone,
    )

    def write(tx: Tx) -> Member:
        return members.register(tx, token, new, keys, school=typed["school"])

    return await services.db.write(write)
