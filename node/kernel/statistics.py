# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the database knows of its tables, by which it chooses the way to an answer.

PostgreSQL looks at its tables by itself, unless that is turned off or a restored copy is still young: a way between two
members then takes three times as long. So what nobody has looked at, or what has doubled since, is looked at here. It
reads thirty thousand rows of a table at most, however many there are.

SQLite is left without statistics on purpose: its planner takes the same way each day, the one that the indexes are made
for, while after `ANALYZE` it reads all words of the directory for some searches (forty times as long, measured).
"""

from typing import Final

from sqlalchemy import text

from node.kernel.db import Tx

MOST: Final = 20
"""Tables that are looked at in one go."""
SMALLEST: Final = 100
"""Pages of 8 KiB. Of a small table PostgreSQL knows enough by its size."""

_UNKNOWN: Final = text(
    """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS regnamespace)
        AND pg_relation_size(oid) >= :smallest * 8192
        AND (reltuples < 0 OR pg_relation_size(oid) > 2 * 8192 * CAST(relpages AS bigint))
    ORDER BY pg_relation_size(oid) DESC LIMIT :most
    """
)


def refresh(tx: Tx) -> list[str]:
    """Have the database look at the tables that it does not know, or that have doubled; those are given back.

    A table that somebody else works on in a way that would make this wait is left for the next time.
    """
    if tx.conn.dialect.name != "postgresql":
        return []
    names = list(tx.conn.execute(_UNKNOWN, {"smallest": SMALLEST, "most": MOST}).scalars())
    quote = tx.conn.dialect.identifier_preparer.quote
    for name in names:
        tx.conn.execute(text(f"ANALYZE (SKIP_LOCKED) {quote(name)}"))
    return names
