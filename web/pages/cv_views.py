# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages are made of on which members say who they are, and to whom.

cv.html        CvView       GET /settings/cv; POST there: the facts, `<field>_level` each; POST /settings/cv/answers
cv_entry.html  CvEntryView  GET and POST /settings/cv/new/<kind>, /settings/cv/<entry>
ask_found.html    AskFoundView   GET /settings/cv/<entry>/found; POST /settings/cv/<entry>/fulfil
ask_remove.html   AskRemoveView  GET and POST /asks/<entry>/remove, for the staff

ask_link.html  AskLinkView  GET /asks/<token>; POST /asks/<token>/renew and /asks/<token>/fulfil, by the link of a letter

POST /settings/cv/<entry>/up, remove, publish, pause, resume, fulfil, renew
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.cv_section import (
    CATEGORIES,
    DEGREES,
    LEVELS,
    LISTINGS,
    MODES,
    STATUSES,
    Choices,
    CvSectionView,
    EntryGroupView,
    choices,
)
from web.pages.views import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLinkView:
    """What the link of a letter is about, and what can be done with it: no login is needed. `done` is what was done."""

    template: ClassVar[str] = "ask_link.html"
    key: str
    text: str
    state: str
    ends: datetime | None = None
    can_renew: bool = True
    can_fulfil: bool = True
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFoundView:
    """Something is found; thanks to whom, and how, if one likes."""

    template: ClassVar[str] = "ask_found.html"
    id: int
    text: str
    thanks_to: str = ""
    story: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRemoveView:
    """The staff takes away what somebody seeks or offers."""

    template: ClassVar[str] = "ask_remove.html"
    id: int
    text: str
    name: str
    path: str
    reason: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """A field that stands once, with its level."""

    name: str
    label: str
    value: str
    level: str
    maxlength: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CvView:
    """What one says of oneself, and to whom."""

    template: ClassVar[str] = "cv.html"
    levels: ClassVar[Choices] = tuple((str(int(level)), label) for level, label in LEVELS.items())
    listings: ClassVar[Choices] = choices(LISTINGS)
    modes: ClassVar[Choices] = choices(MODES)
    readers: ClassVar[Choices] = CvSectionView.readers
    facts: tuple[FactView, ...] = ()
    city: str = ""
    country: str = ""
    location_level: str = "3"
    other_names: str = ""
    other_names_level: str = "2"
    languages: str = ""
    languages_level: str = "3"
    # What was shown when the form was opened.
    version: int = 1
    listed_to: str = ""
    mode: str = ""
    # What everybody sees once the profile is open, as message ids and as the member wrote it.
    public_fields: tuple[str, ...] = ()
    public_entries: tuple[str, ...] = ()
    groups: tuple[EntryGroupView, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CvEntryView:
    """The form of an entry. `id` is 0 for a new one; fields that a kind has not are empty."""

    template: ClassVar[str] = "cv_entry.html"
    levels: ClassVar[Choices] = CvView.levels
    degrees: ClassVar[Choices] = choices(DEGREES)
    statuses: ClassVar[Choices] = choices(STATUSES)
    categories: ClassVar[Choices] = choices(CATEGORIES)
    kind: str
    title: str
    id: int = 0
    level: str = "3"
    school: str = ""
    programme: str = ""
    degree: str = "none"
    subject: str = ""
    class_year: str = ""
    entry_year: str = ""
    exit_year: str = ""
    campus: str = ""
    status: str = "graduate"
    employer: str = ""
    job_title: str = ""
    sector: str = ""
    city: str = ""
    country: str = ""
    since: str = ""
    until: str = ""
    description: str = ""
    label: str = ""
    text: str = ""
    category: str = "other"
    tags: str = ""
    where: str = ""
    valid_until: str = ""
    # Words to choose from: the schools that this node serves, and what can be studied there.
    schools: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    version: int = 1
    faults: tuple[Fault, ...] = ()
