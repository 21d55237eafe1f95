# SPDX-License-Identifier: AGPL-3.0-or-later
"""The states of a contact and what leads from one to the other. Pure.

    none ──ask──> requested ──accept──> confirmed ──remove──> none
                     │  └──decline──> declined ──ask (the other side)──> requested
                     └──withdraw──> none

What is asked ends after 90 days, and can be asked again 180 days after it was asked. Whoever was declined sees what
somebody sees whom nobody has answered. The other side may ask at any time. Who asks somebody who has asked them becomes
their contact.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from node.kernel.errors import Conflict
from node.kernel.i18n import marked

ENDS: Final = timedelta(days=90)
AGAIN: Final = timedelta(days=180)
PER_DAY: Final = 30
MAX_PENDING: Final = 200
MAX_CONTACTS: Final = 5_000
MAX_MESSAGE: Final = 500
MAX_HOW_MET: Final = 120
MAX_NOTE: Final = 2_000
MAX_TAGS: Final = 10
MAX_TAG: Final = 40
MAX_PHONE: Final = 120
MAX_ADDRESS: Final = 500
MAX_BIRTHDAY: Final = 40


class State(StrEnum):
    """How far two people are. DECLINED is known to the one who declined alone."""

    NONE = "none"
    REQUESTED = "requested"
    DECLINED = "declined"
    CONFIRMED = "confirmed"


class Grant(StrEnum):
    """What one side of a contact can let the other have, and nobody has otherwise."""

    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    BIRTHDAY = "birthday"


class LinkVisibility(StrEnum):
    """Whom somebody may be shown to as a link on the way to others. NOBODY: their contacts lead nowhere.

    CONTACTS: they are named to their own contacts. SCHOOL: who is further away may read the class year, too.
    """

    CONTACTS = "contacts"
    SCHOOL = "school"
    NOBODY = "nobody"


class PathTo(StrEnum):
    """Who may be shown a way to somebody."""

    SCHOOL = "school"
    CLASS = "class"
    NOBODY = "nobody"


class AcceptFrom(StrEnum):
    """Who may ask somebody to be a contact. Whoever they have asked themselves may always say yes by asking."""

    SCHOOL = "school"
    CLASS = "class"
    NOBODY = "nobody"


class Side(StrEnum):
    """Whose move it was that counts: of the one who asked, or of the one who was asked."""

    ASKER = "asker"
    ASKED = "asked"


class Verb(StrEnum):
    """What can be done."""

    ASK = "ask"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    REMOVE = "remove"


_NOTHING: Final = marked("There is no request to answer.")
_NO_CONTACT: Final = marked("You are not in contact.")
_LATER: Final = marked("You have asked before. You can ask again half a year after that.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is stored of a pair. `withdrawn`: whoever was declined has taken back what they asked, as they see it."""

    state: State
    asker: int | None = None
    asked_at: datetime | None = None
    withdrawn: bool = False

    def is_over(self, now: datetime) -> bool:
        """Whether what was asked has ended without a yes."""
        waits = self.state in (State.REQUESTED, State.DECLINED)
        return waits and self.asked_at is not None and self.asked_at + ENDS <= now

    def seen_by(self, who: int, now: datetime) -> "Standing":
        """What one of the two is shown: a refusal looks like no answer to the one who asked."""
        if self.is_over(now):
            return NONE
        if self.state is State.DECLINED and self.asker == who:
            return NONE if self.withdrawn else Standing(State.REQUESTED, self.asker, self.asked_at)
        return self


NONE: Final = Standing(State.NONE)


def after(standing: Standing, verb: Verb, who: int, now: datetime) -> Standing:
    """Where a pair stands after one of the two has done something. What is so already stays so.

    To the one who asked, each verb succeeds and fails after a refusal exactly as it does while nobody has answered.
    Raises Conflict for what does not go from here; nothing changes then.
    """
    side = Side.ASKER if standing.asker == who else Side.ASKED
    if verb is Verb.ASK:
        return _asked(standing, side, who, now)
    state = State.NONE if standing.is_over(now) else standing.state
    match (verb, state, side):
        case (Verb.ACCEPT, State.REQUESTED, Side.ASKED):
            return replace(standing, state=State.CONFIRMED)
        case (Verb.DECLINE, State.REQUESTED, Side.ASKED):
            return replace(standing, state=State.DECLINED)
        case (Verb.ACCEPT, State.CONFIRMED, _) | (Verb.DECLINE, State.DECLINED, Side.ASKED):
            return standing
        case (Verb.WITHDRAW, State.REQUESTED, Side.ASKER) | (Verb.REMOVE, State.CONFIRMED, _):
            return NONE
        case (Verb.WITHDRAW, State.DECLINED, Side.ASKER):
            return replace(standing, withdrawn=True)
        # What is over stays on record: it says when one may ask again.
        case (Verb.WITHDRAW | Verb.REMOVE, State.NONE, _):
            return standing
        # Who took back what was declined sees nothing there, as if nobody had answered.
        case (Verb.REMOVE, State.DECLINED, Side.ASKER) if standing.withdrawn:
            return standing
        case (Verb.REMOVE, _, _):
            raise Conflict(_NO_CONTACT)
        case _:
            raise Conflict(_NOTHING)


def _asked(standing: Standing, side: Side, who: int, now: datetime) -> Standing:
    fresh = Standing(State.REQUESTED, who, now)
    match (standing.state, side):
        case (State.REQUESTED, Side.ASKED) if not standing.is_over(now):
            return replace(standing, state=State.CONFIRMED)
        case (State.NONE, _) | (State.REQUESTED | State.DECLINED, Side.ASKED):
            return fresh
        case (State.DECLINED, Side.ASKER) if standing.withdrawn:
            # They may ask anew whenever they like, and are heard no sooner than if they had waited.
            return replace(standing, asked_at=now, withdrawn=False)
        case (State.REQUESTED | State.DECLINED, Side.ASKER) if standing.is_over(now):
            if standing.asked_at is not None and standing.asked_at + AGAIN > now:
                raise Conflict(_LATER)
            return fresh
        case _:
            return standing
