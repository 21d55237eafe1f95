# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first page of a new member: who may find them, and how far their profile goes. Nothing is chosen beforehand, and
whoever goes on without an answer is found by nobody but their contacts.
"""

from dataclasses import replace
from typing import Final

from aiohttp import web

from node import members, profiles
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid
from node.kernel.i18n import marked
from node.members import Member
from node.profiles import FederationMode, Listing
from web import SERVICES, auth, params
from web.pages.cv_section import LISTINGS, MODES
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.newcomer_views import WelcomeView
from web.pages.views import Place

_LISTED: Final = {
    Listing.NOBODY: marked("You stand in no list, and no search finds you."),
    Listing.CLASS: marked("Those of your class see your name and class in the list."),
    Listing.SCHOOL: marked("All members of your school here see your name and class in the list."),
    Listing.PARTNERS: marked("Members of partner schools see them too."),
}
_GOES: Final = {
    FederationMode.LOCAL: marked(
        "To every other server there is no such account, and nothing that you write leaves this network."
    ),
    FederationMode.PARTNERS: marked("Partner schools alone are shown your account, and sent what you write."),
    FederationMode.OPEN: marked("Lines that you show to everyone can be read by anyone, and copied for good."),
}
_NOT_SURE: Final = marked("Please tick that you want your profile to be for anyone.")


async def show(request: web.Request) -> web.Response:
    """The questions, with the answers that were given, if any."""
    member = await auth.visiting_member(request)
    own = await request.app[SERVICES].db.read(profiles.own, member.id, clock.now())
    view = _view(member, own.listed_to or "", own.federation_mode or "", tell=member.announced_at is not None)
    return await respond(request, view, Place.ME)


async def answer(request: web.Request) -> web.StreamResponse:
    """Keep what was answered; what was not stays open. To be for anyone takes a tick."""
    actor = await acting(request)
    given = await params.read(request)
    db = request.app[SERVICES].db
    member, tell = await db.read(members.get, actor.id), given.flag("tell")
    listed, mode = given.text("listed_to") or "", given.text("mode") or ""
    if mode == FederationMode.OPEN and not given.flag("sure"):
        refusal = Invalid(_NOT_SURE, field="sure")
        view = replace(_view(member, listed, mode, tell=tell), faults=fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))

    def write(tx: Tx) -> None:
        profiles.answer(
            tx,
            actor.id,
            listed_to=Listing(listed) if listed in set(Listing) else None,
            federation_mode=FederationMode(mode) if mode in set(FederationMode) else None,
        )
        members.announce(tx, members.get(tx.conn, actor.id), wished=tell)

    try:
        await db.write(write)
    except Invalid as refusal:
        view = replace(_view(member, listed, mode, tell=tell), faults=fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done("/", "saved")


def _view(member: Member, listed: str, mode: str, *, tell: bool) -> WelcomeView:
    has_news = member.actor.class_year is not None and members.may_announce(member, clock.now())
    return WelcomeView(
        name=member.actor.name,
        may_tell=has_news or member.announced_at is not None,
        tell=tell,
        listings=tuple((str(word), LISTINGS[word], meaning) for word, meaning in _LISTED.items()),
        modes=tuple((str(word), MODES[word], meaning) for word, meaning in _GOES.items()),
        listed_to=listed,
        mode=mode,
    )
