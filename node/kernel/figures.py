# SPDX-License-Identifier: AGPL-3.0-or-later
"""Numbers of people as they may be told: nobody can be made out, whatever else is told beside. The one place for it. Pure.

A number is rounded down to fives, and fewer than five are not counted out: whoever knows some of them would learn about the
others. In a table of classes even the exact sum of all rows, which can be read elsewhere, must not tell how many a small row
holds (`told`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

FEW: Final = 5
"""Fewer people than this are not counted out."""
_SLACK: Final = FEW - 2
"""How far a small row may be from either end of what it stands for: it stands for 1 to 4."""

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Rough:
    """A number of people as it may be shown: `number` is a multiple of five, so that what is hidden cannot be found by
    subtraction; 0 with `few` where it is more than none and fewer than five."""

    number: int
    few: bool = False

    def __str__(self) -> str:
        """As it stands in a table."""
        return f"<{FEW}" if self.few else str(self.number)


def rough(number: int) -> Rough:
    """The number rounded down to a multiple of five. None at all is told, since it is about nobody."""
    return Rough(number - number % FEW, few=0 < number < FEW)


def told(counts: Mapping[Key, int]) -> dict[Key, Rough]:
    """The rows of a table that may be shown, whoever knows their exact sum; rows of nobody are left out.

    Small rows are left out too where the sum would say how many they hold: if they are so near to one each, or to four each,
    that not every number from one to four would fit.
    """
    rows = {key: rough(number) for key, number in counts.items() if number > 0}
    exact = sum(counts[key] for key in rows)
    least = sum(1 if row.few else row.number for row in rows.values())
    most = sum(row.number + FEW - 1 for row in rows.values())
    if exact - least >= _SLACK and most - exact >= _SLACK:
        return rows
    return {key: row for key, row in rows.items() if not row.few}


def told_of_all(counts: Sequence[int]) -> list[Rough]:
    """The same for rows that are always there, such as months: fewer than five may be none as well."""
    return [Rough(number - number % FEW, few=number < FEW) for number in counts]
