# SPDX-License-Identifier: AGPL-3.0-or-later
"""Classmates whom the association knows of and who are not here: who sees their names, and inviting them.

Names and classes are told to those alone whom the roster itself has in the same class. Nobody learns what became of an
invitation, unless the one who was invited comes.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Select, func, insert, or_, select, update

from node import mail, members, relationships
from node.actors import Actor, ProfileChange
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Conflict, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.members import Member
from node.roster import claims, deciding, letters, objections, queries
from node.roster.objections import may_invite
from node.roster.tables import roster_educations, roster_entries, roster_invitations
from node.roster.values import proposed_name

MAX_SHOWN: Final = 500
PER_DAY: Final = 10
AGAIN: Final = timedelta(days=365)
"""After an invitation and its reminder nobody is written to for so long."""
REMIND: Final = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Missing:
    """A classmate who is not here; `invited`: somebody wrote to them within the last year; `mine`: so did
    whoever asks, and can take it back."""

    entry_id: int
    name: str
    class_year: int
    invited: bool
    mine: bool = False


def missing_classmates(conn: Connection, member: Member) -> Sequence[Missing] | None:
    """Those of the member's classes in the roster who are not here, by name. None for a member who is not in it."""
    entry = claims.entry_of(conn, member.id)
    if entry is None:
        return None
    rows = conn.execute(
        _missing_of(entry)
        .add_columns(
            roster_entries.c.given_name, roster_entries.c.family_name, func.max(roster_educations.c.class_year)
        )
        .group_by(roster_entries.c.id, roster_entries.c.given_name, roster_entries.c.family_name)
        .order_by(roster_entries.c.family_name, roster_entries.c.given_name, roster_entries.c.id)
        .limit(MAX_SHOWN)
    ).all()
    since = _recently(conn, [row.id for row in rows])
    own = _to_take_back(conn, member)
    return [
        Missing(
            row.id,
            f"{proposed_name(row.given_name)} {proposed_name(row.family_name)}".strip(),
            row[3],
            row.id in since,
            row.id in own,
        )
        for row in rows
    ]


def invite_missing(tx: Tx, member: Member, entry_id: int, email: str) -> None:
    """Write to a missing classmate in the member's name.

    Raises NotFound for whoever is not a missing classmate of theirs, Invalid for what is no address, Conflict where
    somebody was faster or no letters can be sent, TooMany.
    """
    address = members.check_email(email)
    own = claims.entry_of(tx.conn, member.id)
    if (
        not tx.site.names_missing
        or own is None
        or tx.conn.execute(_missing_of(own).where(roster_entries.c.id == entry_id)).first() is None
    ):
        raise NotFound
    if not tx.site.has_mail:
        raise Conflict(marked("This node sends no letters. Please ask the association to invite them."))
    if entry_id in _recently(tx.conn, [entry_id]):
        raise Conflict(marked("They have been invited already; a letter a year is enough."))
    today = tx.conn.execute(
        select(func.count())
        .select_from(roster_invitations)
        .where(roster_invitations.c.invited_by == member.id, roster_invitations.c.sent_at > tx.now - timedelta(days=1))
    ).scalar_one()
    if today >= PER_DAY:
        raise TooMany(marked("You can invite ten classmates a day."), retry_after=3600)
    number = new_id(tx.now)
    tx.conn.execute(
        insert(roster_invitations),
        {"id": number, "entry_id": entry_id, "invited_by": member.id, "email": address, "sent_at": tx.now},
    )
    if not members.exists_email(tx.conn, address):
        _write(tx, number, entry_id, member, address)


def remind(tx: Tx) -> None:
    """Write once more to those who have not come after three weeks, then forget their addresses."""
    due = tx.conn.execute(
        select(roster_invitations)
        .where(
            roster_invitations.c.email.is_not(None),
            roster_invitations.c.reminded_at.is_(None),
            roster_invitations.c.sent_at < tx.now - REMIND,
        )
        .order_by(roster_invitations.c.id)
        .limit(100)
    ).all()
    for row in due:
        tx.conn.execute(
            update(roster_invitations).where(roster_invitations.c.id == row.id).values(reminded_at=tx.now, email=None)
        )
        entry = queries.entries(tx.conn, [row.entry_id]).get(row.entry_id)
        inviters = members.by_numbers(tx.conn, [row.invited_by] if row.invited_by is not None else [])
        if entry is None or _is_settled(tx.conn, row.entry_id) or members.exists_email(tx.conn, row.email):
            continue
        if inviters and inviters[0].is_active:
            _write(tx, row.id, row.entry_id, inviters[0], row.email)


def take_back(tx: Tx, member: Member, entry_id: int) -> None:
    """A member takes their invitation of a classmate back; twice is harmless. Raises NotFound for one of somebody else.

    What has become of it meanwhile is told to nobody: an ended one is taken back in the same way.
    """
    mine = tx.conn.execute(
        select(roster_invitations.c.id, roster_invitations.c.invitation_id)
        .where(roster_invitations.c.entry_id == entry_id, roster_invitations.c.invited_by == member.id)
        .order_by(roster_invitations.c.id.desc())
    ).first()
    if mine is None:
        raise NotFound
    tx.conn.execute(
        update(roster_invitations).where(roster_invitations.c.id == mine.id).values(email=None, taken_back_at=tx.now)
    )
    if mine.invitation_id is not None:
        with suppress(Conflict):
            members.revoke_invitation(tx, member, mine.invitation_id)


