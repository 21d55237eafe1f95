# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading media rows."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Row, bindparam, select

from node import actors
from node.actors import ActorId
from node.kernel.among import among
from node.kernel.db import long_read
from node.kernel.errors import NotFound
from node.media.tables import media
from node.media.types import Media, State

_BY_ID = select(media).where(media.c.id == bindparam("id"))
_OWNED = select(media).where(media.c.id == bindparam("id"), media.c.owner_id == bindparam("owner_id"))


_OF_POSTS = select(media).where(among(media.c.post_id)).order_by(media.c.position, media.c.id)


def get(conn: Connection, media_id: int, owner_id: ActorId) -> Media:
    """The owner's own upload; raises NotFound for one of somebody else's."""
    row = conn.execute(_OWNED, {"id": media_id, "owner_id": owner_id}).one_or_none()
    if row is None:
        raise NotFound
    return _media(row)


def owned(conn: Connection, media_ids: Collection[int], owner_id: ActorId) -> Sequence[Media]:
    """Those of the uploads that are the owner's, in the order asked for, in one statement."""
    rows = conn.execute(select(media).where(media.c.id.in_(set(media_ids)), media.c.owner_id == owner_id))
    found = {row.id: _media(row) for row in rows}
    return [found[number] for number in media_ids if number in found]


def of_posts(conn: Connection, post_ids: Collection[int]) -> dict[int, tuple[Media, ...]]:
    """The media of each post, in order, in one statement."""
    if not post_ids:
        return {}
    rows = conn.execute(_OF_POSTS, {"ids": list(set(post_ids))})
    found: defaultdict[int, list[Media]] = defaultdict(list)
    for row in rows:
        found[row.post_id].append(_media(row))
    return {post_id: tuple(items) for post_id, items in found.items()}


@long_read
def files_of(conn: Connection, owner_id: int) -> tuple[list[str], bool]:
    """(the files that a member uploaded, the pictures of their profile among them; whether nobody is to see them)."""
    owner = actors.find(conn, owner_id)
    if owner is None:
        return [], False
    rows = conn.execute(select(media.c.file, media.c.preview).where(media.c.owner_id == owner_id))
    pictures = [picture.file for picture in (owner.avatar, owner.header) if picture is not None]
    names = [name for row in rows for name in row] + pictures
    return [name for name in names if name], owner.suspended_at is not None


def find(conn: Connection, media_id: int) -> Media | None:
    """The file with this number, whoever it belongs to."""
    row = conn.execute(_BY_ID, {"id": media_id}).one_or_none()
    return None if row is None else _media(row)


def _media(row: Row[*tuple[object, ...]]) -> Media:
    values = dict(row._mapping)
    values["state"] = State(values["state"])
    return Media(**values)
