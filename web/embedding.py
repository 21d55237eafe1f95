# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which posts other sites may show in a frame, and where: what `/api/oembed` and the page in the frame agree on.

Only posts of this node that are open to everybody. The page holds no form and knows no visitor, so that a site that puts
it under something else wins nothing by a click.
"""

import re
from typing import Final

from sqlalchemy import Connection

from node import posts
from node.kernel.errors import NotFound
from node.kernel.site import Site
from node.posts import PostView
from node.posts.queries import OPEN

WIDTH: Final = 400
HEIGHT: Final = 500
LEAST: Final = 200
CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors *"
)
_PAGE: Final = re.compile(r"/@[A-Za-z0-9_.-]+/([0-9]{1,18})")


def embeddable(conn: Connection, post_id: int) -> PostView:
    """A post of this node that everybody may read, and no boost; raises NotFound."""
    view = posts.view(conn, post_id, None)
    if not view.post.local or view.post.is_boost or view.post.visibility not in OPEN:
        raise NotFound
    return view


def named(conn: Connection, site: Site, address: str) -> PostView:
    """The post whose page, or whose id, this address is; raises NotFound."""
    if not site.is_local(address):
        raise NotFound
    page = _PAGE.fullmatch(address.removeprefix(site.base_url).partition("?")[0].removesuffix("/embed"))
    number = int(page[1]) if page else posts.id_by_address(conn, address)
    if number is None:
        raise NotFound
    return embeddable(conn, number)


def embed_url(site: Site, view: PostView) -> str:
    """The page for the frame."""
    return f"{site.profile_url(view.author.username)}/{view.post.id}/embed"
