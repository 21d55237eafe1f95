# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is asked of the database while a test looks, for pages that take a fixed number of statements."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from node.kernel.db import Database


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """Those of this node alone, and without what a node that runs looks for by itself, now and then."""
    ran: list[str] = []

    def hear(*given: object) -> None:
        if "FROM revocations" not in str(given[2]):
            ran.append(str(given[2]))

    engines = (db._loop_engine, db._thread_engine, db._writer_engine) if db.is_sqlite else (db._pg_engine,)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    try:
        yield ran
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", hear)
