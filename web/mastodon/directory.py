# SPDX-License-Identifier: AGPL-3.0-or-later
"""Those who want to be found, here and elsewhere. Source: Mastodon's documentation, methods/directory."""

from aiohttp import web

from node.kernel import clock
from node.relationships import directory
from web import auth, params
from web.mastodon.answers import account_list, db
from web.paging import limit_of, offset_of


async def index(request: web.Request) -> web.Response:
    """By when they last posted (`active`) or by when they came (`new`)."""
    given = params.query(request)
    found = await db(request).read(
        directory.directory,
        auth.viewer(request),
        clock.now(),
        newest=given.text("order") == "new",
        local=given.flag("local"),
        limit=limit_of(given, default=40, most=80),
        offset=offset_of(given),
    )
    return account_list(request, found)
