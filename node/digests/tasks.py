# SPDX-License-Identifier: AGPL-3.0-or-later
"""The task that writes one member's digest."""

from node.digests import actions, letters, queries
from node.kernel import clock
from node.kernel.db import Database
from node.kernel.queue import Task


class Sender:
    """Writes digests. A row that runs twice writes once: the date it was due has passed then."""

    def __init__(self, db: Database) -> None:
        """Nothing but the database is asked."""
        self._db = db

    async def run(self, task: Task) -> bool:
        """See what is new for one member, and post it."""
        found = await self._db.read(queries.gather, int(str(task.payload["member"])), clock.now())
        if found is None:
            return False
        letter = letters.digest(self._db.site, found) if found.is_new else None
        await self._db.write(actions.finish, found.member, found.due, found.until, letter, task.id)
        return True
