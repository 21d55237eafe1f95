# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whole networks of which a member wants to see nothing. What the association blocks for everybody is in `federation.hosts`.

A block ends every follow between the member and that network, a hundred at a time: the first at once, the rest by a task.
"""

from typing import Final

from sqlalchemy import Connection, and_, delete, exists, func, or_, select

from activitypub.errors import Malformed
from activitypub.handles import handle_host
from node import actors
from node.actors import Actor
from node.actors.tables import actors as actors_table
from node.kernel import paging, queue
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid
from node.kernel.ids import new_id
from node.kernel.paging import Page
from node.relationships import actions
from node.relationships.queries import ACCEPTED
from node.relationships.tables import domain_blocks, follows
from node.relationships.types import NetworkBlocked

LEAVE: Final = "relationships.leave_network"
"""The task that ends the next hundred follows between a member and a network that they block."""

BATCH: Final = 100
MAX_BLOCKS: Final = 1_000


def block_network(tx: Tx, owner: Actor, domain: str) -> None:
    """See nothing of a network, and have nobody from there follow. Saying it twice changes nothing.

    Raises Invalid for what is no domain, for this node's own, and for the thousand-and-first.
    """
    name = _named(tx, domain)
    made = tx.conn.execute(
        insert_or_ignore(tx.conn, domain_blocks),
        {"id": new_id(tx.now), "owner_id": owner.id, "domain": name, "created_at": tx.now},
    )
    # Counted after, so that saying it again at the limit is no more than that; a refusal takes the row back.
    known = select(func.count()).select_from(domain_blocks).where(domain_blocks.c.owner_id == owner.id)
    if tx.conn.execute(known).scalar_one() > MAX_BLOCKS:
        raise Invalid("You block a thousand networks already.", field="domain")
    if made.rowcount:
        tx.tell(NetworkBlocked(owner, name))
        _leave(tx, owner, name)


def unblock_network(tx: Tx, owner: Actor, domain: str) -> None:
    """See it again. Nothing to take back is fine; the follows do not come back. Raises Invalid for what is no domain."""
    name = _named(tx, domain)
    tx.conn.execute(delete(domain_blocks).where(domain_blocks.c.owner_id == owner.id, domain_blocks.c.domain == name))


def _spelled(domain: str) -> str:
    """The one spelling of a domain. Raises Invalid for what is none."""
    try:
        return handle_host(domain.strip())
    except Malformed:
        raise Invalid("Validation failed: Domain is not a valid domain name", field="domain") from None


def _named(tx: Tx, domain: str) -> str:
    name = _spelled(domain)
    if name in (tx.site.domain, tx.site.base_url.partition("://")[2]):
        raise Invalid("Validation failed: Domain is this network", field="domain")
    return name


def _leave(tx: Tx, owner: Actor, domain: str) -> None:
    """End the next follows between a member and a network, and leave a row for those after them."""
    other = actors_table.c.id
    tied = or_(
        exists(select(follows.c.id).where(follows.c.follower_id == owner.id, follows.c.followee_id == other)),
        exists(select(follows.c.id).where(follows.c.followee_id == owner.id, follows.c.follower_id == other)),
    )
    found = tx.conn.execute(select(other).where(actors_table.c.domain == domain, tied).limit(BATCH)).scalars().all()
    for person in actors.by_ids(tx.conn, found).values():
        actions.unfollow(tx, owner, person)
        actions.remove_follower(tx, owner, person)
    if len(found) == BATCH:
        queue.enqueue(tx, LEAVE, {"owner": owner.id, "domain": domain})


def leave(tx: Tx, owner_id: int, domain: str, task_id: int) -> None:
    """What the task does. A member who has thought better of it meanwhile keeps the rest."""
    owner = actors.find(tx.conn, owner_id)
    if owner is not None and owner.is_active and is_network_blocked(tx.conn, owner_id, domain):
        _leave(tx, owner, domain)
    queue.complete(tx, task_id)


def blocked_networks(conn: Connection, owner_id: int, page: Page) -> list[tuple[int, str]]:
    """The networks that a member blocks, newest first, each with the number of the row."""
    rows = paging.read(
        conn,
        select(domain_blocks.c.id, domain_blocks.c.domain).where(domain_blocks.c.owner_id == owner_id),
        domain_blocks.c.id,
        page,
    )
    return [(row.id, row.domain) for row in rows]


def is_network_blocked(conn: Connection, owner_id: int, domain: str) -> bool:
    """Whether a member blocks this network."""
    if not domain:
        return False
    found = select(domain_blocks.c.id).where(domain_blocks.c.owner_id == owner_id, domain_blocks.c.domain == domain)
    return conn.execute(found).first() is not None


def ties_to_network(conn: Connection, owner_id: int, domain: str) -> tuple[int, int]:
    """(how many there the member follows, how many from there follow the member): what a block would end.

    Raises Invalid for what is no domain.
    """
    name = _spelled(domain)

    def count(mine: str, theirs: str) -> int:
        statement = (
            select(func.count())
            .select_from(follows)
            .join(actors_table, actors_table.c.id == follows.c[theirs])
            .where(and_(follows.c[mine] == owner_id, follows.c.state == ACCEPTED, actors_table.c.domain == name))
        )
        return conn.execute(statement).scalar_one()

    return count("follower_id", "followee_id"), count("followee_id", "follower_id")
