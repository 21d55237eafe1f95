# SPDX-License-Identifier: AGPL-3.0-or-later
"""Timelines, favourites and bookmarks, and how far one has read. Source: methods/timelines, markers."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import posts, timelines
from node.actors import ActorId
from node.kernel.db import Tx
from node.previews.queries import posts_linking_to
from node.timelines import Marker
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import db, json, statuses_of, statuses_page
from web.paging import page_of
from web.params import Params

MARKED: Final = ("home", "notifications")


async def home(request: web.Request) -> web.Response:
    """What those one follows have posted."""
    me, page = auth.me(request), page_of(params.query(request))
    return await statuses_page(request, lambda conn: timelines.home(conn, me.id, page), at_home=True)


async def public(request: web.Request) -> web.Response:
    """What anybody has posted for everybody: here, elsewhere, or both."""
    given, viewer = params.query(request), auth.viewer(request)
    page = page_of(given)

    def ids(conn: Connection) -> Sequence[int]:
        return posts.public(conn, viewer, page, local=_local(given), only_media=given.flag("only_media"))

    return await statuses_page(request, ids)


async def tag(request: web.Request) -> web.Response:
    """Public posts with a hashtag."""
    given, viewer = params.query(request), auth.viewer(request)
    name, page = request.match_info["name"], page_of(given)

    def ids(conn: Connection) -> Sequence[int]:
        return posts.tagged(
            conn,
            viewer,
            name,
            page,
            any_of=given.texts("any"),
            all_of=given.texts("all"),
            none_of=given.texts("none"),
            local=_local(given),
            only_media=given.flag("only_media"),
        )

    return await statuses_page(request, ids)


def _local(given: Params) -> bool | None:
    if given.flag("local"):
        return True
    return False if given.flag("remote") else None


async def link(request: web.Request) -> web.Response:
    """Public posts about a page; of a page that nobody has written about, none."""
    given, viewer = params.query(request), auth.viewer(request)
    url, page = given.text("url") or "", page_of(given)
    return await statuses_page(request, lambda conn: posts_linking_to(conn, viewer, url, page))


async def direct(request: web.Request) -> web.Response:
    """Direct posts that one wrote or got; most apps ask for conversations instead."""
    me, page = auth.me(request), page_of(params.query(request))
    return await statuses_page(request, lambda conn: posts.listed.direct(conn, me.id, page))


async def favourites(request: web.Request) -> web.Response:
    """What one has favourited."""
    me, page = auth.me(request), page_of(params.query(request))
    return await statuses_of(request, lambda conn: posts.favourite_ids(conn, me.id, page))


async def bookmarks(request: web.Request) -> web.Response:
    """What one keeps."""
    me, page = auth.me(request), page_of(params.query(request))
    return await statuses_of(request, lambda conn: posts.bookmark_ids(conn, me.id, page))


async def markers(request: web.Request) -> web.Response:
    """How far one has read those timelines that were asked for, and that there is a marker of."""
    wanted = [name for name in params.query(request).texts("timeline") if name in MARKED]
    found = await db(request).read(timelines.markers, auth.me(request).id, wanted)
    return json({name: entities.marker(marker) for name, marker in found.items()})


async def set_markers(request: web.Request) -> web.Response:
    """Note how far one has read; what was noted comes back."""
    given = await params.read(request)
    read_to = {name: number for name in MARKED if (number := given.table(name).number("last_read_id")) is not None}
    found = await db(request).write(_set_markers, auth.me(request).id, read_to)
    return json({name: entities.marker(marker) for name, marker in found.items()})


def _set_markers(tx: Tx, owner_id: ActorId, read_to: dict[str, int]) -> dict[str, Marker]:
    return {name: timelines.set_marker(tx, owner_id, name, number) for name, number in read_to.items()}
