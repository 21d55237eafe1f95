# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms are sent by our own pages only: a token that belongs to the session, and an Origin that is ours.

A browser names the origin of every POST (Fetch, section 3.1); an old one that does not is known by its Referer. Pages
without a session (login, sign-up) have no token to steal, and live by the Origin alone.
"""

import hmac
from typing import Final

from aiohttp import web

from node.kernel.errors import NotAllowed
from web import SERVICES, auth, params

FIELD: Final = "csrf"
_MESSAGE: Final = "This form is no longer valid. Please go back, reload the page and try again."


async def token(request: web.Request) -> str:
    """What the forms of this page carry in the field `csrf`; empty where nobody is logged in."""
    visitor = await auth.visitor(request)
    if visitor is None:
        return ""
    return request.app[SERVICES].db.site.sign("csrf", visitor.session.token_hash)


async def check(request: web.Request) -> None:
    """Raises NotAllowed for a form that one of our pages did not send. Call it first in every POST of a page."""
    if not _is_ours(request):
        raise NotAllowed(_MESSAGE)
    expected = await token(request)
    if expected:
        given = (await params.read(request)).text(FIELD) or ""
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise NotAllowed(_MESSAGE)


def _is_ours(request: web.Request) -> bool:
    base_url = request.app[SERVICES].settings.base_url
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == base_url
    referer = request.headers.get("Referer")
    return referer is not None and (referer == base_url or referer.startswith(f"{base_url}/"))
