# SPDX-License-Identifier: AGPL-3.0-or-later
"""Streams as server-sent events: one stream an address, a comment every fifteen seconds to keep the line open."""

import asyncio
from typing import Final

from aiohttp import web

from node import access, lists
from node.kernel.db import Database
from node.kernel.errors import NotAllowed
from web import SERVICES, auth, params
from web.auth import Handler
from web.errors import BadRequest, NotSignedIn
from web.streaming.channels import Channel, UnknownStream, channel
from web.streaming.hub import HUB, Event

THUMP_SECONDS: Final = 15.0
_HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "private, no-store",
    # nginx would wait for more before it passes anything on.
    "X-Accel-Buffering": "no",
}


def of(name: str) -> Handler:
    """The handler for one stream."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await stream(request, name)

    return handle


async def stream(request: web.Request, name: str) -> web.StreamResponse:
    """The stream with this name, if there is one and the token reaches that far."""
    given = params.query(request)
    try:
        wanted = channel(
            name,
            tag=given.text("tag") or "",
            list_id=given.text("list") or "",
            only_media=given.flag("only_media"),
        )
    except UnknownStream as error:
        raise BadRequest(error.message) from None
    caller = auth.caller(request)
    if caller is None:
        raise NotSignedIn
    await check(request.app[SERVICES].db, caller, wanted)
    return await send(request, caller, wanted)


async def send(request: web.Request, caller: access.Caller, wanted: Channel) -> web.StreamResponse:
    """Send what comes on a channel that the caller may hear, until they hang up or their right ends."""
    response = web.StreamResponse(headers=_HEADERS)
    with request.app[HUB].listening(caller) as listener:
        listener.channels.add(wanted)
        await response.prepare(request)
        if request.method == "HEAD":
            return response
        try:
            await response.write(b":)\n\n")
            while True:
                try:
                    event = await asyncio.wait_for(listener.queue.get(), THUMP_SECONDS)
                except TimeoutError:
                    await response.write(b":thump\n\n")
                    continue
                if event is None:
                    break
                await response.write(_written(event))
        except ConnectionError:
            pass  # the app has hung up
    return response


async def health(_request: web.Request) -> web.Response:
    """Streams are served."""
    return web.Response(text="OK")


async def check(db: Database, caller: access.Caller, wanted: Channel) -> None:
    """Raises NotAllowed if the token does not reach that far, NotFound if the list is none of the member's."""
    if not access.allows(caller.scopes, wanted.scope):
        raise NotAllowed("This action is outside the authorized scopes")
    if wanted.list_id is not None and caller.member is not None:
        await db.read(lists.get, caller.member.actor, wanted.list_id)


def _written(event: Event) -> bytes:
    """An event as lines. Readers in use know this word for an event that says nothing more."""
    return b"event: %b\ndata: %b\n\n" % (event.name.encode(), event.payload or b"undefined")
