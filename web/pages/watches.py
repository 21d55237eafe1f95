# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member follows in the directory, as pages."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection

from node import directory, schools
from node.actors import Actor
from node.directory import Watch, Watchable
from node.kernel.db import Tx
from node.kernel.i18n import marked
from node.members import Member
from web import SERVICES, auth, params
from web.pages.directory_views import WatchesView, WatchLineView
from web.pages.frames import acting, done, respond, way_back
from web.pages.views import Place

_WHAT: Final = {
    Watchable.CLASS: marked("Class"),
    Watchable.CITY: marked("City"),
    Watchable.SKILL: marked("Skill"),
}


async def index(request: web.Request) -> web.Response:
    """All that a member follows."""
    member = await auth.visiting_member(request)
    return await respond(request, await request.app[SERVICES].db.read(_watches, member), Place.ME)


async def watch(request: web.Request) -> web.Response:
    """Follow a city or a skill by its name, a class by year and school."""
    actor = await acting(request)
    given = await params.read(request)
    kind, value = given.text("kind") or "", given.text("value") or ""
    if kind in set(Watchable):
        await request.app[SERVICES].db.write(_watch, actor, Watchable(kind), value)
    return done(way_back(given.text("next"), "/people"), "saved")


async def remove(request: web.Request) -> web.Response:
    """Follow it no more."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(directory.unwatch, actor, int(request.match_info["number"]))
    return done("/settings/watches", "saved")


def school_meant(asked: str, member: Member, names: Sequence[str]) -> str:
    """The school whose class somebody means: the one they ask for, their own, or the first of the node."""
    by_name = {name.casefold(): name for name in names}
    return by_name.get(asked.casefold()) or member.actor.school or (names[0] if names else "")


def _watch(tx: Tx, actor: Actor, kind: Watchable, value: str) -> None:
    if kind is not Watchable.CLASS:
        directory.watch(tx, actor, kind, value)
        return
    year, _, school = value.strip().partition(" ")
    if year.isascii() and year.isdigit() and len(year) == 4:
        known = {name.casefold(): name for name in schools.names(tx.conn)}
        directory.watch_class(tx, actor, int(year), known.get(school.casefold()) or actor.school)


def _watches(conn: Connection, member: Member) -> WatchesView:
    several = len(schools.names(conn)) > 1
    return WatchesView(watches=tuple(_line(one, several=several) for one in directory.watches(conn, member.id)))


def _line(one: Watch, *, several: bool) -> WatchLineView:
    if one.kind is Watchable.CLASS:
        asked = {"class_year": str(one.class_year)} | ({"school": one.school} if several and one.school else {})
        label = one.label if several else str(one.class_year)
    else:
        asked, label = {one.kind.value: one.label}, one.label
    return WatchLineView(id=one.id, what=_WHAT[one.kind], label=label, path=f"/people?{urlencode(asked)}")
