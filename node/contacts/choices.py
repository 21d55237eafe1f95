# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member chose: who may ask them, whether they are shown as a link between others, who is shown a way to them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from node.actors import Actor, ActorId
from node.contacts.rules import AcceptFrom, LinkVisibility, PathTo
from node.contacts.tables import contact_choices
from node.kernel.db import Tx, insert_or_ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Of somebody who has chosen nothing: all members may ask, their contacts see them as a link, all a way to them."""

    link_visibility: LinkVisibility = LinkVisibility.CONTACTS
    show_path_to_me: PathTo = PathTo.SCHOOL
    accept_from: AcceptFrom = AcceptFrom.SCHOOL


def choices(conn: Connection, member: ActorId) -> Choices:
    """What a member chose."""
    row = conn.execute(select(contact_choices).where(contact_choices.c.member_id == member)).one_or_none()
    if row is None:
        return Choices()
    return Choices(
        link_visibility=LinkVisibility(row.link_visibility),
        show_path_to_me=PathTo(row.show_path_to_me),
        accept_from=AcceptFrom(row.accept_from),
    )


def choose(tx: Tx, member: Actor, chosen: Choices) -> None:
    """Take what a member chose, in place of what they did before."""
    values = {
        "link_visibility": chosen.link_visibility,
        "show_path_to_me": chosen.show_path_to_me,
        "accept_from": chosen.accept_from,
    }
    tx.conn.execute(insert_or_ignore(tx.conn, contact_choices), {"member_id": member.id, **values})
    tx.conn.execute(update(contact_choices).where(contact_choices.c.member_id == member.id).values(**values))


def forget_owner(tx: Tx, member: int) -> None:
    """Somebody is gone."""
    tx.conn.execute(delete(contact_choices).where(contact_choices.c.member_id == member))


def is_classmate(one: Actor, other: Actor | Row[*tuple[Any, ...]]) -> bool:
    """Whether two are of one class, which is a year of a school; `other` may be a row that has both."""
    return one.class_year is not None and (one.class_year, one.school) == (other.class_year, other.school)


def may_ask(conn: Connection, actor: Actor, target: Actor) -> bool:
    """Whether the target takes requests of this member."""
    match choices(conn, target.id).accept_from:
        case AcceptFrom.NOBODY:
            return False
        case AcceptFrom.CLASS:
            return is_classmate(actor, target)
        case AcceptFrom.SCHOOL:
            return True
