# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which form of a thing is asked for, and how an ActivityStreams document is answered."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from activitypub.parse import JsonObject, dump
from activitypub.signatures.message import Request
from web import SERVICES

ACTIVITY_JSON: Final = "application/activity+json; charset=utf-8"
VARY: Final = "Accept, Signature"
PUBLIC: Final = "public, max-age=180"
PRIVATE: Final = "private, no-store"
_KEPT: Final = 2000


def wants_activity(request: web.Request) -> bool:
    """Whether the asker reads ActivityStreams: named as such, or JSON asked for and HTML not (ActivityPub 3.2)."""
    accept = request.headers.get("Accept", "").lower()
    if "text/html" in accept:
        html = accept.index("text/html")
        named = [accept.find(kind) for kind in ("application/activity+json", "application/ld+json") if kind in accept]
        return bool(named) and min(named) < html
    return "json" in accept


def activity_response(
    document: JsonObject | bytes, *, status: int = 200, public: bool = True, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A document as every peer takes it. `public` lets caches keep it for three minutes."""
    return web.Response(
        body=document if isinstance(document, bytes) else dump(document),
        status=status,
        headers={
            "Content-Type": ACTIVITY_JSON,
            "Vary": VARY,
            "Cache-Control": PUBLIC if public else PRIVATE,
            "Access-Control-Allow-Origin": "*",
            **(headers or {}),
        },
    )


def signed_request(request: web.Request, body: bytes = b"") -> Request:
    """The request as its sender signed it: the raw target, the Host as it came, and the scheme we are reached by."""
    return Request(
        method=request.method,
        target=request.raw_path,
        scheme=request.app[SERVICES].settings.base_url.partition(":")[0],
        authority=request.headers.get("Host", ""),
        headers=tuple(request.headers.items()),
        body=body,
    )


class Kept:
    """Documents as bytes, by what they are and which version; the oldest go first."""

    def __init__(self) -> None:
        self._bytes: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def get(self, uri: str, version: int) -> bytes | None:
        """The bytes of that version."""
        return self._bytes.get((uri, version))

    def put(self, uri: str, version: int, document: JsonObject) -> bytes:
        """Keep a version; older ones of the same thing fall out in time."""
        data = dump(document)
        self._bytes[uri, version] = data
        if len(self._bytes) > _KEPT:
            self._bytes.popitem(last=False)
        return data


KEPT: Final = web.AppKey("kept_documents", Kept)
