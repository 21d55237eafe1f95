# SPDX-License-Identifier: AGPL-3.0-or-later
"""The emoji to choose among. Source: Mastodon's documentation, methods/custom_emojis."""

from aiohttp import web
from sqlalchemy import Connection

from node import emojis
from node.emojis import Shown
from node.kernel.site import Site
from web.mastodon import entities
from web.mastodon.answers import SHARED, db, json, site


async def index(request: web.Request) -> web.Response:
    """Those of this node that are offered, by category."""
    here = site(request)
    return json(entities.emojis(here, await db(request).read(_listed, here)), headers=SHARED)


def _listed(conn: Connection, here: Site) -> list[Shown]:
    return emojis.shown_of(here, emojis.listed(conn))
