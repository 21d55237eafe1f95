# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many join."""

from datetime import datetime

from sqlalchemy import Connection

from node.kernel import weeks
from node.members.tables import members


def weekly(conn: Connection, since: datetime) -> dict[datetime, int]:
    """How many people joined in each week from a moment on: those who were let in."""
    return weeks.counted(
        conn, members.c.created_at, since, members.c.approved_at.is_not(None), members.c.email_key.contains("@")
    )
