# SPDX-License-Identifier: AGPL-3.0-or-later
"""WebFinger (RFC 7033), host-meta (RFC 6415), NodeInfo 2.0 and 2.1, and our vocabulary's context document."""

from collections.abc import Mapping
from typing import Final

import orjson
from aiohttp import web
from sqlalchemy import Connection

from activitypub import contexts, hostmeta, nodeinfo, webfinger
from activitypub.actor import ActorType
from activitypub.errors import Malformed
from activitypub.nodeinfo import NodeInfo
from activitypub.parse import JsonObject
from activitypub.webfinger import Kind, Query
from node import actors, members, posts
from node.actors import Actor, Reach
from node.kernel.config import Settings
from node.kernel.errors import Gone, NotFound
from node.version import VERSION
from web import SERVICES
from web.errors import BadRequest
from web.federation import reading
from web.federation.negotiation import PRIVATE

JRD: Final = "application/jrd+json; charset=utf-8"
_OPEN: Final = {"Access-Control-Allow-Origin": "*"}


async def webfinger_answer(request: web.Request) -> web.Response:
    """Who is called so? All query forms of peers: handle, page, actor id, and the node itself by its domain."""
    resource = request.query.get("resource", "")
    try:
        query = webfinger.parse_resource(resource)
    except Malformed:
        raise BadRequest("The parameter resource must be an account such as acct:name@example.org.") from None
    services = request.app[SERVICES]
    settings = services.settings
    actor = await services.db.read(_asked_for, settings, query)
    if actor.deleted_at is not None:
        raise Gone
    if not await reading.admits(request, actor):
        raise NotFound
    icon = None
    if actor.avatar is not None and actor.avatar.file is not None:
        icon = (services.db.site.media_url(actor.avatar.file), actor.avatar.mime)
    document = webfinger.build(
        f"acct:{actor.username}@{settings.domain}",
        actor_id=actor.uri,
        profile_url=actor.url,
        subscribe=f"{settings.base_url}/authorize_interaction?uri={{uri}}",
        aliases=(actor.url, actor.uri),
        icon=icon,
        is_node=actor.type is ActorType.APPLICATION,
    )
    return _json(document, JRD, cache="public, max-age=3600" if actor.reach is Reach.OPEN else PRIVATE)


def _asked_for(conn: Connection, settings: Settings, query: Query) -> Actor:
    """The local actor that a query means; raises NotFound."""
    if query.host not in settings.authorities:
        raise NotFound
    found: Actor | None = None
    if query.kind is Kind.DOMAIN:
        found = actors.node_actor(conn)
    elif query.kind is Kind.ACCT:
        found = actors.by_handle(conn, query.user or "")
        if found is None and query.user == settings.domain:
            found = actors.node_actor(conn)
    elif query.url is not None:
        # By its path alone: on a split domain the pages may be asked for under either name.
        path = query.url.partition("://")[2].partition("/")[2]
        name = path.removeprefix("@").removesuffix("/")
        found = (
            actors.by_handle(conn, name) if path.startswith("@") else actors.by_uri(conn, f"{settings.base_url}/{path}")
        )
    if found is None or not found.is_local:
        raise NotFound
    # Whoever is gone for good answers so, also one who was suspended before.
    if found.suspended_at is not None and found.deleted_at is None:
        raise NotFound
    return found


async def host_meta(request: web.Request) -> web.Response:
    """Where WebFinger is, for servers that ask host-meta first (Mobilizon), as XML or JSON."""
    base = request.app[SERVICES].settings.base_url
    if "json" in request.headers.get("Accept", "") or request.path.endswith(".json"):
        return _json(hostmeta.jrd(base), hostmeta.JSON_CONTENT_TYPE, cache="public, max-age=86400")
    return web.Response(
        text=hostmeta.xrd(base),
        headers={**_OPEN, "Cache-Control": "public, max-age=86400", "Content-Type": hostmeta.XRD_CONTENT_TYPE},
    )


async def nodeinfo_links(request: web.Request) -> web.Response:
    """Where NodeInfo is, and who the node's actor is (FEP-2677)."""
    services = request.app[SERVICES]
    node_actor = await services.db.read(actors.node_actor)
    document = nodeinfo.well_known(services.settings.base_url, node_actor.uri)
    return _json(document, "application/json; charset=utf-8", cache="public, max-age=3600")


async def nodeinfo_document(request: web.Request) -> web.Response:
    """What this server is. The numbers are true, or absent."""
    services = request.app[SERVICES]
    version = request.match_info["version"]
    wanted: nodeinfo.Version = "2.0" if version == "2.0" else "2.1"
    document = nodeinfo.document(await services.db.read(_info, services.settings), wanted)
    return _json(document, nodeinfo.content_type(wanted), cache="public, max-age=1800")


def _info(conn: Connection, settings: Settings) -> NodeInfo:
    return NodeInfo(
        software_version=VERSION,
        name=settings.name,
        description=settings.description,
        users=actors.local_count(conn),
        local_posts=posts.local_count(conn),
        staff=tuple(
            member.actor.uri for member in members.with_role(conn, "admin") if member.actor.reach is Reach.OPEN
        ),
    )


async def context_document(_request: web.Request) -> web.Response:
    """The words of our own vocabulary, for readers of JSON-LD; they are in every document too, so nobody must ask."""
    return _json(contexts.document(), "application/ld+json; charset=utf-8", cache="public, max-age=86400")


def _json(document: JsonObject | Mapping[str, object], kind: str, *, cache: str) -> web.Response:
    return web.Response(body=orjson.dumps(document), headers={**_OPEN, "Content-Type": kind, "Cache-Control": cache})
