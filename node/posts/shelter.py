# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may write privately to members who are not of age: their contacts, their class, and those who run the association.

From anybody else a private post does not reach them: to whoever writes it here that is said, without saying of whom; what
comes from another server is taken as if it did not name them.
"""

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import Connection

from node import members, profiles
from node.actors import Actor, ActorType
from node.kernel import clock
from node.kernel.errors import Invalid
from node.kernel.i18n import marked
from node.profiles import Level

MAY_ALWAYS: Final = frozenset({"delegate", "moderator", "secretary", "admin"})


def sheltered(conn: Connection, author: Actor, people: Iterable[Actor]) -> frozenset[int]:
    """Those of them whom a private post by `author` does not reach. One statement for nearly everybody."""
    ours = [one.id for one in people if one.is_local and one.id != author.id]
    young = members.minors_of(conn, ours, clock.now().date())
    if not young or _is_trusted(conn, author):
        return frozenset()
    distances = profiles.distances(conn, author.id, young)
    return frozenset(number for number in young if distances[number] > Level.CLASS)


def check_reaches(conn: Connection, author: Actor, people: Collection[Actor]) -> None:
    """Raises Invalid for a private post that names somebody whom it would not reach."""
    if sheltered(conn, author, people):
        raise Invalid(
            marked("Somebody whom you name takes private messages only from people who know them."), field="status"
        )


def _is_trusted(conn: Connection, author: Actor) -> bool:
    """The association speaks to its members, and so do those who have a part in looking after them."""
    if not author.is_local:
        return False
    return author.type is not ActorType.PERSON or not MAY_ALWAYS.isdisjoint(members.get(conn, author.id).roles)
