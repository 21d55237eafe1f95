# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeping what was computed, and hiding from it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, insert, select

from node.kernel import queue
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import NotFound
from node.trends.rules import Kind
from node.trends.tables import hidden_trends, trends
from node.trends.types import Trend

COMPUTE: Final = "trends.compute"
EVERY: Final = timedelta(hours=1)
_SOON: Final = timedelta(minutes=1)


def plan(tx: Tx) -> None:
    """Have trends computed a minute from now, unless that is planned already: for a node that starts."""
    queue.enqueue(tx, COMPUTE, {}, run_at=tx.now + _SOON, once=COMPUTE)


def replace(tx: Tx, found: Mapping[Kind, Sequence[Trend]], task_id: int) -> None:
    """Keep these in place of what trended before, and compute again an hour from now."""
    tx.conn.execute(delete(trends))
    rows = [asdict(one) for several in found.values() for one in several]
    if rows:
        tx.conn.execute(insert(trends), rows)
    queue.complete(tx, task_id)
    queue.enqueue(tx, COMPUTE, {}, run_at=tx.now + EVERY, once=COMPUTE)


def hide(tx: Tx, kind: Kind, ref: str) -> None:
    """Let something that trends be shown no more, now and when it trends again. Raises NotFound for what does not."""
    shown = tx.conn.execute(select(trends.c.display).where(trends.c.kind == kind, trends.c.ref == ref)).scalar()
    if shown is None:
        raise NotFound
    tx.conn.execute(
        insert_or_ignore(tx.conn, hidden_trends),
        {"kind": kind, "ref": ref, "display": shown, "created_at": tx.now},
    )


def show(tx: Tx, kind: Kind, ref: str) -> None:
    """Let something that was hidden be shown again when it trends. Raises NotFound."""
    gone = tx.conn.execute(delete(hidden_trends).where(hidden_trends.c.kind == kind, hidden_trends.c.ref == ref))
    if gone.rowcount == 0:
        raise NotFound
