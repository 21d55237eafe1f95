# SPDX-License-Identifier: AGPL-3.0-or-later
"""The node's languages: which one to speak, its words, and its way of writing dates and numbers.

The source language is English: a message is its own id. The others are gettext catalogues, `web/locale/<locale>.po`,
read as they are when a language is first spoken; there is nothing to compile. Babel is imported late, because a node
that serves apps only never needs it.

English is written as in Britain: day before month, 24 hours, as most of the Fediverse outside America reads it.
"""

import gettext as _gettext
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from node.kernel.folding import fold

if TYPE_CHECKING:
    from babel import Locale

DEFAULT: Final = "en"
SUPPORTED: Final = {"en": "English", "fr": "Français"}
"""Locale to its own name for itself."""

CATALOGUES: Final = Path(__file__).resolve().parents[2] / "web" / "locale"

MAX_HEADER: Final = 500
"""Characters of an Accept-Language header that are read."""
RECENT: Final = timedelta(days=7)
"""Until this age `ago` speaks in units of time; later it gives the date."""

_FORMATS: Final = {"en": "en_GB", "fr": "fr_FR"}


def marked(message: str) -> str:
    """`message` itself: marks a text for the catalogues that is translated where it is shown, not where it stands."""
    return message


@dataclass(frozen=True, slots=True)
class Translator:
    """The words of one language. A message that has no translation is shown in English."""

    locale: str
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]
    pgettext: Callable[[str, str], str]
    npgettext: Callable[[str, str, str, int], str]


@cache
def translator(locale: str) -> Translator:
    """The words of `locale`, or the English ones if it is not supported."""
    words = _translations(locale)
    return Translator(
        locale=locale if locale in SUPPORTED else DEFAULT,
        gettext=words.gettext,
        ngettext=words.ngettext,
        pgettext=words.pgettext,
        npgettext=words.npgettext,
    )


def negotiate(accept_language: str = "", preferred: str = "", default: str = DEFAULT) -> str:
    """The locale to answer in: what the member chose, else the best of the header, else `default`.

    A header is read as in RFC 9110, 12.5.4: `fr-CA` is served by `fr`, a quality of 0 excludes. What cannot be read
    is passed over.
    """
    if preferred in SUPPORTED:
        return preferred
    best, best_quality = default if default in SUPPORTED else DEFAULT, 0.0
    for part in accept_language[:MAX_HEADER].split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        quality = _quality(parameter)
        if language in SUPPORTED and quality > best_quality:
            best, best_quality = language, quality
    return best


@cache
def languages() -> dict[str, str]:
    """The languages with a code of two letters (ISO 639-1), by code, and what each is called in English."""
    names = _babel(DEFAULT).languages
    return {code: str(names[code]) for code in sorted(names) if len(code) == 2}


def country_name(code: str, locale: str) -> str:
    """What a country is called, or the code itself if nobody knows it."""
    return str(_babel(locale).territories.get(code.upper(), code))


def language_name(tag: str, locale: str) -> str:
    """What a language is called, or the tag itself if nobody knows it."""
    return str(_babel(locale).languages.get(tag.lower(), tag))


def country_code(text: str) -> str:
    """The two letters of a country that somebody names, in one of our languages or by the letters; empty if unknown."""
    return _countries().get(fold(text), "")


def language_code(text: str) -> str:
    """The code of a language that somebody names, in one of our languages or by the code; empty if unknown."""
    return _tongues().get(fold(text), "")


@cache
def _countries() -> dict[str, str]:
    names = [(code, str(name)) for locale in SUPPORTED for code, name in _babel(locale).territories.items()]
    return _by_name([(code, name) for code, name in names if len(code) == 2 and code.isalpha()])


@cache
def _tongues() -> dict[str, str]:
    names = [(code, str(name)) for locale in SUPPORTED for code, name in _babel(locale).languages.items()]
    return _by_name([(code, name) for code, name in names if code.isalpha()])


def _by_name(names: Sequence[tuple[str, str]]) -> dict[str, str]:
    return {fold(name): code for code, name in names} | {code.lower(): code for code, _ in names}


def number(value: int, locale: str) -> str:
    """A whole number with the separators of the language."""
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=_babel(locale)))


def day(when: datetime | date, locale: str, zone: tzinfo = UTC) -> str:
    """A day in full: "Friday 12 March 2027"."""
    return _date(when, "EEEE d MMMM y", locale, zone)


def short_day(when: datetime | date, locale: str, zone: tzinfo = UTC) -> str:
    """A day for a line of small print: "12 Mar 2027"."""
    return _date(when, "d MMM y", locale, zone)


def weekday(when: datetime | date, locale: str, zone: tzinfo = UTC) -> str:
    """The day of the week, shortened: "Fri"."""
    return _date(when, "EEE", locale, zone)


def month(when: datetime | date, locale: str, zone: tzinfo = UTC) -> str:
    """The month, shortened: "Mar"."""
    return _date(when, "MMM", locale, zone)


def clock(when: datetime, locale: str, zone: tzinfo = UTC) -> str:
    """The time of day: "19:00"."""
    return _date(when, "HH:mm", locale, zone)


def moment(when: datetime, locale: str, zone: tzinfo = UTC) -> str:
    """Day and time of day: "Friday 12 March 2027, 19:00"."""
    return f"{day(when, locale, zone)}, {clock(when, locale, zone)}"


def zone_name(when: datetime, locale: str, zone: tzinfo) -> str:
    """What the zone is called at that moment: "Central European Standard Time", "heure normale d’Europe centrale"."""
    from babel.dates import get_timezone_name

    return str(get_timezone_name(when.astimezone(zone), width="long", locale=_babel(locale)))


def ago(when: datetime, now: datetime, locale: str, zone: tzinfo = UTC) -> str:
    """How long ago, for the last `RECENT`; before that the date. A moment to come is the date as well."""
    from babel.dates import format_timedelta

    age = now - when
    if not timedelta() <= age < RECENT:
        # Clocks of other servers run a little ahead: a minute is forgiven.
        if -timedelta(minutes=1) < age < timedelta():
            age = timedelta()
        else:
            return short_day(when, locale, zone)
    minutes = max(age, timedelta(minutes=1))
    words = format_timedelta(-minutes, granularity="minute", threshold=1, add_direction=True, locale=_babel(locale))
    return str(words)


def _date(when: datetime | date, pattern: str, locale: str, zone: tzinfo) -> str:
    """A date that is not a moment has no zone; a moment is shown on the clock of `zone`."""
    if not isinstance(when, datetime):
        from babel.dates import format_date

        return str(format_date(when, pattern, locale=_babel(locale)))
    from babel.dates import format_datetime

    # Babel would shift by the zone itself, but knows them by its own objects; a shifted, naive one it leaves alone.
    return str(format_datetime(when.astimezone(zone).replace(tzinfo=None), pattern, locale=_babel(locale)))


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0


@cache
def _babel(locale: str) -> "Locale":
    from babel import Locale

    return Locale.parse(_FORMATS.get(locale, _FORMATS[DEFAULT]))


def _translations(locale: str) -> _gettext.NullTranslations:
    file = CATALOGUES / f"{locale}.po"
    if locale not in SUPPORTED or locale == DEFAULT:
        return _gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with file.open("rb") as source:
        catalogue = read_po(source, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)
