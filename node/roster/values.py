# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the cell of a roster says: names, years, dates, addresses, as people and spreadsheets write them. Pure.

A cell that cannot be read raises `Unreadable`; the caller says in which line it stands.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from node.kernel.errors import Invalid
from node.kernel.folding import fold
from node.kernel.i18n import marked
from node.kernel.text import clean_line
from node.members import rules as member_rules

MAX_NAME: Final = 60
MAX_VALUE: Final = 255
FIRST_YEAR: Final = 1900
_FIRST_BIRTH: Final = 1850
_LONGEST: Final = 8
"""Years of study in `2004-2005`; more is something else, such as a month before a year."""
_EMPTY: Final = frozenset({"-", "--", "n/a", "n.a.", "nc", "n.c.", "inconnu", "inconnue", "?"})
_BROKEN: Final = re.compile(r"-[ \t]*\r?\n\s*")


class Unreadable(Exception):
    """A cell cannot be read; the text is a sentence for whoever keeps the roster."""


def tidy(cell: str, limit: int = MAX_VALUE) -> str:
    """The cell on one line, without doubled blanks; empty for what people write where they know nothing.

    A leading apostrophe before `= + - @` is the mark with which exports keep a spreadsheet from computing.
    """
    text = clean_line(_BROKEN.sub("-", cell).replace("\u00a0", " ").replace("\u202f", " "), limit)
    if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@"):
        text = text[1:]
    return "" if text.casefold() in _EMPTY else text


# -- names ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FamilyName:
    """The name in use, and the one of birth where it is another."""

    usage: str
    birth: str = ""


_MARRIED: Final = re.compile(
    r"(?P<birth>[^()]+?)[\s,(]+(?:épouse|epouse|ép\.?|ep\.|married)\s+(?P<usage>[^()]+?)\)?", re.IGNORECASE
)
_BORN: Final = re.compile(r"(?P<usage>[^()]+?)[\s,(]+(?:née|nee|né|ne|born)\s+(?P<birth>[^()]+?)\)?", re.IGNORECASE)
_LOWER: Final = frozenset({"de", "du", "le", "von", "van"})
# MacDonald and McKay, but Macron and Machin.
_SCOTTISH: Final = re.compile(r"(mac(?=[dgkln])|mc)([^\W\d_]{3,})")


def family_name(cell: str) -> FamilyName:
    """Both names out of `DUPONT épouse MARTIN` or `DUPONT-MARTIN (née DUPONT)`; otherwise the one that stands there."""
    text = tidy(cell, 2 * MAX_NAME + 20)
    for form in (_MARRIED, _BORN):
        found = form.fullmatch(text)
        if found:
            return FamilyName(found["usage"].strip()[:MAX_NAME], found["birth"].strip()[:MAX_NAME])
    return FamilyName(text[:MAX_NAME].strip())


def full_name(cell: str) -> tuple[str, str]:
    """(family name, given names) out of one cell: by a comma, or by which words are in capitals.

    Raises:
        Unreadable: nothing says where the one ends and the other begins.
    """
    text = tidy(cell, 3 * MAX_NAME)
    if not text:
        return "", ""
    before, comma, after = text.partition(",")
    if comma and before.strip() and after.strip():
        return before.strip()[:MAX_NAME], after.strip()[:MAX_NAME]
    words = text.split()
    capitals = [_in_capitals(word) for word in words]
    leading = _run(capitals)
    trailing = _run(capitals[::-1])
    if 0 < leading < len(words) and not any(capitals[leading:]):
        return " ".join(words[:leading])[:MAX_NAME], " ".join(words[leading:])[:MAX_NAME]
    if 0 < trailing < len(words) and not any(capitals[: len(words) - trailing]):
        cut = len(words) - trailing
        # A particle in small letters before the capitals belongs to the family name.
        while cut > 1 and words[cut - 1].casefold() in _LOWER:
            cut -= 1
        return " ".join(words[cut:])[:MAX_NAME], " ".join(words[:cut])[:MAX_NAME]
    raise Unreadable(marked("It cannot be told which part is the family name. Please use two columns."))


def _in_capitals(word: str) -> bool:
    letters = [character for character in word if character.isalpha()]
    return len(letters) > 1 and all(character.isupper() for character in letters)


def _run(flags: Sequence[bool]) -> int:
    return next((index for index, flag in enumerate(flags) if not flag), len(flags))


def proposed_name(name: str) -> str:
    """A name in capitals as it is written in a text: `DE LA TOUR-MARTIN` becomes `de La Tour-Martin`. Others stay."""
    if not name or not all(character.isupper() for character in name if character.isalpha()):
        return name
    return re.sub(r"[^\W\d_]+(?:['\u2019](?=[^\W\d_]))?", _proposed_word, name)


def _proposed_word(found: re.Match[str]) -> str:
    word = found[0]
    lower = word.lower()
    if lower in _LOWER or lower in ("d'", "d\u2019"):
        return lower
    scottish = _SCOTTISH.fullmatch(lower)
    if scottish:
        return scottish[1].capitalize() + scottish[2].capitalize()
    return word[:1] + lower[1:]


# -- numbers, dates, addresses ----------------------------------------------------------------------------------------

