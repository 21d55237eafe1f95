# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading notifications, one by one and in groups. What the member's policy keeps apart is left out unless asked for.

A group is one line of a page, always whole: it stands where its newest notification does, and the next page begins
below that. So no group is met twice, and one that grows meanwhile moves up instead of being met again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, bindparam, case, exists, func, or_, select

from node.actors import Actor, ActorId, by_ids
from node.actors.tables import actors
from node.kernel import paging
from node.kernel.errors import NotFound
from node.kernel.paging import Page, Paged
from node.notifications.rules import GROUPABLE
from node.notifications.tables import notifications
from node.notifications.types import UNGROUPED, Group, Kind, Notification

SAMPLE = 8
"""How many people of a group are named. Source: Mastodon's documentation, entities/GroupedNotificationsResults."""

_COLUMNS = tuple(notifications.c[one.name] for one in fields(Notification))
_TYPE = [one.name for one in fields(Notification)].index("type")
_newer = notifications.alias("newer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Which of a member's notifications are wanted; everything that is not kept apart, unless said otherwise."""

    types: Collection[str] = ()
    exclude_types: Collection[str] = ()
    from_id: int | None = None
    include_filtered: bool = False

    def clauses(self, table: FromClause = notifications) -> list[ColumnElement[bool]]:
        """As SQL, over `notifications` or an alias of it."""
        found: list[ColumnElement[bool]] = []
        if self.types:
            found.append(table.c.type.in_(set(self.types)))
        if self.exclude_types:
            found.append(table.c.type.not_in(set(self.exclude_types)))
        if self.from_id is not None:
            found.append(table.c.from_id == self.from_id)
        if not self.include_filtered:
            found.append(table.c.filtered.is_(False))
        return found


ALL = Narrowed()


def page(
    conn: Connection,
    owner_id: int,
    page: Page,
    *,
    types: Collection[str] = (),
    exclude_types: Collection[str] = (),
    from_id: int | None = None,
    include_filtered: bool = False,
) -> Sequence[Notification]:
    """A page of a member's notifications, newest first."""
    given: dict[str, object] = {}
    if types:
        given["types"] = list(set(types))
    if exclude_types:
        given["exclude_types"] = list(set(exclude_types))
    if from_id is not None:
        given["from_id"] = from_id
    rows = _paged(frozenset(given), include_filtered).read(conn, page, owner_id=owner_id, **given)
    return [_notification(row) for row in rows]


_GIVEN: Final[dict[str, ColumnElement[bool]]] = {
    "types": notifications.c.type.in_(bindparam("types", expanding=True)),
    "exclude_types": notifications.c.type.not_in(bindparam("exclude_types", expanding=True)),
    "from_id": notifications.c.from_id == bindparam("from_id"),
}


@cache
def _paged(given: frozenset[str], include_filtered: bool) -> Paged:
    """The statement of a page, narrowed by what is given. Apps ask for it all day: it is built once for each."""
    statement = select(*_COLUMNS).where(
        notifications.c.owner_id == bindparam("owner_id"), *(_GIVEN[name] for name in sorted(given))
    )
    if not include_filtered:
        statement = statement.where(notifications.c.filtered.is_(False))
    return Paged(statement, notifications.c.id)


def get(conn: Connection, owner_id: int, notification_id: int) -> Notification:
    """One of a member's own notifications; raises NotFound."""
    row = conn.execute(
        select(*_COLUMNS).where(notifications.c.id == notification_id, notifications.c.owner_id == owner_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _notification(row)


def unread_count(
    conn: Connection, owner_id: int, *, after_id: int = 0, limit: int = 100, wanted: Narrowed = ALL
) -> int:
    """How many notifications came after the one that was read last, counted up to `limit`."""
    newest = (
        select(notifications.c.id)
        .where(notifications.c.owner_id == owner_id, notifications.c.id > after_id, *wanted.clauses())
        .limit(limit)
        .subquery()
    )
    return conn.execute(select(func.count()).select_from(newest)).scalar_one()


# -- groups ------------------------------------------------------------------------------------------------------------


def groups(
    conn: Connection,
    owner_id: int,
    page: Page,
    *,
    wanted: Narrowed = ALL,
    grouped: Collection[str] = GROUPABLE,
) -> Sequence[Group]:
    """A page of a member's notifications in groups, newest first, in two statements. `grouped` are the kinds of which
    there are groups; the others stand alone."""
    statement = select(*_COLUMNS).where(
        notifications.c.owner_id == owner_id,
        *wanted.clauses(),
        _by_somebody(notifications),
        or_(~_in_group(notifications, grouped), ~_is_outdone(owner_id, wanted)),
    )
    heads = [_notification(row) for row in paging.read(conn, statement, notifications.c.id, page)]
    return _filled(conn, owner_id, heads, wanted, grouped)


def group(conn: Connection, owner_id: int, key: str) -> Group:
    """One group of a member's, also one that is kept apart; raises NotFound."""
    everything = Narrowed(include_filtered=True)
    row = conn.execute(
        select(*_COLUMNS)
        .where(notifications.c.owner_id == owner_id, _has_key(key), _by_somebody(notifications))
        .order_by(notifications.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound
    grouped = () if key.startswith(UNGROUPED) else GROUPABLE
    return _filled(conn, owner_id, [_notification(row)], everything, grouped)[0]


def group_people(conn: Connection, owner_id: int, key: str, page: Page) -> Sequence[tuple[int, Actor]]:
    """Who caused the notifications of a group, newest first, each with the number of theirs. NotFound if there is none."""
    statement = select(notifications.c.id, notifications.c.from_id).where(
        notifications.c.owner_id == owner_id, _has_key(key), _by_somebody(notifications)
    )
    rows = paging.read(conn, statement, notifications.c.id, page)
    if not rows and conn.execute(statement.limit(1)).first() is None:
        raise NotFound
    people = by_ids(conn, {row.from_id for row in rows})
    return [(row.id, people[row.from_id]) for row in rows]


def unread_groups(
    conn: Connection,
    owner_id: int,
    *,
    after_id: int = 0,
    limit: int = 100,
    wanted: Narrowed = ALL,
    grouped: Collection[str] = GROUPABLE,
) -> int:
    """How many groups hold something that came after what was read last, counted up to `limit`."""
    alone = case((_in_group(notifications, grouped), 0), else_=notifications.c.id)
    together = case((_in_group(notifications, grouped), notifications.c.group_key), else_="")
    newest = (
        select(alone.label("alone"), together.label("together"))
        .where(
            notifications.c.owner_id == owner_id,
            notifications.c.id > after_id,
            *wanted.clauses(),
            _by_somebody(notifications),
        )
        .distinct()
        .limit(limit)
        .subquery()
    )
    return conn.execute(select(func.count()).select_from(newest)).scalar_one()


def _filled(
    conn: Connection, owner_id: int, heads: Sequence[Notification], wanted: Narrowed, grouped: Collection[str]
) -> list[Group]:
    """The groups that `heads` are the newest of."""
    keys = {head.group_key for head in heads if head.group_key is not None and head.type in grouped}
    within: dict[str, list[Row[*tuple[object, ...]]]] = {}
    for row in _members(conn, owner_id, keys, wanted) if keys else ():
        within.setdefault(row.group_key, []).append(row)
    result = []
    for head in heads:
        rows = within.get(head.group_key or "") if head.type in grouped else None
        if rows is None:
            result.append(
                Group(key=f"{UNGROUPED}{head.id}", newest=head, oldest_id=head.id, count=1, sample=(head.from_id,))
            )
        else:
            result.append(
                Group(
                    key=head.key,
                    newest=head,
                    oldest_id=rows[0].oldest_id,
                    count=rows[0].total,
                    sample=tuple(ActorId(row.from_id) for row in rows),
                )
            )
    return result


def _members(
    conn: Connection, owner_id: int, keys: Collection[str], wanted: Narrowed
) -> Sequence[Row[*tuple[object, ...]]]:
    """Of each group the newest few, newest first, with how many there are and the number of the oldest."""
    of_group = notifications.c.group_key
    ranked = (
        select(
            notifications.c.group_key,
            notifications.c.from_id,
            func.row_number().over(partition_by=of_group, order_by=notifications.c.id.desc()).label("rank"),
            func.count().over(partition_by=of_group).label("total"),
            func.min(notifications.c.id).over(partition_by=of_group).label("oldest_id"),
        )
        .where(
            notifications.c.owner_id == owner_id,
            notifications.c.group_key.in_(set(keys)),
            *wanted.clauses(),
            _by_somebody(notifications),
        )
        .subquery()
    )
    return conn.execute(select(ranked).where(ranked.c.rank <= SAMPLE).order_by(ranked.c.group_key, ranked.c.rank)).all()


def _is_outdone(owner_id: int, wanted: Narrowed) -> ColumnElement[bool]:
    """There is a newer one of the same group, by the same measure."""
    return exists(
        select(_newer.c.id).where(
            _newer.c.owner_id == owner_id,
            _newer.c.group_key == notifications.c.group_key,
            _newer.c.id > notifications.c.id,
            *wanted.clauses(_newer),
            _by_somebody(_newer),
        )
    )


def _in_group(table: FromClause, grouped: Collection[str]) -> ColumnElement[bool]:
    return and_(table.c.group_key.is_not(None), table.c.type.in_(set(grouped)))


def _has_key(key: str) -> ColumnElement[bool]:
    number = key.removeprefix(UNGROUPED)
    if number == key:
        return notifications.c.group_key == key
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    return notifications.c.id == (int(number) if is_number else 0)


def _by_somebody(table: FromClause) -> ColumnElement[bool]:
    """Caused by somebody who is still there; so a page of groups counts nobody who is not shown.

    Whoever waits to be let in is not there for anybody but the staff.
    """
    there = or_(actors.c.suspended_at.is_(None), table.c.type == Kind.SIGN_UP)
    return exists(select(actors.c.id).where(actors.c.id == table.c.from_id, actors.c.deleted_at.is_(None), there))


def _notification(row: Row[*tuple[object, ...]]) -> Notification:
    values: list[Any] = [*row]  # in the order of _COLUMNS
    values[_TYPE] = Kind(str(values[_TYPE]))
    return Notification(*values)
