# SPDX-License-Identifier: AGPL-3.0-or-later
"""Meet-ups: published here or elsewhere, announced among partner schools, with seats and answers."""

from node.events.actions import (
    answer,
    cancel_event,
    change,
    forget_participant,
    join,
    leave,
    publish,
    vote,
)
from node.events.queries import (
    Event,
    Participation,
    attendees,
    get,
    joined_by,
    mine,
    next_end,
    of_posts,
    participation,
    upcoming,
)
from node.events.rules import ANSWERS, EventDraft, State

__all__ = [
    "ANSWERS",
    "Event",
    "EventDraft",
    "Participation",
    "State",
    "answer",
    "attendees",
    "cancel_event",
    "change",
    "forget_participant",
    "get",
    "join",
    "joined_by",
    "leave",
    "mine",
    "next_end",
    "of_posts",
    "participation",
    "publish",
    "upcoming",
    "vote",
]
