# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages about decisions of the staff, appeals and blocked domains are made of.

standing.html        StandingView       GET /appeal/<token> and /settings/standing; POST there: decision, words
staff_person.html    StaffPersonView    GET /staff/people/<actor id>; POST there: kind, reason, report;
                                        POST …/lift/<kind> and …/delete
staff_people.html    StaffPeopleView    GET /staff/people
staff_log.html       LogView            GET /staff/log
appeals.html         AppealsView        GET /staff/appeals; POST /staff/appeals/<number>/grant and /refuse
domains.html         DomainsView        GET /staff/domains; POST there: domain, reason; POST …/import: file;
                                        GET …/export; POST …/<domain>/unblock
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from web.pages.views import Fault, PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A decision. `what` and `outcome` (what became of it, and of the appeal) are message ids; `by` is for the staff."""

    id: int
    what: str
    reason: str
    when: datetime
    outcome: str
    appeal: str = ""
    may_appeal: bool = False
    by: PersonView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingView:
    """What was decided about a member, for themselves. `action` is where their answer goes."""

    template: ClassVar[str] = "standing.html"
    decisions: tuple[DecisionView, ...]
    action: str
    suspended: bool = False
    words: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPersonView:
    """Somebody, as the staff decides about them. `may_decide`: the viewer may; `report` is the number of one, if any.
    `revoked`: they were found not to be who they said, so that whoever lets them in again verifies them by that.
    `proposed_by` wants the account deleted and waits for another's agreement; `mine`: that is the viewer.
    """

    template: ClassVar[str] = "staff_person.html"
    person: PersonView
    decisions: tuple[DecisionView, ...] = ()
    limited: bool = False
    suspended: bool = False
    suspended_elsewhere: bool = False
    revoked: bool = False
    decides_who_joins: bool = False
    may_give_roles: bool = False
    may_decide: bool = True
    may_delete: bool = False
    proposed_by: PersonView | None = None
    mine: bool = False
    kind: str = "warn"
    reason: str = ""
    report: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPeopleView:
    """Who is limited or suspended now, whose letters come back, and who has lately looked at more people than is allowed."""

    template: ClassVar[str] = "staff_people.html"
    suspended: tuple[PersonView, ...]
    limited: tuple[PersonView, ...]
    unreachable: tuple[PersonView, ...] = ()
    greedy: tuple[PersonView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealView:
    """An appeal that waits, and whose it is."""

    decision: DecisionView
    person: PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealsView:
    """The appeals that wait. `may_answer`: the viewer is an administrator."""

    template: ClassVar[str] = "appeals.html"
    appeals: tuple[AppealView, ...]
    waiting: int = 0
    may_answer: bool = True
    newer: str = ""
    older: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainsView:
    """The blocked domains with the reasons; `taken` is (blocked, known, passed over) after a file was sent."""

    template: ClassVar[str] = "domains.html"
    domains: tuple[tuple[str, str], ...] = ()
    domain: str = ""
    reason: str = ""
    taken: tuple[int, int, int] | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLineView:
    """Something that the staff did: `what` is a message id, `by` is None for the command line and for who is gone."""

    when: datetime
    what: str
    by: PersonView | None = None
    about: PersonView | None = None
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """What the staff did, newest first. `broken` is the number of the first line, from the oldest, that is not as it was
    written, and `broken_at` its moment; 0 while the log is whole."""

    template: ClassVar[str] = "staff_log.html"
    lines: tuple[LogLineView, ...]
    broken: int = 0
    broken_at: datetime | None = None
    newer: str = ""
    older: str = ""
