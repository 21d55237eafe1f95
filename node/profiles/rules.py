# SPDX-License-Identifier: AGPL-3.0-or-later
"""What may stand on a profile, to whom it may be shown at most, and how what is sought or offered lives. Pure.

    draft ──publish──> open ──pause──> paused ──resume──> open
                        │                │
                        ├──── fulfil ────┴──> fulfilled
                        └──── expire ────┴──> expired ──renew──> open   (four times; or ──fulfil──> fulfilled)

Whatever the state, it can be removed. Only what is open is shown to others. An education counts for the class only once
the association has checked it, which is said elsewhere: what stands here is what somebody says of themselves.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from node.kernel.errors import Conflict, Invalid, TooMany
from node.kernel.i18n import marked
from node.kernel.text import as_hashtag, clean, clean_line, fold_hashtag
from node.schools.rules import DEGREES

MAX_NAME: Final = 60
MAX_OTHER_NAMES: Final = 5
MAX_HEADLINE: Final = 120
MAX_CITY: Final = 80
MAX_LANGUAGES: Final = 8
MAX_LINE: Final = 120
MAX_LABEL: Final = 40
MAX_DESCRIPTION: Final = 600
MIN_ASK: Final = 10
MAX_ASK: Final = 200
MAX_TAGS: Final = 5
MAX_RENEWALS: Final = 4
PUBLISHED_PER_DAY: Final = 3
MAX_THANKED: Final = 10
MAX_STORY: Final = 400
LASTS: Final = timedelta(days=90)
LASTS_AT_MOST: Final = timedelta(days=180)
TOLD_BEFORE: Final = timedelta(days=7)
"""How long before the end the member is told."""
LINK_LASTS: Final = timedelta(days=14)
"""How long the links of that letter are good."""
FIRST_YEAR: Final = 1900
YEARS_AHEAD: Final = 8
STATUSES: Final = ("student", "graduate", "left")
CATEGORIES: Final = (
    "job",
    "internship",
    "advice",
    "contact",
    "housing",
    "partner",
    "service",
    "volunteering",
    "mentoring",
    "goods",
    "other",
)
FLUENCIES: Final = ("basic", "working", "fluent", "native")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_MONTH: Final = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")


EDITED_MEANWHILE: Final = marked(
    "This was changed meanwhile, perhaps in another window. Below is what you typed; save again to put it in its place."
)


class Listing(StrEnum):
    """Up to whom somebody is listed in the directory. Nobody is asked with an answer ready; no answer is NOBODY."""

    NOBODY = "nobody"
    CLASS = "class"
    SCHOOL = "school"
    PARTNERS = "partners"

    @property
    def level(self) -> int:
        """Who finds the member by looking for people: NOBODY leaves their contacts."""
        return {Listing.NOBODY: 1, Listing.CLASS: 2, Listing.SCHOOL: 3, Listing.PARTNERS: 4}[self]


class FederationMode(StrEnum):
    """How far what a profile says may go. No answer is PARTNERS."""

    LOCAL = "local"
    PARTNERS = "partners"
    OPEN = "open"

    @property
    def cap(self) -> int:
        """The widest level that any value has under this mode."""
        return {FederationMode.LOCAL: 3, FederationMode.PARTNERS: 4, FederationMode.OPEN: 5}[self]


MINORS_CAP: Final = 3
"""Up to whom anything is shown of members who are not of age: their school."""


def effective(level: int, mode: FederationMode | None, *, is_minor: bool = False) -> int:
    """The level that counts: as chosen, and no wider than the mode and than what is right for who is not of age."""
    return min(level, (mode or FederationMode.PARTNERS).cap, MINORS_CAP if is_minor else level)


def check_answer(listed_to: Listing | None, mode: FederationMode | None, *, is_minor: bool) -> None:
    """Raises Invalid for what those who are not of age cannot choose."""
    if is_minor and mode is FederationMode.OPEN:
        raise Invalid(marked("Until you are of age, your account is for partner schools at most."), field="mode")
    if is_minor and listed_to is Listing.PARTNERS:
        raise Invalid(marked("Until you are of age, your school finds you at most."), field="listed_to")


def check_level(level: int | None) -> int:
    """A step of the ladder. Raises Invalid."""
    if level is None or not 0 <= level <= 5:
        raise Invalid(marked("Please choose who may see this."), field="level")
    return level


# -- what stands once -------------------------------------------------------------------------------------------------

FIELDS: Final = (
    "given_name",
    "family_name",
    "birth_family_name",
    "other_names",
    "name_pronunciation",
    "pronouns",
    "headline",
    "languages",
    "location",
)
"""What a profile says once, each with a level; `location` is city and country."""

DEFAULT_LEVELS: Final[Mapping[str, int]] = dict.fromkeys(FIELDS, 3) | {"birth_family_name": 2, "other_names": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a profile says once. What may not be seen is empty, as if it had never been given."""

    given_name: str = ""
    family_name: str = ""
    birth_family_name: str = ""
    other_names: tuple[str, ...] = ()
    name_pronunciation: str = ""
    pronouns: str = ""
    headline: str = ""
    languages: tuple[tuple[str, str], ...] = ()
    city: str = ""
    country: str = ""

    def only(self, names: Sequence[str]) -> "Facts":
        """The same with the fields of these names (of `FIELDS`) alone."""
        kept: dict[str, Any] = {name: getattr(self, name) for name in names if name != "location"}
        if "location" in names:
            kept |= {"city": self.city, "country": self.country}
        return Facts(**kept)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self == Facts()


