# SPDX-License-Identifier: AGPL-3.0-or-later
"""What counts as a trend. Pure.

Each account counts once for each thing, by when it last had to do with it, and counts for half as much each half-life
later. So nobody makes a trend alone, however much they post, and what was talked about yesterday makes room by itself.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MIN_ACCOUNTS: Final = 3
"""Nothing that fewer have to do with is shown: it would say what single people do."""
WINDOW: Final = timedelta(days=3)
MOST: Final = 100
"""Kept of each kind."""


class Kind(StrEnum):
    """What trends."""

    TAG = "tag"
    STATUS = "status"
    LINK = "link"


_HALF_LIFE: Final[Mapping[Kind, timedelta]] = {
    Kind.TAG: timedelta(hours=24),
    Kind.STATUS: timedelta(hours=12),
    Kind.LINK: timedelta(hours=24),
}


def score(kind: Kind, last_of_each: Iterable[datetime], now: datetime) -> float:
    """How much something trends, from when each account last had to do with it. Nothing from the future counts more."""
    half_life = _HALF_LIFE[kind]
    return sum(math.pow(0.5, max(now - moment, timedelta()) / half_life) for moment in last_of_each)
