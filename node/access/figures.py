# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many members use the node."""

from datetime import datetime

from sqlalchemy import Connection, case, func, select, union_all

from node.access.tables import sessions, tokens


def active(conn: Connection, lately: datetime, ever: datetime) -> tuple[int, int]:
    """How many came since each of two moments, by browser or by app: one statement.

    Who logged out is not among them, since of a session that has ended nothing is kept.
    """
    seen = union_all(
        select(sessions.c.member_id, sessions.c.seen_at.label("at")).where(sessions.c.seen_at >= ever),
        select(tokens.c.member_id, tokens.c.used_at.label("at")).where(
            tokens.c.member_id.is_not(None), tokens.c.revoked_at.is_(None), tokens.c.used_at >= ever
        ),
    ).subquery()
    last = select(func.max(seen.c.at).label("at")).group_by(seen.c.member_id).subquery()
    row = conn.execute(select(func.count(case((last.c.at >= lately, 1))), func.count()).select_from(last)).one()
    return row[0], row[1]
