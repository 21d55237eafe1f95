# SPDX-License-Identifier: AGPL-3.0-or-later
"""Inboxes: the shared one and the personal ones are one door, which answers 202 once the activity is stored."""

from typing import Final

from aiohttp import web

from activitypub.errors import NotAuthentic, SignatureInvalid
from activitypub.parse import MAX_BODY
from activitypub.signatures.check import ACCEPT_SIGNATURE
from node import actors
from node.actors import Reach
from node.kernel.errors import NotFound
from web import SERVICES
from web.errors import TooLarge, json_response
from web.federation.negotiation import signed_request

_TYPES: Final = frozenset({"application/activity+json", "application/ld+json", "application/json"})


async def personal(request: web.Request) -> web.Response:
    """The inbox of one actor; 404 for one that is not here, or is here for this node alone."""
    services = request.app[SERVICES]
    uri = f"{services.settings.base_url}/actors/{request.match_info['slug']}"
    found = await services.db.read(actors.by_uri, uri)
    if found is None or not found.is_active or found.reach is Reach.LOCAL:
        raise NotFound
    return await shared(request)


async def shared(request: web.Request) -> web.Response:
    """The inbox of the whole node."""
    if request.headers.get("Content-Encoding", "identity") != "identity" or request.content_type not in _TYPES:
        return json_response({"error": "This type of content is not taken."}, status=415)
    body = await read_body(request)
    try:
        await request.app[SERVICES].inbox.receive(signed_request(request, body))
    except (SignatureInvalid, NotAuthentic) as error:
        # The reason helps whoever builds the other server, and tells nobody anything they could not find out.
        return json_response({"error": error.reason}, status=401, headers={"Accept-Signature": ACCEPT_SIGNATURE})
    return web.Response(status=202)


async def read_body(request: web.Request, limit: int = MAX_BODY) -> bytes:
    """The body, refused as soon as it is larger than `limit` bytes, whatever its headers promise."""
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge
    data = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        data += chunk
        if len(data) > limit:
            raise TooLarge
    return bytes(data)
