# SPDX-License-Identifier: AGPL-3.0-or-later
"""Leaving people and networks alone, following in one's own way, notes about people, and whom one shows."""

from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, posts, relationships
from node.actors import Actor, ActorId
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotFound, Refused
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.kernel.site import Site
from node.relationships import networks, ties
from web import SERVICES, auth, params
from web.pages import convert
from web.pages.frames import acting, done, fault, fault_status, respond, way_back
from web.pages.paging import asked, neighbours
from web.pages.people import by_acct
from web.pages.relation_views import (
    AsideView,
    BlockNetworkView,
    MuteView,
    NetworksView,
    RecommendsView,
    RequestsView,
    SetAsideView,
    SettingsView,
    ShownView,
)
from web.pages.views import ConfirmView, Place

_LENGTHS: Final = {
    "": marked("Until I take it back"),
    "3600": marked("An hour"),
    "86400": marked("A day"),
    "604800": marked("A week"),
    "2592000": marked("Thirty days"),
}


async def settings(request: web.Request) -> web.Response:
    """All that a member can arrange."""
    await auth.visiting_member(request)
    return await respond(request, SettingsView(), Place.ME)


# -- towards one person -----------------------------------------------------------------------------------------------


async def ask_mute(request: web.Request) -> web.Response:
    """How long, and of what, to hear nothing of somebody."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    other = await db.read(_other, member.id, _actor_number(request))
    view = MuteView(person=convert.person(db.site, other), lengths=tuple(_LENGTHS.items()))
    return await respond(request, view, Place.PEOPLE)


def _other(conn: Connection, viewer: ActorId, actor_id: int) -> Actor:
    """Somebody else. Raises NotFound for oneself, and for an account that is gone."""
    other = actors.get(conn, actor_id)
    if other.id == viewer or not other.is_active:
        raise NotFound
    return other


async def mute(request: web.Request) -> web.StreamResponse:
    """Hear nothing of somebody, for a while or until it is taken back."""
    actor = await acting(request)
    given = await params.read(request)
    length = given.text("length") or ""
    duration = timedelta(seconds=int(length)) if length and length in _LENGTHS else None

    def write(tx: Tx) -> str:
        target = actors.get(tx.conn, _actor_number(request))
        relationships.mute(tx, actor, target, notifications=given.flag("notifications"), duration=duration)
        return target.acct

    return done(f"/@{await request.app[SERVICES].db.write(write)}", "muted")


async def ask_block(request: web.Request) -> web.Response:
    """Ask before somebody is blocked."""
    member = await auth.visiting_member(request)
    other = await request.app[SERVICES].db.read(_other, member.id, _actor_number(request))
    view = ConfirmView(
        title=marked("Block this account?"),
        text=marked("You see nothing of each other any more, and neither of you follows the other. They are not told."),
        button=marked("Block"),
        action=f"/people/{other.id}/block",
        back=f"/@{other.acct}",
        subject=f"{other.name} (@{other.acct})",
    )
    return await respond(request, view, Place.PEOPLE)


async def block(request: web.Request) -> web.StreamResponse:
    """Block somebody."""
    actor = await acting(request)

    def write(tx: Tx) -> None:
        relationships.block(tx, actor, actors.get(tx.conn, _actor_number(request)))

    await request.app[SERVICES].db.write(write)
    return done("/settings/blocked", "blocked")


async def ask_block_network(request: web.Request) -> web.Response:
    """Ask before the whole network of somebody is blocked, and say what that ends."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    return await respond(request, await db.read(_network, db.site, member.id, _actor_number(request)), Place.PEOPLE)


def _network(conn: Connection, site: Site, viewer: ActorId, actor_id: int) -> BlockNetworkView:
    other = _other(conn, viewer, actor_id)
    if other.is_local:
        raise NotFound
    following, followers = networks.ties_to_network(conn, viewer, other.domain)
    return BlockNetworkView(person=convert.person(site, other), following=following, followers=followers)


async def block_network_of(request: web.Request) -> web.StreamResponse:
    """Block the whole network of somebody."""
    actor = await acting(request)

    def write(tx: Tx) -> None:
        networks.block_network(tx, actor, _other(tx.conn, actor.id, _actor_number(request)).domain)

    await request.app[SERVICES].db.write(write)
    return done("/settings/networks", "blocked")


async def note(request: web.Request) -> web.StreamResponse:
    """Write down about somebody what only oneself reads."""
    actor = await acting(request)
    given = await params.read(request)

    def write(tx: Tx) -> None:
        ties.set_note(tx, actor, actors.get(tx.conn, _actor_number(request)), given.text("comment") or "")

    await request.app[SERVICES].db.write(write)
    return done(way_back(given.text("next")), "saved")


async def follow_in_a_way(request: web.Request) -> web.StreamResponse:
    """Say what of somebody whom one follows one wants: what they share, and to be told of each post."""
    actor = await acting(request)
    given = await params.read(request)

    def write(tx: Tx) -> None:
        target = actors.get(tx.conn, _actor_number(request))
        if not relationships.is_following(tx.conn, actor.id, target.id):
            raise NotFound
        relationships.follow(tx, actor, target, show_boosts=given.flag("boosts"), notify=given.flag("notify"))

    await request.app[SERVICES].db.write(write)
    return done(way_back(given.text("next")), "saved")


# -- lists ------------------------------------------------------------------------------------------------------------


