# SPDX-License-Identifier: AGPL-3.0-or-later
"""The states of a contact and what leads from one to the other. Pure.

    none ──ask──> requested ──accept──> confirmed ──remove──> none
                     │  └──decline──> declined ──ask (the other side)──> requested
                     └──withdraw──> none

What is asked ends after 90 days. Whoever was declined sees "asked" until then, and may ask again 180 days after asking; the
one who declined may ask at any time. Who asks somebody who has asked them becomes their contact.
"""

from dataclasses import dataclass
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


class State(StrEnum):
    """How far two people are. DECLINED is known to the one who declined alone."""

    NONE = "none"
    REQUESTED = "requested"
    DECLINED = "declined"
    CONFIRMED = "confirmed"


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
    """What is stored of a pair, as it holds at a moment."""

    state: State
    asker: int | None = None
    asked_at: datetime | None = None

    def at(self, now: datetime) -> "Standing":
        """The same after time has done its part: what was asked is over after 90 days."""
        if self.state is State.REQUESTED and self.asked_at is not None and self.asked_at + ENDS <= now:
            return Standing(State.NONE)
        return self

    def seen_by(self, who: int, now: datetime) -> "Standing":
        """What one of the two is shown: a refusal looks like no answer to the one who asked, until that is over."""
        found = self.at(now)
        if found.state is State.DECLINED and found.asked_at is not None:
            if found.asked_at + ENDS <= now:
                return Standing(State.NONE)
            if found.asker == who:
                return Standing(State.REQUESTED, found.asker, found.asked_at)
        return found


NONE: Final = Standing(State.NONE)


def after(standing: Standing, verb: Verb, who: int, now: datetime) -> Standing:
    """Where a pair stands after one of the two has done something. What is so already stays so.

    Raises Conflict for what does not go from here; nothing changes then.
    """
    found = standing.at(now)
    side = Side.ASKER if found.asker == who else Side.ASKED
    match (verb, found.state, side):
        case (Verb.ASK, State.NONE, _):
            return Standing(State.REQUESTED, who, now)
        case (Verb.ASK, State.REQUESTED, Side.ASKED):
            return Standing(State.CONFIRMED, found.asker, found.asked_at)
        case (Verb.ASK, State.DECLINED, Side.ASKED):
            return Standing(State.REQUESTED, who, now)
        case (Verb.ASK, State.DECLINED, Side.ASKER) if found.asked_at is not None:
            if found.asked_at + AGAIN <= now:
                return Standing(State.REQUESTED, who, now)
            if found.asked_at + ENDS <= now:
                raise Conflict(_LATER)
            return found
        case (Verb.ASK, State.REQUESTED | State.CONFIRMED, _):
            return found
        case (Verb.ACCEPT, State.REQUESTED, Side.ASKED):
            return Standing(State.CONFIRMED, found.asker, found.asked_at)
        case (Verb.ACCEPT, State.CONFIRMED, _):
            return found
        case (Verb.DECLINE, State.REQUESTED, Side.ASKED):
            return Standing(State.DECLINED, found.asker, found.asked_at)
        case (Verb.DECLINE, State.DECLINED, Side.ASKED):
            return found
        # To the one who asked a refusal is not known: taking it back works, and the half-year goes on.
        case (Verb.WITHDRAW, State.DECLINED, Side.ASKER):
            return found
        case (Verb.WITHDRAW, State.REQUESTED, Side.ASKER) | (Verb.REMOVE, State.CONFIRMED, _):
            return NONE
        case (Verb.WITHDRAW | Verb.REMOVE, State.NONE, _):
            return NONE
        case (Verb.REMOVE, _, _):
            raise Conflict(_NO_CONTACT)
        case _:
            raise Conflict(_NOTHING)
