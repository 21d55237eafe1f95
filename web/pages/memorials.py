# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is to become of a member's account after their death, and the page on which anybody may tell of one."""

from datetime import timedelta
from typing import Final

from aiohttp import web

from node import access
from node.access import Limit
from node.kernel.errors import Invalid, TooMany
from node.moderation import tips, wishes
from node.moderation.wishes import Wish, Wishes
from web import SERVICES, auth, csrf, params
from web.limits import client_address, neighbourhood
from web.pages.death_views import DeathTipView, WishesView
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.views import Place

SETTINGS: Final = "/settings/memorial"
OUTSIDE: Final = "/memorial/report"


async def show(request: web.Request) -> web.Response:
    """What a member wishes, for themselves alone."""
    member = await auth.visiting_member(request)
    said = await request.app[SERVICES].db.read(wishes.of, member.id)
    return await respond(request, _wishes(said), Place.ME)


async def save(request: web.Request) -> web.StreamResponse:
    """Take it; what cannot be used comes back as it was typed."""
    actor = await acting(request)
    given = await params.read(request)
    chosen, words = given.text("wish") or "", given.text("words") or ""
    wish = Wish(chosen) if chosen in set(Wish) else None
    try:
        await request.app[SERVICES].db.write(wishes.say, actor.id, wish, words)
    except Invalid as refusal:
        view = WishesView(wish=chosen, words=words, faults=fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done(SETTINGS, "saved")


def _wishes(said: Wishes | None) -> WishesView:
    return WishesView(wish=said.wish, words=said.words) if said is not None else WishesView()


async def ask(request: web.Request) -> web.Response:
    """The form for whoever has no account here."""
    return await respond(request, DeathTipView())


async def tell(request: web.Request) -> web.StreamResponse:
    """Take it. Nothing is looked up, so that the answer tells nothing of who is a member."""
    await csrf.check(request)
    given = await params.read(request)
    name, source, email = (given.text(field) or "" for field in ("name", "source", "email"))
    services = request.app[SERVICES]
    where = neighbourhood(client_address(request))
    limits = [Limit(f"memorial:{where}", 3, timedelta(hours=1)), Limit("memorial", 50, timedelta(days=1))]
    try:
        await access.check(services.db, limits)
        await services.db.write(lambda tx: tips.tell(tx, name=name, source=source, email=email))
    except (Invalid, TooMany) as refusal:
        view = DeathTipView(name=name, source=source, email=email, faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done(OUTSIDE, "told")
