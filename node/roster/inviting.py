# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invitations in the association's name: the secretary writes to an address.

Where it is that of exactly one person of the roster, the invitation is bound to that person: whoever comes by it is
verified at once. Nobody is written to who has died, or does not want it.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, insert, select

from node import mail, members
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.members import Invitation, Member
from node.roster import claims, letters, queries, rules
from node.roster.objections import may_invite
from node.roster.tables import roster_addresses, roster_entries, roster_invitations
from node.roster.values import proposed_name


def invite(
    tx: Tx, keeper: Member, email: str, *, class_year: int | None = None, school: str | None = None
) -> Invitation:
    """Write to somebody; what the roster knows of them counts more than the class that was given.

    Raises NotAllowed for whoever does not keep the roster, Invalid, Conflict where no letters can be sent.
    """
    rules.check_keeper(keeper.roles)
    address = members.check_email(email)
    if not tx.site.has_mail:
        raise Conflict(marked("This node sends no letters: the setting mail.host is empty."))
    if members.exists_email(tx.conn, address):
        raise Invalid(marked("Somebody here has this address already."), field="email")
    if not may_invite(tx.conn, address):
        raise Invalid(marked("The roster says that nobody is to write to this address."), field="email")
    if mail.is_lost(tx.conn, tx.site, address):
        raise Invalid(marked("Letters to this address come back."), field="email")
    entry_id = _whose(tx.conn, address)
    if entry_id is not None:
        class_year = claims.class_in(queries.entries(tx.conn, [entry_id])[entry_id], class_year) or class_year
    token, made = members.create_invitation(
        tx, created_by=keeper.id, class_year=class_year, school=school, email=address
    )
    if entry_id is not None:
        # Without an address: the association sends no reminder.
        tx.conn.execute(
            insert(roster_invitations),
            {
                "id": new_id(tx.now),
                "entry_id": entry_id,
                "invited_by": keeper.id,
                "invitation_id": made.id,
                "sent_at": tx.now,
            },
        )
    letter = letters.association_invites(tx.site, keeper.locale, f"{tx.site.base_url}/invite/{token}")
    mail.post(tx, address, letter, about=mail.About.INVITATION, member=None)
    return made


def invited_names(conn: Connection, invitation_ids: Sequence[int]) -> Mapping[int, str]:
    """Who of the roster each of the invitations is bound to; one statement."""
    rows = conn.execute(
        select(roster_invitations.c.invitation_id, roster_entries.c.given_name, roster_entries.c.family_name)
        .join(roster_entries, roster_entries.c.id == roster_invitations.c.entry_id)
        .where(roster_invitations.c.invitation_id.in_(invitation_ids))
    )
    return {
        row.invitation_id: f"{proposed_name(row.given_name)} {proposed_name(row.family_name)}".strip() for row in rows
    }


def _whose(conn: Connection, address: str) -> int | None:
    """The one person of the roster with this address who is not here yet."""
    numbers = conn.execute(
        select(roster_entries.c.id, roster_entries.c.claimed_by)
        .join(roster_addresses, roster_addresses.c.entry_id == roster_entries.c.id)
        .where(roster_addresses.c.address == address.casefold()[:254])
        .limit(2)
    ).all()
    return numbers[0].id if len(numbers) == 1 and numbers[0].claimed_by is None else None
