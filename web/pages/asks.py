# SPDX-License-Identifier: AGPL-3.0-or-later
"""How what somebody seeks or offers ends: found, with thanks; or taken away by the staff, who say why."""

from aiohttp import web
from sqlalchemy import Connection

from node import actors, profiles
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotFound
from node.profiles import Ask, Entry, State
from web import SERVICES, auth, params
from web.pages.cv import HOME
from web.pages.cv_views import AskFoundView, AskRemoveView
from web.pages.frames import acting, done, fault, fault_status, respond, staff_acting, visiting_staff
from web.pages.views import Place


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])


async def show_found(request: web.Request) -> web.Response:
    """The form to say that something is found, and thanks to whom."""
    member = await auth.visiting_member(request)
    entry = await request.app[SERVICES].db.read(profiles.entry, member.id, _number(request), clock.now())
    return await respond(request, _found(entry), Place.ME)


def _found(entry: Entry, thanks_to: str = "", story: str = "") -> AskFoundView:
    if not isinstance(entry.details, Ask) or entry.state not in (State.OPEN, State.PAUSED, State.EXPIRED):
        raise NotFound
    return AskFoundView(id=entry.id, text=entry.details.text, thanks_to=thanks_to, story=story)


async def found(request: web.Request) -> web.StreamResponse:
    """Say that something is found."""
    actor = await acting(request)
    db = request.app[SERVICES].db
    given = await params.read(request)
    thanks_to, story = given.text("thanks_to") or "", given.text("story") or ""

    def write(tx: Tx) -> None:
        names = thanks_to.replace(",", " ").split()
        profiles.fulfil(tx, actor.id, _number(request), thanks_to=names, story=story)

    try:
        await db.write(write)
    except Invalid as refusal:
        entry = await db.read(profiles.entry, actor.id, _number(request), clock.now())
        view = _found(entry, thanks_to, story)
        view = AskFoundView(id=view.id, text=view.text, thanks_to=thanks_to, story=story, faults=fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done(HOME, "saved")


async def show_removal(request: web.Request) -> web.Response:
    """The form with which the staff takes an ask away. They see what they may see as members."""
    staff = await visiting_staff(request)
    view = await request.app[SERVICES].db.read(_removal, _number(request), staff.id)
    return await respond(request, view, Place.PEOPLE)


def _removal(conn: Connection, number: int, viewer: int) -> AskRemoveView:
    owner_id, entry = profiles.asked(conn, number, viewer, clock.now())
    owner = actors.get(conn, owner_id)
    assert isinstance(entry.details, Ask)
    return AskRemoveView(id=entry.id, text=entry.details.text, name=owner.name, path=f"/@{owner.acct}")


async def remove(request: web.Request) -> web.StreamResponse:
    """Take an ask away; its owner is told why."""
    staff = await staff_acting(request)
    db = request.app[SERVICES].db
    reason = (await params.read(request)).text("reason") or ""
    view = await db.read(_removal, _number(request), staff.id)
    try:
        await db.write(profiles.take_away, staff.id, view.id, reason)
    except (Invalid, Conflict) as refusal:
        view = AskRemoveView(
            id=view.id, text=view.text, name=view.name, path=view.path, reason=reason, faults=fault(refusal)
        )
        return await respond(request, view, Place.PEOPLE, status=fault_status(refusal))
    return done(view.path, "deleted")
