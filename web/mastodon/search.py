# SPDX-License-Identifier: AGPL-3.0-or-later
"""Search: people, posts and hashtags; an address or a handle gives exactly what it names. Source: methods/search."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import orjson
from aiohttp import web
from sqlalchemy import Connection

from node import actors, directory, posts
from node.actors import Actor
from node.kernel.db import long_read
from node.kernel.paging import Page
from web import SERVICES, auth, limits, params
from web.limits import Limit
from web.mastodon import entities
from web.mastodon.answers import db, site
from web.mastodon.rendering import STATUSES, joined, raw
from web.paging import limit_of, offset_of, page_of
from web.params import Params

MAX_WORDS: Final = 500
TYPES: Final = frozenset({"accounts", "statuses", "hashtags"})


@dataclass(slots=True)
class Found:
    """What a search gives."""

    accounts: list[Actor] = field(default_factory=list)
    post_ids: list[int] = field(default_factory=list)
    hashtags: list[str] = field(default_factory=list)


async def search(request: web.Request) -> web.Response:
    """Everything at once."""
    return await _answered(request, old=False)


async def search_old(request: web.Request) -> web.Response:
    """The same with plain names for hashtags."""
    return await _answered(request, old=True)


async def _answered(request: web.Request, *, old: bool) -> web.Response:
    given = params.query(request)
    words = (given.text("q") or "").strip()[:MAX_WORDS]
    viewer = auth.viewer(request)
    if words and viewer is not None:
        await limits.count_member(request, Limit.SEARCH, viewer)
    found = await _find(request, given, words) if words else Found()
    bodies = await db(request).read(request.app[STATUSES].many, found.post_ids, viewer)
    tags = [] if old else await db(request).read(posts.tags.several, found.hashtags, viewer)
    here = site(request)
    people = orjson.dumps([entities.account(here, actor) for actor in found.accounts])
    names = orjson.dumps(found.hashtags if old else [entities.tag(here, one) for one in tags])
    return raw(b'{"accounts":%b,"statuses":%b,"hashtags":%b}' % (people, joined(bodies), names))


async def _find(request: web.Request, given: Params, words: str) -> Found:
    viewer = auth.viewer(request)
    # Strangers must not make us ask other servers.
    resolve = given.flag("resolve") and viewer is not None
    kind = given.text("type")
    wanted = frozenset({kind}) if kind in TYPES else TYPES
    if words.startswith(("https://", "http://")):
        return await _at_address(request, words, resolve=resolve)
    if (
        resolve
        and "@" in words.removeprefix("@")
        and " " not in words
        and "accounts" in wanted
        and not offset_of(given)
    ):
        actor = await request.app[SERVICES].resolver.actor_by_handle(words)
        if actor is not None:
            return Found(accounts=[actor])
    page = page_of(given, default=20, most=40)
    return await db(request).read(
        _by_words,
        words,
        wanted,
        viewer,
        page=page,
        limit=limit_of(given, default=20, most=40),
        offset=offset_of(given),
        following=given.flag("following"),
    )


async def _at_address(request: web.Request, address: str, *, resolve: bool) -> Found:
    """The person or the post at an address; looked up there only for members who ask for it."""
    here = site(request)
    if here.is_local(address):
        path = urlsplit(address).path
        if path.startswith("/@") and path.count("/") == 1:
            actor = await db(request).read(actors.by_handle, *_handle(path.removeprefix("/@")))
            return Found(accounts=[actor]) if actor is not None and actor.is_active else Found()
    if resolve:
        thing = await request.app[SERVICES].resolver.anything(address)
    else:
        thing = await db(request).read(_known, address)
    if isinstance(thing, Actor):
        return Found(accounts=[thing])
    return Found(post_ids=[thing]) if thing is not None else Found()


def _handle(text: str) -> tuple[str, str]:
    name, _, domain = text.partition("@")
    return name, domain


def _known(conn: Connection, address: str) -> Actor | int | None:
    actor = actors.by_uri(conn, address)
    if actor is not None:
        return actor if actor.is_active else None
    return posts.id_by_address(conn, address)


@long_read
def _by_words(
    conn: Connection,
    words: str,
    wanted: frozenset[str],
    viewer: int | None,
    *,
    page: Page,
    limit: int,
    offset: int,
    following: bool,
) -> Found:
    found = Found()
    if "accounts" in wanted and not words.startswith("#"):
        found.accounts = list(directory.accounts(conn, words, viewer, limit=limit, offset=offset, following=following))
    if "statuses" in wanted and viewer is not None and not offset:
        found.post_ids = list(posts.search(conn, viewer, words, page))
    if "hashtags" in wanted and not words.startswith("@"):
        found.hashtags = list(posts.hashtags(conn, words.removeprefix("#"), limit=limit, offset=offset))
    return found
