# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hashtags: one by name, following them, showing them on one's profile. Source: methods/tags, followed_tags."""

from collections.abc import Callable

import orjson
from aiohttp import web
from sqlalchemy import Connection

from node import posts, timelines
from node.actors import Actor
from node.kernel.db import Tx
from node.kernel.paging import Page
from node.posts.tags import Tag
from web import auth, params
from web.auth import Handler
from web.mastodon import entities
from web.mastodon.answers import db, json, site
from web.mastodon.rendering import raw
from web.paging import link_to, page_of


async def show(request: web.Request) -> web.Response:
    """A hashtag, whether or not anybody has used it. Raises NotFound for what can be none."""
    found = await db(request).read(posts.tags.named, request.match_info["name"], auth.viewer(request))
    return json(entities.tag(site(request), found))


async def followed(request: web.Request) -> web.Response:
    """The hashtags that one follows, latest first."""
    page = page_of(params.query(request), default=100, most=200)
    rows, found = await db(request).read(_followed, auth.me(request), page)
    body = orjson.dumps([entities.tag(site(request), one) for one in found])
    return raw(body, link_to(request, rows))


def _followed(conn: Connection, me: Actor, page: Page) -> tuple[list[int], list[Tag]]:
    held = timelines.followed_tags(conn, me.id, page)
    return [one.id for one in held], posts.tags.several(conn, [one.display for one in held], me.id)


def doing(act: Callable[[Tx, Actor, str], object]) -> Handler:
    """A handler that does something with the hashtag in the address and answers with it as it is then."""

    async def handle(request: web.Request) -> web.Response:
        found = await db(request).write(_done, act, auth.me(request), request.match_info["name"])
        return json(entities.tag(site(request), found))

    return handle


def _done(tx: Tx, act: Callable[[Tx, Actor, str], object], me: Actor, name: str) -> Tag:
    act(tx, me, name)
    return posts.tags.named(tx.conn, name, me.id)


def follow(tx: Tx, me: Actor, name: str) -> None:
    """Have public posts with it come home."""
    timelines.follow_tag(tx, me.id, name)


def unfollow(tx: Tx, me: Actor, name: str) -> None:
    """No longer."""
    timelines.unfollow_tag(tx, me.id, name)
