# SPDX-License-Identifier: AGPL-3.0-or-later
"""Another server's part of an actor's followers (FEP-8fcf), to that server alone."""

from aiohttp import web

from activitypub import collections
from activitypub.signatures.check import ACCEPT_SIGNATURE
from node import actors
from node.kernel.errors import NotFound
from node.relationships import reach, synchronisation
from web import SERVICES
from web.errors import json_response
from web.federation.negotiation import activity_response, signed_request


async def followers(request: web.Request) -> web.Response:
    """Which followers of an actor are of the server that signs: what everybody else's are is not said."""
    services = request.app[SERVICES]
    uri = f"{services.settings.base_url}/actors/{request.match_info['slug']}"
    reader = await services.inbox.authenticate(signed_request(request))
    if reader is None:
        return json_response(
            {"error": "This is for signed requests."}, status=401, headers={"Accept-Signature": ACCEPT_SIGNATURE}
        )
    found = await services.db.read(actors.by_uri, uri)
    if found is None or not found.is_active or not await services.db.read(reach.admits, found, reader):
        raise NotFound
    items = await services.db.read(synchronisation.followers_of, found.id, reader.uri)
    document = collections.build_collection(f"{uri}/{synchronisation.PATH}", total=len(items), items=list(items))
    return activity_response(document, public=False)
