# SPDX-License-Identifier: AGPL-3.0-or-later
"""Making, changing and filling lists. What a list takes from the home timeline, and what comes back, is told upward."""

from collections.abc import Collection

from sqlalchemy import delete, insert, update

from node import actors, relationships
from node.actors import Actor, ActorId
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid, NotFound
from node.kernel.ids import new_id
from node.lists import built_in, queries, rules
from node.lists.tables import list_entries, list_members, lists
from node.lists.types import Listed, PeopleList, RepliesPolicy, SetApart, SetApartNoMore


def create(
    tx: Tx, owner: Actor, title: str, *, replies_policy: str = RepliesPolicy.LIST, exclusive: bool = False
) -> PeopleList:
    """Make a list. Raises Invalid."""
    name, policy = rules.check_title(title), rules.check_policy(replies_policy)
    rules.check_another(queries.count(tx.conn, owner.id))
    made = PeopleList(id=new_id(tx.now), owner_id=owner.id, title=name, replies_policy=policy, exclusive=exclusive)
    tx.conn.execute(
        insert(lists),
        {
            "id": made.id,
            "owner_id": made.owner_id,
            "title": made.title,
            "replies_policy": made.replies_policy,
            "exclusive": made.exclusive,
            "created_at": tx.now,
        },
    )
    return made


def change(
    tx: Tx,
    owner: Actor,
    list_id: int,
    *,
    title: str | None = None,
    replies_policy: str | None = None,
    exclusive: bool | None = None,
) -> PeopleList:
    """Change what is given of a list. Raises NotFound, and Invalid also for a list that the node keeps."""
    before = _changeable(tx, owner, list_id)
    values: dict[str, object] = {}
    if title is not None:
        values["title"] = rules.check_title(title)
    if replies_policy is not None:
        values["replies_policy"] = rules.check_policy(replies_policy)
    if exclusive is not None:
        values["exclusive"] = exclusive
    if values:
        tx.conn.execute(update(lists).where(lists.c.id == before.id).values(**values))
    if exclusive is not None and exclusive != before.exclusive:
        people = tuple(ActorId(number) for number in sorted(queries.account_ids(tx.conn, before.id)))
        if people:
            tx.tell(SetApart(owner.id, people) if exclusive else SetApartNoMore(owner.id, people))
    return queries.get(tx.conn, owner, before.id)


def remove(tx: Tx, owner: Actor, list_id: int) -> None:
    """Delete a list. Raises NotFound, and Invalid for a list that the node keeps."""
    gone = _changeable(tx, owner, list_id)
    people = tuple(ActorId(number) for number in sorted(queries.account_ids(tx.conn, gone.id)))
    tx.conn.execute(delete(lists).where(lists.c.id == gone.id))
    if gone.exclusive and people:
        tx.tell(SetApartNoMore(owner.id, people))


def add(tx: Tx, owner: Actor, list_id: int, account_ids: Collection[int]) -> None:
    """Put people on a list: oneself, and whom one follows or has asked to follow.

    All of them, or none. Raises NotFound for anybody else, and Invalid if one of them is on it already, if it would be
    too long, or if the node keeps it.
    """
    known = _changeable(tx, owner, list_id)
    wanted = list(dict.fromkeys(account_ids))
    people = actors.by_ids(tx.conn, wanted)
    between = relationships.between(tx.conn, owner.id, wanted)
    for number in wanted:
        if number not in people or people[number].deleted_at is not None:
            raise NotFound
        if number != owner.id and not (between[number].following or between[number].requested):
            raise NotFound
    there = queries.account_ids(tx.conn, known.id)
    if there & set(wanted):
        raise Invalid("Validation failed: Account has already been taken", field="account_ids")
    rules.check_members(len(there) + len(wanted))
    if not wanted:
        return
    tx.conn.execute(
        insert_or_ignore(tx.conn, list_members),
        [{"id": new_id(tx.now), "list_id": known.id, "account_id": number} for number in wanted],
    )
    added = tuple(ActorId(number) for number in wanted)
    tx.tell(Listed(known.id, owner.id, added))
    if known.exclusive:
        tx.tell(SetApart(owner.id, added))


def take_off(tx: Tx, owner: Actor, list_id: int, account_ids: Collection[int]) -> None:
    """Take people off a list, with their posts; who is not on it is passed over. Raises NotFound and Invalid."""
    known = _changeable(tx, owner, list_id)
    numbers = set(account_ids)
    if not numbers:
        return
    gone = tx.conn.execute(
        delete(list_members)
        .where(list_members.c.list_id == known.id, list_members.c.account_id.in_(numbers))
        .returning(list_members.c.account_id)
    ).scalars()
    people = tuple(ActorId(number) for number in sorted(gone))
    tx.conn.execute(
        delete(list_entries).where(list_entries.c.list_id == known.id, list_entries.c.author_id.in_(numbers))
    )
    if known.exclusive and people:
        tx.tell(SetApartNoMore(owner.id, people))


def _changeable(tx: Tx, owner: Actor, list_id: int) -> PeopleList:
    """A list that its owner may change; locked, so that what is counted and checked of it stays so."""
    found = queries.get(tx.conn, owner, list_id)
    if built_in.is_number(list_id):
        raise Invalid("This list is kept by the network itself and cannot be changed.")
    tx.conn.execute(lists.select().where(lists.c.id == found.id).with_for_update())
    return found
