# SPDX-License-Identifier: AGPL-3.0-or-later
"""Logins whose password was right and whose second proof is still to come: ten minutes, and no session meanwhile."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from node.access.secrets import digest
from node.access.tables import half_logins
from node.actors import ActorId
from node.kernel import clock, ids
from node.kernel.db import Tx

LIFETIME: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class HalfLogin:
    """Who has given their password, and where they wanted to go."""

    member_id: ActorId
    next: str


def begin_login(tx: Tx, member_id: ActorId, next_page: str) -> str:
    """The password was right; what comes back is for the browser's cookie."""
    token = ids.secret()
    tx.conn.execute(delete(half_logins).where(half_logins.c.created_at < tx.now - LIFETIME))
    tx.conn.execute(
        insert(half_logins),
        {"token_hash": digest(token), "member_id": member_id, "next": next_page[:8000], "created_at": tx.now},
    )
    return token


def find_half_login(conn: Connection, token: str) -> HalfLogin | None:
    """The half login of a cookie, if it is not over."""
    row = conn.execute(select(half_logins).where(half_logins.c.token_hash == digest(token))).one_or_none()
    if row is None or row.created_at + LIFETIME < clock.now():
        return None
    return HalfLogin(row.member_id, row.next)


def end_half_logins(tx: Tx, member_id: ActorId) -> None:
    """Nobody who has only given the password gets further with it: it changed, or the login is whole."""
    tx.conn.execute(delete(half_logins).where(half_logins.c.member_id == member_id))
