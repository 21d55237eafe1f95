# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the handlers of this API share: the number in the address, and the usual answers."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import orjson
from aiohttp import web
from sqlalchemy import Connection

from node.actors import Actor
from node.kernel.db import Database
from node.kernel.errors import NotFound
from node.kernel.site import Site
from web import SERVICES, auth, errors
from web.mastodon import entities
from web.mastodon.rendering import STATUSES, Statuses, joined, raw
from web.paging import link_to
from web.params import MAX_NUMBER

__all__ = [
    "SHARED",
    "account_list",
    "accounts_page",
    "db",
    "json",
    "number",
    "parsed",
    "site",
    "status",
    "statuses_of",
    "statuses_page",
]

json = errors.json_response
SHARED: Final = {
    "Cache-Control": "public, max-age=180, stale-while-revalidate=60",
    "Vary": "Authorization, Origin, Accept-Language",
}
"""The headers of what is the same for everybody."""
Ids = Callable[[Connection], Sequence[int]]
Rows = Callable[[Connection], Sequence[tuple[int, int]]]


def db(request: web.Request) -> Database:
    """The node's database."""
    return request.app[SERVICES].db


def site(request: web.Request) -> Site:
    """The node's own name and addresses."""
    return request.app[SERVICES].db.site


def number(request: web.Request, name: str = "id") -> int:
    """The number in the address; raises NotFound for anything else that stands there."""
    return parsed(request.match_info[name])


def parsed(text: str) -> int:
    """A number that something may have; raises NotFound for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > MAX_NUMBER:
        raise NotFound
    return int(text)


async def status(request: web.Request, post_id: int) -> web.Response:
    """One status as the viewer sees it; raises NotFound."""
    return raw(await db(request).read(request.app[STATUSES].one, post_id, auth.viewer(request)))


async def statuses_page(request: web.Request, ids: Ids, *, at_home: bool = False) -> web.Response:
    """A page of statuses. The way on is by what was read, not by what is shown: a short page is not the end."""

    def read(conn: Connection, statuses: Statuses, viewer: int | None) -> tuple[Sequence[int], list[bytes]]:
        found = ids(conn)
        return found, statuses.many(conn, found, viewer, at_home=at_home)

    found, bodies = await db(request).read(read, request.app[STATUSES], auth.viewer(request))
    return raw(joined(bodies), link_to(request, found))


async def statuses_of(request: web.Request, rows: Rows) -> web.Response:
    """The same for lists that are paged by rows of their own: (row, post)."""

    def read(conn: Connection, statuses: Statuses, viewer: int | None) -> tuple[list[int], list[bytes]]:
        found = rows(conn)
        return [row for row, _ in found], statuses.many(conn, [post_id for _, post_id in found], viewer)

    found, bodies = await db(request).read(read, request.app[STATUSES], auth.viewer(request))
    return raw(joined(bodies), link_to(request, found))


def accounts_page(request: web.Request, rows: Sequence[tuple[int, Actor]]) -> web.Response:
    """A page of people, paged by rows of their own."""
    body = [entities.account(site(request), actor) for _, actor in rows]
    return web.Response(
        body=orjson.dumps(body),
        headers=link_to(request, [row for row, _ in rows]),
        content_type="application/json",
        charset="utf-8",
    )


def account_list(request: web.Request, actors: Iterable[Actor]) -> web.Response:
    """A list of people that is not paged."""
    return json([entities.account(site(request), actor) for actor in actors])
