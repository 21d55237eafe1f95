# SPDX-License-Identifier: AGPL-3.0-or-later
"""Partner schools. Two nodes are partners while their associations follow each other and both have accepted.

    none ──want_partner──> wanted (our association follows theirs)
                              │  theirs follows ours back, both accepted
                              v
                           active ──end_partnership, or they stop following──> ended

An administrator here names the other association; the rest is in the follows, so nothing can disagree with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, select

from node import actors
from node.actors import Actor, ActorType, by_ids
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid
from node.relationships import actions, circles, queries
from node.relationships.tables import follows
from node.relationships.tables import partners as partners_table


@dataclass(frozen=True, slots=True)
class Partnership:
    """The association of another node, and whether the partnership is in force."""

    association: Actor
    active: bool


def want_partner(tx: Tx, other: Actor) -> None:
    """Offer a partnership to the association of another node, or accept theirs.

    Raises Invalid if `other` is not an association.
    """
    if other.is_local or other.type not in (ActorType.ORGANIZATION, ActorType.GROUP):
        raise Invalid("This is not the account of another school's association.")
    ours = actors.association(tx.conn)
    tx.conn.execute(
        insert_or_ignore(tx.conn, partners_table),
        {"actor_id": other.id, "origin": circles.origin_of(other.uri)[:300], "created_at": tx.now},
    )
    actions.follow(tx, ours, other)


def end_partnership(tx: Tx, other: Actor) -> None:
    """End a partnership, or take the offer back."""
    tx.conn.execute(delete(partners_table).where(partners_table.c.actor_id == other.id))
    actions.unfollow(tx, actors.association(tx.conn), other)


def is_partner(conn: Connection, actor_id: int) -> bool:
    """Whether this is the association of a school with which a partnership is in force."""
    wanted = conn.execute(select(partners_table.c.actor_id).where(partners_table.c.actor_id == actor_id)).first()
    return wanted is not None and queries.follows_each_other(conn, actors.association(conn).id, actor_id)


def partners(conn: Connection) -> Sequence[Partnership]:
    """Every partner that was named here, in force or not yet."""
    ours = actors.association(conn)
    to_us = follows.alias("to_us")
    by_us = follows.alias("by_us")
    rows = conn.execute(
        select(
            partners_table.c.actor_id,
            and_(to_us.c.state == queries.ACCEPTED, by_us.c.state == queries.ACCEPTED).label("active"),
        )
        .outerjoin(to_us, and_(to_us.c.follower_id == partners_table.c.actor_id, to_us.c.followee_id == ours.id))
        .outerjoin(by_us, and_(by_us.c.followee_id == partners_table.c.actor_id, by_us.c.follower_id == ours.id))
        .order_by(partners_table.c.created_at)
    ).all()
    known = by_ids(conn, [row.actor_id for row in rows])
    return [Partnership(known[row.actor_id], bool(row.active)) for row in rows if row.actor_id in known]
