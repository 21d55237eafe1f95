# SPDX-License-Identifier: AGPL-3.0-or-later
"""Amounts as people write and read them: in figures, in words, and from a form. Pure.

Amounts are kept in minor units (cents), whose number of digits the currency says (ISO 4217).
"""

import re
from decimal import Decimal
from typing import Final

from node.kernel.errors import Invalid
from node.kernel.i18n import marked

CURRENCIES: Final = ("EUR", "CHF", "GBP", "USD", "CAD", "AUD", "XOF", "XAF", "MAD", "TND", "JPY", "SEK", "NOK", "DKK")
"""Those that an association may choose from."""

_AMOUNT: Final = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,3}))?")
_REGIONS: Final = {"en": "en_GB", "fr": "fr_FR"}
# fmt: off
_UNITS_EN: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS_EN: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS_FR: Final = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)
_TENS_FR: Final = (
    "", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt",
)
# fmt: on


def digits(currency: str) -> int:
    """How many digits stand behind the comma."""
    from babel.numbers import get_currency_precision

    return int(get_currency_precision(currency))


def figures(amount: int, currency: str, locale: str) -> str:
    """`3050` euros as "€30.50" or "30,50 €"."""
    from babel.numbers import format_currency

    value = Decimal(amount).scaleb(-digits(currency))
    return str(format_currency(value, currency, locale=_REGIONS.get(locale, "en_GB")))


def plain(amount: int, currency: str, *, comma: bool = False) -> str:
    """`3050` as "30.50": for a form, or a column of a table."""
    text = str(Decimal(amount).scaleb(-digits(currency)))
    return text.replace(".", ",") if comma else text


def parsed(text: str, currency: str, *, field: str = "amount") -> int:
    """The amount that somebody wrote, such as "30", "30,50" or "1 200.00 €".

    Raises:
        Invalid: it is none, or has more digits behind the comma than the currency.
    """
    bare = re.sub(r"[\s\u00a0\u202f'’]", "", text).strip("€$£").removesuffix(currency).removeprefix(currency)
    found = _AMOUNT.fullmatch(bare)
    places = digits(currency)
    if found is None or len(found[2] or "") > places:
        raise Invalid(marked("Please write an amount, such as 30 or 30.50."), field=field)
    return int(found[1] + (found[2] or "").ljust(places, "0"))


def words(amount: int, currency: str, locale: str) -> str:
    """The amount in words, with what is behind the comma as a fraction, as on a cheque: "thirty euros and 50/100"."""
    from babel.numbers import get_currency_name

    places = digits(currency)
    whole, part = divmod(amount, 10**places)
    region = _REGIONS.get(locale, "en_GB")
    said = _french(whole) if locale == "fr" else _english(whole)
    name = get_currency_name(currency, count=whole, locale=region)
    if locale == "fr" and whole and whole % 1_000_000 == 0:
        # "un million d’euros"
        name = f"d’{name}" if name[:1].lower() in "aeiou" else f"de {name}"
    if not part:
        return f"{said} {name}"
    return f"{said} {name}{' et ' if locale == 'fr' else ' and '}{part:0{places}d}/{10**places}"


def _english(number: int) -> str:
    if number < 20:
        return _UNITS_EN[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _TENS_EN[tens] + (f"-{_UNITS_EN[rest]}" if rest else "")
    for size, name, joint in ((1_000_000, "million", " "), (1000, "thousand", " "), (100, "hundred", " and ")):
        if number >= size:
            head, rest = divmod(number, size)
            between = " and " if size > 100 and 0 < rest < 100 else joint
            return f"{_english(head)} {name}" + (between + _english(rest) if rest else "")
    raise AssertionError(number)


def _french(number: int, *, last: bool = True) -> str:
    """`last` is false before "mille", where "cent" and "vingt" take no s."""
    if number < 20:
        return _UNITS_FR[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        if tens in (7, 9):
            rest += 10
        if not rest:
            return _TENS_FR[tens] + ("s" if tens == 8 and last else "")
        joint = " et " if rest in (1, 11) and tens < 8 else "-"
        return f"{_TENS_FR[tens]}{joint}{_UNITS_FR[rest]}"
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        head = "cent" if hundreds == 1 else f"{_UNITS_FR[hundreds]} cent"
        if not rest:
            return head + ("s" if hundreds > 1 and last else "")
        return f"{head} {_french(rest, last=last)}"
    if number < 1_000_000:
        thousands, rest = divmod(number, 1000)
        head = "mille" if thousands == 1 else f"{_french(thousands, last=False)} mille"
        return head + (f" {_french(rest, last=last)}" if rest else "")
    millions, rest = divmod(number, 1_000_000)
    head = f"{_french(millions)} million" + ("s" if millions > 1 else "")
    return head + (f" {_french(rest, last=last)}" if rest else "")
