# SPDX-License-Identifier: AGPL-3.0-or-later
"""When a digest is due, and how much stands in it. Pure."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

MOST: Final = 25
"""Items in one letter."""
_MORNING: Final = 7 * 60
_HOURS: Final = 12 * 60
# The longest month, and a day for what is past already.
_LOOK: Final = 33


class Frequency(StrEnum):
    """How often: on every day, on Mondays, on the first of the month."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


DEFAULT: Final = Frequency.WEEKLY


def next_at(after: datetime, frequency: Frequency, zone: tzinfo, member_id: int) -> datetime | None:
    """When the next one after that moment is due; None for somebody who wants none.

    Between seven in the morning and seven in the evening of the member's own clock, each member at a minute of theirs,
    so that not all are written at once.
    """
    if frequency is Frequency.NONE:
        return None
    hour, minute = divmod(_MORNING + member_id % _HOURS, 60)
    day = after.astimezone(zone).date()
    for _ in range(_LOOK):
        moment = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
        is_day = (
            frequency is Frequency.DAILY
            or (frequency is Frequency.WEEKLY and day.weekday() == 0)
            or (frequency is Frequency.MONTHLY and day.day == 1)
        )
        if is_day and moment > after:
            return moment
        day += timedelta(days=1)
    raise AssertionError("every month has a first day")


def room(counts: list[int]) -> list[int]:
    """How many of each section are shown, so that there are `MOST` in all: the first sections come first."""
    left, shown = MOST, []
    for count in counts:
        shown.append(min(count, left))
        left -= shown[-1]
    return shown
