# SPDX-License-Identifier: AGPL-3.0-or-later
"""What another site needs to show one of our posts in a frame. Source: oEmbed 1.0, and Mastodon's methods/oembed."""

from html import escape
from typing import Final

from aiohttp import web

from node.kernel.errors import NotFound
from web import SERVICES, embedding, params
from web.mastodon.answers import db, json, site

CACHE_SECONDS: Final = 86_400
_WIDEST: Final = 2_000


async def show(request: web.Request) -> web.Response:
    """The frame for the post at `url`. XML, which oEmbed allows too, is not written (501, as it asks for)."""
    given = params.query(request)
    address = given.text("url")
    if not address:
        raise NotFound
    if (given.text("format") or "json") != "json":
        raise web.HTTPNotImplemented
    here = site(request)
    view = await db(request).read(embedding.named, here, address)
    width = _size(given.integer("maxwidth"), embedding.WIDTH)
    height = _size(given.integer("maxheight"), embedding.HEIGHT)
    frame = (
        f'<iframe src="{escape(embedding.embed_url(here, view))}" width="{width}" height="{height}" '
        'style="max-width: 100%; border: 0" sandbox="allow-popups allow-popups-to-escape-sandbox" loading="lazy">'
        "</iframe>"
    )
    return json(
        {
            "type": "rich",
            "version": "1.0",
            "title": f"{view.author.name}: {view.post.title}" if view.post.title else view.author.name,
            "author_name": view.author.name,
            "author_url": view.author.url,
            "provider_name": request.app[SERVICES].settings.name,
            "provider_url": f"{here.base_url}/",
            "cache_age": CACHE_SECONDS,
            "html": frame,
            "width": width,
            "height": None,
        },
        headers={"Cache-Control": "public, max-age=300"},
    )


def _size(asked: int | None, usual: int) -> int:
    """What fits into what is asked for, and can still be read."""
    return usual if asked is None else max(embedding.LEAST, min(asked, usual, _WIDEST))
