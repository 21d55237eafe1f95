# SPDX-License-Identifier: AGPL-3.0-or-later
"""Codes for tokens, and the end of tokens. Errors have OAuth's own form (RFC 6749, 5.2)."""

import base64
import binascii
from urllib.parse import unquote_plus

from aiohttp import web

from node import access
from node.access import App
from node.kernel.db import Database, Tx
from node.kernel.errors import Invalid
from web import SERVICES, auth, params
from web.errors import json_response
from web.mastodon import entities
from web.media import missing_avatar, picture_url
from web.params import Params

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def refused(error: str, description: str, status: int = 400) -> web.Response:
    """An OAuth error."""
    headers = dict(_NO_STORE)
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="OAuth"'
    return json_response({"error": error, "error_description": description}, status=status, headers=headers)


async def issue(request: web.Request) -> web.Response:
    """A token for a code, or for the application itself."""
    given = await params.read(request)
    db = request.app[SERVICES].db
    match given.text("grant_type"):
        case "authorization_code":
            return await _for_code(request, given, db)
        case "client_credentials":
            return await _for_app(request, given, db)
        case None | "":
            return refused("invalid_request", "The parameter grant_type is missing.")
        case _:
            return refused("unsupported_grant_type", "The grant type is not supported here.")


async def _for_code(request: web.Request, given: Params, db: Database) -> web.Response:
    app, proved = await _client(request, given, db)
    if app is None:
        return _unknown_client()
    token = await db.write(
        access.exchange,
        app,
        given.text("code") or "",
        redirect_uri=given.text("redirect_uri") or "",
        verifier=given.text("code_verifier") or None,
        app_is_proved=proved,
    )
    if token is None:
        return refused(
            "invalid_grant",
            "The authorization code is invalid, expired, used already, or was issued to another client or redirect URI.",
        )
    return json_response(entities.token(token), headers=_NO_STORE)


async def _for_app(request: web.Request, given: Params, db: Database) -> web.Response:
    app, proved = await _client(request, given, db)
    if app is None or not proved:
        return _unknown_client()
    try:
        scopes = access.parse(given.text("scope") or "")
        if not access.within(scopes, app.scopes):
            raise Invalid("The requested scope is invalid, unknown, or malformed.")
    except Invalid as error:
        return refused("invalid_scope", error.message)
    token = await db.write(_issue, app, scopes)
    return json_response(entities.token(token), headers=_NO_STORE)


def _issue(tx: Tx, app: App, scopes: tuple[str, ...]) -> access.NewToken:
    return access.issue_token(tx, app_id=app.id, member_id=None, scopes=scopes)


async def revoke(request: web.Request) -> web.Response:
    """End a token of this client. One that is unknown is ended already (RFC 7009, 2.2)."""
    given = await params.read(request)
    db = request.app[SERVICES].db
    app, proved = await _client(request, given, db)
    if app is None or not proved:
        return _unknown_client()
    if not await db.write(access.revoke, app.id, given.text("token") or ""):
        return refused("unauthorized_client", "You are not authorized to revoke this token", 403)
    return json_response({}, headers=_NO_STORE)


async def userinfo(request: web.Request) -> web.Response:
    """Who the member is, in OpenID's words."""
    me = auth.me(request)
    site = request.app[SERVICES].db.site
    return json_response(
        {
            "iss": f"{site.base_url}/",
            "sub": me.uri,
            "name": me.name,
            "preferred_username": me.username,
            "profile": me.url,
            "picture": picture_url(site, me.avatar) or missing_avatar(site),
        }
    )


async def _client(request: web.Request, given: Params, db: Database) -> tuple[App | None, bool]:
    """(the application, whether it gave its secret). A wrong secret makes it nobody."""
    client_id, secret = _basic(request) or (given.text("client_id"), given.text("client_secret"))
    if not client_id:
        return None, False
    app = await db.read(access.find_app, client_id)
    if app is None or not secret:
        return app, False
    return (app, True) if await db.read(access.is_secret_of, app, secret) else (None, False)


def _basic(request: web.Request) -> tuple[str, str] | None:
    """Client id and secret from HTTP Basic, both form-encoded (RFC 6749, 2.3.1)."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (unquote_plus(name), unquote_plus(secret)) if colon else None


def _unknown_client() -> web.Response:
    return refused(
        "invalid_client",
        "Client authentication failed due to unknown client, no client authentication included, or unsupported "
        "authentication method.",
        401,
    )
