# SPDX-License-Identifier: AGPL-3.0-or-later
"""What apps can find out about our OAuth (RFC 8414)."""

from aiohttp import web

from node import access
from web import SERVICES
from web.errors import json_response


async def show(request: web.Request) -> web.Response:
    """The metadata document."""
    base_url = request.app[SERVICES].settings.base_url
    return json_response(
        {
            "issuer": f"{base_url}/",
            "service_documentation": "https://docs.joinmastodon.org/",
            "authorization_endpoint": f"{base_url}/oauth/authorize",
            "token_endpoint": f"{base_url}/oauth/token",
            "revocation_endpoint": f"{base_url}/oauth/revoke",
            "userinfo_endpoint": f"{base_url}/oauth/userinfo",
            "app_registration_endpoint": f"{base_url}/api/v1/apps",
            "scopes_supported": list(access.KNOWN),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        },
        headers={"Cache-Control": "public, max-age=300"},
    )
