# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invitations: links by which somebody may sign up, for thirty days.

    created ──send──> sent ──open──> opened ──use──> used
       │               │ └──bounce──> bounced   │
       │               ├──expire──> expired <───┤
       └──revoke──> revoked <───────────────────┘

Whoever makes one hands its link on in the same unit, by letter or as the answer, so none stays `created`. A link for
several people is opened when the first of them looks at it, and used when the last place is taken. An end is for good. The
address goes when it is used, and otherwise a year later: until then it says to whom nothing more is sent.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from node import schools
from node.actors import ActorId
from node.kernel import audit, ids
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotFound
from node.kernel.i18n import marked
from node.members import queries, rules
from node.members.tables import invitations
from node.members.types import Invitation, InvitationState, Member

LIFETIME: Final = timedelta(days=30)
KEPT: Final = timedelta(days=365)
"""How long one that has ended is kept."""
SECRETARIES: Final = frozenset({"secretary", "admin"})
_SWEPT_AT_ONCE: Final = 500

State = InvitationState


class Verb(StrEnum):
    """What can happen to an invitation."""

    SEND = "send"
    OPEN = "open"
    BOUNCE = "bounce"
    USE = "use"
    EXPIRE = "expire"
    REVOKE = "revoke"


LEADS: Final[Mapping[tuple[State, Verb], State]] = {
    (State.CREATED, Verb.SEND): State.SENT,
    (State.CREATED, Verb.REVOKE): State.REVOKED,
    (State.SENT, Verb.OPEN): State.OPENED,
    (State.SENT, Verb.BOUNCE): State.BOUNCED,
    (State.SENT, Verb.EXPIRE): State.EXPIRED,
    (State.SENT, Verb.REVOKE): State.REVOKED,
    (State.OPENED, Verb.USE): State.USED,
    (State.OPENED, Verb.EXPIRE): State.EXPIRED,
    (State.OPENED, Verb.REVOKE): State.REVOKED,
}
ENDS: Final[Mapping[Verb, State]] = {
    Verb.SEND: State.SENT,
    Verb.OPEN: State.OPENED,
    Verb.BOUNCE: State.BOUNCED,
    Verb.USE: State.USED,
    Verb.EXPIRE: State.EXPIRED,
    Verb.REVOKE: State.REVOKED,
}
"""Where each verb has taken effect already, and changes nothing."""
ALIVE: Final = (State.CREATED, State.SENT, State.OPENED)


def after(state: State, verb: Verb) -> State:
    """Where a verb leads; who may use it is the caller's. Raises Conflict, and then nothing has changed. Pure."""
    if ENDS[verb] is state:
        return state
    then = LEADS.get((state, verb))
    if then is None:
        raise Conflict(marked("This invitation has ended."))
    return then


def create_invitation(
    tx: Tx,
    *,
    created_by: ActorId | None = None,
    class_year: int | None = None,
    school: str | None = None,
    email: str | None = None,
    max_uses: int = 1,
    lifetime: timedelta = LIFETIME,
) -> tuple[str, Invitation]:
    """A new invitation and its secret, which is shown once and kept only as a digest. The caller hands it on."""
    if not 1 <= max_uses <= 10_000:
        raise Invalid("An invitation can be used between 1 and 10000 times.", field="max_uses")
    token, number = ids.secret(), ids.new_id(tx.now)
    tx.conn.execute(
        insert(invitations),
        {
            "id": number,
            "token_hash": queries.digest(token),
            "created_by": created_by,
            "class_year": rules.check_class_year(class_year, tx.now),
            "school": schools.chosen(tx.conn, school) if school else None,
            "email": rules.check_email(email) if email else None,
            "max_uses": max_uses,
            "state": State.CREATED,
            "since": tx.now,
            "expires_at": tx.now + lifetime,
            "created_at": tx.now,
        },
    )
    _become(tx, number, State.CREATED, Verb.SEND, by=created_by)
    return token, queries.invitation(tx.conn, token)


