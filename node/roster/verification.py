# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whether a newcomer is the graduate they say they are: the states of that question. Pure.

    open ──────────auto_match, or vouches that are enough──────────> verified ──revoke──> revoked
      └──to_review──> review ──approve, or vouches that are enough──────^
                       │  └──ask_more──> info_needed ──answer──> review
                       │                      └──silence, 30 days──> lapsed ──appeal──> review
                       └──refuse──> refused ──appeal──> review             (one appeal in all)

Nothing leads out of `revoked`. If the suspension that follows it is taken back, that is another question, which ends at
once with a yes; what was before stays in the audit.

Somebody who is not verified is hidden from everybody (`node.members.joining`); whoever is refused is told why. A verb
that has taken effect already changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from node.kernel.errors import Conflict
from node.kernel.i18n import marked

SILENCE: Final = timedelta(days=30)
FORGOTTEN: Final = timedelta(days=90)
"""After so long nothing is kept of whoever was refused, or did not answer."""
MAX_REASON: Final = 500
MAX_ANSWER: Final = 2000


class State(StrEnum):
    """How far the question is."""

    OPEN = "open"
    REVIEW = "review"
    INFO_NEEDED = "info_needed"
    LAPSED = "lapsed"
    REFUSED = "refused"
    VERIFIED = "verified"
    REVOKED = "revoked"


class Verb(StrEnum):
    """What can happen to it."""

    AUTO_MATCH = "auto_match"
    TO_REVIEW = "to_review"
    VOUCH = "vouch"
    APPROVE = "approve"
    REFUSE = "refuse"
    ASK_MORE = "ask_more"
    ANSWER = "answer"
    SILENCE = "silence"
    APPEAL = "appeal"
    REVOKE = "revoke"


class Method(StrEnum):
    """How somebody was verified."""

    ROSTER = "roster"
    VOUCHING = "vouching"
    DECISION = "decision"
    INVITATION = "invitation"


LEADS: Final[Mapping[tuple[State, Verb], State]] = {
    (State.OPEN, Verb.AUTO_MATCH): State.VERIFIED,
    (State.OPEN, Verb.TO_REVIEW): State.REVIEW,
    (State.OPEN, Verb.VOUCH): State.OPEN,
    (State.REVIEW, Verb.VOUCH): State.REVIEW,
    (State.REVIEW, Verb.APPROVE): State.VERIFIED,
    (State.REVIEW, Verb.REFUSE): State.REFUSED,
    (State.REVIEW, Verb.ASK_MORE): State.INFO_NEEDED,
    (State.INFO_NEEDED, Verb.ANSWER): State.REVIEW,
    (State.INFO_NEEDED, Verb.SILENCE): State.LAPSED,
    (State.REFUSED, Verb.APPEAL): State.REVIEW,
    (State.LAPSED, Verb.APPEAL): State.REVIEW,
    (State.VERIFIED, Verb.REVOKE): State.REVOKED,
}
"""Where a verb leads; a vouch that is enough leads to VERIFIED instead."""
SETTLED: Final = frozenset(
    {
        (State.VERIFIED, Verb.AUTO_MATCH),
        (State.VERIFIED, Verb.APPROVE),
        (State.REVIEW, Verb.TO_REVIEW),
        (State.REFUSED, Verb.REFUSE),
        (State.INFO_NEEDED, Verb.ASK_MORE),
        (State.LAPSED, Verb.SILENCE),
        (State.REVOKED, Verb.REVOKE),
    }
)
WAITING: Final = (State.OPEN, State.REVIEW, State.INFO_NEEDED)
VOUCHABLE: Final = (State.OPEN, State.REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The question about one person. `since`: when it came to be as it is. `appealed`: they have used their appeal."""

    state: State
    since: datetime
    appealed: bool = False


def after(before: Verification, verb: Verb, now: datetime, *, enough: bool = False) -> Verification:
    """What it is after a verb; who may use it is the caller's. Raises Conflict, and then nothing has changed."""
    if (before.state, verb) in SETTLED:
        return before
    state = LEADS.get((before.state, verb))
    if state is None:
        raise Conflict(marked("This has been decided otherwise meanwhile."))
    if verb is Verb.SILENCE and before.since + SILENCE > now:
        raise Conflict(marked("There is still time to answer."))
    if verb is Verb.APPEAL and before.appealed:
        raise Conflict(marked("You have written already. The association has decided for the second time."))
    if verb is Verb.VOUCH:
        state = State.VERIFIED if enough else state
        if state is before.state:
            return before
    return replace(before, state=state, since=now, appealed=before.appealed or verb is Verb.APPEAL)
