# SPDX-License-Identifier: AGPL-3.0-or-later
"""Limits on what is dear or guessable (logins, registrations of apps), counted in the database.

So a restart forgets nothing and several processes count together. An attempt counts whether or not it succeeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update

from node.access.tables import attempts
from node.kernel.clock import milliseconds
from node.kernel.db import Database, Tx, insert_or_ignore
from node.kernel.errors import TooMany

_KEPT: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts in each `window`, by what `bucket` names (an address, an account)."""

    bucket: str
    most: int
    window: timedelta


async def check(db: Database, limits: Sequence[Limit]) -> None:
    """Count one attempt in each bucket. Raises TooMany if one of them is full."""
    # The count is committed before anything is refused: a refusal inside the transaction would take it back.
    retry_after = await db.write(count, limits)
    if retry_after:
        raise TooMany(retry_after=retry_after)


def count(tx: Tx, limits: Sequence[Limit]) -> int:
    """Count one attempt in each bucket; seconds to wait if one is full, else 0."""
    wait = 0
    for limit in limits:
        seconds = int(limit.window.total_seconds())
        window = milliseconds(tx.now) // 1000 // seconds * seconds
        if _one_more(tx, limit.bucket[:255], window) > limit.most:
            wait = max(wait, _until(window + seconds, tx.now))
    return wait


def _one_more(tx: Tx, bucket: str, window: int) -> int:
    here = (attempts.c.bucket == bucket, attempts.c.window == window)
    more = update(attempts).where(*here).values(count=attempts.c.count + 1)
    if tx.conn.execute(more).rowcount == 0:
        tx.conn.execute(delete(attempts).where(attempts.c.window < milliseconds(tx.now - _KEPT) // 1000))
        added = tx.conn.execute(insert_or_ignore(tx.conn, attempts), {"bucket": bucket, "window": window, "count": 1})
        if added.rowcount == 0:
            tx.conn.execute(more)
    return int(tx.conn.execute(select(attempts.c.count).where(*here)).scalar_one())


def _until(end: int, now: datetime) -> int:
    return max(1, end - milliseconds(now) // 1000)
