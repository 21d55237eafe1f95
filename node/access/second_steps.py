# SPDX-License-Identifier: AGPL-3.0-or-later
"""What logging in takes beside the password: nothing, or one of what the member has set up.

    nothing ──an authenticator app, or a first passkey──> on ──the last of them goes──> nothing

Ten recovery codes come with the first and go with the last. They are shown once, and kept as digests that need the
node's secret to be tried against.
"""

import logging
import secrets
from typing import Final

from sqlalchemy import Connection, delete, exists, func, insert, or_, select

from node.access.tables import authenticators, passkeys, recovery_codes
from node.actors import ActorId
from node.kernel.db import Tx

CODES: Final = 10
# Without letters that look like digits or like each other.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_log = logging.getLogger(__name__)


def is_on(conn: Connection, member_id: ActorId) -> bool:
    """Whether logging in takes a second proof."""
    app = exists().where(authenticators.c.member_id == member_id, authenticators.c.confirmed_at.is_not(None))
    passkey = exists().where(passkeys.c.member_id == member_id)
    return bool(conn.execute(select(or_(app, passkey))).scalar_one())


def turn_off(tx: Tx, member_id: ActorId) -> None:
    """Logging in takes the password alone again: the app, all passkeys and the recovery codes are forgotten."""
    for table in (authenticators, passkeys, recovery_codes):
        tx.conn.execute(delete(table).where(table.c.member_id == member_id))
    _log.info("the second step of member %s was turned off", member_id)


def new_recovery_codes(tx: Tx, member_id: ActorId) -> list[str]:
    """Ten new codes, shown this once; former ones are worth nothing from now on."""
    codes = ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(CODES)]
    tx.conn.execute(delete(recovery_codes).where(recovery_codes.c.member_id == member_id))
    tx.conn.execute(
        insert(recovery_codes),
        [{"member_id": member_id, "code_hash": _digest(tx, member_id, code)} for code in codes],
    )
    return codes


def codes_left(conn: Connection, member_id: ActorId) -> int:
    """How many recovery codes are unused."""
    return conn.execute(
        select(func.count()).select_from(recovery_codes).where(recovery_codes.c.member_id == member_id)
    ).scalar_one()


def take_recovery_code(tx: Tx, member_id: ActorId, code: str) -> bool:
    """Whether this is an unused recovery code of the member's; it is used up by it."""
    used = tx.conn.execute(
        delete(recovery_codes).where(
            recovery_codes.c.member_id == member_id, recovery_codes.c.code_hash == _digest(tx, member_id, code)
        )
    )
    return used.rowcount == 1


def forget_codes_if_off(tx: Tx, member_id: ActorId) -> None:
    """Recovery codes of a second step that is over would open nothing, and look as if they did."""
    if not is_on(tx.conn, member_id):
        tx.conn.execute(delete(recovery_codes).where(recovery_codes.c.member_id == member_id))


def _digest(tx: Tx, member_id: ActorId, code: str) -> str:
    typed = "".join(char for char in code.lower() if char in _ALPHABET)
    return tx.site.sign("recovery", f"{member_id}:{typed}")
