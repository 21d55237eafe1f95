# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may touch the roster, and what an import may do in which state. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from node.kernel.errors import Conflict, NotAllowed
from node.kernel.i18n import marked

UNDO: Final = timedelta(days=30)
WAITS: Final = timedelta(days=2)
"""How long a file that nobody confirms is kept."""
KEEPERS: Final = frozenset({"secretary", "admin"})

DECIDERS: Final = frozenset({"secretary", "admin"})
"""Who says whether a newcomer is let in, whatever their class."""
DELEGATE: Final = "delegate"
"""Who says so of newcomers of their own class."""


class ImportState(StrEnum):
    """How far an import is.

    ready ──apply──> applying ──all written──> applied ──undo (30 days)──> undoing ──> undone
      └── discarded, or forgotten after two days: the row goes
    """

    READY = "ready"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"


def check_keeper(roles: Collection[str]) -> None:
    """Raises NotAllowed for whoever neither keeps the roster nor runs the node."""
    if not KEEPERS & set(roles):
        raise NotAllowed(marked("Only the association's secretary and administrators keep the roster."))


def may_decide(roles: Collection[str], class_year: int | None) -> bool:
    """Whether there is anybody about whom somebody decides."""
    return bool(DECIDERS & set(roles)) or (DELEGATE in roles and class_year is not None)


def own_class(roles: Collection[str], class_year: int | None) -> int | None:
    """The class of which somebody decides who is let in; None for those who decide about all.

    Raises NotAllowed for whoever decides about nobody, such as a delegate without a class.
    """
    if DECIDERS & set(roles):
        return None
    if not may_decide(roles, class_year):
        raise NotAllowed(
            marked("Only the association's secretary, administrators and delegates of classes decide who is let in.")
        )
    return class_year


def check_may_apply(state: ImportState) -> None:
    """Raises Conflict for an import that has been brought in already."""
    if state not in (ImportState.READY, ImportState.APPLYING):
        raise Conflict(marked("This import has been made already."))


def check_may_undo(state: ImportState, finished_at: datetime | None, changed_since: int, now: datetime) -> None:
    """Raises Conflict for one that is not made, is undone, is too old, or that a later import builds on."""
    if state is ImportState.UNDONE:
        raise Conflict(marked("This import has been undone already."))
    if state is ImportState.READY:
        raise Conflict(marked("This import has not been made yet."))
    if finished_at is not None and finished_at + UNDO < now:
        raise Conflict(marked("This import is more than 30 days old and cannot be undone any more."))
    if changed_since:
        raise Conflict(marked("A later import has changed some of the same people. Please undo that one first."))
