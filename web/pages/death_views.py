# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages about members who have died are made of.

death_report.html  DeathReportView  GET and POST /people/<actor id>/death: source
deaths.html        DeathsView       GET /staff/deaths
death.html         DeathView        GET /staff/deaths/<actor id>; POST …/confirm, …/reject and …/undo: reason
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
class DeathsView:
    """What waits for the association's decision, and what it decided."""

    template: ClassVar[str] = "deaths.html"
    waiting: tuple[DeathLineView, ...] = ()
    remembered: tuple[DeathLineView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathView:
    """One of them. `source` may be a message id; `until` is the last day on which a memorial can be undone."""

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
    words: str = ""
    faults: tuple[Fault, ...] = ()
