# SPDX-License-Identifier: AGPL-3.0-or-later
"""The letter to those who decide about newcomers: one a day while somebody waits for them, and at once when it has come
to be more than twenty who do.

A letter goes when somebody waits and none has gone since seven in the morning of the decider's own clock; so the first
newcomer after a quiet time is told of soon, and the others of the day with the letter of the next.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, select, update

from node import mail, members
from node.kernel import queue
from node.kernel.db import Tx, insert_or_ignore
from node.members import Member
from node.roster import deciding, letters, rules
from node.roster.tables import roster_summaries
from node.roster.verification import State

MANY: Final = 20
_NAMED: Final = 10
_MORNING: Final = time(7)


def plan(tx: Tx) -> None:
    """Once an hour: have those written that are due."""
    queue.enqueue(tx, deciding.SUMMARISE, {}, once=deciding.SUMMARISE)


def summarise(tx: Tx, task_id: int) -> None:
    """Write to each of those who decide for whom a letter is due."""
    queue.complete(tx, task_id)
    last = {row.member_id: row for row in tx.conn.execute(select(roster_summaries))}
    for decider in deciders(tx.conn):
        row = last.get(decider.id)
        waiting = deciding.waiting_count(tx.conn, decider)
        if row is not None and row.waiting > MANY >= waiting:
            _note(tx, decider, row.sent_at, waiting)  # so that the next time that it is too many is told at once
        is_flood = waiting > MANY and (row is None or row.waiting <= MANY)
        if waiting and (is_flood or is_due(row.sent_at if row is not None else None, tx.now, _zone(decider.timezone))):
            _note(tx, decider, tx.now, waiting)
            _write(tx, decider, waiting)


def deciders(conn: Connection) -> Sequence[Member]:
    """Everybody who decides about somebody: for a delegate those are the newcomers of their class."""
    return [one for one in members.holders(conn) if one.is_active and rules.may_decide(one.roles, one.actor.class_year)]


def is_due(sent_at: datetime | None, now: datetime, zone: tzinfo) -> bool:
    """Whether it is morning again since the last letter. Pure."""
    if sent_at is None:
        return True
    day = now.astimezone(zone).date()
    morning = datetime.combine(day, _MORNING, zone)
    if morning > now:
        morning = datetime.combine(day - timedelta(days=1), _MORNING, zone)
    return sent_at < morning.astimezone(UTC)


def _write(tx: Tx, decider: Member, waiting: int) -> None:
    named = [
        member.actor
        for member, case in deciding.waiting(tx.conn, decider, limit=2 * _NAMED)
        if case.state is not State.INFO_NEEDED
    ]
    letter = letters.waiting(tx.site, decider.locale, [one.name for one in named[:_NAMED]], waiting)
    mail.post(tx, decider.email, letter, about=mail.About.STAFF, member=decider.id)


def _note(tx: Tx, decider: Member, sent_at: datetime, waiting: int) -> None:
    values = {"sent_at": sent_at, "waiting": waiting}
    tx.conn.execute(insert_or_ignore(tx.conn, roster_summaries), {"member_id": decider.id, **values})
    tx.conn.execute(update(roster_summaries).where(roster_summaries.c.member_id == decider.id).values(**values))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
