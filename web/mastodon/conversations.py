# SPDX-License-Identifier: AGPL-3.0-or-later
"""Direct posts as conversations. Source: Mastodon's documentation, methods/conversations."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy import Connection

from node import actors, posts
from node.posts.conversations import Conversation
from web import auth, params
from web.auth import Handler
from web.mastodon import entities
from web.mastodon.answers import db, json, number, status
from web.mastodon.rendering import STATUSES, Statuses, joined, raw
from web.paging import link_to, page_of


def rendered(conn: Connection, statuses: Statuses, found: Sequence[Conversation], owner: int) -> list[bytes]:
    """Conversations as JSON, with whoever is still there; of one that a member has with themselves, they."""
    people = actors.by_ids(conn, {person for one in found for person in (*one.people, one.owner_id)})
    bodies = statuses.by_id(conn, [one.last_post_id for one in found], owner)
    return [
        entities.conversation(
            statuses.site,
            one.id,
            [
                people[person]
                for person in one.people or (one.owner_id,)
                if person in people and people[person].is_active
            ],
            bodies.get(one.last_post_id),
            unread=one.unread,
        )
        for one in found
    ]


async def index(request: web.Request) -> web.Response:
    """A page of one's conversations, by what was said last."""
    page, owner = page_of(params.query(request)), auth.me(request).id
    statuses = request.app[STATUSES]

    def read(conn: Connection) -> tuple[list[int], list[bytes]]:
        found = posts.conversations.page(conn, owner, page)
        return [one.last_post_id for one in found], rendered(conn, statuses, found, owner)

    ids, bodies = await db(request).read(read)
    return raw(joined(bodies), link_to(request, ids))


async def remove(request: web.Request) -> web.Response:
    """Show one no more, until something new is said in it."""
    await db(request).write(posts.conversations.remove, auth.me(request).id, number(request))
    return json({})


def marking(*, unread: bool) -> Handler:
    """A handler that notes that one was read, or is to be read again."""

    async def handle(request: web.Request) -> web.Response:
        owner = auth.me(request).id
        found = await db(request).write(posts.conversations.mark, owner, number(request), unread=unread)
        statuses = request.app[STATUSES]

        def read(conn: Connection) -> bytes:
            return rendered(conn, statuses, [found], owner)[0]

        return raw(await db(request).read(read))

    return handle


async def mute(request: web.Request) -> web.Response:
    """Hear nothing more of the thread that a status is in."""
    return await status(request, await db(request).write(posts.mute_thread, auth.me(request), number(request)))


async def unmute(request: web.Request) -> web.Response:
    """Hear of it again."""
    return await status(request, await db(request).write(posts.unmute_thread, auth.me(request), number(request)))
