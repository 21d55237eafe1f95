# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association may say, and with what members may answer. Pure."""

import re
from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from activitypub.emojis import is_unicode
from node.kernel.errors import Invalid, NotAllowed

MAX_RULE: Final = 500
MAX_TEXT: Final = 50_000
MAX_ANNOUNCEMENT: Final = 5_000
# Different ones on one announcement, as with Mastodon.
MAX_REACTIONS: Final = 8


_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,1}")


class TextKind(StrEnum):
    """The texts that the association may write."""

    DESCRIPTION = "description"
    PRIVACY = "privacy"
    TERMS = "terms"


def check_admin(roles: Collection[str]) -> None:
    """Raises NotAllowed for whoever does not speak for the association."""
    if "admin" not in roles:
        raise NotAllowed("This page is for administrators.")


def check_text(text: str, most: int) -> str:
    """What was written, without space round it. Raises Invalid for nothing, and for too much."""
    text = text.strip()
    if not text:
        raise Invalid("Please write something.", field="text")
    if len(text) > most:
        raise Invalid("This text is too long.", field="text")
    return text


def check_day(given: str, today: date) -> str:
    """The day from which a text holds, today if none is given. Raises Invalid; what held before cannot be rewritten."""
    try:
        day = date.fromisoformat(given) if given else today
    except ValueError:
        raise Invalid("Please give a day, such as 2026-12-31.", field="day") from None
    if day < today:
        raise Invalid("This day is past.", field="day")
    return day.isoformat()


def check_times(starts_at: datetime | None, ends_at: datetime | None, publish_at: datetime | None = None) -> None:
    """Raises Invalid for an end before the beginning, or before anybody can read of it."""
    if starts_at is not None and ends_at is not None and ends_at < starts_at:
        raise Invalid("The end must come after the beginning.", field="ends")
    if publish_at is not None and ends_at is not None and ends_at < publish_at:
        raise Invalid("It would be over before it comes out.", field="publish")


def check_language(code: str | None) -> str | None:
    """The code of a language, or None where none is said. Raises Invalid."""
    if not code:
        return None
    if not _LANGUAGE.fullmatch(code):
        raise Invalid("This language is not known.", field="language")
    return code


def check_reaction(name: str, there: Collection[str], *, is_own: bool = False) -> str:
    """The emoji with which somebody answers: a Unicode one, or the word of one of the node's own (`is_own`).

    Raises Invalid for anything else, and for one more than there may be.
    """
    if not is_own and not is_unicode(name):
        raise Invalid("Validation failed: Name is not a recognized emoji", field="name")
    if name not in there and len(there) >= MAX_REACTIONS:
        raise Invalid("Validation failed: Limit of different reactions reached", field="name")
    return name
