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
)
from node.events.queries import Event, Participation, attendees, get, joined_by, mine, of_posts, participation, upcoming
from node.events.rules import EventDraft, State

__all__ = [
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
    "of_posts",
    "participation",
    "publish",
    "upcoming",
]
