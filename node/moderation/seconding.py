# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two administrators for what cannot be undone: one proposes to delete a member's account, another agrees.

It holds where `two_admins` is on and there is another administrator who could agree; a proposal ends after a fortnight. The
command line is whoever runs the machine, and needs nobody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select

from node import mail, members
from node.actors import Actor, ActorId
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotAllowed, NotFound
from node.members import Member
from node.moderation import letters
from node.moderation.actions import note
from node.moderation.tables import proposed_deletions

LASTS: Final = timedelta(days=14)


def agreed(tx: Tx, staff: Member | None, target: Actor) -> bool:
    """Whether an account may be deleted now: because nobody else is needed, or somebody else has proposed it. If not, it is
    proposed by this, and the other administrators get a letter."""
    if staff is None or not target.is_local or not tx.site.two_admins:
        return True
    others = _others(tx.conn, staff, target)
    if not others:
        return True
    proposer = proposed_by(tx.conn, target.id, tx.now)
    if proposer is not None and proposer != staff.id:
        _forget(tx, target.id)
        return True
    if proposer is None:
        _forget(tx, target.id)
        row = {"member_id": target.id, "proposed_by": staff.id, "proposed_at": tx.now}
        if tx.conn.execute(insert_or_ignore(tx.conn, proposed_deletions), row).rowcount == 0:
            # Another administrator proposed it at the same moment: who of the two then asks again agrees.
            return False
        note(tx, staff, "propose", target_id=target.id)
        page = f"/staff/{'deaths' if target.memorial else 'people'}/{target.id}"
        for other in others:
            letter = letters.deletion_proposed(tx.site, other.locale, page)
            mail.post(tx, other.email, letter, about=mail.About.STAFF, member=other.id)
    return False


def proposed_by(conn: Connection, member_id: int, now: datetime) -> ActorId | None:
    """Who proposes to delete an account; None if nobody does at present."""
    table = proposed_deletions
    found = select(table.c.proposed_by).where(table.c.member_id == member_id, table.c.proposed_at > now - LASTS)
    return conn.execute(found).scalar_one_or_none()


def withdraw(tx: Tx, staff: Member, target: Actor) -> None:
    """Any administrator takes a proposal back, or says no to it. Raises NotAllowed, NotFound."""
    if not staff.is_admin:
        raise NotAllowed("This page is for administrators.")
    if proposed_by(tx.conn, target.id, tx.now) is None:
        raise NotFound
    _forget(tx, target.id)
    note(tx, staff, "withdraw", target_id=target.id)


def _forget(tx: Tx, member_id: int) -> None:
    tx.conn.execute(delete(proposed_deletions).where(proposed_deletions.c.member_id == member_id))


def _others(conn: Connection, staff: Member, target: Actor) -> Sequence[Member]:
    """Who could agree: neither the one who proposes it nor whom it is about."""
    return [one for one in members.with_role(conn, "admin") if one.is_active and one.id not in (staff.id, target.id)]


def forget_actor(tx: Tx, actor_id: ActorId) -> None:
    """Somebody is gone: nobody proposes anything about them, nor they about others."""
    _forget(tx, actor_id)
    tx.conn.execute(delete(proposed_deletions).where(proposed_deletions.c.proposed_by == actor_id))
