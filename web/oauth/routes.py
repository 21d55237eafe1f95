# SPDX-License-Identifier: AGPL-3.0-or-later
"""The endpoints for apps, and the pages for members."""

from typing import Final

from aiohttp import web

from web.limits import Limit
from web.oauth import authorize, metadata, tokens
from web.routes import Auth, Endpoint

ENDPOINTS: Final = (
    Endpoint("POST", "/oauth/token", tokens.issue, Auth.NONE, limit=Limit.TOKEN),
    Endpoint("POST", "/oauth/revoke", tokens.revoke, Auth.NONE, limit=Limit.TOKEN),
    Endpoint("GET", "/oauth/userinfo", tokens.userinfo, Auth.USER, "profile"),
    Endpoint("POST", "/oauth/userinfo", tokens.userinfo, Auth.USER, "profile"),
    Endpoint("GET", "/.well-known/oauth-authorization-server", metadata.show, Auth.NONE),
)

PAGES: Final = (
    web.get("/oauth/authorize", authorize.ask),
    web.get("/oauth/authorize/", authorize.ask),  # as toot writes it
    web.post("/oauth/authorize", authorize.decide),
    web.get("/oauth/authorize/native", authorize.show_code),
)
