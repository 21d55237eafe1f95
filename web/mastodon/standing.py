# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the member who asks stands with others: what Mastodon's apps know of, and whether they are contacts."""

from collections.abc import Sequence

from sqlalchemy import Connection

from node import contacts, relationships
from node.actors import ActorId
from node.kernel import clock
from web.mastodon import entities
from web.mastodon.entities.common import Json


def with_each(conn: Connection, viewer: int, others: Sequence[int]) -> dict[int, Json]:
    """The relationship with each of the others, by number; a fixed number of statements."""
    found = relationships.between(conn, viewer, others)
    known = contacts.between(conn, ActorId(viewer), others, clock.now())
    return {other: entities.relationship(other, found[other], known[other]) for other in found}


def with_one(conn: Connection, viewer: int, other: int) -> Json:
    """The relationship with somebody."""
    return with_each(conn, viewer, [other])[other]
