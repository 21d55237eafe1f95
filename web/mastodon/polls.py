# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls: looking at one, and voting. Source: methods/polls. A poll has the number of the status it is in."""

from aiohttp import web
from sqlalchemy import Connection

from node import posts
from node.kernel import clock
from node.kernel.errors import NotFound
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import db, json, number, site


async def show(request: web.Request) -> web.Response:
    """One poll."""
    return await _answer(request, number(request))


async def vote(request: web.Request) -> web.Response:
    """Vote, with the positions of the answers."""
    given = await params.read(request)
    post_id = await db(request).write(posts.vote, auth.me(request), number(request), given.integers("choices"))
    return await _answer(request, post_id)


async def _answer(request: web.Request, post_id: int) -> web.Response:
    viewer, here = auth.viewer(request), site(request)

    def read(conn: Connection) -> entities.Json:
        post = posts.original(conn, post_id, viewer)
        found = posts.poll_of(conn, post.id, viewer)
        if found is None:
            raise NotFound
        return entities.poll(here, found, viewer, clock.now())

    return json(await db(request).read(read))
