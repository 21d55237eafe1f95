# SPDX-License-Identifier: AGPL-3.0-or-later
"""Actors, objects and activities at their own ids, and the collections of an actor."""

from typing import Final

from aiohttp import web

from activitypub import collections, contexts
from activitypub.parse import JsonObject
from node import actors, federation, posts
from node.actors import Actor
from node.kernel.errors import Gone, NotFound
from node.wiring import documents
from web import SERVICES
from web.federation.negotiation import KEPT, VARY, activity_response, signed_request, wants_activity

PAGE: Final = 20


async def actor(request: web.Request) -> web.Response:
    """An actor of this node. Open to everybody: without it nobody could check our signatures."""
    found = await _actor(request)
    if not wants_activity(request):
        raise web.HTTPSeeOther(found.url, headers={"Vary": VARY})
    kept = request.app[KEPT]
    data = kept.get(found.uri, found.version)
    if data is None:
        services = request.app[SERVICES]
        document = await services.db.read(actors.document, services.db.site, found)
        data = kept.put(found.uri, found.version, document)
    return activity_response(data)


async def _actor(request: web.Request) -> Actor:
    services = request.app[SERVICES]
    uri = f"{services.settings.base_url}/actors/{request.match_info['slug']}"
    found = await services.db.read(actors.by_uri, uri)
    if found is None or found.suspended_at is not None:
        raise NotFound
    if found.deleted_at is not None:
        raise Gone
    return found


async def outbox(request: web.Request) -> web.Response:
    """An actor's public activities, newest first."""
    found = await _actor(request)
    db = request.app[SERVICES].db
    address = f"{found.uri}/outbox"
    if "page" not in request.query:
        total = await db.read(federation.activities.outbox_count, found.uri)
        return activity_response(collections.build_collection(address, total=total, first=f"{address}?page=true"))
    before = _number(request.query.get("max_id"))
    rows = await db.read(federation.activities.outbox, found.uri, before=before, limit=PAGE)
    following = f"{address}?page=true&max_id={rows[-1][0]}" if len(rows) == PAGE else None
    here = f"{address}?page=true" + (f"&max_id={before}" if before is not None else "")
    document = collections.build_page(
        here, part_of=address, items=[body for _, body in rows], next=following, context=contexts.OBJECT
    )
    return activity_response(document)


async def followers(request: web.Request) -> web.Response:
    """How many follow an actor; who they are is told to nobody."""
    found = await _actor(request)
    return activity_response(collections.followers(f"{found.uri}/followers", found.followers_count))


async def following(request: web.Request) -> web.Response:
    """How many an actor follows."""
    found = await _actor(request)
    return activity_response(collections.followers(f"{found.uri}/following", found.following_count))


async def featured(request: web.Request) -> web.Response:
    """What an actor has pinned, by id: those posts that are open to everybody."""
    found = await _actor(request)
    uris = await request.app[SERVICES].db.read(posts.pinned_uris, found.id)
    return activity_response(collections.build_collection(f"{found.uri}/featured", total=len(uris), items=list(uris)))


async def featured_tags(request: web.Request) -> web.Response:
    """The hashtags that an actor shows on their profile."""
    found = await _actor(request)
    db = request.app[SERVICES].db
    shown = [posts.hashtag(db.site, tag.display) for tag in await db.read(posts.tags_of, found.id)]
    address = f"{found.uri}/featured-tags"
    return activity_response(
        collections.build_collection(address, total=len(shown), items=list(shown), context=contexts.OBJECT)
    )


async def local_object(request: web.Request) -> web.Response:
    """A post or an event, to everybody or to signed readers for whom it is; a tombstone where one was deleted."""
    services = request.app[SERVICES]
    uri = f"{services.settings.base_url}/objects/{request.match_info['slug']}"
    reader = await services.inbox.authenticate(signed_request(request))
    served = await services.db.read(documents.local_object, services.db.site, uri, reader)
    if served.gone:
        return activity_response(served.document, status=410)
    if not wants_activity(request):
        raise web.HTTPSeeOther(served.page, headers={"Vary": VARY})
    return activity_response(served.document, public=served.public)


async def activity(request: web.Request) -> web.Response:
    """A public activity of ours. What is not public was delivered to those it is for, and is not served."""
    services = request.app[SERVICES]
    uri = f"{services.settings.base_url}/activities/{request.match_info['slug']}"
    document: JsonObject | None = await services.db.read(federation.activities.document, uri)
    if document is None:
        raise NotFound
    return activity_response(document)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None
