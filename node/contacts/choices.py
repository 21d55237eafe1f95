# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member chose about being shown as a link between others, and about who is shown a way to them."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from node.actors import Actor, ActorId
from node.contacts.rules import LinkVisibility, PathTo
from node.contacts.tables import contact_choices
from node.kernel.db import Tx, insert_or_ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Of somebody who has chosen nothing: their contacts see them as a link, and all members a way to them."""

    link_visibility: LinkVisibility = LinkVisibility.CONTACTS
    show_path_to_me: PathTo = PathTo.SCHOOL


def choices(conn: Connection, member: ActorId) -> Choices:
    """What a member chose."""
    row = conn.execute(select(contact_choices).where(contact_choices.c.member_id == member)).one_or_none()
    if row is None:
        return Choices()
    return Choices(link_visibility=LinkVisibility(row.link_visibility), show_path_to_me=PathTo(row.show_path_to_me))


def choose(tx: Tx, member: Actor, chosen: Choices) -> None:
    """Take what a member chose, in place of what they did before."""
    values = {"link_visibility": chosen.link_visibility, "show_path_to_me": chosen.show_path_to_me}
    tx.conn.execute(insert_or_ignore(tx.conn, contact_choices), {"member_id": member.id, **values})
    tx.conn.execute(update(contact_choices).where(contact_choices.c.member_id == member.id).values(**values))


def forget_owner(tx: Tx, member: int) -> None:
    """Somebody is gone."""
    tx.conn.execute(delete(contact_choices).where(contact_choices.c.member_id == member))
