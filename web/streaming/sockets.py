# SPDX-License-Identifier: AGPL-3.0-or-later
"""Streams over one WebSocket: subscribe and unsubscribe by text frames, news in text frames with the payload as a string."""

import asyncio
import contextlib
from typing import Final

import orjson
from aiohttp import WSMsgType, web

from node.kernel.db import Database
from node.kernel.errors import NotAllowed, NotFound
from web import SERVICES, auth, params
from web.errors import NotSignedIn
from web.streaming import events
from web.streaming.channels import Channel, UnknownStream, channel
from web.streaming.hub import HUB, Event, Listener

PING_SECONDS: Final = 30.0
MAX_FRAME: Final = 16 * 1024
MAX_CHANNELS: Final = 50


async def connect(request: web.Request) -> web.StreamResponse:
    """Open the socket; `?stream=` subscribes at once. A plain request is served as events, as Mastodon does."""
    given = params.query(request)
    name = given.text("stream") or ""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return await events.stream(request, name)
    caller = auth.caller(request)
    if caller is None:
        raise NotSignedIn
    # A browser that offered its token as the protocol closes the socket unless that is what was chosen.
    offered = auth.offered_protocol(request)
    socket = web.WebSocketResponse(
        heartbeat=PING_SECONDS, max_msg_size=MAX_FRAME, compress=False, protocols=(offered,) if offered else ()
    )
    await socket.prepare(request)
    db = request.app[SERVICES].db
    with request.app[HUB].listening(caller) as listener:
        if name:
            await _subscribe(socket, db, listener, name, given.text("tag") or "", given.text("list") or "")
        sender = asyncio.create_task(_send(socket, listener))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await _heard(socket, db, listener, message.data)
        finally:
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sender
    return socket


async def _send(socket: web.WebSocketResponse, listener: Listener) -> None:
    while (event := await listener.queue.get()) is not None:
        try:
            await socket.send_str(_frame(event))
        except ConnectionError:
            return
    await socket.close()


async def _heard(socket: web.WebSocketResponse, db: Database, listener: Listener, text: str) -> None:
    """A frame from the app. What cannot be read is answered with an error, and the socket stays open."""
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        frame = None
    if not isinstance(frame, dict):
        await _error(socket, "The frame cannot be read.")
        return
    name, tag, list_id = (_word(frame.get(key)) for key in ("stream", "tag", "list"))
    match frame.get("type"):
        case "subscribe":
            await _subscribe(socket, db, listener, name, tag, list_id)
        case "unsubscribe":
            with contextlib.suppress(UnknownStream):
                listener.channels.discard(_known(listener, channel(name, tag=tag, list_id=list_id)))
        case _:
            await _error(socket, "Unknown frame type")


def _word(value: object) -> str:
    """A text, or a number that stands for one."""
    return str(value) if isinstance(value, str | int) else ""


async def _subscribe(
    socket: web.WebSocketResponse, db: Database, listener: Listener, name: str, tag: str, list_id: str
) -> None:
    try:
        wanted = channel(name, tag=tag, list_id=list_id)
        await events.check(db, listener.caller, wanted)
    except UnknownStream as error:
        await _error(socket, error.message)
    except NotAllowed as error:
        await _error(socket, error.message, status=403)
    except NotFound as error:
        await _error(socket, error.message, status=404)
    else:
        if len(listener.channels) < MAX_CHANNELS:
            listener.channels.add(_known(listener, wanted))


def _known(listener: Listener, wanted: Channel) -> Channel:
    """The same hashtag in other letters is the same channel."""
    same = (one for one in listener.channels if (one.name, one.argument) == (wanted.name, wanted.argument))
    return next(same, wanted)


async def _error(socket: web.WebSocketResponse, message: str, *, status: int = 400) -> None:
    await socket.send_str(orjson.dumps({"error": message, "status": status}).decode())


def _frame(event: Event) -> str:
    frame: dict[str, object] = {"stream": event.channel.label, "event": event.name}
    if event.payload:
        frame["payload"] = event.payload.decode()
    return orjson.dumps(frame).decode()
