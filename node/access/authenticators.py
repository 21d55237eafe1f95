# SPDX-License-Identifier: AGPL-3.0-or-later
"""The member's authenticator app: six digits that change every half minute (RFC 6238).

Its secret is kept encrypted under the node's own. A code is good once, though it lasts half a minute and its neighbours
are taken too, for clocks that differ (RFC 6238, 5.2).
"""

import hmac
import logging
from typing import Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from node import mail, members
from node.access import letters, second_steps
from node.access.tables import authenticators
from node.actors import ActorId
from node.kernel.clock import milliseconds
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid
from node.kernel.site import Site

_STEP: Final = 30
_WRONG: Final = "This code is not right, or was used already."
_log = logging.getLogger(__name__)


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
    """From now on logging in takes a code. Recovery codes come back, this once; the member is told by letter.

    Raises Invalid for a wrong code.
    """
    row = _row(tx.conn, member_id)
    if row is None:
        raise Conflict("Please begin anew.")
    if row.confirmed_at is not None:
        raise Conflict("The second step is on already.")
    if not _take(tx, row, code):
        raise Invalid(_WRONG, field="code")
    tx.conn.execute(update(authenticators).where(authenticators.c.member_id == member_id).values(confirmed_at=tx.now))
    member = members.get(tx.conn, member_id)
    mail.post(tx, member.email, letters.app_added(tx.site, member.locale), member=member.id)
    _log.info("member %s logs in with an authenticator app from now on", member_id)
    return second_steps.new_recovery_codes(tx, member_id)


def turn_off(tx: Tx, member_id: ActorId) -> None:
    """The app's codes are asked for no more; the member is told by letter. Passkeys stay."""
    was_on = is_on(tx.conn, member_id)
    tx.conn.execute(delete(authenticators).where(authenticators.c.member_id == member_id))
    second_steps.forget_codes_if_off(tx, member_id)
    if was_on:
        member = members.get(tx.conn, member_id)
        mail.post(tx, member.email, letters.app_removed(tx.site, member.locale), member=member.id)
        _log.info("member %s logs in without an authenticator app from now on", member_id)


def is_on(conn: Connection, member_id: ActorId) -> bool:
    """Whether the app's codes count."""
    row = _row(conn, member_id)
    return row is not None and row.confirmed_at is not None


def prove(tx: Tx, member_id: ActorId, code: str) -> bool:
    """Whether this is a code of the member's app, or a recovery code; either is used up by it."""
    row = _row(tx.conn, member_id)
    if row is not None and row.confirmed_at is not None and _take(tx, row, code):
        return True
    return second_steps.take_recovery_code(tx, member_id, code)


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