_YEARS: Final = re.compile(
    r"(?:promo(?:tion)?|class(?: of)?|classe|[a-z]{1,3})?[\s.:'\u2019-]*([0-9]{4}|[0-9]{2})"
    r"(?:\s*[-/\u2013]\s*([0-9]{4}|[0-9]{2}))?",
    re.IGNORECASE,
)


def class_year(cell: str, today: date) -> int | None:
    """The year of a class: `2005`, `05`, `P05`, `X1998`, `promo 76`; of `2004-2005` the later one.

    Two digits are of this century up to six years from now, of the last one beyond. Raises Unreadable.
    """
    text = tidy(cell)
    if not text:
        return None
    found = _YEARS.fullmatch(text.removesuffix(".0"))
    if found is None:
        raise Unreadable(marked("This is no year."))
    years = [_four_digits(part, (today.year + 6) % 100) for part in found.groups() if part]
    latest = years[-1]
    if not 0 <= latest - years[0] <= _LONGEST:
        raise Unreadable(marked("This is no year."))
    if not FIRST_YEAR <= latest <= today.year + 8:
        raise Unreadable(marked("This year is too early or too late."))
    return latest


def _four_digits(digits: str, pivot: int) -> int:
    number = int(digits)
    return number if len(digits) == 4 else number + (2000 if number <= pivot else 1900)


class DateOrder(StrEnum):
    """Which number comes first in dates such as 03/04/1976."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    UNKNOWN = "unknown"


_DATE: Final = re.compile(r"([0-9]{1,2})\s*[/.\-]\s*([0-9]{1,2})\s*[/.\-]\s*([0-9]{4}|[0-9]{2})(?:\s+0?0:00(?::00)?)?")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]0?0:00(?::00)?)?")


def date_order(cells: Iterable[str], *, french: bool) -> DateOrder:
    """How the dates of a column are written, by those that can be read in one way only; French ones are day first."""
    day_first = month_first = 0
    for cell in cells:
        found = _DATE.fullmatch(cell.strip())
        if found:
            day_first += int(found[1]) > 12
            month_first += int(found[2]) > 12
    if french or day_first > month_first:
        return DateOrder.DAY_FIRST
    return DateOrder.MONTH_FIRST if month_first else DateOrder.UNKNOWN


def civil_date(cell: str, order: DateOrder, today: date) -> date | None:
    """A date of birth or death. Raises Unreadable, also where it is written in another order than the rest."""
    text = tidy(cell)
    if not text:
        return None
    if iso := _ISO.fullmatch(text):
        year, month, day = int(iso[1]), int(iso[2]), int(iso[3])
    elif found := _DATE.fullmatch(text):
        first, second = int(found[1]), int(found[2])
        if order is DateOrder.UNKNOWN and first <= 12 and second <= 12 and first != second:
            raise Unreadable(marked("It cannot be told which is the day and which the month."))
        day, month = (second, first) if order is DateOrder.MONTH_FIRST else (first, second)
        if month > 12 >= day:
            raise Unreadable(marked("Day and month stand in another order than in the rest of the file."))
        year = _four_digits(found[3], today.year % 100)
    else:
        raise Unreadable(marked("This is no date. Please write it as 31/12/1976 or 1976-12-31."))
    try:
        result = date(year, month, day)
    except ValueError:
        raise Unreadable(marked("There is no such day.")) from None
    if result.year < _FIRST_BIRTH or result > today:
        raise Unreadable(marked("This date is too early or too late."))
    return result


def emails(cell: str) -> tuple[Sequence[str], Sequence[str]]:
    """(the addresses in a cell, what is none), the domain in small letters."""
    good: list[str] = []
    bad: list[str] = []
    for part in re.split(r"[\s;,|/<>]+", tidy(cell, 1000)):
        if not part:
            continue
        name, at, domain = part.removeprefix("mailto:").rpartition("@")
        address = f"{name}{at}{domain.lower()}"
        if at and _is_address(address):
            if address not in good:
                good.append(address)
        else:
            bad.append(part)
    return good, bad


def _is_address(text: str) -> bool:
    try:
        member_rules.check_email(text)
    except Invalid:
        return False
    return True


_EATEN: Final = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)


def is_eaten(cell: str) -> bool:
    """Whether a spreadsheet took this number for a quantity, and its last digits are lost (`3.36E+10`)."""
    return _EATEN.fullmatch(cell) is not None


def lacks_zero(cell: str, digits: int) -> bool:
    """Whether the leading zero is gone: all digits, and one less than there must be."""
    return cell.isdecimal() and len(cell) == digits - 1 and not cell.startswith("0")


_YES: Final = frozenset({"oui", "o", "yes", "y", "x", "1", "vrai", "true", "dcd", "decede", "decedee", "deceased"})
_NO: Final = frozenset({"non", "no", "n", "0", "faux", "false", "vivant", "vivante"})


def deceased(cell: str, order: DateOrder, today: date) -> tuple[bool, date | None]:
    """(whether they have died, when if it is said). A year alone counts; what cannot be read raises Unreadable."""
    text = tidy(cell)
    word = fold(text)
    if not text or word in _NO:
        return False, None
    if word in _YES or re.fullmatch("(18|19|20)[0-9]{2}", word):
        return True, None
    return True, civil_date(text, order, today)
