# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a school and a programme must be. Pure."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from node.kernel.errors import Invalid, NotAllowed
from node.kernel.text import clean_line

DEGREES: Final = (
    "none",
    "secondary",
    "bachelor",
    "master",
    "grande_ecole",
    "doctorate",
    "mba",
    "executive",
    "exchange",
    "other",
)
MAX_NAME: Final = 120
MAX_SHORT: Final = 40
MAX_ALIASES: Final = 10
MAX_SLUG: Final = 60
MAX_SAME: Final = 10
_MAX_ADDRESS: Final = 2048
FIRST_YEAR: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolDraft:
    """What is said of a school. `aliases`: names that it had; `country`: ISO 3166-1 alpha-2, or empty;
    `same_as`: the addresses of the same school on other nodes."""

    name: str
    short_name: str = ""
    aliases: tuple[str, ...] = ()
    city: str = ""
    country: str = ""
    website: str = ""
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Something that can be studied; `first_year` and `last_year` are of graduation, None where it is open."""

    id: int = 0
    school_id: int
    name: str
    aliases: tuple[str, ...] = ()
    degree: str = "other"
    first_year: int | None = None
    last_year: int | None = None


def check_admin(roles: Collection[str]) -> None:
    """Raises NotAllowed for whoever is no administrator."""
    if "admin" not in roles:
        raise NotAllowed("Only administrators can do this.")


def check_school(draft: SchoolDraft) -> SchoolDraft:
    """The draft as it is kept. Raises Invalid with the field."""
    name = clean_line(draft.name, MAX_NAME)
    if not name:
        raise Invalid("Please give the school's name.", field="name")
    country = draft.country.strip().upper()
    if country and country not in _countries():
        raise Invalid("Please give the country by its two letters, such as FR.", field="country")
    website = draft.website.strip()
    if website and not _is_address(website):
        raise Invalid("Please give a web address that begins with https://.", field="website")
    return replace(
        draft,
        name=name,
        short_name=clean_line(draft.short_name, MAX_SHORT),
        aliases=_names(draft.aliases),
        city=clean_line(draft.city, MAX_NAME),
        country=country,
        website=website,
        same_as=_same(draft.same_as),
    )


def check_programme(programme: Programme, now: datetime) -> Programme:
    """The programme as it is kept. Raises Invalid with the field."""
    name = clean_line(programme.name, MAX_NAME)
    if not name:
        raise Invalid("Please give the programme's name.", field="name")
    if programme.degree not in DEGREES:
        raise Invalid("Please choose the degree from the list.", field="degree")
    for field, year in (("first_year", programme.first_year), ("last_year", programme.last_year)):
        if year is not None and not FIRST_YEAR <= year <= now.year + 10:
            raise Invalid("Please give the year with four digits.", field=field)
    first, last = programme.first_year, programme.last_year
    if first is not None and last is not None and last < first:
        raise Invalid("The last year is before the first.", field="last_year")
    return replace(programme, name=name, aliases=_names(programme.aliases))


def slug_of(name: str, taken: Collection[str]) -> str:
    """The last part of a school's address, made of its name; unlike all that are taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: MAX_SLUG - 4].strip("-") or "school"
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


@cache
def _countries() -> frozenset[str]:
    from babel import Locale  # three megabytes, which a node needs when somebody writes an address

    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha())


def _names(given: Collection[str]) -> tuple[str, ...]:
    names = dict.fromkeys(clean_line(name, MAX_NAME) for name in given)
    names.pop("", None)
    return tuple(names)[:MAX_ALIASES]


def _same(given: Collection[str]) -> tuple[str, ...]:
    """Addresses of other nodes, each once. Raises Invalid; plain http would let anybody on the way answer for them."""
    addresses = tuple(address for address in dict.fromkeys(one.strip() for one in given) if address)
    if len(addresses) > MAX_SAME:
        raise Invalid("Please give ten addresses at most.", field="same_as")
    if any(not _is_address(address, schemes=("https",)) for address in addresses):
        raise Invalid("Please give web addresses that begin with https://, one a line.", field="same_as")
    return addresses


def _is_address(address: str, schemes: tuple[str, ...] = ("https", "http")) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    is_plain = len(address) <= _MAX_ADDRESS and not any(sign.isspace() or sign in '<>"' for sign in address)
    return parts.scheme in schemes and bool(parts.hostname) and is_plain
