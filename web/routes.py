# SPDX-License-Identifier: AGPL-3.0-or-later
"""An endpoint of the API: one line says its address, who may call it, with which scope, and how often.

The guard round the handler does what the line says, so no handler can forget it. Every endpoint exists with and without
a slash at its end, as apps write both. Answers to GET carry an ETag, so that an app that polls is told in a few bytes
that nothing has changed, and are packed for whoever takes that. (Packing tells nothing to whoever listens: what others
can have us say, and what they would like to guess, never stand in one answer, and no cookie opens this API.)
"""

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
from web.keeping import ANSWERS, Answer, answer_of, takes_gzip
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
    anybody may keep what a stranger is answered, where members see more. `is_lasting`: what is answered depends on nothing
    but the address, who the viewer is, what is stored, and which mutes, filters and polls are over; so the whole answer is
    kept here until some of it changes.
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
    is_lasting: bool = False


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
        answer: Answer | None
        if endpoint.is_lasting and request.method == "GET":
            answer = await _lasting(request, endpoint)
            response: web.StreamResponse = web.Response(headers=answer.headers)
        else:
            response = await endpoint.handler(request)
            answer = answer_of(response) if request.method == "GET" else None
        if answer is None or not isinstance(response, web.Response):
            return response  # nothing to be kept or packed: a refusal, a stream
        if caller is None and endpoint.auth is Auth.OPTIONAL:
            response.headers.setdefault("Cache-Control", f"public, max-age={endpoint.kept}, stale-while-revalidate=30")
            response.headers.setdefault("Vary", _VARIES)
        return _shortened(request, response, answer)

    setattr(handle, ENDPOINT, endpoint)
    return handle


async def _lasting(request: web.Request, endpoint: Endpoint) -> Answer:
    """What the handler answers, or answered before if nothing has changed since. What it refuses, it raises."""
    answers, key = request.app[ANSWERS], (auth.viewer(request), request.raw_path)
    era = await answers.era()
    known = await answers.find(era, key)
    if known is not None:
        return known
    made = answer_of(await endpoint.handler(request))
    assert made is not None
    answers.keep(era, key, made)
    return made


def _shortened(request: web.Request, response: web.Response, answer: Answer) -> web.Response:
    """The response with its ETag, or 304 without a body if the asker says that they have it (RFC 9110, 13.1.2); packed
    for whoever takes gzip. The tag is weak, so that it is the same for both."""
    response.headers["ETag"] = answer.tag
    varies = response.headers.get("Vary")
    if varies is not None:  # there is none where nobody may keep the answer
        response.headers["Vary"] = f"{varies}, Accept-Encoding"
    known = request.headers.get("If-None-Match")
    if known is not None and (known.strip() == "*" or answer.tag.removeprefix("W/") in known):
        headers = {
            name: value for name, value in response.headers.items() if name not in ("Content-Type", "Content-Length")
        }
        return web.Response(status=304, headers=headers)
    packed = answer.in_gzip() if takes_gzip(request.headers.get("Accept-Encoding", "")) else None
    if packed is not None:
        response.headers["Content-Encoding"] = "gzip"
    response.body = answer.body if packed is None else packed
    return response


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
