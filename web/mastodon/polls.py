# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls: looking at one, and voting. Source: methods/polls. A poll has the number of the status it is in.

An event is one too: apps that know no events answer it by voting."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy import Connection

from node import events, posts
from node.actors import Actor
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.posts import Kind, PostId
from web import auth, params
from web.mastodon import entities
from web.mastodon.answering import polls_of_events
from web.mastodon.answers import db, json, number, site
from web.mastodon.rendering import STATUSES


async def show(request: web.Request) -> web.Response:
    """One poll."""
    return await _answer(request, number(request))


async def vote(request: web.Request) -> web.Response:
    """Vote, with the positions of the answers; of an event, say whether one comes."""
    given = await params.read(request)
    post_id = await db(request).write(_vote, auth.me(request), number(request), given.integers("choices"))
    return await _answer(request, post_id)


def _vote(tx: Tx, actor: Actor, post_id: int, positions: Sequence[int]) -> PostId:
    is_event = posts.original(tx.conn, post_id, actor.id).kind is Kind.EVENT
    return (events.vote if is_event else posts.vote)(tx, actor, post_id, positions)


async def _answer(request: web.Request, post_id: int) -> web.Response:
    viewer, here, locale = auth.viewer(request), site(request), request.app[STATUSES].locale

    def read(conn: Connection) -> entities.Json:
        post = posts.original(conn, post_id, viewer)
        if post.kind is Kind.EVENT:
            answered = polls_of_events(conn, [post.id], viewer, locale).get(post.id)
            if answered is None:
                raise NotFound
            return answered
        found = posts.poll_of(conn, post.id, viewer)
        if found is None:
            raise NotFound
        return entities.poll(here, found, viewer, clock.now())

    return json(await db(request).read(read))
