# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much work a read of the database is, whatever else the machine does meanwhile."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from node.kernel.db import Database

_Found = TypeVar("_Found")


def measured(db: Database, fn: Callable[..., _Found], *args: Any) -> tuple[_Found, float]:
    """What `fn(conn, *args)` finds, and the milliseconds of processor that it took: of this thread and, on PostgreSQL,
    which must run on this machine, of the process that answers it."""

    def read(conn: Connection) -> tuple[_Found, float]:
        process = None if db.is_sqlite else conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        began = _spent(process)
        found = fn(conn, *args)
        return found, (_spent(process) - began) * 1000

    return db.read_now(read)


def _spent(process: int | None) -> float:
    """Seconds of processor so far."""
    own = time.thread_time()
    if process is None:
        return own
    # The first number of Linux's scheduler statistics is the time that the process ran, in nanoseconds.
    return own + int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
