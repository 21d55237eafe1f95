# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages about corrections of the roster are made of.

roster_class.html    RosterClassView  GET /staff/roster, for a delegate
correction.html      CorrectionView   GET and POST /staff/roster/entries/<id>/correct: field, value, reason
corrections.html     CorrectionsView  GET /staff/roster/corrections; POST .../<id>/accept, .../<id>/refuse
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassmateView:
    """Somebody of the class in the roster."""

    id: int
    name: str
    birth_name: str = ""
    classes: tuple[str, ...] = ()
    is_here: bool = False
    deceased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A correction: `field` and `state` are message ids, `value` is empty for what is no text."""

    id: int
    whom: str
    field: str
    before: str
    value: str
    reason: str
    state: str
    when: datetime
    by: PersonView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterClassView:
    """The class of a delegate in the roster, and what they proposed."""

    template: ClassVar[str] = "roster_class.html"
    year: int
    people: tuple[ClassmateView, ...]
    proposals: tuple[ProposalView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionView:
    """Proposing a correction; `fields` are words and message ids."""

    template: ClassVar[str] = "correction.html"
    person: ClassmateView
    fields: tuple[tuple[str, str], ...]
    field: str = ""
    value: str = ""
    reason: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionsView:
    """What waits for the secretary."""

    template: ClassVar[str] = "corrections.html"
    proposals: tuple[ProposalView, ...]
    faults: tuple[Fault, ...] = ()
