# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sessions of browsers: another kind of thing than tokens, and never accepted in place of one.

A session lasts thirty days at most, and a week without use. Every login makes a new one, so an id that somebody planted
in a browser before is worth nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from node.access.secrets import digest
from node.access.tables import half_logins, sessions
from node.actors import ActorId
from node.kernel import ids
from node.kernel.db import Tx
from node.kernel.errors import NotFound
from node.kernel.text import clean_line

LIFETIME: Final = timedelta(days=30)
IDLE: Final = timedelta(days=7)
# How long the member may change how they log in without proving themselves anew.
PROOF_HOLDS: Final = timedelta(minutes=15)
# How often `seen_at` is written.
SEEN_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Told when a browser has a new session."""

    member_id: ActorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser in which a member is logged in."""

    id: int
    token_hash: str
    member_id: ActorId
    user_agent: str
    created_at: datetime
    seen_at: datetime
    proved_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Whether it has run out."""
        return now - self.created_at > LIFETIME or now - self.seen_at > IDLE

    def is_proved(self, now: datetime) -> bool:
        """Whether the member has shown a moment ago that it is they who sit there (password, passkey)."""
        return self.proved_at is not None and now - self.proved_at <= PROOF_HOLDS

    def use_is_worth_noting(self, now: datetime) -> bool:
        """Whether `see` is due."""
        return now - self.seen_at > SEEN_EVERY


_FIND = select(sessions).where(sessions.c.token_hash == bindparam("token_hash"))


def create_session(tx: Tx, member_id: ActorId, user_agent: str = "") -> str:
    """A new session; what comes back goes into the cookie and is kept nowhere."""
    tx.conn.execute(
        delete(sessions).where((sessions.c.created_at < tx.now - LIFETIME) | (sessions.c.seen_at < tx.now - IDLE))
    )
    token = ids.secret()
    tx.conn.execute(
        insert(sessions),
        {
            "id": ids.new_id(tx.now),
            "token_hash": digest(token),
            "member_id": member_id,
            "user_agent": clean_line(user_agent, 255),
            "created_at": tx.now,
            "seen_at": tx.now,
            "proved_at": tx.now,
        },
    )
    tx.tell(LoggedIn(member_id))
    return token


def find_session(conn: Connection, token: str, now: datetime) -> Session | None:
    """The session of a cookie, if it is not over."""
    row = conn.execute(_FIND, {"token_hash": digest(token)}).one_or_none()
    if row is None:
        return None
    session = Session(**row._mapping)
    return None if session.is_over(now) else session


def see(tx: Tx, session_id: int) -> None:
    """The session was used now."""
    tx.conn.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=tx.now))


def prove(tx: Tx, session_id: int) -> None:
    """The member has just proved themselves in this browser."""
    tx.conn.execute(update(sessions).where(sessions.c.id == session_id).values(proved_at=tx.now))


def sessions_of(conn: Connection, member_id: ActorId) -> Sequence[Session]:
    """Where a member is logged in, newest first."""
    rows = conn.execute(select(sessions).where(sessions.c.member_id == member_id).order_by(sessions.c.id.desc()))
    return [Session(**row._mapping) for row in rows]


def revoke_session(tx: Tx, member_id: ActorId, session_id: int) -> None:
    """Log a member out of one browser. Raises NotFound for a session of somebody else."""
    gone = tx.conn.execute(delete(sessions).where(sessions.c.id == session_id, sessions.c.member_id == member_id))
    if gone.rowcount == 0:
        raise NotFound


def revoke_sessions(tx: Tx, member_id: ActorId, *, but: int | None = None) -> None:
    """Log a member out everywhere, but for the session they are in."""
    tx.conn.execute(delete(half_logins).where(half_logins.c.member_id == member_id))
    statement = delete(sessions).where(sessions.c.member_id == member_id)
    tx.conn.execute(statement if but is None else statement.where(sessions.c.id != but))
