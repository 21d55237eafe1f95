# SPDX-License-Identifier: AGPL-3.0-or-later
"""Those of the roster whom nobody writes to: the dead, and whoever does not want it."""

from sqlalchemy import Connection, func, or_, select

from node.members.tables import invitations
from node.roster.tables import roster_addresses, roster_entries, roster_invitations

_SETTLED = or_(roster_entries.c.deceased.is_(True), roster_entries.c.objected.is_(True))


def may_invite(conn: Connection, address: str) -> bool:
    """Whether an invitation may go to this address: it is that of nobody who has died or objected, and no invitation to
    such a person was sent there."""
    key = address.strip().casefold()
    known = (
        select(roster_entries.c.id)
        .join(roster_addresses, roster_addresses.c.entry_id == roster_entries.c.id)
        .where(roster_addresses.c.address == key, _SETTLED)
    )
    invited = (
        select(roster_entries.c.id)
        .join(roster_invitations, roster_invitations.c.entry_id == roster_entries.c.id)
        .join(invitations, invitations.c.id == roster_invitations.c.invitation_id)
        .where(func.lower(invitations.c.email) == key, _SETTLED)
    )
    return conn.execute(known.limit(1)).first() is None and conn.execute(invited.limit(1)).first() is None