async def muted(request: web.Request) -> web.Response:
    """Whom the member mutes."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    return await respond(request, await db.read(_muted, db.site, member.id, asked(request)), Place.ME)


def _muted(conn: Connection, site: Site, owner: ActorId, page: Page) -> SetAsideView:
    found = relationships.muted(conn, owner, page, clock.now())
    newer, older = neighbours("/settings/muted", [row for row, _, _ in found], page)
    people = tuple(AsideView(person=convert.person(site, actor), until=until) for _, actor, until in found)
    return SetAsideView(people=people, newer=newer, older=older)


async def blocked(request: web.Request) -> web.Response:
    """Whom the member blocks."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    return await respond(request, await db.read(_blocked, db.site, member.id, asked(request)), Place.ME)


def _blocked(conn: Connection, site: Site, owner: ActorId, page: Page) -> SetAsideView:
    found = relationships.blocked(conn, owner, page)
    newer, older = neighbours("/settings/blocked", [row for row, _ in found], page)
    people = tuple(AsideView(person=convert.person(site, actor)) for _, actor in found)
    return SetAsideView(people=people, blocked=True, newer=newer, older=older)


async def blocked_networks(request: web.Request) -> web.Response:
    """The networks that the member blocks."""
    member = await auth.visiting_member(request)
    view = await request.app[SERVICES].db.read(_networks, member.id, asked(request))
    return await respond(request, view, Place.ME)


def _networks(
    conn: Connection, owner: ActorId, page: Page, domain: str = "", refusal: Refused | None = None
) -> NetworksView:
    found = networks.blocked_networks(conn, owner, page)
    newer, older = neighbours("/settings/networks", [row for row, _ in found], page)
    return NetworksView(
        domains=tuple(name for _, name in found),
        domain=domain,
        newer=newer,
        older=older,
        faults=fault(refusal) if refusal is not None else (),
    )


async def block_network(request: web.Request) -> web.StreamResponse:
    """Block a network by its name."""
    actor = await acting(request)
    domain = (await params.read(request)).text("domain") or ""
    db = request.app[SERVICES].db
    try:
        await db.write(networks.block_network, actor, domain)
    except Invalid as refusal:
        view = await db.read(_networks, actor.id, asked(request), domain, refusal)
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done("/settings/networks", "blocked")


async def unblock_network(request: web.Request) -> web.StreamResponse:
    """See a network again."""
    actor = await acting(request)
    given = await params.read(request)
    await request.app[SERVICES].db.write(networks.unblock_network, actor, given.text("domain") or "")
    return done(way_back(given.text("next"), "/settings/networks"), "unblocked")


async def requests(request: web.Request) -> web.Response:
    """Who asks to follow the member."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    return await respond(request, await db.read(_requests, db.site, member.id, asked(request)), Place.ME)


def _requests(conn: Connection, site: Site, owner: ActorId, page: Page) -> RequestsView:
    found = relationships.requests(conn, owner, page)
    newer, older = neighbours("/requests", [row for row, _ in found], page)
    people = convert.people(conn, site, [actor for _, actor in found], owner)
    return RequestsView(people=people, newer=newer, older=older)


# -- what is shown on a profile ---------------------------------------------------------------------------------------


async def shown(request: web.Request) -> web.Response:
    """The hashtags and people on the member's own profile."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    return await respond(request, await db.read(_shown, db.site, member.id), Place.ME)


def _shown(conn: Connection, site: Site, owner: ActorId, tag: str = "", refusal: Refused | None = None) -> ShownView:
    endorsed = [actor for _, actor in ties.endorsed(conn, owner, Page(limit=ties.MAX_ENDORSEMENTS))]
    return ShownView(
        tags=tuple((one.id, one.display, one.posts_count) for one in posts.tags_of(conn, owner)),
        used=tuple(posts.tags_in_use(conn, owner)),
        people=tuple(convert.person(site, actor) for actor in endorsed),
        tag=tag,
        faults=fault(refusal, {"name": "tag"}) if refusal is not None else (),
    )


async def show_tag(request: web.Request) -> web.StreamResponse:
    """Show a hashtag on one's profile."""
    actor = await acting(request)
    tag = (await params.read(request)).text("tag") or ""
    db = request.app[SERVICES].db
    try:
        await db.write(posts.feature_tag, actor, tag)
    except Invalid as refusal:
        view = await db.read(_shown, db.site, actor.id, tag, refusal)
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done("/settings/shown", "saved")


async def hide_tag(request: web.Request) -> web.StreamResponse:
    """Show a hashtag no more."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(posts.unfeature_tag, actor, int(request.match_info["number"]))
    return done("/settings/shown", "saved")


async def recommends(request: web.Request) -> web.Response:
    """The people whom somebody shows on their profile; for members, like other lists of people."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    view = await db.read(_recommends, db.site, request.match_info["acct"], member.id, asked(request))
    return await respond(request, view, Place.PEOPLE)


def _recommends(conn: Connection, site: Site, acct: str, viewer: ActorId, page: Page) -> RecommendsView:
    actor = by_acct(conn, acct)
    if not actor.show_featured and actor.id != viewer:
        raise NotFound
    found = ties.endorsed(conn, actor.id, page)
    newer, older = neighbours(f"/@{actor.acct}/recommends", [row for row, _ in found], page)
    return RecommendsView(
        person=convert.person(site, actor),
        people=convert.people(conn, site, [other for _, other in found], viewer),
        newer=newer,
        older=older,
    )


def _actor_number(request: web.Request) -> int:
    return int(request.match_info["actor_id"])