def checked(facts: Facts) -> Facts:
    """The same, tidied. Raises Invalid."""
    country = facts.country.strip().upper()
    if country and not _COUNTRY.fullmatch(country):
        raise Invalid(marked("Please give the country by its two letters, such as FR."), field="country")
    if len(facts.languages) > MAX_LANGUAGES:
        raise Invalid(marked("Please name at most eight languages."), field="languages")
    for tag, fluency in facts.languages:
        if not _LANGUAGE.fullmatch(tag) or fluency not in FLUENCIES:
            raise Invalid(
                marked("Please write languages as fr or en-GB, each with how well you speak it."), field="languages"
            )
    if len({tag for tag, _ in facts.languages}) < len(facts.languages):
        raise Invalid(marked("Please name each language once."), field="languages")
    others = [_line(name, MAX_NAME, "other_names") for name in facts.other_names if name.strip()]
    if len(others) > MAX_OTHER_NAMES:
        raise Invalid(marked("Please give at most five other names."), field="other_names")
    return Facts(
        given_name=_line(facts.given_name, MAX_NAME, "given_name"),
        family_name=_line(facts.family_name, MAX_NAME, "family_name"),
        birth_family_name=_line(facts.birth_family_name, MAX_NAME, "birth_family_name"),
        other_names=tuple(dict.fromkeys(others)),
        name_pronunciation=_line(facts.name_pronunciation, MAX_NAME, "name_pronunciation"),
        pronouns=_line(facts.pronouns, MAX_NAME, "pronouns"),
        headline=_line(facts.headline, MAX_HEADLINE, "headline"),
        languages=facts.languages,
        city=_line(facts.city, MAX_CITY, "city"),
        country=country,
    )


# -- what stands several times ----------------------------------------------------------------------------------------


class Kind(StrEnum):
    """What an entry is."""

    EDUCATION = "education"
    CAREER = "career"
    SKILL = "skill"
    INTEREST = "interest"
    SEEK = "seek"
    OFFER = "offer"

    @property
    def ends(self) -> bool:
        """Whether it is there for a time only and has a state."""
        return self in (Kind.SEEK, Kind.OFFER)


