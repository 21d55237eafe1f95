# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures for posts. Each is finished when the answer comes, so there is never one to wait for. Source: methods/media."""

from aiohttp import web

from node import media
from node.kernel.errors import Invalid
from web import SERVICES, auth, params
from web.mastodon import entities
from web.mastodon.answers import db, json, number, site
from web.mastodon.drafts import focus_of


async def upload(request: web.Request) -> web.Response:
    """Take a picture in."""
    given = await params.read(request)
    file = given.upload("file")
    if file is None:
        raise Invalid("Validation failed: File can't be blank", field="file")
    made = await request.app[SERVICES].uploads.take(
        auth.me(request).id,
        file.data,
        description=given.text("description") or "",
        focus=focus_of(given.text("focus")),
    )
    return json(entities.attachment(site(request), made))


async def show(request: web.Request) -> web.Response:
    """One of one's own."""
    found = await db(request).read(media.get, number(request), auth.me(request).id)
    return json(entities.attachment(site(request), found))


async def describe(request: web.Request) -> web.Response:
    """Change the alternative text or the focal point."""
    given = await params.read(request)
    changed = await db(request).write(
        media.describe,
        number(request),
        auth.me(request).id,
        description=given.text("description"),
        focus=focus_of(given.text("focus")),
    )
    return json(entities.attachment(site(request), changed))
