# SPDX-License-Identifier: AGPL-3.0-or-later
"""The task that computes what trends, once an hour."""

from node.kernel import clock
from node.kernel.db import Database
from node.kernel.queue import Task
from node.trends import actions
from node.trends.computing import computed


class Computer:
    """Computes trends from the node's own rows."""

    def __init__(self, db: Database) -> None:
        """Nothing but the database is asked."""
        self._db = db

    async def run(self, task: Task) -> bool:
        """Once, and have it done again."""
        found = await self._db.read(computed, clock.now())
        await self._db.write(actions.replace, found, task.id)
        return True
