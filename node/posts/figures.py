# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much is written here."""

from datetime import datetime

from sqlalchemy import Connection

from node.kernel import weeks
from node.kernel.db import long_read
from node.posts.tables import posts
from node.posts.types import Kind


@long_read
def weekly(conn: Connection, since: datetime) -> dict[datetime, int]:
    """How many posts were written here in each week from a moment on, without boosts."""
    return weeks.counted(conn, posts.c.created_at, since, posts.c.local.is_(True), posts.c.kind != Kind.BOOST)
