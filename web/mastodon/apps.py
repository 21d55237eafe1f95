# SPDX-License-Identifier: AGPL-3.0-or-later
"""Applications: anyone may register one. Source: Mastodon's documentation, methods/apps."""

from aiohttp import web

from node import access
from node.kernel.errors import Invalid
from web import SERVICES, auth, params
from web.errors import NotSignedIn
from web.mastodon import entities
from web.mastodon.answers import db, json


async def create(request: web.Request) -> web.Response:
    """Register an application. Redirects come as one text, as lines of one, or as a list."""
    given = await params.read(request)
    redirects = [line for text in given.texts("redirect_uris") for line in text.split()]
    if not redirects:
        raise Invalid("Validation failed: Redirect URI can't be blank", field="redirect_uris")
    app, secret = await db(request).write(
        access.register_app,
        name=given.text("client_name") or "",
        redirect_uris=redirects,
        scopes=" ".join(given.texts("scopes")),
        website=given.text("website"),
    )
    key = await request.app[SERVICES].push.public_key()
    return json(entities.credential_application(app, secret, vapid_key=key))


async def verify_credentials(request: web.Request) -> web.Response:
    """Which application the token belongs to."""
    caller = auth.caller(request)
    if caller is None:
        raise NotSignedIn
    redirects = await db(request).read(access.redirects_of, caller.app_id)
    return json(
        {
            "id": str(caller.app_id),
            "name": caller.app_name,
            "website": caller.app_website,
            "scopes": sorted(caller.scopes),
            "redirect_uris": list(redirects),
            "redirect_uri": "\n".join(redirects),
            "vapid_key": await request.app[SERVICES].push.public_key(),
        }
    )