def joined_by(tx: Tx, actor: Actor, invitation_id: int) -> Member | None:
    """Somebody has used an invitation: if it was sent to a missing classmate, they are that person of the roster.

    Who invited them is given back: they may hear of it, as of nothing else that becomes of an invitation.
    """
    row = tx.conn.execute(
        select(roster_invitations).where(roster_invitations.c.invitation_id == invitation_id)
    ).one_or_none()
    if row is None:
        return None
    tx.conn.execute(update(roster_invitations).where(roster_invitations.c.id == row.id).values(email=None))
    taken = tx.conn.execute(
        update(roster_entries)
        .where(roster_entries.c.id == row.entry_id, roster_entries.c.claimed_by.is_(None))
        .values(claimed_by=actor.id)
    )
    entry = queries.entries(tx.conn, [row.entry_id]).get(row.entry_id)
    if taken.rowcount:
        deciding.invited_as(tx, actor.id)
    if taken.rowcount and entry is not None:
        year = claims.class_in(entry, actor.class_year)
        if year is not None and year != actor.class_year:
            relationships.update_profile(tx, actor, ProfileChange(class_year=year))
    inviters = members.by_numbers(tx.conn, [row.invited_by] if row.invited_by is not None else [])
    return inviters[0] if inviters else None


def set_objected(tx: Tx, entry_id: int, *, objected: bool) -> None:
    """Somebody of the roster does not want to be named or written to; or does again. Raises NotFound."""
    changed = tx.conn.execute(
        update(roster_entries).where(roster_entries.c.id == entry_id).values(objected=objected, updated_at=tx.now)
    )
    if changed.rowcount == 0:
        raise NotFound
    objections.keep(tx, entry_id, objected=objected)
    if objected:
        tx.conn.execute(update(roster_invitations).where(roster_invitations.c.entry_id == entry_id).values(email=None))


def _missing_of(own: int) -> Select[tuple[int]]:
    years = select(roster_educations.c.class_year).where(
        roster_educations.c.entry_id == own, roster_educations.c.class_year.is_not(None)
    )
    return (
        select(roster_entries.c.id)
        .join(roster_educations, roster_educations.c.entry_id == roster_entries.c.id)
        .where(
            roster_educations.c.class_year.in_(years),
            roster_entries.c.id != own,
            roster_entries.c.claimed_by.is_(None),
            roster_entries.c.deceased.is_(False),
            roster_entries.c.objected.is_(False),
        )
    )


def _recently(conn: Connection, numbers: Sequence[int]) -> set[int]:
    """Those of the entries who were written to within the last year."""
    since = clock.now() - AGAIN
    return set(
        conn.execute(
            select(roster_invitations.c.entry_id).where(
                roster_invitations.c.entry_id.in_(numbers),
                or_(
                    roster_invitations.c.sent_at > since,
                    roster_invitations.c.reminded_at > since,
                ),
            )
        ).scalars()
    )


def _to_take_back(conn: Connection, member: Member) -> set[int]:
    """Those whom a member has invited, for as long as the link in the last letter is good."""
    last = func.coalesce(roster_invitations.c.reminded_at, roster_invitations.c.sent_at)
    return set(
        conn.execute(
            select(roster_invitations.c.entry_id).where(
                roster_invitations.c.invited_by == member.id,
                roster_invitations.c.taken_back_at.is_(None),
                last > clock.now() - members.INVITATION_LIFETIME,
            )
        ).scalars()
    )


def _is_settled(conn: Connection, entry_id: int) -> bool:
    """Whether nobody is to write to this person: they are here, have died, or do not want it."""
    return (
        conn.execute(
            select(roster_entries.c.id).where(
                roster_entries.c.id == entry_id,
                or_(
                    roster_entries.c.claimed_by.is_not(None),
                    roster_entries.c.deceased.is_(True),
                    roster_entries.c.objected.is_(True),
                ),
            )
        ).first()
        is not None
    )


def _write(tx: Tx, number: int, entry_id: int, inviter: Member, address: str) -> None:
    """A letter with a fresh link, after which the former one opens nothing; none to whoever is not to be written to."""
    if not may_invite(tx.conn, address):
        return
    entry = queries.entries(tx.conn, [entry_id])[entry_id]
    former = tx.conn.execute(
        select(roster_invitations.c.invitation_id).where(roster_invitations.c.id == number)
    ).scalar_one_or_none()
    if former is None:
        year = claims.class_in(entry, inviter.actor.class_year)
        token, made = members.create_invitation(tx, created_by=inviter.id, class_year=year, email=address)
        tx.conn.execute(
            update(roster_invitations).where(roster_invitations.c.id == number).values(invitation_id=made.id)
        )
    else:
        renewed = members.renew_link(tx, former)
        if renewed is None:  # its letter came back, or it was taken back
            return
        token = renewed
    letter = letters.invitation(
        tx.site,
        inviter.locale,
        inviter=inviter.actor.name,
        name=proposed_name(entry.content.given_name),
        link=f"{tx.site.base_url}/invite/{token}",
    )
    mail.post(tx, address, letter, about=mail.About.INVITATION, member=None)
    if mail.is_lost(tx.conn, tx.site, address):  # nothing was posted: the letter would come back
        members.bounced(tx, address)
