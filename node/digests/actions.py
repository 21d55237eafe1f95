# SPDX-License-Identifier: AGPL-3.0-or-later
"""Planning digests, and noting that one is written: in one unit with the letter, so that nobody gets it twice."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import and_, delete, exists, select, update

from node import mail
from node.digests import rules
from node.digests.rules import Frequency
from node.digests.tables import digests
from node.kernel import queue
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict
from node.mail import About, Letter
from node.members import Member
from node.members.tables import members

SEND: Final = "digests.send"
_AHEAD: Final = timedelta(hours=1)
_AT_ONCE: Final = 1000


def choose(tx: Tx, member: Member, frequency: Frequency) -> None:
    """How often a member wants a digest. What is new since the last one is in the next."""
    _make(tx, member.id, member.timezone)
    due = rules.next_at(tx.now, frequency, _zone(member.timezone), member.id)
    tx.conn.execute(update(digests).where(digests.c.member_id == member.id).values(frequency=frequency, next_at=due))


def bring_forward(tx: Tx, member: Member) -> None:
    """Have a member's digest written at once, in front of its day; the first one tells of the last week.

    Raises Conflict for somebody who wants none, and where the node sends no letters.
    """
    if not tx.site.has_mail:
        raise Conflict("This node sends no letters: the setting mail.host is empty.")
    if not tx.conn.execute(select(exists().where(digests.c.member_id == member.id))).scalar_one():
        _make(tx, member.id, member.timezone)
        week_ago = tx.now - timedelta(days=7)
        tx.conn.execute(update(digests).where(digests.c.member_id == member.id).values(seen_until=week_ago))
    wants = and_(digests.c.member_id == member.id, digests.c.frequency != Frequency.NONE)
    if tx.conn.execute(update(digests).where(wants).values(next_at=tx.now)).rowcount == 0:
        raise Conflict("This member has chosen to get no digest.")
    queue.enqueue(tx, SEND, {"member": member.id}, lane="digests")


def decline(tx: Tx, member: Member, about: About) -> None:
    """No more letters of this kind: what the link in a letter does."""
    if about is About.DIGEST:
        choose(tx, member, Frequency.NONE)
    else:
        mail.choose(tx, member.id, {about: False})


def plan(tx: Tx) -> None:
    """Have those digests written that are due within the hour, each at its minute; newcomers get their first date."""
    if not tx.site.has_mail:
        return
    known = exists(select(digests.c.member_id).where(digests.c.member_id == members.c.actor_id))
    newcomers = select(members.c.actor_id, members.c.timezone).where(members.c.approved_at.is_not(None), ~known)
    for row in tx.conn.execute(newcomers.limit(_AT_ONCE)).all():
        _make(tx, row.actor_id, row.timezone)
    due = select(digests.c.member_id, digests.c.next_at).where(digests.c.next_at <= tx.now + _AHEAD)
    for row in tx.conn.execute(due.order_by(digests.c.next_at).limit(_AT_ONCE)).all():
        queue.enqueue(
            tx, SEND, {"member": row.member_id}, lane="digests", run_at=row.next_at, once=f"digest:{row.member_id}"
        )


def finish(tx: Tx, member: Member, due: datetime, until: datetime, letter: Letter | None, task_id: int) -> None:
    """Post the letter, if there is anything to say, and plan the next one. Somebody who chose anew meanwhile gets none."""
    queue.complete(tx, task_id)
    row = tx.conn.execute(select(digests).where(digests.c.member_id == member.id)).one_or_none()
    if row is None or row.next_at != due:
        return
    later = rules.next_at(tx.now, Frequency(row.frequency), _zone(member.timezone), member.id)
    tx.conn.execute(update(digests).where(digests.c.member_id == member.id).values(next_at=later, seen_until=until))
    if letter is not None:
        mail.post(tx, member.email, letter, about=About.DIGEST, member=member.id)


def forget_member(tx: Tx, member_id: int) -> None:
    """Somebody is gone."""
    tx.conn.execute(delete(digests).where(digests.c.member_id == member_id))


def _make(tx: Tx, member_id: int, timezone: str) -> None:
    tx.conn.execute(
        insert_or_ignore(tx.conn, digests),
        {
            "member_id": member_id,
            "frequency": rules.DEFAULT,
            "next_at": rules.next_at(tx.now, rules.DEFAULT, _zone(timezone), member_id),
            "seen_until": tx.now,
        },
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")  # one that this machine does not know
