# SPDX-License-Identifier: AGPL-3.0-or-later
"""The end of a right reaches every process of this node within two seconds, also what the command line ended.

Whatever ends a token, or all of a member's, writes a row in the same transaction and tells its own process on the bus
after the commit. Each process that serves looks every second for rows that it has not told yet, and tells them on its own
bus under the same topic: caches of callers and open streams listen there and need not know who ended what.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from node.access.tables import revocations
from node.actors import ActorId
from node.kernel import clock, ids
from node.kernel.db import Database, Tx, is_unavailable

_log = logging.getLogger(__name__)
REVOKED: Final = "token.revoked"
"""The topic. The message is a token's digest (str), or the number of a member all of whose rights ended (int)."""
LOOK_EVERY: Final = 1.0
# Rows get their numbers before their transaction commits, and clocks of two machines differ: this far back is looked.
_OVERLAP: Final = timedelta(minutes=2)
_KEPT: Final = timedelta(hours=1)
_SINCE = select(revocations).where(revocations.c.id >= bindparam("first")).order_by(revocations.c.id)


def tell(tx: Tx, what: str | ActorId) -> None:
    """A token (its digest) or every token of a member (their number) has ended in this transaction."""
    is_token = isinstance(what, str)
    tx.conn.execute(delete(revocations).where(revocations.c.id < ids.first_id_at(tx.now - _KEPT)))
    tx.conn.execute(
        insert(revocations),
        {
            "id": ids.new_id(tx.now),
            "token_hash": what if is_token else None,
            "member_id": None if is_token else what,
        },
    )
    bus = tx.bus
    tx.after_commit(lambda: bus.publish(REVOKED, what))


class Revocations:
    """Tells this process what others ended. One for each application object."""

    def __init__(self, db: Database) -> None:
        """Nothing is looked at before `look`."""
        self._db = db
        self._told: set[int] = set()

    async def look(self) -> None:
        """Tell what was not told yet. What this process ended itself is told twice, which is harmless."""
        now = clock.now()
        for row in await self._db.read(_since, now - _OVERLAP):
            if row.id not in self._told:
                self._told.add(row.id)
                self._db.bus.publish(REVOKED, row.token_hash if row.token_hash is not None else row.member_id)
        oldest = ids.first_id_at(now - 2 * _OVERLAP)
        self._told = {number for number in self._told if number >= oldest}

    async def run(self) -> None:
        """Look every second, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  # the edge of a loop that must outlive a database that is away
                if is_unavailable(error):
                    _log.warning("revocations: the database does not answer")
                else:
                    _log.exception("revocations: cannot look")


def _since(conn: Connection, moment: datetime) -> Sequence[Row[tuple[object, ...]]]:
    return conn.execute(_SINCE, {"first": ids.first_id_at(moment)}).all()
