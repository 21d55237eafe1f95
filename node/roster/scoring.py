# SPDX-License-Identifier: AGPL-3.0-or-later
"""How well somebody fits an entry of the roster: points for what agrees, and what says that they are two. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from node.kernel.folding import fold, name_key, one_edit_apart
from node.roster.candidates import Education

SURE: Final = 80
AHEAD: Final = 20
"""Points by which the best must lead."""
LIKELY: Final = 50
SCHOOL_MAIL: Final = 40
"""For an address of the school's own, whoever it is."""

_NUMBER: Final = 60
_EMAIL: Final = 40
_BIRTH: Final = 30
_YEAR: Final = 20
_YEAR_BESIDE: Final = 10
_FAMILY: Final = 25
_FAMILY_BESIDE: Final = 15
_GIVEN: Final = 15
_GIVEN_BESIDE: Final = 8
_PROGRAMME: Final = 10
_LONG_ENOUGH: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known of somebody, as it is compared. `family_keys` are all their family names as `name_key`s."""

    number: str = ""
    emails: frozenset[str] = frozenset()
    birth_date: date | None = None
    family_keys: frozenset[str] = frozenset()
    given_name: str = ""
    educations: Sequence[Education] = ()


def score(one: Person, other: Person) -> int:
    """Points from 0 to 200."""
    points = 0
    if one.number and one.number == other.number:
        points += _NUMBER
    if one.emails & other.emails:
        points += _EMAIL
    if one.birth_date is not None and one.birth_date == other.birth_date:
        points += _BIRTH
    return points + _years(one, other) + _families(one, other) + _givens(one, other) + _programmes(one, other)


def contradict(one: Person, other: Person) -> bool:
    """Whether something says that these are two people."""
    if one.birth_date is not None and other.birth_date is not None and one.birth_date != other.birth_date:
        return True
    return bool(one.number and other.number and one.number != other.number)


def _years(one: Person, other: Person) -> int:
    apart = [
        abs(mine.class_year - theirs.class_year)
        for mine in one.educations
        for theirs in other.educations
        if mine.class_year is not None and theirs.class_year is not None
    ]
    nearest = min(apart, default=2)
    return _YEAR if nearest == 0 else _YEAR_BESIDE if nearest == 1 else 0


def _families(one: Person, other: Person) -> int:
    if one.family_keys & other.family_keys:
        return _FAMILY
    beside = any(
        min(len(mine), len(theirs)) >= _LONG_ENOUGH and one_edit_apart(mine, theirs)
        for mine in one.family_keys
        for theirs in other.family_keys
    )
    return _FAMILY_BESIDE if beside else 0


def _givens(one: Person, other: Person) -> int:
    mine, theirs = fold(one.given_name).split(), fold(other.given_name).split()
    if not mine or not theirs:
        return 0
    if mine == theirs or "".join(mine) == "".join(theirs):
        return _GIVEN
    return _GIVEN_BESIDE if any(_compatible(a, b) for a in mine for b in theirs) else 0


def _compatible(one: str, other: str) -> bool:
    if one == other or (1 in (len(one), len(other)) and one[0] == other[0]):
        return True
    return min(len(one), len(other)) > 2 and one_edit_apart(one, other)


def _programmes(one: Person, other: Person) -> int:
    mine = {name_key(education.programme) for education in one.educations} - {""}
    return _PROGRAMME if mine & {name_key(education.programme) for education in other.educations} else 0
