# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member's own programs read with a bearer token (ActivityPub 4.1, 5.1, 5.2): inbox, outbox, news, other servers.

GET  <actor>/inbox     what others sent them, newest first
GET  <actor>/outbox    what they sent, with a token of theirs all of it
GET  <actor>/events    both as they happen, as server-sent events named `inbox` and `outbox` (`endpoints.eventSource`)
POST <actor>/proxy     any ActivityStreams document by its id, fetched in their name (`endpoints.proxyUrl`)
"""

from functools import partial
from typing import Final
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from sqlalchemy import Connection

from activitypub import collections, contexts
from activitypub.parse import JsonObject, parse
from activitypub.signatures.check import Scheme
from node import actors, federation, posts
from node.actors import Actor, Reach
from node.federation import hosts
from node.federation.client import FetchFailed
from node.kernel.errors import Gone, Invalid, NotAllowed, NotFound
from node.kernel.site import Site
from node.wiring import documents
from web import SERVICES, auth, params
from web.errors import BadGateway
from web.federation.negotiation import activity_response
from web.streaming import events as streams
from web.streaming.channels import ACTIVITIES

PAGE: Final = 20


def owner(request: web.Request) -> Actor:
    """The member whose token it is, who must be the actor in the address. Raises NotAllowed."""
    member = auth.me(request)
    if member.uri != f"{request.app[SERVICES].settings.base_url}/actors/{request.match_info['slug']}":
        raise NotAllowed("This is somebody else's.")
    return member


async def inbox(request: web.Request) -> web.Response:
    """What others sent to the member, page by page."""
    member = owner(request)
    read = request.app[SERVICES].db.read
    before = _number(request.query.get("max_id"))
    return activity_response(await read(_inbox, member, paged="page" in request.query, before=before), public=False)


def _inbox(conn: Connection, member: Actor, *, paged: bool, before: int | None) -> JsonObject:
    address = f"{member.uri}/inbox"
    if not paged:
        return collections.build_collection(address, first=f"{address}?page=true")
    items, last = posts.inbox_page(conn, member, before=before, limit=PAGE)
    return collections.build_page(
        f"{address}?page=true" + (f"&max_id={before}" if before is not None else ""),
        part_of=address,
        items=[item.document for item in items],
        next=f"{address}?page=true&max_id={last}" if last else None,
        context=contexts.EVENT,
    )


def outbox_document(
    conn: Connection, actor_uri: str, *, paged: bool, before: int | None, whole: bool = False
) -> JsonObject:
    """An actor's outbox or a page of it; `whole` with what is not for everybody, for its owner."""
    address = f"{actor_uri}/outbox"
    if not paged:
        total = federation.activities.outbox_count(conn, actor_uri, whole=whole)
        return collections.build_collection(address, total=total, first=f"{address}?page=true")
    rows = federation.activities.outbox(conn, actor_uri, before=before, limit=PAGE, whole=whole)
    return collections.build_page(
        f"{address}?page=true" + (f"&max_id={before}" if before is not None else ""),
        part_of=address,
        items=[body for _, body in rows],
        next=f"{address}?page=true&max_id={rows[-1][0]}" if len(rows) == PAGE else None,
        context=contexts.OBJECT,
    )


async def events(request: web.Request) -> web.StreamResponse:
    """What comes and goes, as it happens."""
    owner(request)
    caller = auth.caller(request)
    assert caller is not None
    return await streams.send(request, caller, ACTIVITIES)


async def proxy(request: web.Request) -> web.Response:
    """The ActivityStreams document with the `id` of the form: ours as the member may see it, others' fetched and signed
    by the member. Nothing of it is stored or believed here."""
    member = owner(request)
    services = request.app[SERVICES]
    target = (await params.read(request)).text("id")
    if not target:
        raise Invalid("Please give the id of a document.", field="id")
    target = target.partition("#")[0]
    if services.db.site.is_local(target):
        found = await services.db.read(_here, services.db.site, member, target)
        return activity_response(found, public=False)
    if await services.db.read(hosts.blocked, urlsplit(target).hostname or ""):
        raise NotFound
    # Whose account is not known to every server does not make it known by asking.
    asker = member if member.reach is Reach.OPEN else await services.db.read(actors.node_actor)
    headers_for = partial(services.signer.headers, asker.id, Scheme.CAVAGE)
    try:
        answer = await services.client.fetch_document(target, headers_for)
    except FetchFailed as failure:
        raise _refusal(failure) from None
    return activity_response(parse(answer.body), public=False)


def _refusal(failure: FetchFailed) -> Exception:
    match failure.status:
        case 401 | 403:
            return NotAllowed("The other server does not show this.")
        case 404:
            return NotFound()
        case 410:
            return Gone()
    return BadGateway("The document could not be had from the other server.")


def _here(conn: Connection, site: Site, member: Actor, target: str) -> JsonObject:
    """A document of this node, without asking ourselves over the network. Raises NotFound."""
    parts = urlsplit(target)
    plain = target.partition("?")[0]
    query = parse_qs(parts.query)
    before = _number(query.get("max_id", [None])[0])
    paged = "page" in query
    if plain == f"{member.uri}/inbox":
        return _inbox(conn, member, paged=paged, before=before)
    if plain.endswith("/outbox"):
        actor = _active(conn, plain.removesuffix("/outbox"))
        return outbox_document(conn, actor.uri, paged=paged, before=before, whole=actor.id == member.id)
    if site.is_actor(plain):
        return actors.document(conn, site, _active(conn, plain))
    said = federation.activities.document(conn, plain, reader_uri=member.uri)
    return said if said is not None else documents.local_object(conn, site, plain, member).document


def _active(conn: Connection, uri: str) -> Actor:
    found = actors.by_uri(conn, uri)
    if found is None or not found.is_active:
        raise NotFound
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None
