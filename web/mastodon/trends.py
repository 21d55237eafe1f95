# SPDX-License-Identifier: AGPL-3.0-or-later
"""What many talk about at the moment. Source: Mastodon's documentation, methods/trends."""

from collections.abc import Sequence
from typing import Final

import orjson
from aiohttp import web
from sqlalchemy import Connection

from node import trends
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import db, site
from web.mastodon.rendering import STATUSES, Statuses, joined, raw
from web.paging import limit_of, link_by_offset, offset_of

_FEW: Final = {"default": 10, "most": 20}
_MANY: Final = {"default": 20, "most": 40}


async def tags(request: web.Request) -> web.Response:
    """The hashtags, with how many used them on each of the last days."""
    limit, offset = _slice(request, _FEW)
    found = await db(request).read(trends.tags, auth.viewer(request), limit=limit, offset=offset)
    body = orjson.dumps([entities.tag(site(request), one) for one in found])
    return raw(body, link_by_offset(request, limit=limit, offset=offset, count=len(found)))


async def links(request: web.Request) -> web.Response:
    """The pages, as cards, with how many linked to them on each of the last days."""
    limit, offset = _slice(request, _FEW)
    found = await db(request).read(trends.links, limit=limit, offset=offset)
    body = orjson.dumps([entities.trends_link(site(request), one) for one in found])
    return raw(body, link_by_offset(request, limit=limit, offset=offset, count=len(found)))


async def statuses(request: web.Request) -> web.Response:
    """The posts."""
    limit, offset = _slice(request, _MANY)
    found, bodies = await db(request).read(_statuses, request.app[STATUSES], auth.viewer(request), limit, offset)
    return raw(joined(bodies), link_by_offset(request, limit=limit, offset=offset, count=len(found)))


def _statuses(
    conn: Connection, rendered: Statuses, viewer: int | None, limit: int, offset: int
) -> tuple[Sequence[int], list[bytes]]:
    found = trends.statuses(conn, viewer, limit=limit, offset=offset)
    return found, rendered.many(conn, found, viewer)


def _slice(request: web.Request, bounds: dict[str, int]) -> tuple[int, int]:
    given = params.query(request)
    return limit_of(given, default=bounds["default"], most=bounds["most"]), offset_of(given)
