# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a handler of an activity is given, and how it asks for what it lacks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from activitypub.activity import ActivityDocument
from node.actors import Actor
from node.kernel.db import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredActivity:
    """A row of `activities`, without its body."""

    id: int
    uri: str
    type: str
    actor: str
    object: str | None
    object_type: str | None
    local: bool
    undone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An activity that came in and is believed.

    `actor` is who signed it, never what the body claims. `subject` is the stored activity that an Accept, Reject or Undo
    names, if we hold it. `number` is that of the stored activity; None for one that somebody else told us of, and that was
    verified at its origin. `unavailable` are documents that were asked for with `Missing(optional=True)` and cannot be
    had.
    """

    activity: ActivityDocument
    actor: Actor
    subject: StoredActivity | None = None
    number: int | None = None
    unavailable: frozenset[str] = frozenset()


Handler = Callable[[Tx, Received], None]
"""Applies one activity. Synchronous, without network, safe to run twice."""


class Missing(Exception):
    """Raised by a handler: the document at `uri` is needed first. The worker fetches it and runs the handler again.

    With `optional`, the handler is run again even if the document cannot be had, and must do without it then.
    """

    def __init__(self, uri: str, *, optional: bool = False) -> None:
        super().__init__(uri)
        self.uri = uri
        self.optional = optional
