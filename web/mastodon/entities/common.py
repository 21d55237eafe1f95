# SPDX-License-Identifier: AGPL-3.0-or-later
"""How moments and numbers are written. Apps are strict: always T, three digits of a second, and Z."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from node.posts.tags import TagDay

Json: TypeAlias = dict[str, object]


def moment(value: datetime) -> str:
    """`2026-11-24T23:34:28.000Z`."""
    return f"{value.isoformat(timespec='milliseconds')[:23]}Z"


def moment_or_none(value: datetime | None) -> str | None:
    """The same, or null."""
    return None if value is None else moment(value)


def history(days: Sequence[TagDay]) -> list[Json]:
    """How much something was used on the last days, as Mastodon writes it: numbers as texts."""
    return [
        {"day": str(int(one.day.timestamp())), "uses": str(one.uses), "accounts": str(one.accounts)} for one in days
    ]


def midnight(value: datetime) -> str:
    """The beginning of that day in the same form: the hour somebody signed up is nobody's business."""
    return f"{value:%Y-%m-%d}T00:00:00.000Z"
