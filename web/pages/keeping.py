# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members keep of posts: bookmarks and favourites; and who did what with a post."""

from collections.abc import Callable

from aiohttp import web
from sqlalchemy import Connection

from node import posts
from node.actors import Actor, ActorId
from node.kernel.paging import Page
from node.kernel.site import Site
from node.posts import PostId
from node.relationships.filters import Context
from web import SERVICES, auth
from web.auth import Handler
from web.pages import convert
from web.pages.frames import respond
from web.pages.paging import asked, neighbours
from web.pages.post_views import KeptView, WhoView
from web.pages.views import Place


def kept(read: Callable[[Connection, int, Page], list[tuple[int, PostId]]], *, favourites: bool) -> Handler:
    """A handler for the member's bookmarks or favourites, what was kept last first."""

    async def handle(request: web.Request) -> web.Response:
        member = await auth.visiting_member(request)
        db = request.app[SERVICES].db
        view = await db.read(_kept, db.site, member.id, read, asked(request), request.path, favourites)
        return await respond(request, view, Place.ME)

    return handle


def _kept(
    conn: Connection,
    site: Site,
    owner: ActorId,
    read: Callable[[Connection, int, Page], list[tuple[int, PostId]]],
    page: Page,
    path: str,
    favourites: bool,
) -> KeptView:
    found = read(conn, owner, page)
    newer, older = neighbours(path, [row for row, _ in found], page)
    shown = convert.post_list(conn, site, [post_id for _, post_id in found], owner, Context.PUBLIC)
    return KeptView(posts=shown, favourites=favourites, newer=newer, older=older)


def who(read: Callable[[Connection, int, int | None, Page], list[tuple[int, Actor]]], *, shares: bool) -> Handler:
    """A handler for the list of who marked a post as a favourite, or who shared it; for members."""

    async def handle(request: web.Request) -> web.Response:
        member = await auth.visiting_member(request)
        db = request.app[SERVICES].db
        post_id = int(request.match_info["post_id"])
        view = await db.read(_who, db.site, member.id, read, post_id, asked(request), shares)
        return await respond(request, view)

    return handle


def _who(
    conn: Connection,
    site: Site,
    viewer: ActorId,
    read: Callable[[Connection, int, int | None, Page], list[tuple[int, Actor]]],
    post_id: int,
    page: Page,
    shares: bool,
) -> WhoView:
    found = read(conn, post_id, viewer, page)
    original = posts.original(conn, post_id, viewer).id
    [shown] = convert.post_list(conn, site, [original], viewer)
    newer, older = neighbours(f"{shown.path}/{'shares' if shares else 'favourites'}", [row for row, _ in found], page)
    return WhoView(
        post=shown,
        shares=shares,
        people=convert.people(conn, site, [actor for _, actor in found], viewer),
        reactions={}
        if shares
        else convert.reactions(conn, site, [original], [actor.id for _, actor in found])[original],
        newer=newer,
        older=older,
    )
