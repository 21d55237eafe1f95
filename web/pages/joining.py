# SPDX-License-Identifier: AGPL-3.0-or-later
"""What letters lead to: confirming an address, a forgotten password.

A link from a letter shows a form and nothing else happens: scanners of mail servers open every link. Whether somebody
has an account here is told by no answer.
"""

from datetime import timedelta

from aiohttp import web

from node import access, members
from node.access import Limit, Purpose
from node.kernel.errors import Refused
from node.kernel.i18n import marked
from node.members import Standing
from web import SERVICES, auth, csrf, params
from web.limits import client_address, neighbourhood
from web.pages.frames import done, fault, fault_status, respond, way_back
from web.pages.views import ConfirmView, ForgottenView, NewPasswordView, Place


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
    return without_a_trace(await respond(request, view, Place.ME))


async def confirmed(request: web.Request) -> web.StreamResponse:
    """Take the confirmation."""
    await csrf.check(request)
    member = await request.app[SERVICES].db.write(access.confirm_by_link, request.match_info["token"])
    if member.standing is Standing.ACTIVE:
        return done("/login?next=/welcome", "confirmed")
    return done("/login", "pending")


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
    return without_a_trace(await respond(request, view, Place.ME))


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
    return without_a_trace(await respond(request, NewPasswordView(token=token), Place.ME))


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
        return without_a_trace(await respond(request, view, Place.ME, status=fault_status(refusal)))
    link = await services.db.write(access.reset_by_link, token, hashed)
    if not link.next:
        return done("/login", "password")
    return done(auth.LoginNeeded(way_back(link.next)).location, "password")


def without_a_trace(response: web.Response) -> web.Response:
    """The address holds a secret: it is told to no other page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _has_mail(request: web.Request) -> bool:
    return request.app[SERVICES].settings.mail.is_on