MOST: Final[Mapping[Kind, int]] = {
    Kind.EDUCATION: 10,
    Kind.CAREER: 40,
    Kind.SKILL: 50,
    Kind.INTEREST: 30,
    # Those that are over count too; a member removes them.
    Kind.SEEK: 40,
    Kind.OFFER: 40,
}
MOST_OPEN: Final[Mapping[Kind, int]] = {Kind.SEEK: 5, Kind.OFFER: 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Education:
    """A time at a school, as the member says."""

    school: str
    programme: str = ""
    degree: str = "none"
    subject: str = ""
    class_year: int | None = None
    entry_year: int | None = None
    exit_year: int | None = None
    campus: str = ""
    status: str = "graduate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Career:
    """A time at work. `since` and `until` are months, 2019-03; no `until` is "until now"."""

    employer: str
    title: str = ""
    sector: str = ""
    city: str = ""
    country: str = ""
    since: str = ""
    until: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A skill or an interest."""

    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Something sought or offered."""

    text: str
    category: str = "other"
    tags: tuple[str, ...] = ()
    where: str = ""


Details = Education | Career | Label | Ask
_CLASSES: Final[Mapping[Kind, type[Details]]] = {
    Kind.EDUCATION: Education,
    Kind.CAREER: Career,
    Kind.SKILL: Label,
    Kind.INTEREST: Label,
    Kind.SEEK: Ask,
    Kind.OFFER: Ask,
}


def to_json(details: Details) -> dict[str, Any]:
    """As it is kept."""
    return asdict(details)


def from_json(kind: Kind, kept: Mapping[str, Any]) -> Details:
    """As it was kept; what a later version may have added is left out."""
    made = _CLASSES[kind]
    values = {field.name: kept[field.name] for field in fields(made) if field.name in kept}
    if "tags" in values:
        values["tags"] = tuple(values["tags"])
    return made(**values)


def check(kind: Kind, details: Details, now: datetime) -> Details:
    """The same, tidied. Raises Invalid with the field that is to blame."""
    match details:
        case Education() if kind is Kind.EDUCATION:
            return _education(details, now)
        case Career() if kind is Kind.CAREER:
            return _career(details)
        case Label() if kind in (Kind.SKILL, Kind.INTEREST):
            return Label(label=_line(details.label, MAX_LABEL, "label", needed=True))
        case Ask() if kind.ends:
            return _ask(details)
        case _:
            raise ValueError(f"{type(details).__name__} is not what a {kind} says")


def same_label(one: str, other: str) -> bool:
    """Whether two labels are one, whatever the case of the letters and the width of the characters."""
    return fold_hashtag(one) == fold_hashtag(other)


def _education(said: Education, now: datetime) -> Education:
    for name in ("class_year", "entry_year", "exit_year"):
        year = getattr(said, name)
        if year is not None and not FIRST_YEAR <= year <= now.year + YEARS_AHEAD:
            raise Invalid(marked("Please give a year of four digits."), field=name)
    if said.entry_year and said.exit_year and said.entry_year > said.exit_year:
        raise Invalid(marked("The end is before the beginning."), field="exit_year")
    return Education(
        school=_line(said.school, MAX_LINE, "school", needed=True),
        programme=_line(said.programme, MAX_LINE, "programme"),
        degree=_one_of(said.degree, DEGREES, "degree"),
        subject=_line(said.subject, MAX_LINE, "subject"),
        class_year=said.class_year,
        entry_year=said.entry_year,
        exit_year=said.exit_year,
        campus=_line(said.campus, MAX_CITY, "campus"),
        status=_one_of(said.status, STATUSES, "status"),
    )


def _career(said: Career) -> Career:
    since, until = said.since.strip(), said.until.strip()
    for name, month in (("since", since), ("until", until)):
        if month and not _MONTH.fullmatch(month):
            raise Invalid(marked("Please write the month as 2019-03."), field=name)
    if since and until and since > until:
        raise Invalid(marked("The end is before the beginning."), field="until")
    country = said.country.strip().upper()
    if country and not _COUNTRY.fullmatch(country):
        raise Invalid(marked("Please give the country by its two letters, such as FR."), field="country")
    description = clean(said.description, MAX_DESCRIPTION + 1)
    if len(description) > MAX_DESCRIPTION:
        raise Invalid(marked("Please write at most 600 characters."), field="description")
    return Career(
        employer=_line(said.employer, MAX_LINE, "employer", needed=True),
        title=_line(said.title, MAX_LINE, "title"),
        sector=_line(said.sector, MAX_CITY, "sector"),
        city=_line(said.city, MAX_CITY, "city"),
        country=country,
        since=since,
        until=until,
        description=description,
    )


def _ask(said: Ask) -> Ask:
    text = clean(said.text, MAX_ASK + 1)
    if not MIN_ASK <= len(text) <= MAX_ASK:
        raise Invalid(marked("Please write between 10 and 200 characters."), field="text")
    tags = {fold_hashtag(tag): tag.strip().lstrip("#") for tag in said.tags if tag.strip()}
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_LABEL or as_hashtag(tag) is None for tag in tags.values()):
        raise Invalid(marked("Please give at most five hashtags, each of one word."), field="tags")
    return Ask(
        text=text,
        category=_one_of(said.category, CATEGORIES, "category"),
        tags=tuple(tags.values()),
        where=_line(said.where, MAX_CITY, "where"),
    )


def _line(text: str, most: int, field: str, *, needed: bool = False) -> str:
    line = clean_line(text, most + 1)
    if len(line) > most:
        raise Invalid(marked("This is too long."), field=field)
    if needed and not line:
        raise Invalid(marked("Please fill this in."), field=field)
    return line


