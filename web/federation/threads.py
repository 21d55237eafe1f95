# SPDX-License-Identifier: AGPL-3.0-or-later
"""What hangs on a post, for other servers: its replies, how often it is liked and shared, and the thread it is in."""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from activitypub import collections
from activitypub.parse import JsonObject
from node import posts
from node.kernel.errors import Gone, NotFound
from node.posts import Post, threads
from node.posts.threads import Place
from node.wiring import documents
from web import SERVICES
from web.federation import reading
from web.federation.negotiation import activity_response

REPLIES_PAGE: Final = 20
THREAD_PAGE: Final = 50


async def replies(request: web.Request) -> web.Response:
    """The open replies to a post that we know, by their ids: the author's own first."""
    post, public = await _post(request)
    after = _place(request.query.get("after"))
    document = await request.app[SERVICES].db.read(_replies, post, after, whole="page" not in request.query)
    return activity_response(document, public=public)


async def likes(request: web.Request) -> web.Response:
    """How many like a post; who they are is told to nobody."""
    post, public = await _post(request)
    return activity_response(collections.followers(f"{post.uri}/likes", post.favourites_count), public=public)


async def shares(request: web.Request) -> web.Response:
    """How many have shared a post."""
    post, public = await _post(request)
    return activity_response(collections.followers(f"{post.uri}/shares", post.boosts_count), public=public)


async def context(request: web.Request) -> web.Response:
    """A whole thread, oldest first, as far as we know it and everybody may see it (FEP-7888)."""
    services = request.app[SERVICES]
    number = int(request.match_info["number"])
    address = f"{services.settings.base_url}/contexts/{number}"
    after = _number(request.query.get("after"))
    found = await services.db.read(threads.conversation, number, after=after, limit=THREAD_PAGE)
    here = f"{address}?page=true" + (f"&after={after}" if after else "")
    following = f"{address}?page=true&after={found.last}" if found.last is not None else None
    page = collections.build_page(here, part_of=address, items=list(found.uris), next=following)
    if "page" in request.query:
        return activity_response(page)
    return activity_response(collections.build_collection(address, total=found.total, first=page))


async def _post(request: web.Request) -> tuple[Post, bool]:
    """The local post whose collection is asked for, if the reader may have it, and whether anybody may."""
    services = request.app[SERVICES]
    uri = f"{services.settings.base_url}/objects/{request.match_info['slug']}"
    reader = await reading.reader(request)
    served = await services.db.read(documents.local_object, services.db.site, uri, reader)
    post = None if served.gone else await services.db.read(posts.by_uri, uri)
    if post is None:
        raise Gone
    return post, served.public


def _replies(conn: Connection, post: Post, after: Place, *, whole: bool) -> JsonObject:
    address = f"{post.uri}/replies"
    found = threads.replies(conn, post, after=after, limit=REPLIES_PAGE)
    here = f"{address}?page=true" + (f"&after={_written(after)}" if after != threads.START else "")
    following = f"{address}?page=true&after={_written(found.last)}" if found.last is not None else None
    page = collections.build_page(here, part_of=address, items=list(found.uris), next=following)
    if not whole:
        return page
    return collections.build_collection(address, total=threads.replies_count(conn, post), first=page)


def _written(place: Place) -> str:
    return f"{place.rank}-{place.number}"


def _place(text: str | None) -> Place:
    """Where a page begins, as its address says."""
    if text is None:
        return threads.START
    rank, _, number = text.partition("-")
    if rank not in ("0", "1"):
        raise NotFound
    return Place(int(rank), _number(number))


def _number(text: str | None) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound
    return int(text)
