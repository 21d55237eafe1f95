# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages are made of on which administrators write what the association says.

association.html        AssociationView       GET /staff/association
association_rules.html  RulesView             GET and POST /staff/rules: text, hint; POST /staff/rules/<id> and .../remove
association_text.html   AssociationTextView   GET and POST /staff/texts/<kind>: text, day
announcements.html      AnnouncementsView     GET and POST /staff/announcements: text, starts, ends, all_day, publish,
                                              language;
                                              POST /staff/announcements/<id>/end and /remove
announcement_edit.html  AnnouncementEditView  GET and POST /staff/announcements/<id>
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from node.kernel.html import Html
from web.pages.views import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationView:
    """All that the association says: how many rules and announcements, and of each text (kind, message id, day)."""

    template: ClassVar[str] = "association.html"
    rules: int
    announcements: int
    texts: tuple[tuple[str, str, date | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLineView:
    """A rule as a form, with what was typed if it had to be shown again."""

    id: int
    text: str
    hint: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesView:
    """The rules that hold, and the form of a further one."""

    template: ClassVar[str] = "association_rules.html"
    rules: tuple[RuleLineView, ...]
    text: str = ""
    hint: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """A text as it holds from a day on; `state` is a message id."""

    day: date
    state: str
    content: Html


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationTextView:
    """One of the texts at length, to be written anew from a day on. `title` is a message id, `day` as 2027-03-12."""

    template: ClassVar[str] = "association_text.html"
    kind: str
    title: str
    text: str = ""
    day: str = ""
    versions: tuple[VersionView, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementLineView:
    """An announcement, as those who write them see it. `over`: it is shown no more; `days`: the times are days alone."""

    id: int
    content: Html
    published_at: datetime
    starts_at: date | None = None
    ends_at: date | None = None
    days: bool = False
    over: bool = False
    to_come: bool = False
    language: str = ""
    reactions: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementValues:
    """What was typed into the form of an announcement; times as 2027-03-12T19:00."""

    text: str = ""
    starts: str = ""
    ends: str = ""
    all_day: bool = False
    publish: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementsView:
    """Every announcement, the newest first, and the form of a new one. `languages` are (code, its name)."""

    template: ClassVar[str] = "announcements.html"
    languages: tuple[tuple[str, str], ...] = ()
    announcements: tuple[AnnouncementLineView, ...]
    values: AnnouncementValues = field(default_factory=AnnouncementValues)
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementEditView:
    """The form of one that there is. When it comes out can be changed until it does (`to_come`)."""

    template: ClassVar[str] = "announcement_edit.html"
    id: int
    to_come: bool = False
    languages: tuple[tuple[str, str], ...] = ()
    values: AnnouncementValues
    faults: tuple[Fault, ...] = ()
