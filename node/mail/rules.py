# SPDX-License-Identifier: AGPL-3.0-or-later
"""What letters are about, which of them a member chooses, and what a refusal says of an address. Pure.

An address is good until one refusal for good, or five passing ones within thirty days; then it is `bouncing`, and only
what somebody needs to get in is still written to it, until the member gives another one or says that it works again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

PASSING_REFUSALS: Final = 5
# RFC 5321, 4.2.3: no room, for the moment or as far as the server cares.
_FULL: Final = (452, 552)
WITHIN: Final = timedelta(days=30)


class About(StrEnum):
    """What a letter is about."""

    SECURITY = "security"
    """Somebody's login, and what the association decided about them."""
    VERIFICATION = "verification"
    """Links that prove an address, and being let in."""
    INVITATION = "invitation"
    """To somebody who is not here."""
    CONTACT = "contact"
    EVENT = "event"
    MESSAGE = "message"
    MENTION = "mention"
    FOLLOW = "follow"
    FAVOURITE = "favourite"
    DUES = "dues"
    ASK = "ask"
    """Something that a member seeks or offers, which runs out."""
    STAFF = "staff"
    DIGEST = "digest"


class Content(StrEnum):
    """How much a letter says: all, or that there is something to read here."""

    FULL = "full"
    NONE = "none"


ALWAYS: Final = frozenset({About.SECURITY, About.VERIFICATION})
"""Nobody can decline these, and they go to an address that bounces: without them one cannot get in again."""

DEFAULTS: Final[Mapping[About, bool]] = {
    About.CONTACT: True,
    About.EVENT: True,
    About.MESSAGE: True,
    About.MENTION: False,
    About.FOLLOW: False,
    About.FAVOURITE: False,
    About.DUES: True,
    About.ASK: True,
    About.STAFF: True,
}
"""What a member can choose, in the order of the page, and what holds until they do."""

OFFERED: Final = frozenset({*DEFAULTS, About.DIGEST}) - {About.DUES, About.STAFF}
"""Letters that carry a link by which they are declined at once (RFC 8058)."""

QUIET: Final[Mapping[About, bool]] = {about: about in (About.DUES, About.STAFF) for about in DEFAULTS}
"""The preset for those who want no letters but those of their offices and of their dues."""


class Refusal(StrEnum):
    """What a mail server says of an address."""

    FOR_GOOD = "for_good"
    PASSING = "passing"


def refusal(code: int, text: str) -> Refusal | None:
    """What an answer to RCPT says of the address; None if it is about us or about the server.

    The enhanced code in `text` tells them apart where there is one (RFC 3463): class 1 is the address, class 2 the
    mailbox; a block of our own server would otherwise make every address of a provider bad at once.
    """
    if code in _FULL and not _enhanced(text):
        return Refusal.PASSING
    return refusal_of_status(_enhanced(text) or f"{code // 100}")


def refusal_of_status(status: str) -> Refusal | None:
    """The same for an enhanced code such as `5.1.1`, or its first digit alone."""
    parts = status.strip().split(".")
    if parts[0] not in ("4", "5"):
        return None
    if len(parts) < 3:
        return Refusal.FOR_GOOD if parts[0] == "5" else Refusal.PASSING
    if parts[1] not in ("1", "2", "4") or (parts[0] == "5" and parts[1] == "4"):
        return None
    # A full mailbox is emptied some day, whatever the first digit says.
    full = parts[1:3] == ["2", "2"]
    return Refusal.FOR_GOOD if parts[0] == "5" and not full else Refusal.PASSING


def is_lost(refusals: Iterable[tuple[Refusal, datetime]], now: datetime) -> bool:
    """Whether these refusals, of one address, make it bounce."""
    found = list(refusals)
    passing = sum(kind is Refusal.PASSING and now - moment < WITHIN for kind, moment in found)
    return passing >= PASSING_REFUSALS or any(kind is Refusal.FOR_GOOD for kind, _ in found)


def wants(chosen: Mapping[str, bool], about: About) -> bool:
    """Whether a letter about this is sent, as the member chose."""
    return about in ALWAYS or about not in DEFAULTS or chosen.get(about, DEFAULTS[about])


def _enhanced(text: str) -> str:
    first = text.split(maxsplit=1)[0] if text.split() else ""
    parts = first.split(".")
    is_code = len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts)
    return first if is_code else ""
