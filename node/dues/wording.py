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

_AMOUNT: Final = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,3}))?")
_REGIONS: Final = {"en": "en_GB", "fr": "fr_FR"}


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
    from num2words import num2words

    places = digits(currency)
    whole, part = divmod(amount, 10**places)
    region = _REGIONS.get(locale, "en_GB")
    said = str(num2words(whole, lang="fr" if locale == "fr" else "en"))
    name = get_currency_name(currency, count=whole, locale=region)
    if locale == "fr" and whole and whole % 1_000_000 == 0:
        # "un million d’euros"
        name = f"d’{name}" if name[:1].lower() in "aeiou" else f"de {name}"
    if not part:
        return f"{said} {name}"
    return f"{said} {name}{' et ' if locale == 'fr' else ' and '}{part:0{places}d}/{10**places}"
