# SPDX-License-Identifier: AGPL-3.0-or-later
"""The member's side: may this app act for me? Yes sends a code to the app, no an error.

Nothing is sent to an address before it is proved to be one that the app has registered; what is wrong before that is
shown here. The address is given back byte for byte, since apps with a scheme of their own are found by it.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from node import access
from node.access import OUT_OF_BAND, Request
from node.kernel.db import Tx
from node.kernel.errors import Invalid
from web import SERVICES, auth, csrf, params
from web.auth import LoginNeeded, Visitor
from web.frames import speak
from web.oauth import pages
from web.params import Params

_PASSED_ON: Final = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "lang",
)


@dataclass(frozen=True, slots=True)
class _Refusal(Exception):  # goes to the app, not up
    """What the app is told at its own address (RFC 6749, 4.1.2.1)."""

    redirect_uri: str
    error: str
    description: str
    state: str | None


async def ask(request: web.Request) -> web.StreamResponse:
    """Show the app's wish. Whoever is not logged in does that first, and comes back with everything asked for."""
    given = await params.read(request)
    speak(request, given.text("lang"))
    try:
        wish = await _wish(request, given)
    except _Refusal as refusal:
        return _back(request, refusal)
    visitor = await auth.visitor(request)
    if visitor is None or given.flag("force_login"):
        # `force_login` is left behind, or the way back would lead to the login for ever.
        needed = LoginNeeded(f"/oauth/authorize?{urlencode(_hidden(given))}")
        return _found(f"{needed.location}&again=1" if visitor is not None else needed.location)
    return await pages.ask(request, visitor, wish, _hidden(given))


async def decide(request: web.Request) -> web.StreamResponse:
    """Take the member's yes or no."""
    await csrf.check(request)
    given = await params.read(request)
    visitor = await auth.visitor(request)
    if visitor is None:
        raise LoginNeeded(f"/oauth/authorize?{urlencode(_hidden(given))}")
    try:
        wish = await _wish(request, given)
        if given.text("decision") != "allow":
            raise _Refusal(
                wish.redirect_uri,
                "access_denied",
                "The resource owner or authorization server denied the request.",
                given.text("state"),
            )
    except _Refusal as refusal:
        return _back(request, refusal)
    code = await request.app[SERVICES].db.write(_agree, visitor, wish)
    if wish.redirect_uri == OUT_OF_BAND:
        return _found(f"/oauth/authorize/native?{urlencode({'code': code})}")
    return _found(_with_query(request, wish.redirect_uri, {"code": code}, given.text("state")))


def _agree(tx: Tx, visitor: Visitor, wish: Request) -> str:
    return access.issue_code(tx, visitor.member.id, wish)


async def show_code(request: web.Request) -> web.StreamResponse:
    """The code for an app that cannot be called back."""
    visitor = await auth.visitor(request)
    if visitor is None:
        raise LoginNeeded(request.raw_path)
    return await pages.show_code(request, visitor, params.query(request).text("code") or "")


async def _wish(request: web.Request, given: Params) -> Request:
    """What the app asks for. Raises Invalid, to be shown here, or _Refusal, to be told to the app."""
    client_id, redirect_uri = given.text("client_id") or "", given.text("redirect_uri") or ""
    app = await request.app[SERVICES].db.read(access.find_app, client_id)
    if app is None:
        raise Invalid("This app is not known here. Please let it sign in anew.", field="client_id")
    if redirect_uri not in app.redirect_uris:
        raise Invalid("This app asks for the answer at an address that it has not registered.", field="redirect_uri")
    state = given.text("state")
    if given.text("response_type") != "code":
        raise _Refusal(
            redirect_uri,
            "unsupported_response_type",
            "The authorization server does not support this response type.",
            state,
        )
    try:
        return access.check_request(
            app,
            redirect_uri=redirect_uri,
            scope=given.text("scope") or "",
            challenge=given.text("code_challenge") or None,
            challenge_method=given.text("code_challenge_method") or None,
        )
    except Invalid as error:
        kind = "invalid_scope" if error.field == "scope" else "invalid_request"
        raise _Refusal(redirect_uri, kind, error.message, state) from None


def _hidden(given: Params) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name in _PASSED_ON if (value := given.text(name)) is not None)


def _back(request: web.Request, refusal: _Refusal) -> web.Response:
    if refusal.redirect_uri == OUT_OF_BAND:
        raise Invalid(refusal.description)
    answer = {"error": refusal.error, "error_description": refusal.description}
    return _found(_with_query(request, refusal.redirect_uri, answer, refusal.state))


def _with_query(request: web.Request, redirect_uri: str, answer: dict[str, str], state: str | None) -> str:
    """The app's own address with the answer behind it; `iss` says whose answer it is (RFC 9207)."""
    if state is not None:
        answer["state"] = state
    answer["iss"] = f"{request.app[SERVICES].settings.base_url}/"
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}"


def _found(location: str) -> web.Response:
    # Not aiohttp's redirect: it would take the address apart, and `icecubesapp://` does not come back from that.
    return web.Response(status=302, headers={"Location": location, "Cache-Control": "no-store"})
