# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association announces, and how members answer. Source: Mastodon's documentation, methods/announcements."""

from aiohttp import web

from node import instance
from node.kernel import clock
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import db, json, number, site


async def index(request: web.Request) -> web.Response:
    """Those that are not over and not read, or with `with_dismissed` also those that are."""
    me = auth.me(request)
    put_away = params.query(request).flag("with_dismissed")
    found = await db(request).read(instance.current, me.id, clock.now(), dismissed=put_away)
    return json([entities.announcement(site(request), one) for one in found])


async def dismiss(request: web.Request) -> web.Response:
    """It was read."""
    await db(request).write(instance.dismiss, auth.me(request).id, number(request))
    return json({})


async def react(request: web.Request) -> web.Response:
    """Answer with an emoji."""
    await db(request).write(instance.react, auth.me(request).id, number(request), request.match_info["name"])
    return json({})


async def take_back(request: web.Request) -> web.Response:
    """Take that back."""
    await db(request).write(instance.take_back, auth.me(request).id, number(request), request.match_info["name"])
    return json({})
