# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ending, for everybody here, the follows with a blocked domain or with somebody elsewhere who is suspended; and hiding the
people of a blocked domain.

A hundred at a time: the first at once, the rest by a task. Members are told once, when all is done, how many they have
lost (Mastodon's RelationshipSeveranceEvent).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, delete, insert, or_, select, union_all, update

from node import actors, notifications
from node.actors import Actor
from node.actors.tables import actors as actors_table
from node.federation import host_of, hosts
from node.kernel import queue
from node.kernel.db import Tx
from node.kernel.ids import new_id
from node.moderation.tables import severed
from node.notifications import Kind
from node.relationships import actions as follows_of
from node.relationships.queries import ACCEPTED
from node.relationships.tables import follows

SEVER: Final = "moderation.sever"
"""The task that ends the next hundred follows."""

BATCH: Final = 100
_AT_ONCE: Final = 500


class Cause(StrEnum):
    """Why follows end for everybody, in Mastodon's words."""

    DOMAIN = "domain_block"
    ACCOUNT = "account_suspension"


@dataclass(frozen=True, slots=True)
class Severance:
    """One event: `name` is the domain, or the handle of the account whose number is `actor_id`."""

    event: int
    cause: Cause
    name: str
    actor_id: int | None = None


def with_domain(tx: Tx, domain: str, *, later: bool = False) -> None:
    """End every follow with people of a domain and of those below it; `later` by the task alone. Nothing is sent there."""
    event = Severance(new_id(tx.now), Cause.DOMAIN, domain)
    if later:
        queue.enqueue(tx, SEVER, asdict(event))
    else:
        _end_some(tx, event)


def with_actor(tx: Tx, actor: Actor) -> None:
    """End every follow of and by somebody elsewhere; their server is told, as after any unfollowing."""
    _end_some(tx, Severance(new_id(tx.now), Cause.ACCOUNT, actor.acct, actor.id))


def run(tx: Tx, payload: Mapping[str, Any], task_id: int) -> None:
    """What the task does."""
    queue.complete(tx, task_id)
    number = payload["actor_id"]
    _end_some(
        tx,
        Severance(
            int(payload["event"]),
            Cause(payload["cause"]),
            str(payload["name"]),
            int(number) if number is not None else None,
        ),
    )


def of_domain(table: FromClause, domain: str) -> ColumnElement[bool]:
    """The clause: who lives at a domain or below it, by their handle or by their id, whatever the port."""
    name = domain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    handles = (f"{name}:%", f"%.{name}", f"%.{name}:%")
    ids = tuple(f"{scheme}://{name}{end}%" for scheme in ("https", "http") for end in ("/", ":"))
    return or_(
        table.c.domain == domain,
        *(table.c.domain.like(pattern, escape="\\") for pattern in handles),
        *((table.c.uri.like(pattern, escape="\\") & (table.c.domain != "")) for pattern in ids),
    )


def show_again(tx: Tx, domain: str) -> None:
    """A domain is blocked no more: its people are shown again, but for those whom another block still covers."""
    table = actors_table
    found = tx.conn.execute(
        select(table.c.id, table.c.domain, table.c.uri).where(
            of_domain(table, domain), table.c.suspended_elsewhere.is_(True), table.c.deleted_at.is_(None)
        )
    ).all()
    blocked = set(hosts.all_blocked(tx.conn))
    free = [
        row.id
        for row in found
        if blocked.isdisjoint(hosts.domains_of(row.domain)) and blocked.isdisjoint(hosts.domains_of(host_of(row.uri)))
    ]
    for first in range(0, len(free), _AT_ONCE):
        actors.show_again(tx, free[first : first + _AT_ONCE])


def hide_if_blocked(tx: Tx, actor: Actor) -> None:
    """A decision about somebody elsewhere is taken back: a block of their domain hides them all the same."""
    blocked = set(hosts.all_blocked(tx.conn))
    if not blocked.isdisjoint((*hosts.domains_of(actor.domain), *hosts.domains_of(host_of(actor.uri)))):
        actors.hide_all(tx, actors_table.c.id == actor.id)


def _end_some(tx: Tx, event: Severance) -> None:
    if event.cause is Cause.DOMAIN:
        if event.name not in hosts.all_blocked(tx.conn):  # somebody has thought better of it
            _tell(tx, event)
            return
        actors.hide_all(tx, of_domain(actors_table, event.name))
    other = actors_table.alias("other")
    there = other.c.id == event.actor_id if event.actor_id is not None else of_domain(other, event.name)
    columns = (follows.c.follower_id, follows.c.followee_id, follows.c.state)
    sides = [
        select(*columns).join(other, other.c.id == side).where(there)
        for side in (follows.c.follower_id, follows.c.followee_id)
    ]
    rows = tx.conn.execute(union_all(*sides).limit(BATCH)).all()
    people = actors.by_ids(tx.conn, {number for row in rows for number in (row.follower_id, row.followee_id)})
    lost: dict[int, list[int]] = {}
    for row in rows:
        follower, followee = people[row.follower_id], people[row.followee_id]
        _end(tx, follower, followee, tell=event.cause is Cause.ACCOUNT)
        owner = follower if follower.is_local else followee
        if row.state == ACCEPTED and owner.is_local:
            lost.setdefault(owner.id, [0, 0])[follower.is_local] += 1
    for owner_id, (followers, following) in lost.items():
        _add(tx, event.event, owner_id, followers, following)
    if len(rows) == BATCH:
        queue.enqueue(tx, SEVER, asdict(event))
    else:
        _tell(tx, event)


def _end(tx: Tx, follower: Actor, followee: Actor, *, tell: bool) -> None:
    if not tell:
        follows_of.end(tx, follower, followee)
    elif follower.is_local:
        follows_of.unfollow(tx, follower, followee)
    else:
        follows_of.remove_follower(tx, followee, follower)


def _add(tx: Tx, event_id: int, owner_id: int, followers: int, following: int) -> None:
    changed = tx.conn.execute(
        update(severed)
        .where(severed.c.event_id == event_id, severed.c.owner_id == owner_id)
        .values(followers=severed.c.followers + followers, following=severed.c.following + following)
    )
    if changed.rowcount == 0:
        tx.conn.execute(
            insert(severed),
            {"event_id": event_id, "owner_id": owner_id, "followers": followers, "following": following},
        )


def _tell(tx: Tx, event: Severance) -> None:
    rows = tx.conn.execute(select(severed).where(severed.c.event_id == event.event).order_by(severed.c.owner_id)).all()
    owners = actors.by_ids(tx.conn, [row.owner_id for row in rows])
    for row in rows:
        owner = owners[row.owner_id]
        details = {
            "id": str(event.event),
            "type": event.cause,
            "purged": False,
            "target_name": event.name,
            "followers_count": row.followers,
            "following_count": row.following,
        }
        notifications.notify(tx, owner, Kind.SEVERED, owner, details=details, event=event.event)
    tx.conn.execute(delete(severed).where(severed.c.event_id == event.event))
