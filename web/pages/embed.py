# SPDX-License-Identifier: AGPL-3.0-or-later
"""A post by itself, in a frame on somebody else's site."""

from aiohttp import web
from sqlalchemy import Connection

from node.kernel.errors import NotFound
from node.kernel.site import Site
from web import SERVICES, embedding, frames
from web.pages import convert
from web.pages.views import EmbedView


async def show(request: web.Request) -> web.Response:
    """The post as a stranger sees it: no visitor is looked up, so the page is the same for everybody."""
    services = request.app[SERVICES]
    view = await services.db.read(_view, services.db.site, int(request.match_info["post_id"]))
    headers = {"Content-Security-Policy": embedding.CSP, "Cache-Control": "public, max-age=300"}
    return frames.respond(request, frames.frame(request), view, headers=headers)


def _view(conn: Connection, site: Site, post_id: int) -> EmbedView:
    embedding.embeddable(conn, post_id)
    shown = convert.post_list(conn, site, [post_id], None)
    if not shown:
        raise NotFound
    return EmbedView(post=shown[0])
