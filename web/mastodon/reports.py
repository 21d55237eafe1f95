# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reporting somebody to the staff. Source: Mastodon's documentation, methods/reports."""

from aiohttp import web

from node import actors, moderation, posts
from node.actors import Actor
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.moderation import Report
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import db, json, site
from web.params import Params


async def create(request: web.Request) -> web.Response:
    """Report an account, with posts of it, here and, if `forward` says so, to its own server."""
    given = await params.read(request)
    found, target, post_ids = await db(request).write(_create, auth.me(request), given)
    return json(entities.report(site(request), found, target, post_ids))


def _create(tx: Tx, me: Actor, given: Params) -> tuple[Report, Actor, list[int]]:
    target_id = given.number("account_id")
    if target_id is None:
        raise NotFound
    found = moderation.report(
        tx,
        me,
        target_id,
        post_ids=given.integers("status_ids"),
        comment=given.text("comment") or "",
        category=moderation.category_of(given.text("category")),
        rule_ids=given.integers("rule_ids"),
        forward=given.flag("forward"),
    )
    return found, actors.get(tx.conn, target_id), list(posts.ids_by_uris(tx.conn, found.posts).values())
