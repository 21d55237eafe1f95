# SPDX-License-Identifier: AGPL-3.0-or-later
"""The circles of this node, at the addresses that posts to them are addressed to. Who is inside is told to nobody."""

from aiohttp import web

from activitypub import collections
from node.kernel.errors import NotFound
from node.relationships import circles
from web import SERVICES
from web.federation import reading
from web.federation.negotiation import activity_response


async def circle(request: web.Request) -> web.Response:
    """A circle, to those inside: its members' programs, and of the circle `partners` the partner nodes."""
    services = request.app[SERVICES]
    address = f"{services.settings.base_url}{request.path}"
    named = circles.by_address(services.db.site, address)
    reader = await reading.reader(request)
    if named is None or reader is None:
        raise NotFound
    if not await services.db.read(circles.insiders, [reader.id], *named):
        raise NotFound
    return activity_response(collections.build_collection(address), public=False)
