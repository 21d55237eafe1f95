# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a report must be and how it lives, who looks after the node's people, and what they may decide about whom. Pure.

    open ──take──> in_hand ──act──> acted ──appeal──> appealed ──uphold / overturn──> closed
      │               │
      └───────────────┴──dismiss──> dismissed

A verb that has taken effect already changes nothing; any other that is not drawn is refused.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from node.kernel.errors import Conflict, Invalid, NotAllowed, TooMany
from node.kernel.i18n import marked

STAFF: Final = frozenset({"moderator", "admin"})
MAX_COMMENT: Final = 1000
# What is read of another server's, as Mastodon does.
MAX_FOREIGN_COMMENT: Final = 5000
MAX_POSTS: Final = 50
# So that a flood of reports cannot bury those that matter.
PER_MEMBER_A_DAY: Final = 30
PER_HOST_AN_HOUR: Final = 20
MAX_REASON: Final = 2000
MAX_APPEAL: Final = 2000
# How long somebody may say that a decision about them is wrong.
APPEAL_WITHIN: Final = timedelta(days=30)


class Category(StrEnum):
    """What a report is about, in Mastodon's words."""

    SPAM = "spam"
    LEGAL = "legal"
    VIOLATION = "violation"
    OTHER = "other"


class Sanction(StrEnum):
    """What the staff can decide about somebody."""

    WARN = "warn"
    LIMIT = "limit"
    SUSPEND = "suspend"


class ReportState(StrEnum):
    """Where a report stands."""

    OPEN = "open"
    IN_HAND = "in_hand"
    DISMISSED = "dismissed"
    ACTED = "acted"
    APPEALED = "appealed"
    CLOSED = "closed"


class ReportVerb(StrEnum):
    """What can happen to it: the first three are the staff's, then whom it is about, then an administrator's."""

    TAKE = "take"
    DISMISS = "dismiss"
    ACT = "act"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    OVERTURN = "overturn"


_AFTER: Final[Mapping[tuple[ReportState, ReportVerb], ReportState]] = {
    (ReportState.OPEN, ReportVerb.TAKE): ReportState.IN_HAND,
    (ReportState.OPEN, ReportVerb.DISMISS): ReportState.DISMISSED,
    (ReportState.IN_HAND, ReportVerb.ACT): ReportState.ACTED,
    (ReportState.IN_HAND, ReportVerb.DISMISS): ReportState.DISMISSED,
    (ReportState.ACTED, ReportVerb.APPEAL): ReportState.APPEALED,
    (ReportState.APPEALED, ReportVerb.UPHOLD): ReportState.CLOSED,
    (ReportState.APPEALED, ReportVerb.OVERTURN): ReportState.CLOSED,
}
_ALREADY: Final = {verb: state for (_, verb), state in _AFTER.items()}


def report_after(state: ReportState, verb: ReportVerb) -> ReportState:
    """The state after a verb; what is so already stays so. Raises Conflict for what does not go from here."""
    if state is _ALREADY[verb]:
        return state
    if not goes(state, verb):
        raise Conflict(marked("This report has been dealt with already."))
    return _AFTER[state, verb]


def goes(state: ReportState, verb: ReportVerb) -> bool:
    """Whether a verb leads on from a state."""
    return (state, verb) in _AFTER


def check_staff(roles: Collection[str]) -> None:
    """Raises NotAllowed for whoever does not look after the node's people."""
    if not STAFF.intersection(roles):
        raise NotAllowed("This page is for moderators.")


def check_report(reporter_id: int, target_id: int, comment: str, made_today: int) -> None:
    """Raises Invalid for a report that cannot be taken, TooMany for one too many."""
    if reporter_id == target_id:
        raise Invalid("You cannot report yourself.", field="account_id")
    if len(comment) > MAX_COMMENT:
        raise Invalid("A report can say up to 1000 characters.", field="comment")
    if made_today >= PER_MEMBER_A_DAY:
        raise TooMany("You have made many reports today. Please write to the association.", retry_after=3600)


def category_of(said: str | None) -> Category:
    """The category that an app names; what we do not know is `other`."""
    return Category(said) if said in set(Category) else Category.OTHER


def check_may_decide(
    staff_id: int, staff_roles: Collection[str], target_id: int, target_roles: Collection[str]
) -> None:
    """Raises NotAllowed unless somebody of the staff may decide about somebody: never about oneself, and about the staff
    only an administrator."""
    check_staff(staff_roles)
    if staff_id == target_id:
        raise NotAllowed("You cannot decide about yourself.")
    if STAFF.intersection(target_roles) and "admin" not in staff_roles:
        raise NotAllowed("Only an administrator can decide about somebody of the staff.")


def check_reason(reason: str) -> None:
    """Raises Invalid for a decision without a reason, or with an essay: whoever it is about reads it."""
    if not reason.strip():
        raise Invalid("Please say why.", field="reason")
    if len(reason) > MAX_REASON:
        raise Invalid("A reason can have up to 2000 characters.", field="reason")


def check_appeal(
    words: str, *, decided_at: datetime, ended_at: datetime | None, appealed_at: datetime | None, now: datetime
) -> None:
    """Raises Conflict for an appeal that cannot be made any more, Invalid for one that says nothing or too much."""
    if appealed_at is not None:
        raise Conflict("You have written about this decision already.")
    if ended_at is not None:
        raise Conflict("This decision has been taken back.")
    if now - decided_at > APPEAL_WITHIN:
        raise Conflict("The thirty days in which you could write about this decision are over.")
    if not words.strip():
        raise Invalid("Please say why the decision is wrong.", field="words")
    if len(words) > MAX_APPEAL:
        raise Invalid("You can write up to 2000 characters.", field="words")


def check_may_answer(staff_id: int, staff_roles: Collection[str], decided_by: int | None, *, others: bool) -> None:
    """Raises NotAllowed unless an administrator may answer an appeal: one who did not decide, where there is another
    (`others`)."""
    if "admin" not in staff_roles:
        raise NotAllowed("This page is for administrators.")
    if staff_id == decided_by and others:
        raise NotAllowed("Somebody else answers, since the decision was yours.")
