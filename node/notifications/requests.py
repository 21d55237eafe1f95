# SPDX-License-Identifier: AGPL-3.0-or-later
"""Those whom a member's policy keeps apart: they wait, one request for each person, until it is accepted or dismissed.

Accepting is for good: what waited comes to the others, and whatever the person does later is heard.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, select, update

from node.actors import ActorId
from node.actors.tables import actors
from node.kernel import paging
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotFound
from node.kernel.ids import new_id
from node.kernel.paging import Page
from node.notifications.tables import notification_permissions, notification_requests, notifications
from node.notifications.types import Request, Summary

_requests = notification_requests


def note(tx: Tx, owner_id: ActorId, from_id: ActorId, post_id: int | None) -> None:
    """Something by this person has just been kept apart; `post_id` is their post, if it is about one of theirs."""
    values = {"last_post_id": post_id} if post_id is not None else {}
    inserted = tx.conn.execute(
        insert_or_ignore(tx.conn, _requests),
        {
            "id": new_id(tx.now),
            "owner_id": owner_id,
            "from_id": from_id,
            "last_post_id": post_id,
            "created_at": tx.now,
            "updated_at": tx.now,
        },
    )
    if inserted.rowcount == 0:
        tx.conn.execute(
            update(_requests)
            .where(_requests.c.owner_id == owner_id, _requests.c.from_id == from_id)
            .values(updated_at=tx.now, **values)
        )


def page(conn: Connection, owner_id: int, page: Page) -> Sequence[Request]:
    """Who waits, newest first."""
    rows = paging.read(conn, _waiting(owner_id), _requests.c.id, page)
    return [Request(**row._mapping) for row in rows]


def get(conn: Connection, owner_id: int, request_id: int) -> Request:
    """One of a member's own requests; raises NotFound."""
    row = conn.execute(_waiting(owner_id).where(_requests.c.id == request_id)).one_or_none()
    if row is None:
        raise NotFound
    return Request(**row._mapping)


def summary(conn: Connection, owner_id: int) -> Summary:
    """How much waits."""
    waiting = _waiting(owner_id).subquery()
    row = conn.execute(select(func.count().label("people"), func.sum(waiting.c["count"]).label("told"))).one()
    return Summary(row.people, int(row.told or 0))


def accept(tx: Tx, owner_id: ActorId, request_ids: Collection[int]) -> None:
    """Hear these people from now on, and bring what waited to the others. Raises NotFound if none of them waits.

    Told on the bus as `notifications.merged`, with the member's number.
    """
    people = _people(tx, owner_id, request_ids)
    tx.conn.execute(
        insert_or_ignore(tx.conn, notification_permissions),
        [{"owner_id": owner_id, "from_id": number, "created_at": tx.now} for number in people],
    )
    tx.conn.execute(update(notifications).where(_kept_apart(owner_id, people)).values(filtered=False))
    _end(tx, owner_id, people)
    bus = tx.bus
    tx.after_commit(lambda: bus.publish("notifications.merged", owner_id))


def dismiss(tx: Tx, owner_id: ActorId, request_ids: Collection[int]) -> None:
    """Throw away what waits by these people; they may come to wait again. Raises NotFound if none of them waits."""
    people = _people(tx, owner_id, request_ids)
    tx.conn.execute(delete(notifications).where(_kept_apart(owner_id, people)))
    _end(tx, owner_id, people)


def _people(tx: Tx, owner_id: ActorId, request_ids: Collection[int]) -> list[int]:
    wanted = select(_requests.c.from_id).where(_requests.c.owner_id == owner_id, _requests.c.id.in_(set(request_ids)))
    people = list(tx.conn.execute(wanted).scalars())
    if not people:
        raise NotFound
    return people


def _end(tx: Tx, owner_id: ActorId, people: Collection[int]) -> None:
    tx.conn.execute(delete(_requests).where(_requests.c.owner_id == owner_id, _requests.c.from_id.in_(people)))


def _kept_apart(owner_id: int, people: Collection[int]) -> ColumnElement[bool]:
    return and_(
        notifications.c.owner_id == owner_id,
        notifications.c.from_id.in_(people),
        notifications.c.filtered.is_(True),
    )


def _waiting(owner_id: int) -> Select[*tuple[object, ...]]:
    """The requests of a member behind which something waits, by people who are still there."""
    counted = (
        select(notifications.c.from_id, func.count().label("count"))
        .where(notifications.c.owner_id == owner_id, notifications.c.filtered.is_(True))
        .group_by(notifications.c.from_id)
        .subquery()
    )
    return (
        select(
            _requests.c.id,
            _requests.c.from_id,
            _requests.c.last_post_id,
            counted.c["count"],
            _requests.c.created_at,
            _requests.c.updated_at,
        )
        .join(counted, counted.c.from_id == _requests.c.from_id)
        .join(actors, actors.c.id == _requests.c.from_id)
        .where(_requests.c.owner_id == owner_id, actors.c.deleted_at.is_(None), actors.c.suspended_at.is_(None))
    )
