# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much of our work somebody elsewhere may cause in an hour. Kept in memory, for a bounded number of names."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from node.kernel import clock

_HOUR: Final = timedelta(hours=1)
_KEPT: Final = 10_000


class Allowance:
    """So many times an hour for each name (a host, a thread). A name that was pushed out of memory starts anew."""

    def __init__(self, an_hour: int) -> None:
        self._an_hour = an_hour
        self._used: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def take(self, name: str) -> bool:
        """Use one up; False when this hour's are gone."""
        now = clock.now()
        since, used = self._used.get(name, (now, 0))
        if now - since >= _HOUR:
            since, used = now, 0
        if used >= self._an_hour:
            return False
        self._used[name] = (since, used + 1)
        self._used.move_to_end(name)
        if len(self._used) > _KEPT:
            self._used.popitem(last=False)
        return True
