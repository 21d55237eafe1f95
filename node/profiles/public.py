# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a profile says in a few lines: to a reader in an app, and to everybody on other servers.

Other servers are told what is for everybody and nothing else: `of_everybody` sees the profile from a stranger's distance.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from activitypub import schema_org
from activitypub.schema_org import Resume, Wish
from node.actors import PublicLine, PublicProfile
from node.profiles import queries
from node.profiles.ladder import Level
from node.profiles.queries import Entry, Profile
from node.profiles.rules import Ask, Career, Education, Kind, Label


def lines(profile: Profile) -> Sequence[tuple[str, str]]:
    """One line of each kind, of an entry the first, in the order in which apps show them: name and text."""
    return [(line.name, line.value) for line in _lines(profile)]


def of_everybody(conn: Connection, actor_id: int, now: datetime) -> PublicProfile | None:
    """What everybody may read of a member's profile; None if that is nothing."""
    profile = queries.own(conn, actor_id, now).at(Level.PUBLIC)
    facts = profile.facts
    educations, careers = _educations(profile), [one for one in _careers(profile) if not one.until]
    terms = schema_org.terms(
        Resume(
            pronouns=facts.pronouns,
            schools=_each(one.school for one in educations),
            employers=_each(one.employer for one in careers),
            occupations=_each(one.title for one in careers if one.title),
            knows=_each(
                one.details.label
                for one in (*profile.of(Kind.SKILL), *profile.of(Kind.INTEREST))
                if isinstance(one.details, Label)
            ),
            languages=[tag for tag, _ in facts.languages],
            city=facts.city,
            country=facts.country,
            seeks=[Wish(text, entry.valid_until) for entry, text in _asks(profile, Kind.SEEK)],
            offers=[Wish(text, entry.valid_until) for entry, text in _asks(profile, Kind.OFFER)],
        )
    )
    school = [PublicLine("School", _school(one)) for one in educations[:1]]
    said = PublicProfile(headline=facts.headline, lines=(*school, *_lines(profile)), terms=terms)
    return None if said == PublicProfile() else said


def _lines(profile: Profile) -> list[PublicLine]:
    found = [
        PublicLine("Programme", next((one.programme for one in _educations(profile) if one.programme), "")),
        PublicLine("City", profile.facts.city),
        PublicLine("Employer", next((one.employer for one in _careers(profile) if not one.until), "")),
        *(PublicLine("Seeks", text, entry.valid_until) for entry, text in _asks(profile, Kind.SEEK)[:1]),
        *(PublicLine("Offers", text, entry.valid_until) for entry, text in _asks(profile, Kind.OFFER)[:1]),
    ]
    return [line for line in found if line.value]


def _educations(profile: Profile) -> list[Education]:
    return [one.details for one in profile.of(Kind.EDUCATION) if isinstance(one.details, Education)]


def _careers(profile: Profile) -> list[Career]:
    return [one.details for one in profile.of(Kind.CAREER) if isinstance(one.details, Career)]


def _asks(profile: Profile, kind: Kind) -> list[tuple[Entry, str]]:
    return [(one, one.details.text) for one in profile.of(kind) if isinstance(one.details, Ask)]


def _school(education: Education) -> str:
    return ", ".join(part for part in (education.school, str(education.class_year or "")) if part)


def _each(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
