# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member has set for later. Source: methods/scheduled_statuses."""

from aiohttp import web
from sqlalchemy import Connection

from node import media, posts
from node.kernel.errors import Invalid
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import db, json, number, site
from web.mastodon.drafts import time_of
from web.paging import link_to, page_of


async def index(request: web.Request) -> web.Response:
    """A page of what waits."""
    owner, here, page = auth.me(request).id, site(request), page_of(params.query(request))

    def read(conn: Connection) -> tuple[list[int], list[entities.Json]]:
        found = posts.scheduled.page(conn, owner, page)
        files = media.of_posts(conn, [one.id for one in found])
        return [one.id for one in found], [entities.scheduled_status(here, one, files.get(one.id, ())) for one in found]

    numbers, bodies = await db(request).read(read)
    return json(bodies, headers=link_to(request, numbers))


async def show(request: web.Request) -> web.Response:
    """One of what waits."""
    return json(await answer(request, number(request)))


async def answer(request: web.Request, scheduled_id: int) -> entities.Json:
    """One of the member's own as JSON; raises NotFound."""
    owner, here = auth.me(request).id, site(request)

    def read(conn: Connection) -> entities.Json:
        found = posts.scheduled.get(conn, owner, scheduled_id)
        return entities.scheduled_status(here, found, media.of_posts(conn, [found.id]).get(found.id, ()))

    return await db(request).read(read)


async def change(request: web.Request) -> web.Response:
    """Another time for one of what waits."""
    scheduled_id = number(request)
    at = time_of((await params.read(request)).text("scheduled_at"))
    if at is None:
        await db(request).read(posts.scheduled.get, auth.me(request).id, scheduled_id)
        raise Invalid("Validation failed: Scheduled at can't be blank", field="scheduled_at")
    await db(request).write(posts.scheduled.reschedule, auth.me(request), scheduled_id, at)
    return json(await answer(request, scheduled_id))


async def cancel(request: web.Request) -> web.Response:
    """Do not publish it."""
    await db(request).write(posts.scheduled.cancel, auth.me(request), number(request))
    return json({})
