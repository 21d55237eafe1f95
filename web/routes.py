# SPDX-License-Identifier: AGPL-3.0-or-later
"""An endpoint of the API: one line says its address, who may call it, with which scope, and how often.

The guard round the handler does what the line says, so no handler can forget it. Every endpoint exists with and without
a slash at its end, as apps write both. Answers to GET carry an ETag, so that an app that polls is told in a few bytes
that nothing has changed.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from aiohttp import web

from node import access
from node.kernel.errors import NotAllowed
from web import auth
from web.auth import CALLER, CALLERS, Handler
from web.errors import NotAMember, NotSignedIn
from web.limits import Limit, count


class Auth(Enum):
    """Who may call."""

    NONE = "none"  # anyone; a token is not looked at
    OPTIONAL = "optional"  # anyone; with a token, through the member's eyes
    APP = "app"  # an application, for itself or for a member
    USER = "user"  # an application for a member


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A line of the table. `scope` is checked wherever a token is looked at; None means that any token will do.

    `is_stream`: the token may also stand in the address or be offered as a WebSocket protocol, since browsers can set
    no header there. `waiting`: also for somebody who has signed up and is not let in yet. `kept`: for how many seconds
    anybody may keep what a stranger is answered, where members see more.
    """

    method: str
    path: str
    handler: Handler
    auth: Auth = Auth.USER
    scope: str | None = None
    limit: Limit = Limit.GENERAL
    is_stream: bool = False
    kept: int = 15
    waiting: bool = False


ENDPOINT: Final = "__endpoint__"
_VARIES: Final = "Authorization, Origin, Accept-Language"


def guarded(endpoint: Endpoint) -> Handler:
    """The handler behind its guard: token, count, scope, in this order."""

    async def handle(request: web.Request) -> web.StreamResponse:
        caller = None
        if endpoint.auth is not Auth.NONE:
            token = auth.stream_token(request) if endpoint.is_stream else auth.bearer_token(request)
            if token is not None:
                caller = await request.app[CALLERS].of(token)
                if caller is None:
                    count(request, endpoint.limit, None)
                    raise NotSignedIn
                request[CALLER] = caller
        count(request, endpoint.limit, caller.token_id if caller is not None else None)
        check(endpoint, caller)
        response = await endpoint.handler(request)
        if request.method == "GET" and isinstance(response, web.Response) and response.status == 200:
            if caller is None and endpoint.auth is Auth.OPTIONAL:
                response.headers.setdefault(
                    "Cache-Control", f"public, max-age={endpoint.kept}, stale-while-revalidate=30"
                )
                response.headers.setdefault("Vary", _VARIES)
            return _unless_known(request, response)
        return response

    setattr(handle, ENDPOINT, endpoint)
    return handle


def _unless_known(request: web.Request, response: web.Response) -> web.Response:
    """The answer with its ETag, or 304 without a body if the asker says that they have it (RFC 9110, 13.1.2)."""
    body = response.body
    if not isinstance(body, bytes):
        return response
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    known = request.headers.get("If-None-Match")
    if known is None or (known.strip() != "*" and tag.removeprefix("W/") not in known):
        return response
    headers = {
        name: value for name, value in response.headers.items() if name not in ("Content-Type", "Content-Length")
    }
    return web.Response(status=304, headers=headers)


def guarded_with_token(endpoint: Endpoint) -> Handler:
    """The handler of something that is open to other servers, and shows more to a member's program with a token."""
    with_token = guarded(endpoint)

    async def handle(request: web.Request) -> web.StreamResponse:
        handler = endpoint.handler if auth.bearer_token(request) is None else with_token
        return await handler(request)

    return handle


def check(endpoint: Endpoint, caller: access.Caller | None) -> None:
    """Raises NotSignedIn, NotAMember or NotAllowed if the caller may not call this."""
    if caller is None:
        if endpoint.auth in (Auth.APP, Auth.USER):
            raise NotSignedIn
        return
    auth.check_active(caller, waiting=endpoint.waiting)
    if endpoint.scope is not None and not access.allows(caller.scopes, endpoint.scope):
        raise NotAllowed("This action is outside the authorized scopes")
    if endpoint.auth is Auth.USER and caller.member is None:
        raise NotAMember


def add(app: web.Application, endpoints: Iterable[Endpoint]) -> None:
    """Add the endpoints to the router, each with and without a slash at the end; GET answers HEAD too."""
    for endpoint in endpoints:
        handler = guarded(endpoint)
        for path in (endpoint.path, f"{endpoint.path}/"):
            resource = app.router.add_resource(path)
            resource.add_route(endpoint.method, handler)
            if endpoint.method == "GET":
                resource.add_route("HEAD", handler)
