# SPDX-License-Identifier: AGPL-3.0-or-later
"""Up to which servers a member is known: theirs alone, the partner schools' too, or every one.

    local       to other servers there is no such account: every address of it is 404, and nothing is delivered
    partners    the same to all servers but those with which a partnership is in force; those sign what they ask for
    open        everybody

The association, the node and groups are always open. What is sent is looked at when it leaves, too (`may_send`), so that
what waits in the queue obeys a member who has narrowed this meanwhile, and the end of a partnership counts at once.

What takes something back goes out all the same: it tells nothing but that something is no more, to those who have it.
"""

from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from activitypub import activity as activity_documents
from activitypub.accessors import iso
from activitypub.addressing import PUBLIC
from node import actors, federation, members
from node.actors import Actor, ActorType, Reach
from node.actors.tables import actors as actors_table
from node.kernel import ids
from node.kernel.db import Tx
from node.relationships import circles, queries

_WIDTH: Final = {Reach.LOCAL: 0, Reach.PARTNERS: 1, Reach.OPEN: 2}
_OF: Final = select(actors_table.c.reach, actors_table.c.reach_since).where(actors_table.c.id == bindparam("id"))


def admits(conn: Connection, subject: Actor, reader: Actor | None) -> bool:
    """Whether there is a `subject`, an actor of this node, for the server of `reader` (None: one that nobody knows).

    For the members of this node there always is.
    """
    if subject.reach is Reach.OPEN or subject.type is not ActorType.PERSON:
        return True
    if reader is None:
        return False
    if reader.is_local:
        return True
    return subject.reach is Reach.PARTNERS and circles.is_at_partner(conn, reader.id)


def meets(conn: Connection, actor: Actor, other: Actor) -> bool:
    """Whether a member can have to do with `other`: somebody here, or at a server to which the member is known."""
    return other.is_local or admits(conn, actor, other)


def may_send(conn: Connection, sender_id: int, inbox: str, activity_id: int, *, withdraws: bool) -> bool:
    """Whether an activity of a local actor may leave for an inbox now.

    `withdraws`: it takes back what was sent before. An activity that does so by its type and was written before the
    member narrowed this is one as well.
    """
    row = conn.execute(_OF, {"id": sender_id}).one_or_none()
    if row is None or row.reach == Reach.OPEN or withdraws:
        return True
    if row.reach == Reach.PARTNERS and circles.is_partner_address(conn, inbox):
        return True
    if row.reach_since is None or ids.moment_of(activity_id) >= row.reach_since:
        return False
    return federation.activities.type_of(conn, activity_id) in federation.WITHDRAWING


def change(tx: Tx, actor: Actor, reach: Reach) -> None:
    """Let a member be known up to `reach` from now on. Whoever was told of the member before hears a last time what is
    public of them now; what was fetched elsewhere cannot be called back."""
    if actor.reach is reach:
        return
    narrower = _WIDTH[reach] < _WIDTH[actor.reach]
    if narrower:
        _say_goodbye(tx, actor)
    tx.conn.execute(
        update(actors_table)
        .where(actors_table.c.id == actor.id)
        .values(reach=reach, reach_since=tx.now, version=actors_table.c.version + 1)
    )
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("actor.changed", actor.uri))


def shelter(tx: Tx, actor: Actor) -> None:
    """Whoever is not of age is known to partner schools at most. Once they are, they choose anew."""
    if actor.reach is Reach.OPEN and members.minors_of(tx.conn, [actor.id], tx.now.date()):
        change(tx, actor, Reach.PARTNERS)


def _say_goodbye(tx: Tx, actor: Actor) -> None:
    inboxes = queries.follower_inboxes(tx.conn, actor.id)
    if not inboxes:
        return
    document = activity_documents.build(
        "Update",
        id=tx.site.new_activity(),
        actor=actor.uri,
        object=actors.document(tx.conn, tx.site, actor),
        to=[PUBLIC],
        cc=[actor.followers] if actor.followers else [],
        published=tx.now,
        updated=iso(tx.now),
    )
    federation.publish(tx, actor, document, inboxes, about=actor.uri, withdraws=True)
