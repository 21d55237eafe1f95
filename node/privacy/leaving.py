# SPDX-License-Identifier: AGPL-3.0-or-later
"""Leaving: an account is deleted a fortnight after its owner asked for it, unless they log in before.

    active ──schedule──> deletion scheduled ──14 days──> deleted
       ^                        │
       └────────logs in─────────┘

Meanwhile they are logged out everywhere, and nobody is shown that there is such an account, as if they had hidden it.
What follows is `relationships.delete_account`.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from node import access, mail, media, members, relationships, roster
from node.actors import ActorId
from node.kernel import audit, i18n
from node.kernel.db import Tx
from node.kernel.errors import Conflict, NotFound
from node.kernel.i18n import marked
from node.members import Member, Standing
from node.privacy import erasures, letters
from node.privacy.rules import GRACE
from node.privacy.tables import departures
from node.relationships.profiles import tell_changed


def schedule_deletion(tx: Tx, member: Member, *, leaves_roster: bool = False) -> datetime:
    """Have a member's account deleted in a fortnight, and log them out everywhere; when it will be.

    With `leaves_roster` the association's list of graduates forgets them then, too. Asking twice changes nothing.
    Raises Conflict for the only administrator, for a memorial, and for whoever has not confirmed their address: that
    account goes by itself.
    """
    members.check_may_leave(tx.conn, member)
    if member.actor.memorial or member.standing is Standing.UNCONFIRMED:
        raise Conflict(marked("This account cannot be deleted by this way."))
    due = tx.conn.execute(select(departures.c.due_at).where(departures.c.member_id == member.id)).scalar()
    if due is None:
        due = tx.now + GRACE
        row = {"member_id": member.id, "asked_at": tx.now, "due_at": due, "leaves_roster": leaves_roster}
        tx.conn.execute(insert(departures), row)
        audit.write(tx, "schedule_deletion", member.id, by=member.id, after="deletion_scheduled")
        day = i18n.day(due, member.locale)
        mail.post(tx, member.email, letters.leaving(tx.site, member.locale, day), member=member.id)
        if member.is_active:
            after = members.deactivate(tx, member)
            media.follow_suspension(tx, member.id)
            tell_changed(tx, after)
    access.revoke_sessions(tx, member.id)
    access.revoke_of_member(tx, member.id)
    return due


def cancel_deletion(tx: Tx, member_id: int) -> None:
    """They have come back: nothing is deleted. Harmless for anybody else."""
    gone = tx.conn.execute(delete(departures).where(departures.c.member_id == member_id))
    if gone.rowcount == 0:
        return
    member = members.get(tx.conn, member_id)
    audit.write(tx, "cancel_deletion", member_id, by=member_id, before="deletion_scheduled")
    _show_again(tx, member)
    mail.post(tx, member.email, letters.staying(tx.site, member.locale), member=member.id)


def _show_again(tx: Tx, member: Member) -> None:
    if member.standing is Standing.DEACTIVATED:
        after = members.reactivate(tx, member)
        media.follow_suspension(tx, member.id)
        tell_changed(tx, after)


def due_departures(conn: Connection, now: datetime, *, limit: int = 20) -> Sequence[int]:
    """Whose account is to be deleted now."""
    statement = select(departures.c.member_id).where(departures.c.due_at <= now).order_by(departures.c.due_at)
    return conn.execute(statement.limit(limit)).scalars().all()


def depart(tx: Tx, member_id: int) -> None:
    """Delete an account whose time has come. The only administrator, as they have become since, stays."""
    found = tx.conn.execute(
        delete(departures)
        .where(departures.c.member_id == member_id, departures.c.due_at <= tx.now)
        .returning(departures.c.leaves_roster)
    ).one_or_none()
    if found is None:  # they have come back at this moment
        return
    entry = roster.entry_of(tx.conn, ActorId(member_id))
    try:
        member = members.get(tx.conn, member_id)
        relationships.delete_account(tx, member)
    except (Conflict, NotFound):
        audit.write(tx, "cancel_deletion", member_id, before="deletion_scheduled")
        with suppress(NotFound):
            _show_again(tx, members.get(tx.conn, member_id))
        return
    if found.leaves_roster and entry is not None:
        roster.leave(tx, entry)
    letter = letters.gone(tx.site, member.locale, erasures.erasure_link(tx.site, member_id, tx.now))
    # There is nobody any more whose choices could be asked for.
    mail.post(tx, member.email, letter, member=None)
