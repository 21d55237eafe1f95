# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who asks to follow, whom one blocks and whom one mutes. Source: methods/follow_requests, blocks, mutes."""

import orjson
from aiohttp import web

from node import actors, relationships
from node.actors import Actor
from node.kernel import clock
from node.kernel.db import Tx
from web import auth, params
from web.mastodon import entities, standing
from web.mastodon.answers import accounts_page, db, json, number, site
from web.mastodon.entities.common import Json
from web.mastodon.rendering import raw
from web.paging import link_to, page_of


async def index(request: web.Request) -> web.Response:
    """Who asks."""
    page = page_of(params.query(request), default=40, most=80)
    return accounts_page(request, await db(request).read(relationships.requests, auth.me(request).id, page))


async def authorize(request: web.Request) -> web.Response:
    """Say yes."""
    return await _answer(request, yes=True)


async def reject(request: web.Request) -> web.Response:
    """Say no."""
    return await _answer(request, yes=False)


async def _answer(request: web.Request, *, yes: bool) -> web.Response:
    follower_id = number(request)
    return json(await db(request).write(_answered, auth.me(request), follower_id, yes=yes))


def _answered(tx: Tx, me: Actor, follower_id: int, *, yes: bool) -> Json:
    act = relationships.accept_request if yes else relationships.reject_request
    act(tx, me, actors.get(tx.conn, follower_id))
    return standing.with_one(tx.conn, me.id, follower_id)


async def blocks(request: web.Request) -> web.Response:
    """Whom one blocks."""
    page = page_of(params.query(request), default=40, most=80)
    return accounts_page(request, await db(request).read(relationships.blocked, auth.me(request).id, page))


async def mutes(request: web.Request) -> web.Response:
    """Whom one mutes, and until when."""
    page = page_of(params.query(request), default=40, most=80)
    rows = await db(request).read(relationships.muted, auth.me(request).id, page, clock.now())
    body = [entities.muted_account(site(request), actor, expires_at) for _, actor, expires_at in rows]
    return raw(orjson.dumps(body), link_to(request, [row for row, _, _ in rows]))
