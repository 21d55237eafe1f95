# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a person says of themselves in the words of schema.org: schools, work, skills, languages, what is sought and offered.

The terms stand under the prefix `sc` (`http://schema.org/`), which the contexts of actors define, so that they can be
taken for no term of ActivityStreams. Only what is open to everybody belongs here. Source: https://schema.org/Person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from activitypub.accessors import as_list, as_object, as_time, iso
from activitypub.parse import JsonObject, JsonValue

ENDS: Final = "sc:validThrough"
_WITH_END: Final = ("sc:seeks", "sc:makesOffer")


@dataclass(frozen=True, slots=True)
class Wish:
    """Something sought or offered, up to a moment."""

    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """What is public of a person; what is empty is not said."""

    pronouns: str = ""
    schools: Sequence[str] = ()
    employers: Sequence[str] = ()
    occupations: Sequence[str] = ()
    knows: Sequence[str] = ()
    languages: Sequence[str] = ()
    city: str = ""
    country: str = ""
    seeks: Sequence[Wish] = ()
    offers: Sequence[Wish] = ()


def terms(resume: Resume) -> JsonObject:
    """The properties to merge into an actor document."""
    found: dict[str, JsonValue] = {
        "sc:pronouns": resume.pronouns,
        "sc:alumniOf": [_named("EducationalOrganization", name) for name in resume.schools],
        "sc:worksFor": [_named("Organization", name) for name in resume.employers],
        "sc:hasOccupation": [_named("Occupation", name) for name in resume.occupations],
        "sc:knowsAbout": list(resume.knows),
        "sc:knowsLanguage": list(resume.languages),
        "sc:homeLocation": _place(resume.city, resume.country),
        "sc:seeks": [_wish("Demand", one) for one in resume.seeks],
        "sc:makesOffer": [_wish("Offer", one) for one in resume.offers],
    }
    return {name: value for name, value in found.items() if value}


def at(said: JsonObject, now: datetime) -> JsonObject:
    """The terms without what is over by then."""
    found = dict(said)
    for name in _WITH_END:
        lasting: list[JsonValue] = [one for one in as_list(found.get(name)) if not _is_over(one, now)]
        if lasting:
            found[name] = lasting
        else:
            found.pop(name, None)
    return found


def _is_over(wish: JsonValue, now: datetime) -> bool:
    until = as_time((as_object(wish) or {}).get(ENDS))
    return until is not None and until <= now


def _named(kind: str, name: str) -> JsonObject:
    return {"type": f"sc:{kind}", "sc:name": name}


def _wish(kind: str, wish: Wish) -> JsonObject:
    ends: JsonObject = {} if wish.until is None else {ENDS: iso(wish.until)}
    return _named(kind, wish.text) | ends


def _place(city: str, country: str) -> JsonObject | None:
    parts: dict[str, JsonValue] = {"sc:addressLocality": city, "sc:addressCountry": country}
    given = {name: value for name, value in parts.items() if value}
    return {"type": "sc:Place", "sc:address": {"type": "sc:PostalAddress", **given}} if given else None