def renew_link(tx: Tx, invitation_id: int, *, lifetime: timedelta = LIFETIME) -> str | None:
    """Another secret for the same invitation, for a reminder; the former link opens nothing more.

    None for one that has ended: nobody is reminded of that.
    """
    token = ids.secret()
    renewed = tx.conn.execute(
        update(invitations)
        .where(invitations.c.id == invitation_id, invitations.c.state.in_(ALIVE), invitations.c.expires_at > tx.now)
        .values(token_hash=queries.digest(token), expires_at=tx.now + lifetime)
    )
    return token if renewed.rowcount else None


def open_invitation(tx: Tx, token: str) -> Invitation:
    """Somebody looks at the page behind the link; a second look changes nothing. Raises NotFound, Conflict."""
    found = queries.invitation(tx.conn, token)
    rules.check_usable(found, tx.now)
    if found.state is State.SENT:
        with suppress(Conflict):  # somebody else looks at the same moment
            _become(tx, found.id, found.state, Verb.OPEN)
    return queries.invitation(tx.conn, token)


def take_place(tx: Tx, token: str) -> Invitation:
    """Use an invitation once: of two with the last place exactly one gets it. Raises NotFound, Conflict."""
    found = open_invitation(tx, token)  # whoever sends the form has seen it
    taken = tx.conn.execute(
        update(invitations)
        .where(
            invitations.c.id == found.id,
            invitations.c.state == State.OPENED,
            invitations.c.uses < invitations.c.max_uses,
        )
        .values(uses=invitations.c.uses + 1)
        .returning(invitations.c.uses)
    ).scalar_one_or_none()
    if taken is None:
        raise Conflict(rules.USED).coded("E_INVITE_USED")
    if taken == found.max_uses:
        _become(tx, found.id, State.OPENED, Verb.USE)
    return found


def revoke_invitation(tx: Tx, by: Member, invitation_id: int) -> None:
    """Whoever sent an invitation, or the secretary, takes it back; twice is harmless.

    Raises NotFound for everybody else, Conflict for one that has ended otherwise.
    """
    row = tx.conn.execute(
        select(invitations.c.state, invitations.c.created_by).where(invitations.c.id == invitation_id).with_for_update()
    ).one_or_none()
    if row is None or (row.created_by != by.id and SECRETARIES.isdisjoint(by.roles)):
        raise NotFound
    _become(tx, invitation_id, State(row.state), Verb.REVOKE, by=by.id)


def bounced(tx: Tx, address: str) -> Sequence[int]:
    """Letters to this address come back: what was sent there and not opened was in vain. The numbers of those."""
    rows = tx.conn.execute(
        select(invitations.c.id)
        .where(func.lower(invitations.c.email) == address.strip().lower(), invitations.c.state == State.SENT)
        .order_by(invitations.c.id)
    ).scalars()
    numbers = rows.all()
    for number in numbers:
        _become(tx, number, State.SENT, Verb.BOUNCE)
    return numbers


def sweep_invitations(tx: Tx) -> None:
    """What time does: after thirty days one is good no more, and a year after its end nothing of it is kept."""
    late = tx.conn.execute(
        select(invitations.c.id, invitations.c.state)
        .where(invitations.c.state.in_((State.SENT, State.OPENED)), invitations.c.expires_at <= tx.now)
        .order_by(invitations.c.id)
        .limit(_SWEPT_AT_ONCE)
    ).all()
    for row in late:
        _become(tx, row.id, State(row.state), Verb.EXPIRE)
    tx.conn.execute(delete(invitations).where(invitations.c.state.not_in(ALIVE), invitations.c.since < tx.now - KEPT))


def all_invitations(conn: Connection, *, limit: int = 40, before: int | None = None) -> Sequence[Invitation]:
    """The invitations, the latest first."""
    statement = select(invitations).order_by(invitations.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(invitations.c.id < before)
    return [queries.made_invitation(row) for row in conn.execute(statement)]


def _become(tx: Tx, number: int, before: State, verb: Verb, *, by: ActorId | None = None) -> None:
    then = after(before, verb)
    if then is before:
        return
    values: dict[str, Any] = {"state": then, "since": tx.now}
    if then is State.USED:
        values["email"] = None
    changed = tx.conn.execute(
        update(invitations).where(invitations.c.id == number, invitations.c.state == before).values(**values)
    )
    if changed.rowcount == 0:  # something else happened to it at the same moment
        raise Conflict(marked("This invitation has ended."))
    audit.write(tx, f"invitation.{verb}", number, by=by, before=before, after=then)
