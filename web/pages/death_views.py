# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages about members who have died are made of.

death_report.html  DeathReportView  GET and POST /people/<actor id>/death: source
deaths.html        DeathsView       GET /staff/deaths
                                    POST /staff/deaths/told/<number>/settle
death.html         DeathView        GET /staff/deaths/<actor id>; POST …/confirm, …/reject, …/undo and …/purge: reason
memorial_wishes.html  WishesView    GET and POST /settings/memorial: wish, words
memorial_report.html  DeathTipView  GET and POST /memorial/report: name, source, email
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathReportView:
    """The form of whoever knows of it."""

    template: ClassVar[str] = "death_report.html"
    person: PersonView
    source: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathLineView:
    """Somebody who is said to have died, or whose account is a memorial."""

    person: PersonView
    when: datetime
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldView:
    """What somebody without an account told: `name` is in their words, `search` leads to whom they may mean."""

    id: int
    name: str
    source: str
    email: str
    when: datetime
    search: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathsView:
    """What waits for the association's decision, and what it decided."""

    template: ClassVar[str] = "deaths.html"
    told: tuple[ToldView, ...] = ()
    waiting: tuple[DeathLineView, ...] = ()
    remembered: tuple[DeathLineView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathView:
    """One of them. `source` and `wish` may be message ids; `until` is the last day on which a memorial can be undone.

    `wish` and `wished` are what the member wishes, told once it is a memorial; `removal` is when it is deleted by itself.
    """

    template: ClassVar[str] = "death.html"
    person: PersonView
    reported: bool = False
    memorial: bool = False
    until: datetime | None = None
    source: str = ""
    reporter: PersonView | None = None
    reported_at: datetime | None = None
    reason: str = ""
    decided_by: PersonView | None = None
    decided_at: datetime | None = None
    wish: str = ""
    wished: str = ""
    removal: datetime | None = None
    may_purge: bool = False
    proposed_by: PersonView | None = None
    mine: bool = False
    words: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WishesView:
    """What a member wishes of their account after their death; `wish` is empty where they have none."""

    template: ClassVar[str] = "memorial_wishes.html"
    wish: str = ""
    words: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathTipView:
    """The form for whoever has no account here."""

    template: ClassVar[str] = "memorial_report.html"
    name: str = ""
    source: str = ""
    email: str = ""
    faults: tuple[Fault, ...] = ()
