# SPDX-License-Identifier: AGPL-3.0-or-later
"""Of whom a member wants to see nothing: the clauses that every fan-out carries, for the home timelines and for lists.

A statement that is built with them is given `at`, the moment that counts as now, in milliseconds.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from node.actors.tables import actors
from node.kernel.clock import milliseconds
from node.relationships.tables import blocks, domain_blocks, follows, mutes

# An alias, so that a query which names the table itself is not taken for the one meant here.
_other = actors.alias("hidden_actor")
_limited = actors.alias("limited_actor")


def mutes_now(owner: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[bool]:
    """The clause: `owner` mutes `other`, and the mute has not run out."""
    at = bindparam("at", type_=BigInteger)
    return exists(
        select(mutes.c.id).where(
            mutes.c.muter_id == owner,
            mutes.c.muted_id == other,
            or_(mutes.c.expires_at.is_(None), type_coerce(mutes.c.expires_at, BigInteger) > at),
        )
    )


def block_between(owner: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[bool]:
    """The clause: one of the two blocks the other."""
    return exists(
        select(blocks.c.id).where(
            or_(
                and_(blocks.c.blocker_id == owner, blocks.c.blocked_id == other),
                and_(blocks.c.blocker_id == other, blocks.c.blocked_id == owner),
            )
        )
    )


def network_blocked(owner: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[bool]:
    """The clause: `owner` wants to see nothing of the network that `other` is on."""
    return exists(
        select(domain_blocks.c.id)
        .join(_other, _other.c.domain == domain_blocks.c.domain)
        .where(domain_blocks.c.owner_id == owner, _other.c.id == other)
    )


def blocks_network_of(conn: Connection, owner_id: int, other_id: int) -> bool:
    """Whether a member wants to see nothing of somebody's network."""
    owner, other = literal(owner_id, BigInteger), literal(other_id, BigInteger)
    return bool(conn.execute(select(network_blocked(owner, other))).scalar())


def is_unwanted(other: ColumnElement[int], viewer_id: int, now: datetime) -> ColumnElement[bool]:
    """The clause: `viewer_id` mutes `other` at `now`, or wants to see nothing of their network.

    It is no question of rights (that is `visible_posts`): what somebody asks for by name is still shown to them.
    """
    viewer = literal(viewer_id, BigInteger)
    return or_(
        exists(
            select(mutes.c.id).where(
                mutes.c.muter_id == viewer,
                mutes.c.muted_id == other,
                or_(mutes.c.expires_at.is_(None), type_coerce(mutes.c.expires_at, BigInteger) > milliseconds(now)),
            )
        ),
        network_blocked(viewer, other),
    )


def is_withheld(other: ColumnElement[int], viewer_id: int | None) -> ColumnElement[bool]:
    """The clause: the staff has limited `other`, and the viewer neither is them nor follows them.

    It holds where everybody's posts are gathered and where people are proposed, not for what is asked for by name.
    """
    limited = exists(select(_limited.c.id).where(_limited.c.id == other, _limited.c.limited_at.is_not(None)))
    if viewer_id is None:
        return limited
    followed = exists(
        select(follows.c.id).where(
            follows.c.follower_id == viewer_id, follows.c.followee_id == other, follows.c.state == "accepted"
        )
    )
    return and_(limited, other != viewer_id, ~followed)


def unwanted_by(conn: Connection, owners: Collection[int], actor_ids: Collection[int], now: datetime) -> set[int]:
    """Those of the owners who mute one of the actors at `now`, block one or are blocked, or who want nothing of their
    network: for streams, which hand one thing to many. One statement."""
    among, about = set(owners), set(actor_ids)
    if not among or not about:
        return set()
    return set(
        conn.execute(
            union_all(
                select(mutes.c.muter_id).where(
                    mutes.c.muter_id.in_(among),
                    mutes.c.muted_id.in_(about),
                    or_(mutes.c.expires_at.is_(None), mutes.c.expires_at > now),
                ),
                select(blocks.c.blocker_id).where(blocks.c.blocker_id.in_(among), blocks.c.blocked_id.in_(about)),
                select(blocks.c.blocked_id).where(blocks.c.blocked_id.in_(among), blocks.c.blocker_id.in_(about)),
                select(domain_blocks.c.owner_id)
                .join(_other, _other.c.domain == domain_blocks.c.domain)
                .where(domain_blocks.c.owner_id.in_(among), _other.c.id.in_(about)),
            )
        ).scalars()
    )
