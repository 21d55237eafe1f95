# SPDX-License-Identifier: AGPL-3.0-or-later
"""What many talk about, for everybody; and for the staff, what of it should not be shown."""

from collections.abc import Callable
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import trends
from node.actors import ActorId
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.relationships.filters import Context
from node.trends import Kind
from web import SERVICES, auth, params
from web.auth import Handler
from web.pages import convert
from web.pages.frames import done, respond, staff_acting, visiting_staff
from web.pages.trend_views import ExploreView, TrendingTag, TrendRow, TrendsView

PAGE: Final = "/staff/trends"
_TAGS: Final = 10
_LINKS: Final = 5
_POSTS: Final = 20
_NAMES: Final = {Kind.TAG: marked("Hashtags"), Kind.LINK: marked("Pages"), Kind.STATUS: marked("Posts")}


async def explore(request: web.Request) -> web.Response:
    """Hashtags, pages and posts."""
    services = request.app[SERVICES]
    visitor = await auth.visitor(request)
    viewer = visitor.member.id if visitor is not None else None
    return await respond(request, await services.db.read(_explore, services.db.site, viewer))


def _explore(conn: Connection, site: Site, viewer: ActorId | None) -> ExploreView:
    numbers = trends.statuses(conn, viewer, limit=_POSTS)
    return ExploreView(
        tags=tuple(
            TrendingTag(name=one.display, path=f"/tags/{one.ref}", accounts=one.accounts)
            for one in trends.trending(conn, Kind.TAG)[:_TAGS]
        ),
        links=tuple(
            convert.link_card(site, one.page.card, one.author)
            for one in trends.links(conn, limit=_LINKS)
            if one.page.card
        ),
        posts=convert.post_list(conn, site, numbers, viewer, Context.PUBLIC),
    )


async def index(request: web.Request) -> web.Response:
    """What trends, and what is hidden."""
    await visiting_staff(request)
    return await respond(request, await request.app[SERVICES].db.read(_view))


def _view(conn: Connection) -> TrendsView:
    return TrendsView(
        shown=tuple(
            (
                name,
                tuple(_row(kind, one.ref, one.display, one.accounts) for one in trends.trending(conn, kind)),
            )
            for kind, name in _NAMES.items()
        ),
        hidden=tuple(_row(kind, ref, display) for kind, ref, display in trends.hidden(conn)),
    )


def _row(kind: Kind, ref: str, display: str, accounts: int = 0) -> TrendRow:
    return TrendRow(
        kind=kind,
        ref=ref,
        display=f"#{display}" if kind is Kind.TAG else display,
        path=f"/tags/{ref}" if kind is Kind.TAG else display,
        accounts=accounts,
    )


def doing(act: Callable[[Tx, Kind, str], None]) -> Handler:
    """Hide something that trends, or show it again."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await staff_acting(request)
        given = await params.read(request)
        kind = given.text("kind") or ""
        if kind not in set(Kind):
            raise NotFound
        await request.app[SERVICES].db.write(act, Kind(kind), given.text("ref") or "")
        return done(PAGE, "saved")

    return handle
