# SPDX-License-Identifier: AGPL-3.0-or-later
"""The networks of which a member wants to see nothing. Source: Mastodon's documentation, methods/domain_blocks."""

import orjson
from aiohttp import web

from node.relationships import networks
from web import auth, params
from web.mastodon.answers import db, json
from web.mastodon.rendering import raw
from web.paging import link_to, page_of


async def index(request: web.Request) -> web.Response:
    """Those that one blocks, newest first."""
    page = page_of(params.query(request), default=100, most=200)
    rows = await db(request).read(networks.blocked_networks, auth.me(request).id, page)
    return raw(orjson.dumps([domain for _, domain in rows]), link_to(request, [row for row, _ in rows]))


async def block(request: web.Request) -> web.Response:
    """See nothing of a network any more; follows between it and oneself end."""
    domain = (await params.read(request)).text("domain") or ""
    await db(request).write(networks.block_network, auth.me(request), domain)
    return json({})


async def unblock(request: web.Request) -> web.Response:
    """See it again."""
    domain = (await params.read(request)).text("domain") or ""
    await db(request).write(networks.unblock_network, auth.me(request), domain)
    return json({})


async def preview(request: web.Request) -> web.Response:
    """How many follows a block would end."""
    domain = params.query(request).text("domain") or ""
    following, followers = await db(request).read(networks.ties_to_network, auth.me(request).id, domain)
    return json({"following_count": following, "followers_count": followers})
