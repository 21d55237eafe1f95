# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the node says of itself. Source: Mastodon's documentation, methods/instance."""

import hashlib
import time
from typing import Final

import orjson
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
from web.mastodon.rendering import raw

KEPT_SECONDS: Final = 60.0
_SHARED: Final = {
    "Cache-Control": "public, max-age=180, stale-while-revalidate=60",
    "Vary": "Authorization, Origin, Accept-Language",
}


class Kept:
    """Both answers as bytes, for as long as caches may keep them too: everybody asks for them, and figures change slowly."""

    def __init__(self) -> None:
        self._until = 0.0
        self._bodies: tuple[bytes, bytes] = (b"", b"")

    async def bodies(self, request: web.Request) -> tuple[bytes, bytes]:
        """(version 2, version 1)"""
        if time.monotonic() >= self._until:
            association, figures = await db(request).read(_about)
            of = (site(request), request.app[SERVICES].settings, association, figures)
            key = await request.app[SERVICES].push.public_key()
            self._bodies = (
                orjson.dumps(entities.instance_v2(*of, vapid_key=key)),
                orjson.dumps(entities.instance_v1(*of)),
            )
            self._until = time.monotonic() + KEPT_SECONDS
        return self._bodies


INSTANCE: Final = web.AppKey("instance", Kept)


async def show(request: web.Request) -> web.Response:
    """Version 2."""
    body, _ = await request.app[INSTANCE].bodies(request)
    return raw(body, _SHARED)


async def show_old(request: web.Request) -> web.Response:
    """Version 1."""
    _, body = await request.app[INSTANCE].bodies(request)
    return raw(body, _SHARED)


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


async def blocked(request: web.Request) -> web.Response:
    """The servers with which this one has nothing to do, for members: it concerns whom they can reach."""
    domains = await db(request).read(federation.hosts.all_blocked)
    return json(
        [
            {
                "domain": domain,
                "digest": hashlib.sha256(domain.encode()).hexdigest(),
                "severity": "suspend",
                "comment": None,
            }
            for domain in domains
        ]
    )


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
