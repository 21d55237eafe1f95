# SPDX-License-Identifier: AGPL-3.0-or-later
"""Streams over one WebSocket: subscribe and unsubscribe by text frames, news in text frames with the payload as a string."""

import asyncio
import contextlib
from typing import Final

import orjson
from aiohttp import WSMsgType, web

from node.kernel.errors import NotAllowed
from web import auth, params
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
    with request.app[HUB].listening(caller) as listener:
        if name:
            await _subscribe(socket, listener, name, given.text("tag") or "")
        sender = asyncio.create_task(_send(socket, listener))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await _heard(socket, listener, message.data)
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


async def _heard(socket: web.WebSocketResponse, listener: Listener, text: str) -> None:
    """A frame from the app. What cannot be read is answered with an error, and the socket stays open."""
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        frame = None
    if not isinstance(frame, dict):
        await _error(socket, "The frame cannot be read.")
        return
    name, tag = frame.get("stream"), frame.get("tag")
    name, tag = name if isinstance(name, str) else "", tag if isinstance(tag, str) else ""
    match frame.get("type"):
        case "subscribe":
            await _subscribe(socket, listener, name, tag)
        case "unsubscribe":
            with contextlib.suppress(UnknownStream):
                listener.channels.discard(channel(name, tag=tag))
        case _:
            await _error(socket, "Unknown frame type")


async def _subscribe(socket: web.WebSocketResponse, listener: Listener, name: str, tag: str) -> None:
    try:
        wanted = channel(name, tag=tag)
        events.check_scope(listener.caller, wanted)
    except UnknownStream as error:
        await _error(socket, error.message)
    except NotAllowed as error:
        await _error(socket, error.message, status=403)
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
    return orjson.dumps(
        {"stream": event.channel.label, "event": event.name, "payload": event.payload.decode()}
    ).decode()
