# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files for posts. A picture is finished when the answer comes; a film or a sound is converted after it.

Source: methods/media. While a file is converted `url` is null, and the answer is 202 where it was sent, 206 later.
"""

from typing import Final

from aiohttp import web

from node import media
from node.actors import ActorId
from node.kernel.errors import Conflict, Invalid
from node.media import Media, State
from web import SERVICES, auth, params
from web.mastodon import entities
from web.mastodon.answers import db, json, number, site
from web.mastodon.drafts import focus_of

# Longer than most films take, and shorter than proxies wait.
WAIT_SECONDS: Final = 50.0


async def upload(request: web.Request) -> web.Response:
    """Take a file in; what must be converted is converted after the answer."""
    return _answer(request, await _take(request), waiting=202)


async def upload_and_wait(request: web.Request) -> web.Response:
    """The older form: the answer waits for the file to be ready."""
    made = await _take(request)
    if made.state is State.WAITING:
        uploads = request.app[SERVICES].uploads
        made = await uploads.finished(made.id, auth.me(request).id, within=WAIT_SECONDS)
    return _answer(request, made, waiting=202)


async def _take(request: web.Request) -> Media:
    given = await params.read(request)
    file, thumbnail = given.upload("file"), given.upload("thumbnail")
    if file is None:
        raise Invalid("Validation failed: File can't be blank", field="file")
    return await request.app[SERVICES].uploads.take(
        auth.me(request).id,
        file.data,
        description=given.text("description") or "",
        focus=focus_of(given.text("focus")),
        thumbnail=thumbnail.data if thumbnail is not None else None,
    )


async def show(request: web.Request) -> web.Response:
    """One of one's own."""
    found = await db(request).read(media.get, number(request), auth.me(request).id)
    return _answer(request, found, waiting=206)


async def describe(request: web.Request) -> web.Response:
    """Change the alternative text, the focal point, or the picture that is shown until it is opened."""
    given = await params.read(request)
    media_id, owner_id = number(request), auth.me(request).id
    thumbnail = given.upload("thumbnail")
    if thumbnail is not None:
        await request.app[SERVICES].uploads.set_thumbnail(media_id, owner_id, thumbnail.data)
    changed = await db(request).write(
        media.describe,
        media_id,
        owner_id,
        description=given.text("description"),
        focus=focus_of(given.text("focus")),
    )
    return json(entities.attachment(site(request), changed))


async def discard(request: web.Request) -> web.Response:
    """Delete an upload that is in no post."""
    owner_id: ActorId = auth.me(request).id
    try:
        await db(request).write(media.discard, number(request), owner_id)
    except Conflict as refusal:
        raise Invalid(refusal.message) from None
    return json({})


def _answer(request: web.Request, found: Media, *, waiting: int) -> web.Response:
    if found.state is State.FAILED:
        reason = (found.details or {}).get("error")
        raise Invalid(str(reason or "This file could not be processed."), field="file")
    return json(entities.attachment(site(request), found), status=waiting if found.state is State.WAITING else 200)
