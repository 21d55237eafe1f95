# SPDX-License-Identifier: AGPL-3.0-or-later
"""Followed hashtags: public posts that carry one come to the home timeline, whoever wrote them. Nobody is told of it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from node.actors import ActorId
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid, NotFound
from node.kernel.ids import new_id
from node.kernel.paging import Page, Paged
from node.kernel.text import as_hashtag, fold_hashtag
from node.timelines.actions import forget_tag
from node.timelines.tables import followed_tags as followed_tags_table

MAX_FOLLOWED_TAGS: Final = 500
_FOLLOWED = Paged(
    select(followed_tags_table.c.id, followed_tags_table.c.name, followed_tags_table.c.display).where(
        followed_tags_table.c.owner_id == bindparam("owner_id")
    ),
    followed_tags_table.c.id,
)


@dataclass(frozen=True, slots=True)
class FollowedTag:
    """A hashtag that somebody follows: `name` folded, `display` as they wrote it."""

    id: int
    name: str
    display: str


def follow_tag(tx: Tx, owner_id: ActorId, written: str) -> str:
    """Follow a hashtag, from now on; its folded name. Twice changes nothing.

    Raises NotFound for what is no hashtag, and Invalid if somebody follows too many.
    """
    display = _checked(written)
    name = fold_hashtag(display)[:255]
    table = followed_tags_table
    held = set(tx.conn.execute(select(table.c.name).where(table.c.owner_id == owner_id)).scalars())
    if name in held:
        return name
    if len(held) >= MAX_FOLLOWED_TAGS:
        raise Invalid("Five hundred hashtags can be followed. Please unfollow one first.", field="name")
    tx.conn.execute(
        insert_or_ignore(tx.conn, table),
        {
            "id": new_id(tx.now),
            "owner_id": owner_id,
            "name": name,
            "display": display[:255],
            "created_at": tx.now,
        },
    )
    return name


def unfollow_tag(tx: Tx, owner_id: ActorId, written: str) -> str:
    """Follow a hashtag no more, and take away what came for it alone; its folded name. Nothing to end is fine.

    Raises NotFound for what is no hashtag.
    """
    name = fold_hashtag(_checked(written))[:255]
    table = followed_tags_table
    tx.conn.execute(delete(table).where(table.c.owner_id == owner_id, table.c.name == name))
    forget_tag(tx, owner_id, name)
    return name


def _checked(written: str) -> str:
    display = as_hashtag(written)
    if display is None:
        raise NotFound
    return display


def followed_tags(conn: Connection, owner_id: int, page: Page) -> list[FollowedTag]:
    """The hashtags that somebody follows, latest first."""
    return [FollowedTag(row.id, row.name, row.display) for row in _FOLLOWED.read(conn, page, owner_id=owner_id)]


def followed_among(conn: Connection, owner_id: int, names: Collection[str]) -> set[str]:
    """Those of the folded names that somebody follows."""
    if not names:
        return set()
    table = followed_tags_table
    return set(
        conn.execute(select(table.c.name).where(table.c.owner_id == owner_id, table.c.name.in_(set(names)))).scalars()
    )
