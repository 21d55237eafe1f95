# SPDX-License-Identifier: AGPL-3.0-or-later
"""The words for what a profile says, and the lines of it on somebody's page (cv_parts.html), as this reader sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from node.kernel.i18n import marked
from node.profiles import Kind, Level, State, Verb

LEVELS: Final[dict[int, str]] = {
    Level.ME: marked("Only me"),
    Level.CONTACTS: marked("My contacts"),
    Level.CLASS: marked("My class"),
    Level.SCHOOL: marked("My school"),
    Level.PARTNERS: marked("My school and its partners"),
    Level.PUBLIC: marked("Everyone"),
}
KINDS: Final[dict[Kind, str]] = {
    Kind.EDUCATION: marked("Education"),
    Kind.CAREER: marked("Career"),
    Kind.SKILL: marked("Skills"),
    Kind.INTEREST: marked("Interests"),
    Kind.SEEK: marked("Seeks"),
    Kind.OFFER: marked("Offers"),
}
NEW: Final[dict[Kind, str]] = {
    Kind.EDUCATION: marked("Add a school"),
    Kind.CAREER: marked("Add a post or an employer"),
    Kind.SKILL: marked("Add a skill"),
    Kind.INTEREST: marked("Add an interest"),
    Kind.SEEK: marked("Say what you seek"),
    Kind.OFFER: marked("Say what you offer"),
}
DEGREES: Final[dict[str, str]] = {
    "none": marked("No degree"),
    "secondary": marked("Secondary school"),
    "bachelor": marked("Bachelor"),
    "master": marked("Master"),
    "grande_ecole": marked("Grande école"),
    "doctorate": marked("Doctorate"),
    "mba": marked("MBA"),
    "executive": marked("Executive education"),
    "exchange": marked("Exchange"),
    "other": marked("Other"),
}
STATUSES: Final[dict[str, str]] = {
    "graduate": marked("Graduated"),
    "student": marked("Student there now"),
    "left": marked("Left without a degree"),
}
CATEGORIES: Final[dict[str, str]] = {
    "job": marked("Job"),
    "internship": marked("Internship"),
    "advice": marked("Advice"),
    "contact": marked("Contact"),
    "housing": marked("Housing"),
    "partner": marked("Business partner"),
    "service": marked("Service"),
    "volunteering": marked("Volunteering"),
    "mentoring": marked("Mentoring"),
    "goods": marked("Things"),
    "other": marked("Other"),
}
FLUENCIES: Final[dict[str, str]] = {
    "basic": marked("basic"),
    "working": marked("good enough to work"),
    "fluent": marked("fluent"),
    "native": marked("first language"),
}
STATES: Final[dict[State, str]] = {
    State.DRAFT: marked("Draft"),
    State.OPEN: marked("Open"),
    State.PAUSED: marked("Paused"),
    State.FULFILLED: marked("Found"),
    State.EXPIRED: marked("Run out"),
}
VERBS: Final[dict[State, tuple[tuple[Verb, str], ...]]] = {
    State.DRAFT: ((Verb.PUBLISH, marked("Publish")),),
    State.OPEN: ((Verb.FULFIL, marked("It is found")), (Verb.PAUSE, marked("Pause"))),
    State.PAUSED: ((Verb.RESUME, marked("Resume")), (Verb.FULFIL, marked("It is found"))),
    State.EXPIRED: ((Verb.RENEW, marked("Renew")), (Verb.FULFIL, marked("It is found"))),
    State.FULFILLED: (),
}
FIELDS: Final[dict[str, str]] = {
    "given_name": marked("Given name"),
    "family_name": marked("Family name"),
    "birth_family_name": marked("Family name at birth"),
    "other_names": marked("Other names"),
    "name_pronunciation": marked("How your name is said"),
    "pronouns": marked("Pronouns"),
    "headline": marked("In one line"),
    "languages": marked("Languages"),
    "location": marked("Place"),
}
LISTINGS: Final[dict[str, str]] = {
    "nobody": marked("Nobody but my contacts"),
    "class": marked("My class"),
    "school": marked("My school"),
    "partners": marked("My school and its partners"),
}
MODES: Final[dict[str, str]] = {
    "local": marked("It stays on this network"),
    "partners": marked("Partner schools too"),
    "open": marked("Anyone on the Fediverse"),
}
READERS: Final[dict[str, tuple[int, str]]] = {
    "contacts": (Level.CONTACTS, marked("A contact")),
    "class": (Level.CLASS, marked("A classmate")),
    "school": (Level.SCHOOL, marked("A member of the school")),
    "partners": (Level.PARTNERS, marked("A partner school")),
    "public": (Level.PUBLIC, marked("Anyone")),
}
"""As whom one may look at one's own page: the word of the address, the distance, what it says."""

Choices = tuple[tuple[str, str], ...]


def choices(words: dict[str, str]) -> Choices:
    """Values and their words, for a list to choose from."""
    return tuple(words.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLineView:
    """An entry as it is read. `words` are message ids, `notes` are as the member wrote them."""

    id: int
    head: str
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    class_year: int | None = None
    since: str = ""
    until: str = ""
    text: str = ""
    tags: tuple[str, ...] = ()
    # For the member alone: who may see it, where it stands, what can be done.
    level: str = ""
    state: str = ""
    ends: datetime | None = None
    verbs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryGroupView:
    """The entries of a kind; `title` and `add` are message ids."""

    kind: str
    title: str
    add: str = ""
    entries: tuple[EntryLineView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageView:
    """A language, by its tag, and how well it is spoken, as a message id."""

    tag: str
    fluency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CvSectionView:
    """What somebody's page says of them beyond their account, to this reader. `as_whom` is there for one's own page."""

    name: str = ""
    birth_name: str = ""
    other_names: tuple[str, ...] = ()
    pronunciation: str = ""
    pronouns: str = ""
    headline: str = ""
    place: str = ""
    languages: tuple[LanguageView, ...] = ()
    groups: tuple[EntryGroupView, ...] = ()
    is_empty: bool = True
    mine: bool = False
    # The staff can take away what is sought or offered.
    moderated: bool = False
    as_whom: str = ""
    readers: ClassVar[Choices] = tuple((word, label) for word, (_, label) in READERS.items())
