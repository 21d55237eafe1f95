# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading lists: which there are, who is on them, what stands on the timeline of one."""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, Connection, bindparam, exists, func, literal, or_, select

from node.actors import Actor, ActorId, by_ids
from node.actors.tables import actors
from node.kernel import clock, paging
from node.kernel.errors import NotFound
from node.kernel.paging import Page, Paged
from node.lists import built_in
from node.lists.tables import list_entries, list_members, lists
from node.lists.types import Holding, PeopleList, RepliesPolicy
from node.relationships.hiding import is_unwanted
from node.relationships.tables import follows

_COLUMNS = (lists.c.id, lists.c.owner_id, lists.c.title, lists.c.replies_policy, lists.c.exclusive)
_OWN = select(*_COLUMNS).where(lists.c.owner_id == bindparam("owner_id")).order_by(lists.c.id)
_ONE = select(*_COLUMNS).where(lists.c.owner_id == bindparam("owner_id"), lists.c.id == bindparam("list_id"))
_HOLDING = (
    select(lists.c.id, lists.c.owner_id, lists.c.exclusive)
    .join(list_members, list_members.c.list_id == lists.c.id)
    .where(list_members.c.account_id == bindparam("account_id", type_=BigInteger))
    .order_by(lists.c.id)
)
_ENTRIES = Paged(
    select(list_entries.c.post_id).where(list_entries.c.list_id == bindparam("list_id")), list_entries.c.post_id
)


def own(conn: Connection, owner_id: int) -> list[PeopleList]:
    """The lists that somebody has made, oldest first."""
    return [_from(row._mapping) for row in conn.execute(_OWN, {"owner_id": owner_id})]


def every(conn: Connection, owner: Actor) -> list[PeopleList]:
    """The lists that the node keeps for somebody, and then those that they have made."""
    return [*built_in.of(conn, owner), *own(conn, owner.id)]


def get(conn: Connection, owner: Actor, list_id: int) -> PeopleList:
    """One of somebody's lists, of their own or built in. Raises NotFound, also for a list of somebody else."""
    if built_in.is_number(list_id):
        found = next((one for one in built_in.of(conn, owner) if one.id == list_id), None)
        if found is None:
            raise NotFound
        return found
    row = conn.execute(_ONE, {"owner_id": owner.id, "list_id": list_id}).one_or_none()
    if row is None:
        raise NotFound
    return _from(row._mapping)


def _from(row: object) -> PeopleList:
    values = dict(row)  # type: ignore[call-overload]  # the mapping of a row
    return PeopleList(**{**values, "replies_policy": RepliesPolicy(values["replies_policy"])})


def holding(conn: Connection, account_id: int) -> tuple[Holding, ...]:
    """Every list that somebody is on, whosever it is."""
    rows = conn.execute(_HOLDING, {"account_id": account_id})
    return tuple(Holding(row.id, ActorId(row.owner_id), row.exclusive) for row in rows)


def with_account(conn: Connection, owner: Actor, account_id: int) -> list[PeopleList]:
    """Those of somebody's lists that an account is on, built-in ones among them."""
    on = {one.list_id for one in holding(conn, account_id) if one.owner_id == owner.id}
    return [
        *built_in.with_account(conn, owner, account_id),
        *(one for one in own(conn, owner.id) if one.id in on),
    ]


def accounts(conn: Connection, list_id: int, page: Page) -> list[tuple[int, Actor]]:
    """Who is on a list that a member has made, newest first, each with the number of the row."""
    rows = paging.read(
        conn,
        select(list_members.c.id, list_members.c.account_id)
        .join(actors, actors.c.id == list_members.c.account_id)
        .where(list_members.c.list_id == list_id, actors.c.deleted_at.is_(None)),
        list_members.c.id,
        page,
    )
    known = by_ids(conn, [row.account_id for row in rows])
    return [(row.id, known[row.account_id]) for row in rows if row.account_id in known]


def account_ids(conn: Connection, list_id: int) -> set[int]:
    """The numbers of all who are on a list that a member has made."""
    return set(conn.execute(select(list_members.c.account_id).where(list_members.c.list_id == list_id)).scalars())


def set_apart(conn: Connection, owner_id: int, among: Collection[int]) -> set[int]:
    """Those of the people whom an exclusive list of `owner_id` holds."""
    statement = (
        select(list_members.c.account_id)
        .join(lists, lists.c.id == list_members.c.list_id)
        .where(lists.c.owner_id == owner_id, lists.c.exclusive.is_(True), list_members.c.account_id.in_(set(among)))
    )
    return set(conn.execute(statement).scalars()) if among else set()


def wanted(conn: Connection, owner_id: int, among: Collection[int]) -> set[ActorId]:
    """Those of the people whose posts come to `owner_id`: themselves, and whom they follow and do not hide."""
    if not among:
        return set()
    owner = literal(owner_id, BigInteger)
    followed = select(follows.c.id).where(
        follows.c.follower_id == owner, follows.c.followee_id == actors.c.id, follows.c.state == "accepted"
    )
    statement = select(actors.c.id).where(
        actors.c.id.in_(set(among)),
        actors.c.deleted_at.is_(None),
        or_(actors.c.id == owner, exists(followed)),
        ~is_unwanted(actors.c.id, owner_id, clock.now()),
    )
    return {ActorId(number) for number in conn.execute(statement).scalars()}


def entries(conn: Connection, list_id: int, page: Page) -> Sequence[int]:
    """The posts on a page of the timeline of a list that a member has made, newest first."""
    return [row.post_id for row in _ENTRIES.read(conn, page, list_id=list_id)]


def holding_post(conn: Connection, post_id: int) -> tuple[tuple[int, ActorId], ...]:
    """The members' own lists on whose timeline a post stands, each as (list, owner)."""
    rows = conn.execute(
        select(list_entries.c.list_id, lists.c.owner_id)
        .join(lists, lists.c.id == list_entries.c.list_id)
        .where(list_entries.c.post_id == post_id)
    )
    return tuple((row.list_id, ActorId(row.owner_id)) for row in rows)


def count(conn: Connection, owner_id: int) -> int:
    """How many lists somebody has made."""
    return conn.execute(select(func.count()).select_from(lists).where(lists.c.owner_id == owner_id)).scalar_one()
