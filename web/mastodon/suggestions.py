# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom a member may want to follow: classmates first. Source: Mastodon's documentation, methods/suggestions."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from node import directory
from node.kernel import clock
from node.relationships import suggestions
from node.relationships.suggestions import Reason, Suggestion
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import account_list, db, json, number, site
from web.paging import limit_of, offset_of

# Mastodon's words for reasons, the newer and the older one, nearest to ours.
_SOURCES: Final = {
    Reason.CLASSMATE: ("featured", "staff"),
    Reason.SCHOOL: ("most_followed", "global"),
    Reason.FRIEND_OF_FRIENDS: ("friends_of_friends", "global"),
}


async def index(request: web.Request) -> web.Response:
    """Suggestions with why."""
    here = site(request)
    return json(
        [
            {
                "source": _SOURCES[one.reason][1],
                "sources": [_SOURCES[one.reason][0]],
                "account": entities.account(here, one.actor),
            }
            for one in await _found(request)
        ]
    )


async def index_old(request: web.Request) -> web.Response:
    """The accounts alone."""
    return account_list(request, [one.actor for one in await _found(request)])


async def _found(request: web.Request) -> Sequence[Suggestion]:
    given = params.query(request)
    return await db(request).read(
        directory.suggestions,
        auth.me(request),
        clock.now(),
        limit=limit_of(given, default=40, most=80),
        offset=offset_of(given),
    )


async def dismiss(request: web.Request) -> web.Response:
    """Never suggest somebody again."""
    await db(request).write(suggestions.dismiss_suggestion, auth.me(request), number(request))
    return json({})
