# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages of lists in the client API: reading `max_id`, `since_id`, `min_id` and `limit`, writing the `Link` header.

Addresses in `Link` begin with the node's own base URL, never with the Host that was asked for. Source: Mastodon's
documentation, "Guidelines and best practices"; RFC 8288.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from aiohttp import web

from node.kernel.paging import Page
from web import SERVICES
from web.params import MAX_NUMBER, Params

_BOUNDS = frozenset({"max_id", "since_id", "min_id"})


def limit_of(params: Params, *, default: int, most: int) -> int:
    """How many are wanted: brought within 1 and `most`; `default` for 0 and for garbage."""
    wanted = params.integer("limit")
    return default if wanted is None or wanted < 1 else min(wanted, most)


def page_of(params: Params, *, default: int = 20, most: int = 40) -> Page:
    """The page that is wanted."""
    return Page(
        limit=limit_of(params, default=default, most=most),
        max_id=_bound(params, "max_id"),
        since_id=_bound(params, "since_id"),
        min_id=_bound(params, "min_id"),
    )


def offset_of(params: Params) -> int:
    """Where an unsorted list begins; at most 10,000 in."""
    return min(params.number("offset") or 0, 10_000)


def link_to(request: web.Request, row_ids: Sequence[int]) -> dict[str, str]:
    """The header that leads on from a page with these rows; none from an empty page, which is the end."""
    if not row_ids:
        return {}
    kept = [(name, value) for name, value in request.query.items() if name not in _BOUNDS]
    where = f"{request.app[SERVICES].settings.base_url}{request.path.rstrip('/')}"

    def address(name: str, number: int) -> str:
        return f"{where}?{urlencode([*kept, (name, str(number))])}"

    return {"Link": f'<{address("max_id", min(row_ids))}>; rel="next", <{address("min_id", max(row_ids))}>; rel="prev"'}


def link_by_offset(request: web.Request, *, limit: int, offset: int, count: int) -> dict[str, str]:
    """The header that leads on from `count` entries of an unsorted list, and back. A page that is not full is the last."""
    kept = [(name, value) for name, value in request.query.items() if name not in ("limit", "offset")]
    where = f"{request.app[SERVICES].settings.base_url}{request.path.rstrip('/')}"

    def address(start: int) -> str:
        return f"{where}?{urlencode([*kept, ('limit', str(limit)), ('offset', str(start))])}"

    links = [f'<{address(offset + limit)}>; rel="next"'] if count == limit else []
    links += [f'<{address(max(offset - limit, 0))}>; rel="prev"'] if offset else []
    return {"Link": ", ".join(links)} if links else {}


def _bound(params: Params, name: str) -> int | None:
    found = params.integer(name)
    return None if found is None else min(max(found, 0), MAX_NUMBER)
