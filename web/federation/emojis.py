# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each of the node's own emoji at its own address, where others look whether its picture has changed."""

from aiohttp import web

from activitypub import contexts
from activitypub.emojis import build
from node import emojis
from node.kernel.errors import NotFound
from web import SERVICES
from web.federation.negotiation import VARY, activity_response, wants_activity


async def show(request: web.Request) -> web.Response:
    """The emoji, to browsers its picture; one that is shown nowhere is not there."""
    db = request.app[SERVICES].db
    found = await db.read(emojis.find, int(request.match_info["number"]))
    if found is None or found.disabled:
        raise NotFound
    [emoji] = emojis.own([emojis.shown(db.site, found)])
    if not wants_activity(request):
        raise web.HTTPSeeOther(emoji.url, headers={"Vary": VARY})
    return activity_response({"@context": contexts.OBJECT, **build(emoji)})
