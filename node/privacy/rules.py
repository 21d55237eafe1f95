# SPDX-License-Identifier: AGPL-3.0-or-later
"""What somebody can agree to, what the staff's looks are called, and how long each thing is kept. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

KEPT_EXPORT: Final = timedelta(days=7)
EXPORT_AGAIN: Final = timedelta(days=1)
"""Making a copy is work for the node: once a day is enough."""
KEPT_ACCESS: Final = timedelta(days=365)
GRACE: Final = timedelta(days=14)
"""Between the wish to have an account deleted and its end: whoever logs in again keeps it."""


TOLD_FOR: Final = timedelta(days=30)
"""How long the page can be read that tells somebody who is gone which servers have not forgotten them."""
ASKED_FOR: Final = timedelta(days=60)
"""After this nobody is asked any more to forget somebody: attempts, a server that is down, and rows that were given up."""


class Purpose(StrEnum):
    """What a member may agree to, and take back at any time. Whatever the membership itself needs is no such thing."""

    DIRECTORY = "directory"
    PARTNERS = "partners"
    PUBLIC = "public"
    SEARCH = "search"


class Seen(StrEnum):
    """What somebody of the staff looked at."""

    RECORD = "record"
    SIGN_UP = "sign_up"
    DUES = "dues"
    ROSTER = "roster"
    FILE = "file"
    """A file that held it among others'."""


class Taken(StrEnum):
    """What a file holds that somebody of the staff takes along."""

    ROSTER = "roster"
    DUES = "dues"
    VOTERS = "voters"
    ATTENDEES = "attendees"
    FIGURES = "figures"
    TOUCHED = "touched"
    """Those whom an incident concerns."""


def may_ask_again(asked_at: datetime, now: datetime) -> bool:
    """Whether another copy may be asked for."""
    return asked_at <= now - EXPORT_AGAIN
