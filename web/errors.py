# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a refusal is answered: its status code, and a body in the form that the asker reads.

    /api, /oauth, what is posted to an actor, and whoever accepts JSON rather than HTML    {"error": "One sentence."}
    all else                                                      a page

Where a refusal has a name for programs, it stands beside the sentence as `error_code`. Nothing of what went wrong inside
is told; it is logged under the request's address.
"""

import logging
from collections.abc import Mapping
from typing import Final

import orjson
from aiohttp import web

from activitypub.errors import NotAuthentic, ProtocolError, SignatureInvalid
from node.kernel.errors import Conflict, Gone, Invalid, NotAllowed, NotFound, Overloaded, Refused, TooMany

_log = logging.getLogger(__name__)


class BadRequest(Refused):
    """The request itself cannot be read."""


class TooLarge(Refused):
    """More was sent than is taken."""

    def __init__(self, message: str = "This is too large.") -> None:
        super().__init__(message)


class BadGateway(Refused):
    """Another server did not give what is asked for."""


class NotSignedIn(Refused):
    """Who is asking must be known, and is not."""

    def __init__(self, message: str = "The access token is invalid") -> None:
        super().__init__(message)


class NotAMember(Refused):
    """An application asks for itself where only a member can."""

    def __init__(self, message: str = "This method requires an authenticated user") -> None:
        super().__init__(message)


STATUS: Final[Mapping[type[Refused], int]] = {
    BadRequest: 400,
    NotSignedIn: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    TooLarge: 413,
    Invalid: 422,
    NotAMember: 422,
    TooMany: 429,
    BadGateway: 502,
    Overloaded: 503,
}

_MESSAGES: Final[Mapping[int, str]] = {
    400: "The request cannot be read.",
    403: "This action is not allowed",
    404: "Record not found",
    405: "Method not allowed",
    413: "This is too large.",
    415: "This type of content is not taken.",
    421: "This is another server.",
    500: "Something went wrong here. It has been noted.",
    503: "This cannot be done at the moment. Please try again.",
}


def status_of(error: Refused | ProtocolError) -> int:
    """The status code of a refusal; the nearest class counts."""
    if isinstance(error, ProtocolError):
        return 401 if isinstance(error, SignatureInvalid | NotAuthentic) else 400
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 422)


def json_response(data: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """`data` as JSON. A form of its own, since aiohttp's writes through a slower encoder."""
    return web.Response(
        body=orjson.dumps(data), status=status, headers=headers, content_type="application/json", charset="utf-8"
    )


def wants_json(request: web.Request) -> bool:
    """Whether a refusal is read by a program."""
    path = request.path
    if path.startswith(("/api/", "/.well-known/", "/nodeinfo")):
        return True
    if path.startswith("/oauth/") and not path.startswith("/oauth/authorize"):
        return True
    if request.method == "POST" and path.startswith(("/actors/", "/inbox")):
        return True
    accept = request.headers.get("Accept", "")
    return "json" in accept and "text/html" not in accept


def refusal(request: web.Request, error: Refused | ProtocolError) -> web.Response:
    """The answer to a request that was refused."""
    headers = {}
    if isinstance(error, TooMany | Overloaded):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    message = error.message if isinstance(error, Refused) else "The request cannot be read."
    code = error.code if isinstance(error, Refused) else ""
    return answer(request, status_of(error), message, headers=headers, code=code)


def http_error(request: web.Request, error: web.HTTPException) -> web.Response:
    """aiohttp's own refusal (an unknown path, a wrong method, a body too long), in our form."""
    headers = {name: error.headers[name] for name in ("Allow", "Retry-After", "Location") if name in error.headers}
    return answer(request, error.status, _MESSAGES.get(error.status, error.reason), headers=headers)


def failure(request: web.Request, error: BaseException) -> web.Response:
    """The answer when we broke: logged here, not told there."""
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(request, 500, _MESSAGES[500])


def unavailable(request: web.Request) -> web.Response:
    """The answer while the database is away."""
    return answer(request, 503, _MESSAGES[503], headers={"Retry-After": "5"})


def answer(
    request: web.Request, status: int, message: str, *, headers: Mapping[str, str] | None = None, code: str = ""
) -> web.Response:
    """A refusal with that status and sentence, and for programs with its name, if it has one."""
    if wants_json(request):
        named = {"error_code": code} if code else {}
        return json_response({"error": message, **named}, status=status, headers=headers)
    # Late: what draws pages imports what is refused here, and is not needed by a node that serves apps alone.
    from web.frames import error_page

    page = error_page(request, status, message)
    page.headers.update(headers or {})
    return page
