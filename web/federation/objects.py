# SPDX-License-Identifier: AGPL-3.0-or-later
"""Actors, objects and activities at their own ids, and the collections of an actor."""

import orjson
from aiohttp import web

from activitypub import collections, contexts
from activitypub.build import build_tombstone
from activitypub.parse import JsonObject, dump
from node import actors, federation, posts
from node.actors import Actor, ActorType, Reach
from node.kernel import clock
from node.kernel.errors import Gone, NotAllowed, NotFound
from node.wiring import documents
from web import SERVICES, auth
from web.federation import mailbox, reading
from web.federation.negotiation import KEPT, VARY, activity_response, wants_activity


async def actor(request: web.Request) -> web.Response:
    """An actor of this node. Open to everybody to whom there is one, if only as a stub: without it nobody could check our
    signatures."""
    found = await _known(request)
    await reading.check_welcome(request)
    if found.deleted_at is not None:
        return activity_response(build_tombstone(found.uri, found.type, found.deleted_at), status=410)
    if not wants_activity(request):
        raise web.HTTPSeeOther(found.url, headers={"Vary": VARY})
    if not await reading.admits(request, found):
        raise NotFound
    kept = request.app[KEPT]
    # What is sought or offered may be over since the document was made.
    lasting = found.public_profile is None or found.public_profile.at(clock.now()) == found.public_profile
    data = kept.get(found.uri, found.version) if lasting else None
    if data is None:
        services = request.app[SERVICES]
        document = await services.db.read(actors.document, services.db.site, found)
        data = kept.put(found.uri, found.version, document) if lasting else dump(document)
    if found.type is not ActorType.APPLICATION and await reading.must_be_known(request):
        return activity_response(reading.stub(orjson.loads(data)), public=False)
    return activity_response(data, public=_is_open(found))


async def _known(request: web.Request) -> Actor:
    """The actor in the address, also one who is suspended or gone; raises NotFound."""
    services = request.app[SERVICES]
    uri = f"{services.settings.base_url}/actors/{request.match_info['slug']}"
    found = await services.db.read(actors.by_uri, uri)
    if found is None:
        raise NotFound
    return found


async def _actor(request: web.Request) -> Actor:
    found = await _known(request)
    if found.deleted_at is not None:
        raise Gone
    if found.is_hidden or not await reading.admits(request, found):
        raise NotFound
    if found.suspended_at is not None:  # as Mastodon answers what may come back
        raise NotAllowed("This account is suspended.")
    return found


async def outbox(request: web.Request) -> web.Response:
    """An actor's activities, newest first: the public ones, and to its owner's program all of them."""
    found = await _actor(request)
    whole = auth.viewer(request) == found.id
    document = await request.app[SERVICES].db.read(
        mailbox.outbox_document,
        found.uri,
        paged="page" in request.query,
        before=_number(request.query.get("max_id")),
        whole=whole,
    )
    return activity_response(document, public=not whole and _is_open(found))


async def followers(request: web.Request) -> web.Response:
    """How many follow an actor; who they are is told to nobody."""
    found = await _actor(request)
    return activity_response(
        collections.followers(f"{found.uri}/followers", found.followers_count), public=_is_open(found)
    )


async def following(request: web.Request) -> web.Response:
    """How many an actor follows."""
    found = await _actor(request)
    return activity_response(
        collections.followers(f"{found.uri}/following", found.following_count), public=_is_open(found)
    )


async def featured(request: web.Request) -> web.Response:
    """What an actor has pinned, by id: those posts that are open to everybody."""
    found = await _actor(request)
    uris = await request.app[SERVICES].db.read(posts.pinned_uris, found.id)
    document = collections.build_collection(f"{found.uri}/featured", total=len(uris), items=list(uris))
    return activity_response(document, public=_is_open(found))


async def featured_tags(request: web.Request) -> web.Response:
    """The hashtags that an actor shows on their profile."""
    found = await _actor(request)
    db = request.app[SERVICES].db
    shown = [posts.hashtag(db.site, tag.display) for tag in await db.read(posts.tags_of, found.id)]
    address = f"{found.uri}/featured-tags"
    document = collections.build_collection(address, total=len(shown), items=list(shown), context=contexts.OBJECT)
    return activity_response(document, public=_is_open(found))


async def local_object(request: web.Request) -> web.Response:
    """A post or an event, to everybody or to signed readers for whom it is; a tombstone where one was deleted."""
    services = request.app[SERVICES]
    uri = f"{services.settings.base_url}/objects/{request.match_info['slug']}"
    reader = await reading.reader(request)
    served = await services.db.read(documents.local_object, services.db.site, uri, reader)
    if served.gone:
        return activity_response(served.document, status=410)
    if not wants_activity(request):
        raise web.HTTPSeeOther(served.page, headers={"Vary": VARY})
    return activity_response(served.document, public=served.public)


async def activity(request: web.Request) -> web.Response:
    """A public activity of ours. What is not public was delivered to those it is for, and is served to its author alone."""
    services = request.app[SERVICES]
    uri = f"{services.settings.base_url}/activities/{request.match_info['slug']}"
    own = auth.me(request).uri if auth.caller(request) is not None else None
    document: JsonObject | None = await services.db.read(federation.activities.document, uri, reader_uri=own)
    if document is None:
        raise NotFound
    sender = await services.db.read(actors.by_uri, str(document["actor"]))
    if sender is None or not await reading.admits(request, sender):
        raise NotFound
    return activity_response(document, public=own is None and _is_open(sender))


def _is_open(actor: Actor) -> bool:
    """Whether caches may keep what is said of an actor: it is the same for everybody."""
    return actor.reach is Reach.OPEN


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None
