# SPDX-License-Identifier: AGPL-3.0-or-later
"""The addresses of streams. The WebSocket checks the scope of each stream that is asked for over it."""

from typing import Final

from web.routes import Auth, Endpoint
from web.streaming import events, sockets

_BASE: Final = "/api/v1/streaming"


def _stream(path: str, name: str, scope: str = "read:statuses") -> Endpoint:
    return Endpoint("GET", f"{_BASE}/{path}", events.of(name), Auth.USER, scope, is_stream=True)


ENDPOINTS: Final = (
    Endpoint("GET", _BASE, sockets.connect, Auth.USER, is_stream=True),
    Endpoint("GET", f"{_BASE}/health", events.health, Auth.NONE),
    _stream("user", "user"),
    _stream("user/notification", "user:notification", "read:notifications"),
    _stream("public", "public"),
    _stream("public/local", "public:local"),
    _stream("public/remote", "public:remote"),
    _stream("hashtag", "hashtag"),
    _stream("hashtag/local", "hashtag:local"),
    _stream("list", "list", "read:lists"),
    _stream("direct", "direct"),
)
