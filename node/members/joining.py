# SPDX-License-Identifier: AGPL-3.0-or-later
"""Coming in without an invitation: sign-up, the proof that the address is theirs, the association's yes or no.

    unconfirmed ──confirm──> pending ──approve──> active          (mode `approval`)
    unconfirmed ──confirm──────────────────────> active           (mode `open`)
    unconfirmed ──three days──> forgotten         pending ──turn_away──> forgotten

Until somebody is let in nobody sees them: their actor is hidden, and goes without a trace if they are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update

from node import actors
from node.actors import Actor, ActorId, NewKeys
from node.kernel import audit
from node.kernel.db import Tx
from node.kernel.errors import Conflict
from node.members import queries
from node.members.actions import Entry, NewMember, add_member
from node.members.tables import members
from node.members.types import Member, Standing

KEPT_UNCONFIRMED: Final = timedelta(days=3)
NEWS: Final = timedelta(days=90)
"""For so long it is news that somebody has joined."""


@dataclass(frozen=True, slots=True)
class SignedUp:
    """Told when a newcomer has proved their address: the staff hears of it. `waits`: the association has to say yes."""

    actor: Actor
    waits: bool


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Told before somebody who was never let in is forgotten."""

    actor_id: ActorId


def sign_up(tx: Tx, new: NewMember, keys: NewKeys, entry: Entry, *, school: str | None = None) -> Member:
    """A newcomer. Raises what `add_member` raises."""
    member = add_member(tx, new, keys, school=school, entry=entry)
    if entry.confirmed:
        tx.tell(SignedUp(member.actor, waits=not entry.approved))
    return member


def confirm(tx: Tx, member: Member) -> Member:
    """Somebody has proved that the address is theirs. Twice is harmless."""
    if member.confirmed_at is not None:
        return member
    tx.conn.execute(update(members).where(members.c.actor_id == member.id).values(confirmed_at=tx.now))
    audit.write(tx, "confirm", member.id, before=member.standing)
    _let_in_if_ready(tx, member.id)
    after = queries.get(tx.conn, member.id)
    tx.tell(SignedUp(after.actor, waits=after.approved_at is None))
    return after


def approve(tx: Tx, member: Member) -> Member:
    """The association says yes. Twice is harmless."""
    if member.approved_at is not None:
        return member
    tx.conn.execute(update(members).where(members.c.actor_id == member.id).values(approved_at=tx.now))
    audit.write(tx, "approve", member.id, before=member.standing, after=Standing.ACTIVE)
    _let_in_if_ready(tx, member.id)
    return queries.get(tx.conn, member.id)


def may_announce(member: Member, now: datetime) -> bool:
    """Whether it is news for classmates that somebody has joined. Pure."""
    return member.approved_at is not None and now - member.approved_at <= NEWS


def announce(tx: Tx, member: Member, *, wished: bool) -> None:
    """Have classmates told with their next letter that somebody has joined, or not; twice is harmless."""
    if wished == (member.announced_at is not None) or (wished and not may_announce(member, tx.now)):
        return
    tx.conn.execute(
        update(members).where(members.c.actor_id == member.id).values(announced_at=tx.now if wished else None)
    )


def turn_away(tx: Tx, member: Member) -> None:
    """The association says no: what was given is forgotten. Raises Conflict for somebody who is let in already."""
    if member.standing not in (Standing.PENDING, Standing.UNCONFIRMED):
        raise Conflict("This member is let in already.")
    _forget(tx, [member.id])


def sweep_unconfirmed(tx: Tx) -> None:
    """Forget those who never followed the link; the name and the address can be used again."""
    _forget(
        tx,
        tx.conn.execute(
            select(members.c.actor_id).where(
                members.c.confirmed_at.is_(None), members.c.created_at < tx.now - KEPT_UNCONFIRMED
            )
        )
        .scalars()
        .all(),
    )


def change_email(tx: Tx, member: Member, email: str) -> None:
    """Another address, which has been proved or is still to be. Raises Conflict if somebody else has it by now."""
    key = email.casefold()
    if key != member.email.casefold() and queries.exists_email(tx.conn, email):
        raise Conflict("There is an account with this e-mail address already.")
    tx.conn.execute(update(members).where(members.c.actor_id == member.id).values(email=email, email_key=key))
    audit.write(tx, "change_email", member.id)
    bus, number = tx.bus, member.id
    tx.after_commit(lambda: bus.publish("member.changed", number))


def _let_in_if_ready(tx: Tx, member_id: ActorId) -> None:
    ready = tx.conn.execute(
        select(members.c.actor_id).where(
            members.c.actor_id == member_id, members.c.confirmed_at.is_not(None), members.c.approved_at.is_not(None)
        )
    ).first()
    if ready is not None:
        actors.let_in(tx, member_id)
        bus = tx.bus
        tx.after_commit(lambda: bus.publish("member.changed", member_id))


def _forget(tx: Tx, member_ids: Sequence[ActorId]) -> None:
    if not member_ids:
        return
    for member_id in member_ids:
        tx.tell(TurnedAway(member_id))
    tx.conn.execute(delete(members).where(members.c.actor_id.in_(member_ids)))
    actors.forget_hidden(tx, member_ids)
