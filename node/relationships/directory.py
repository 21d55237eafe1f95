# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finding people through a member's eyes: the directory of those who want to be found, and the search by name."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Connection, exists, literal, or_, select

from node.actors import Actor, ActorType
from node.actors.queries import read_statement, search_statement
from node.actors.tables import actors as actors_table
from node.kernel.db import long_read
from node.relationships.hiding import is_unwanted, is_withheld, network_blocked
from node.relationships.queries import ACCEPTED
from node.relationships.tables import blocks, follows
from node.relationships.visibility import not_blocked


@long_read
def directory(
    conn: Connection,
    viewer_id: int | None,
    now: datetime,
    *,
    newest: bool = False,
    local: bool = False,
    limit: int = 40,
    offset: int = 0,
) -> Sequence[Actor]:
    """Those who want to be found, by when they last posted or, `newest`, by when they came; `local` are those of here."""
    statement = select(actors_table).where(
        actors_table.c.discoverable.is_(True),
        actors_table.c.type.in_((ActorType.PERSON, ActorType.SERVICE, ActorType.GROUP)),
        actors_table.c.deleted_at.is_(None),
        actors_table.c.suspended_at.is_(None),
        actors_table.c.moved_to.is_(None),
        ~is_withheld(actors_table.c.id, viewer_id),
    )
    if local:
        statement = statement.where(actors_table.c.domain == "")
    if viewer_id is not None:
        statement = statement.where(
            not_blocked(actors_table.c.id, viewer_id), ~is_unwanted(actors_table.c.id, viewer_id, now)
        )
    by = actors_table.c.id.desc() if newest else actors_table.c.last_status_at.desc().nulls_last()
    return read_statement(conn, statement.order_by(by, actors_table.c.id.desc()).limit(limit).offset(offset))


def search(
    conn: Connection,
    words: str,
    viewer_id: int | None,
    *,
    limit: int = 20,
    offset: int = 0,
    following: bool = False,
    members: bool = True,
) -> Sequence[Actor]:
    """`actors.search` without whom the viewer blocks or is blocked by, nor anybody of a network that they block; only those
    whom they follow with `following`. Whom one mutes can be found, to be heard again; whom one blocks by the whole name,
    as toot looks for them to let them in again.

    Without `members` those of this node are left out unless it is their whole handle: the directory finds them. Strangers
    find of this node's members those alone who want to be found.
    """
    statement = search_statement(words)
    if statement is None:
        return []
    other = actors_table.c.id
    named = actors_table.c.username_key == words.strip().removeprefix("@").partition("@")[0].casefold()
    no_member = or_(actors_table.c.domain != "", actors_table.c.type != ActorType.PERSON)
    if viewer_id is None:
        statement = statement.where(or_(no_member, named, actors_table.c.discoverable.is_(True)))
        return read_statement(conn, statement.limit(limit).offset(offset))
    if not members:
        statement = statement.where(or_(no_member, named))
    blocks_viewer = exists(select(blocks.c.id).where(blocks.c.blocker_id == other, blocks.c.blocked_id == viewer_id))
    statement = statement.where(
        or_(not_blocked(other, viewer_id), named & ~blocks_viewer),
        ~network_blocked(literal(viewer_id, BigInteger), other),
    )
    if following:
        statement = statement.where(
            exists(
                select(follows.c.id).where(
                    follows.c.follower_id == viewer_id, follows.c.followee_id == other, follows.c.state == ACCEPTED
                )
            )
        )
    return read_statement(conn, statement.limit(limit).offset(offset))
