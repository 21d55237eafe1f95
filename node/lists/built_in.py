# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lists that the node keeps for every member: their class, school and contacts, the partner schools, and events.

    My class          the members of this node with the member's class year; not there without one
    My school         every member of this node
    Partner schools   the people known here of nodes with which a partnership is in force; not there without one
    Contacts          those with whom the member is in contact
    Events            what is planned here, at the partner schools and by whom the member follows

They hold people by what is true of them at the moment, so nobody puts them there, and nobody can change them. Their
numbers are below any that a row is given. Posts stand above; so `node.posts.listed` reads their timelines.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, false, select

from node import contacts
from node.actors import Actor, ActorType, by_ids
from node.actors.tables import actors
from node.kernel import paging
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.lists.types import BuiltIn, PeopleList
from node.members.tables import members
from node.relationships.circles import at_partner, has_partners
from node.relationships.visibility import not_blocked

TITLES: Final = {
    BuiltIn.CLASS: marked("My class"),
    BuiltIn.SCHOOL: marked("My school"),
    BuiltIn.PARTNERS: marked("Partner schools"),
    BuiltIn.EVENTS: marked("Events"),
    BuiltIn.CONTACTS: marked("Contacts"),
}
_member = members.alias("listed_member")


def is_number(list_id: int) -> bool:
    """Whether this is the number of a list that the node keeps."""
    return list_id in set(BuiltIn)


def of(conn: Connection, owner: Actor) -> list[PeopleList]:
    """Those of them that make sense for a member. One statement."""
    there = [BuiltIn.SCHOOL, BuiltIn.EVENTS, BuiltIn.CONTACTS]
    if owner.class_year is not None:
        there.append(BuiltIn.CLASS)
    if has_partners(conn):
        there.append(BuiltIn.PARTNERS)
    return [PeopleList(id=one, owner_id=owner.id, title=TITLES[one], built_in=one) for one in sorted(there)]


def within(one: BuiltIn, person: FromClause, owner: Actor) -> ColumnElement[bool]:
    """The clause for a query of actors (or an alias of them): those who are on the list of `owner`. Nobody is on the
    list of events, which holds posts of one kind."""
    active = and_(person.c.type == ActorType.PERSON, person.c.suspended_at.is_(None), person.c.deleted_at.is_(None))
    is_member = exists(
        select(_member.c.actor_id).where(_member.c.actor_id == person.c.id, _member.c.suspended_at.is_(None))
    )
    match one:
        case BuiltIn.CLASS:
            of_class = and_(person.c.class_year == owner.class_year, person.c.school.is_not_distinct_from(owner.school))
            return and_(active, person.c.domain == "", of_class, is_member)
        case BuiltIn.SCHOOL:
            return and_(active, person.c.domain == "", is_member)
        case BuiltIn.PARTNERS:
            return and_(active, person.c.domain != "", at_partner(person.c.id))
        case BuiltIn.CONTACTS:
            return and_(active, contacts.with_(person.c.id, owner.id))
        case BuiltIn.EVENTS:
            return false()


def accounts(conn: Connection, one: BuiltIn, owner: Actor, page: Page) -> list[tuple[int, Actor]]:
    """Who is on it, without those of whom one blocks the other, newest account first; the row is the account."""
    people = select(actors.c.id).where(within(one, actors, owner), not_blocked(actors.c.id, owner.id))
    numbers = [row.id for row in paging.read(conn, people, actors.c.id, page)]
    known = by_ids(conn, numbers)
    return [(number, known[number]) for number in numbers if number in known]


def with_account(conn: Connection, owner: Actor, account_id: int) -> Sequence[PeopleList]:
    """Those of them that hold somebody."""
    there = of(conn, owner)
    holds = conn.execute(
        select(*(within(one.built_in, actors, owner).label(f"list_{one.id}") for one in there if one.built_in)).where(
            actors.c.id == account_id, not_blocked(actors.c.id, owner.id)
        )
    ).one_or_none()
    return [one for one in there if holds is not None and holds._mapping[f"list_{one.id}"]]
