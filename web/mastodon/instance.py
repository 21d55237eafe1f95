# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the node says of itself. Source: Mastodon's documentation, methods/instance."""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, federation, posts
from node.actors import Actor
from node.kernel import html
from node.kernel.errors import NotFound
from web import SERVICES
from web.mastodon import entities
from web.mastodon.answers import db, json, site
from web.mastodon.entities.instances import Figures

_SHARED: Final = {
    "Cache-Control": "public, max-age=180, stale-while-revalidate=60",
    "Vary": "Authorization, Origin, Accept-Language",
}


async def show(request: web.Request) -> web.Response:
    """Version 2."""
    association, figures = await db(request).read(_about)
    body = entities.instance_v2(site(request), request.app[SERVICES].settings, association, figures)
    return json(body, headers=_SHARED)


async def show_old(request: web.Request) -> web.Response:
    """Version 1."""
    association, figures = await db(request).read(_about)
    body = entities.instance_v1(site(request), request.app[SERVICES].settings, association, figures)
    return json(body, headers=_SHARED)


def _about(conn: Connection) -> tuple[Actor | None, Figures]:
    try:
        association = actors.association(conn)
    except NotFound:
        association = None
    figures = Figures(
        members=actors.local_count(conn),
        posts=posts.local_count(conn),
        domains=len(federation.hosts.peers(conn)),
    )
    return association, figures


async def peers(request: web.Request) -> web.Response:
    """The servers we have to do with."""
    return json(list(await db(request).read(federation.hosts.peers)), headers=_SHARED)


async def description(request: web.Request) -> web.Response:
    """The description at length, which is the short one here."""
    association = await db(request).read(actors.association)
    text = html.escape(request.app[SERVICES].settings.description)
    return json({"updated_at": entities.moment(association.updated_at), "content": text}, headers=_SHARED)


async def emptied(_request: web.Request) -> web.Response:
    """Rules, emoji and the like: none here."""
    return json([], headers=_SHARED)


async def translation_languages(_request: web.Request) -> web.Response:
    """Nothing is translated."""
    return json({}, headers=_SHARED)
