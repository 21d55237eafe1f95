# SPDX-License-Identifier: AGPL-3.0-or-later
"""Storing what the inbox lets in: a row and a task for each activity, several arrivals in one unit of work.

While one unit is being written the next arrivals gather, so that nobody waits for company, and a crowd costs little more
than one. An arrival that cannot be stored takes no other with it.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from activitypub.activity import ActivityDocument
from node.federation import activities, hosts
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.errors import Overloaded

APPLY: Final = "federation.apply"
TOGETHER: Final = 50
MAX_WAITING: Final = 2_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """An activity whose sender is proved. `heard` is the sender's host if what waits for it may be held."""

    activity: ActivityDocument
    body: bytes
    heard: str | None


class Arrivals:
    """Takes arrivals and stores them in the order in which they came. One for each inbox."""

    def __init__(self, db: Database) -> None:
        """Nothing waits."""
        self._db = db
        self._waiting: deque[tuple[Arrival, asyncio.Future[None]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def store(self, arrival: Arrival) -> None:
        """Return when the arrival is committed. Raises Overloaded, and what the database raises for this one."""
        if len(self._waiting) >= MAX_WAITING:
            raise Overloaded
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, stored))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await stored

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._write_some([self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))])
        finally:
            self._writing = None

    async def _write_some(self, some: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        try:
            await self._db.write(keep, [arrival for arrival, _ in some])
        except Exception as error:  # noqa: BLE001  # goes to those who wait for it
            if len(some) > 1 and not isinstance(error, Overloaded):
                for one in some:
                    await self._write_some([one])
                return
            for _, stored in some:
                if not stored.done():
                    stored.set_exception(error)
            return
        for _, stored in some:
            if not stored.done():  # whoever sent it may have gone
                stored.set_result(None)


def keep(tx: Tx, arrivals: list[Arrival]) -> None:
    """One row and one task for each activity that is new; nothing for a repeat."""
    for host in {arrival.heard for arrival in arrivals if arrival.heard is not None}:
        hosts.heard(tx, host)
    new = activities.store_inbound(tx, [(arrival.activity, arrival.body) for arrival in arrivals])
    queue.enqueue_many(
        tx, APPLY, [(activity.actor[:255], {"activity": number}) for number, activity in new], queue=queue.INBOX
    )
