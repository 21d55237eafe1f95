# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two pages a member sees while an app signs in."""

import re
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from node.access import OUT_OF_BAND, Request
from web import csrf
from web.auth import Visitor
from web.frames import plain_page
from web.pages.views import AuthorizeCodeView, AuthorizeView, View

_AUTHORITY: Final = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?|\[[0-9A-Fa-f:.]+\](?::[0-9]+)?")
_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'{destination}; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)


async def ask(
    request: web.Request, visitor: Visitor, wish: Request, hidden: tuple[tuple[str, str], ...]
) -> web.Response:
    """What the app asks for, in words, and the two buttons."""
    view = AuthorizeView(
        app_name=wish.app.name,
        website=wish.app.website or "",
        returns_to=_shown(wish.redirect_uri),
        scopes=wish.scopes,
        hidden=hidden,
    )
    return await _page(request, visitor, view, destination=destination(wish.redirect_uri))


async def show_code(request: web.Request, visitor: Visitor, code: str) -> web.Response:
    """The code, to be copied."""
    return await _page(request, visitor, AuthorizeCodeView(code=code))


def destination(redirect_uri: str) -> str:
    """What `form-action` must admit for the answer to get there: an origin, or the app's scheme; empty for no redirect.

    Browsers hold the redirect after a form to that rule as well; five servers shipped a dead button.
    """
    if redirect_uri == OUT_OF_BAND:
        return ""
    scheme = redirect_uri.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        return f"{scheme}:"
    authority = urlsplit(redirect_uri).netloc
    return f"{scheme}://{authority}" if _AUTHORITY.fullmatch(authority) else f"{scheme}:"


def _shown(redirect_uri: str) -> str:
    """Where the answer goes, in words: a host, or nothing for an app on the member's own device."""
    if not redirect_uri.startswith(("http://", "https://")):
        return ""
    return urlsplit(redirect_uri).netloc


async def _page(request: web.Request, visitor: Visitor, view: View, *, destination: str = "") -> web.Response:
    return plain_page(
        request,
        view,
        member=visitor.member,
        csrf=await csrf.token(request),
        headers={
            "Content-Security-Policy": _CSP.format(destination=f" {destination}" if destination else ""),
            "Referrer-Policy": "no-referrer",
        },
    )