def _one_of(word: str, words: Sequence[str], field: str) -> str:
    if word not in words:
        raise Invalid(marked("Please choose one of the list."), field=field)
    return word


# -- how what is sought or offered lives ------------------------------------------------------------------------------


class State(StrEnum):
    """Where something sought or offered stands. What is removed is no more."""

    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    FULFILLED = "fulfilled"
    EXPIRED = "expired"


class Verb(StrEnum):
    """What can happen to it. EXPIRE is the clock's."""

    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    FULFIL = "fulfil"
    EXPIRE = "expire"
    RENEW = "renew"


_AFTER: Final[Mapping[tuple[State, Verb], State]] = {
    (State.DRAFT, Verb.PUBLISH): State.OPEN,
    (State.OPEN, Verb.PAUSE): State.PAUSED,
    (State.OPEN, Verb.FULFIL): State.FULFILLED,
    (State.OPEN, Verb.EXPIRE): State.EXPIRED,
    (State.PAUSED, Verb.RESUME): State.OPEN,
    (State.PAUSED, Verb.FULFIL): State.FULFILLED,
    (State.PAUSED, Verb.EXPIRE): State.EXPIRED,
    (State.EXPIRED, Verb.RENEW): State.OPEN,
    (State.EXPIRED, Verb.FULFIL): State.FULFILLED,
}
_ALREADY: Final[Mapping[Verb, State]] = {
    Verb.PUBLISH: State.OPEN,
    Verb.PAUSE: State.PAUSED,
    Verb.RESUME: State.OPEN,
    Verb.FULFIL: State.FULFILLED,
    Verb.EXPIRE: State.EXPIRED,
    Verb.RENEW: State.OPEN,
}


def after(state: State, verb: Verb) -> State:
    """The state after a verb; what is so already stays so. Raises Conflict for what does not go from here."""
    if state is _ALREADY[verb]:
        return state
    try:
        return _AFTER[state, verb]
    except KeyError:
        raise Conflict(marked("This cannot be done as it stands now.")) from None


def state_at(state: State, valid_until: datetime | None, now: datetime) -> State:
    """The state at a moment: what has run out is over, whether or not the clock has been heard yet."""
    runs = state in (State.OPEN, State.PAUSED)
    return State.EXPIRED if runs and valid_until is not None and valid_until <= now else state


def ends_soon(state: State | None, valid_until: datetime | None, now: datetime) -> bool:
    """Whether it is open and so near its end that it can be renewed already, as the letter about it offers."""
    return state is State.OPEN and valid_until is not None and valid_until <= now + TOLD_BEFORE


def check_end(valid_until: datetime | None, now: datetime) -> datetime:
    """When it ends: as asked, by itself in 90 days. Raises Invalid for what is over, or farther than 180 days."""
    if valid_until is None:
        return now + LASTS
    if not now < valid_until <= now + LASTS_AT_MOST:
        raise Invalid(marked("Please choose a day within half a year from now."), field="valid_until")
    return valid_until


def check_opens(kind: Kind, open_now: int) -> None:
    """Raises TooMany if as many are open already as may be."""
    if open_now >= MOST_OPEN[kind]:
        raise TooMany(
            marked("You seek five things already. Please end one of them first.")
            if kind is Kind.SEEK
            else marked("You offer ten things already. Please end one of them first."),
            retry_after=3600,
        ).coded("E_LIMIT")


def check_published(today: int) -> None:
    """Raises TooMany for the fourth that is published within a day."""
    if today >= PUBLISHED_PER_DAY:
        raise TooMany(marked("You can publish three a day. Please come back tomorrow."), retry_after=3600).coded(
            "E_LIMIT"
        )


def check_story(story: str) -> str:
    """How something was found, tidied. Raises Invalid."""
    said = clean(story, MAX_STORY + 1)
    if len(said) > MAX_STORY:
        raise Invalid(marked("Please write at most 400 characters."), field="story")
    return said


def check_version(known: int | None, now: int) -> None:
    """Raises Conflict if something was changed since a form was opened that says which version it showed."""
    if known is not None and known != now:
        raise Conflict(EDITED_MEANWHILE).coded("E_CONFLICT")


def check_renewals(renewals: int) -> None:
    """Raises TooMany after four times."""
    if renewals >= MAX_RENEWALS:
        raise TooMany(marked("This has been renewed four times. Please write a new one."), retry_after=3600).coded(
            "E_LIMIT"
        )
