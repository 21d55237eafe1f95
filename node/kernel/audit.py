# SPDX-License-Identifier: AGPL-3.0-or-later
"""What happened to whom, one row for each change of state: who did it, to whom, from what, to what, when.

Rows hold numbers and words of ours, and a reason of 500 characters at most; never what somebody wrote. They are kept for
twelve months, and a number stays when the account behind it is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, delete, func, insert, or_, select, update

from node.kernel.clock import Moment
from node.kernel.db import Tx, metadata
from node.kernel.ids import first_id_at, new_id

KEPT: Final = timedelta(days=365)
MAX_REASON: Final = 500

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # Numbers alone, without a foreign key: they outlive what they name. Null for a command, or for time itself.
    Column("actor_id", BigInteger),
    Column("subject_id", BigInteger, nullable=False),
    Column("verb", String(32), nullable=False),
    Column("before", String(64), nullable=False),
    Column("after", String(64), nullable=False),
    Column("reason", String(MAX_REASON), nullable=False),
    Column("at", Moment, nullable=False),
    # What a member is shown of themselves, and what is forgotten when they go.
    Index("ix_audit_subject", "subject_id", "id"),
    Index("ix_audit_actor", "actor_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change."""

    id: int
    actor_id: int | None
    subject_id: int
    verb: str
    before: str
    after: str
    reason: str
    at: datetime


def write(
    tx: Tx,
    verb: str,
    subject_id: int,
    *,
    by: int | None = None,
    before: str = "",
    after: str = "",
    reason: str = "",
) -> None:
    """Keep in mind that `by` did `verb` to `subject_id`. Without `by` it was a command, or a term that ran out."""
    tx.conn.execute(
        insert(audit),
        {
            "id": new_id(tx.now),
            "actor_id": by,
            "subject_id": subject_id,
            "verb": verb,
            "before": before[:64],
            "after": after[:64],
            "reason": reason[:MAX_REASON],
            "at": tx.now,
        },
    )


def about(conn: Connection, subject_id: int, *, limit: int = 200, before: int | None = None) -> Sequence[Entry]:
    """What happened to somebody or something, the latest first."""
    statement = select(audit).where(audit.c.subject_id == subject_id)
    if before is not None:
        statement = statement.where(audit.c.id < before)
    rows = conn.execute(statement.order_by(audit.c.id.desc()).limit(limit))
    return [Entry(**row._mapping) for row in rows]


def lately(conn: Connection, verb: str, since: datetime, *, limit: int = 200) -> Sequence[int]:
    """To whom this happened since then, each once, the latest first."""
    latest = func.max(audit.c.id)
    statement = select(audit.c.subject_id).where(audit.c.id >= first_id_at(since), audit.c.verb == verb)
    return list(conn.execute(statement.group_by(audit.c.subject_id).order_by(latest.desc()).limit(limit)).scalars())


def count(conn: Connection, subject_id: int, verb: str, *, before: str, after: str, since: datetime) -> int:
    """How often this change happened to somebody since a moment."""
    return conn.execute(
        select(func.count())
        .select_from(audit)
        .where(
            audit.c.subject_id == subject_id,
            audit.c.id >= first_id_at(since),
            audit.c.verb == verb,
            audit.c.before == before,
            audit.c.after == after,
        )
    ).scalar_one()


def forget_reasons(tx: Tx, person_id: int) -> None:
    """Somebody is gone: that something happened stays, with their number, and in whose words it was said goes."""
    tx.conn.execute(
        update(audit).where(or_(audit.c.subject_id == person_id, audit.c.actor_id == person_id)).values(reason="")
    )


def sweep(tx: Tx) -> None:
    """Forget what is older than a year."""
    tx.conn.execute(delete(audit).where(audit.c.id < first_id_at(tx.now - KEPT)))
