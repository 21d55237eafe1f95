# SPDX-License-Identifier: AGPL-3.0-or-later
"""Of whom a member wants to see nothing: the clauses that every fan-out carries, for the home timelines and for lists.

A statement that is built with them is given `at`, the moment that counts as now, in milliseconds.
"""

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, exists, or_, select, type_coerce

from node.relationships.tables import blocks, mutes


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
