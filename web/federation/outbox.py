# SPDX-License-Identifier: AGPL-3.0-or-later
"""The client-to-server outbox (ActivityPub 6): a member's own programs post activities with a bearer token."""

from aiohttp import web

from activitypub import activity as activity_documents
from activitypub.parse import parse
from node.wiring import client_to_server
from web import SERVICES, auth
from web.federation.inbox import read_body
from web.federation.mailbox import owner


async def post(request: web.Request) -> web.Response:
    """Do what a member's activity asks for: 201, with the id of what was made in `Location`."""
    services = request.app[SERVICES]
    member, caller = owner(request), auth.caller(request)
    assert caller is not None
    document = parse(await read_body(request))
    activity = activity_documents.read(client_to_server.wrapped(document, member))
    for needed in client_to_server.documents_needed(activity):
        await services.resolver.anything(needed)
    location = await services.db.write(client_to_server.accept, member, activity, caller.scopes)
    return web.Response(status=201, headers={"Location": location})
