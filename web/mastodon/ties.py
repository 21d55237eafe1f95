# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom one shows on one's profile, what one notes about somebody, and whom one knows among their followers.

Source: Mastodon's documentation, methods/accounts, endorsements.
"""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors
from node.actors import Actor
from node.kernel.db import Tx
from node.relationships import ties
from web import auth, params
from web.mastodon import entities, standing
from web.mastodon.answers import accounts_page, db, json, number, site
from web.mastodon.entities.common import Json
from web.paging import page_of

MAX_IDS: Final = 40


async def note(request: web.Request) -> web.Response:
    """Write down what only oneself reads."""
    comment = (await params.read(request)).text("comment") or ""

    def act(tx: Tx, me: Actor, target: Actor) -> None:
        ties.set_note(tx, me, target, comment)

    return await _act(request, act)


async def endorse(request: web.Request) -> web.Response:
    """Show somebody on one's profile."""
    return await _act(request, ties.endorse)


async def unendorse(request: web.Request) -> web.Response:
    """Show them no longer."""
    return await _act(request, ties.unendorse)


async def _act(request: web.Request, act: ties.Act) -> web.Response:
    target_id, me = number(request), auth.me(request)

    def write(tx: Tx) -> Json:
        act(tx, me, actors.get(tx.conn, target_id))
        return standing.with_one(tx.conn, me.id, target_id)

    return json(await db(request).write(write))


async def endorsements(request: web.Request) -> web.Response:
    """Whom somebody shows on their profile."""
    actor_id, page = number(request), page_of(params.query(request), default=40, most=80)

    def read(conn: Connection) -> list[tuple[int, Actor]]:
        return ties.endorsed(conn, actor_id, page) if actors.get(conn, actor_id).is_active else []

    return accounts_page(request, await db(request).read(read))


async def own_endorsements(request: web.Request) -> web.Response:
    """Whom one shows on one's own profile."""
    page = page_of(params.query(request), default=40, most=80)
    return accounts_page(request, await db(request).read(ties.endorsed, auth.me(request).id, page))


async def familiar_followers(request: web.Request) -> web.Response:
    """Of each account asked for, those of its followers whom one follows: an entry for each id, in the order asked."""
    me, here = auth.me(request), site(request)
    wanted = list(dict.fromkeys(params.query(request).integers("id")))[:MAX_IDS]

    def read(conn: Connection) -> dict[int, list[Actor]]:
        return ties.familiar_followers(conn, me.id, actors.by_ids(conn, wanted))

    found = await db(request).read(read)
    return json(
        [
            {"id": str(item), "accounts": [entities.account(here, person) for person in found.get(item, ())]}
            for item in wanted
        ]
    )
