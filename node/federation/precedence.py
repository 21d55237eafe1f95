# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers before work: while many requests wait at the inbox, applying what is stored waits, within bounds.

Both want the same core and the same writer. Whoever sends is kept waiting by an answer, nobody by an activity that is
applied a second later, and a server that waits too long takes us for dead.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

# So many requests at once are a rush; it is over when there were fewer for so many seconds.
RUSH: Final = 8
OVER_AFTER: Final = 0.05
# What waits does so for at most this many seconds, and then so much of it is done before it waits again: what is stored
# is applied in the end, even under a rush that does not end.
LONGEST: Final = 1.0
THEN: Final = 100


class Precedence:
    """Who goes first. One for a process, used on its event loop only."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._at_once = 0
        self._rush_until = 0.0
        self._granted = 0
        self._waiting: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def urgent(self) -> Iterator[None]:
        """Counts what is done in the block as something that somebody waits for."""
        self._at_once += 1
        if self._at_once >= RUSH:
            self._rush_until = asyncio.get_running_loop().time() + OVER_AFTER
        try:
            yield
        finally:
            self._at_once -= 1

    async def give_way(self) -> None:
        """Return when there is no rush, or after having waited for long enough."""
        while self._is_rush():
            if self._granted > 0:
                self._granted -= 1
                return
            if self._waiting is None:
                self._waiting = asyncio.create_task(self._wait())
            await asyncio.shield(self._waiting)

    def _is_rush(self) -> bool:
        return asyncio.get_running_loop().time() < self._rush_until

    async def _wait(self) -> None:
        """One wait for all who give way: until the rush is over, or some of them must be let through."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST
        # Nothing tells that nothing more has come: only time does.
        while (pause := min(self._rush_until, until) - loop.time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(pause)
        self._granted = THEN
        self._waiting = None
