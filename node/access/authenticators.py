# SPDX-License-Identifier: AGPL-3.0-or-later
"""The second proof at login: six digits of an authenticator app (RFC 6238), or one of ten recovery codes.

The app's secret is kept encrypted under the node's own. A code of the app is good once, though it lasts half a minute and
its neighbours are taken too, for clocks that differ (RFC 6238, 5.2). Recovery codes are shown once and kept as digests
that need the node's secret to be tried against.
"""

import hmac
import secrets
from typing import Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from node.access.tables import authenticators, recovery_codes
from node.actors import ActorId
from node.kernel.clock import milliseconds
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid
from node.kernel.site import Site

CODES: Final = 10
_STEP: Final = 30
# Without letters that look like digits or like each other.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_WRONG: Final = "This code is not right, or was used already."


def begin(tx: Tx, member_id: ActorId) -> str:
    """A fresh secret for the member's app, in base32; it counts once `turn_on` has seen a code of it.

    Raises Conflict where one counts already.
    """
    import pyotp

    if is_on(tx.conn, member_id):
        raise Conflict("The second step is on already.")
    secret = pyotp.random_base32()
    tx.conn.execute(delete(authenticators).where(authenticators.c.member_id == member_id))
    tx.conn.execute(
        insert(authenticators),
        {"member_id": member_id, "secret": tx.site.seal(secret.encode()), "created_at": tx.now},
    )
    return secret


def address(secret: str, *, account: str, issuer: str) -> str:
    """The `otpauth:` address of a secret, as apps read it out of a QR code."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def pending(conn: Connection, site: Site, member_id: ActorId) -> str | None:
    """The secret that is being set up, if one is."""
    row = _row(conn, member_id)
    return None if row is None or row.confirmed_at is not None else site.unseal(row.secret).decode()


def turn_on(tx: Tx, member_id: ActorId, code: str) -> list[str]:
    """From now on logging in takes a code. The recovery codes come back, this once. Raises Invalid for a wrong code."""
    row = _row(tx.conn, member_id)
    if row is None:
        raise Conflict("Please begin anew.")
    if row.confirmed_at is not None:
        raise Conflict("The second step is on already.")
    if not _take(tx, row, code):
        raise Invalid(_WRONG, field="code")
    tx.conn.execute(update(authenticators).where(authenticators.c.member_id == member_id).values(confirmed_at=tx.now))
    return new_recovery_codes(tx, member_id)


def turn_off(tx: Tx, member_id: ActorId) -> None:
    """Logging in takes the password alone again."""
    tx.conn.execute(delete(authenticators).where(authenticators.c.member_id == member_id))
    tx.conn.execute(delete(recovery_codes).where(recovery_codes.c.member_id == member_id))


def new_recovery_codes(tx: Tx, member_id: ActorId) -> list[str]:
    """Ten new codes, shown this once; former ones are worth nothing from now on."""
    codes = ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(CODES)]
    tx.conn.execute(delete(recovery_codes).where(recovery_codes.c.member_id == member_id))
    tx.conn.execute(
        insert(recovery_codes),
        [{"member_id": member_id, "code_hash": _digest(tx, member_id, code)} for code in codes],
    )
    return codes


def is_on(conn: Connection, member_id: ActorId) -> bool:
    """Whether logging in takes a second proof."""
    row = _row(conn, member_id)
    return row is not None and row.confirmed_at is not None


def codes_left(conn: Connection, member_id: ActorId) -> int:
    """How many recovery codes are unused."""
    return conn.execute(
        select(func.count()).select_from(recovery_codes).where(recovery_codes.c.member_id == member_id)
    ).scalar_one()


def prove(tx: Tx, member_id: ActorId, code: str) -> bool:
    """Whether this is a code of the member's app, or a recovery code; either is used up by it."""
    row = _row(tx.conn, member_id)
    if row is None or row.confirmed_at is None:
        return False
    if _take(tx, row, code):
        return True
    used = tx.conn.execute(
        delete(recovery_codes).where(
            recovery_codes.c.member_id == member_id, recovery_codes.c.code_hash == _digest(tx, member_id, code)
        )
    )
    return used.rowcount == 1


def _take(tx: Tx, row: Row[tuple[object, ...]], code: str) -> bool:
    import pyotp

    typed = "".join(code.split())
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return False
    totp = pyotp.TOTP(tx.site.unseal(row._mapping["secret"]).decode())
    now = milliseconds(tx.now) // 1000
    for step in (now // _STEP + shift for shift in (-1, 0, 1)):
        if hmac.compare_digest(totp.at(step * _STEP), typed):
            # Only forward, and in one statement: of two equal codes at once one is taken.
            taken = tx.conn.execute(
                update(authenticators)
                .where(authenticators.c.member_id == row._mapping["member_id"], authenticators.c.last_step < step)
                .values(last_step=step)
            )
            return taken.rowcount == 1
    return False


def _row(conn: Connection, member_id: ActorId) -> Row[tuple[object, ...]] | None:
    return conn.execute(select(authenticators).where(authenticators.c.member_id == member_id)).one_or_none()


def _digest(tx: Tx, member_id: ActorId, code: str) -> str:
    typed = "".join(char for char in code.lower() if char in _ALPHABET)
    return tx.site.sign("recovery", f"{member_id}:{typed}")
