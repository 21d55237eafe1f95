# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members say about themselves beyond their account, each value with the circle that it is for."""

from node.profiles.actions import (
    ProfileChanged,
    act,
    add,
    answer,
    by_link,
    change,
    forget_actor,
    move_up,
    remind,
    remove,
    sweep,
    write,
)
from node.profiles.ladder import Level, distance, distance_to, distances, shown
from node.profiles.links import entry as linked
from node.profiles.queries import Entry, Own, Profile, entry, everything, get, get_many, is_listed, own, unanswered
from node.profiles.rules import Ask, Career, Education, Facts, FederationMode, Kind, Label, Listing, State, Verb

__all__ = [
    "Ask",
    "Career",
    "Education",
    "Entry",
    "Facts",
    "FederationMode",
    "Kind",
    "Label",
    "Level",
    "Listing",
    "Own",
    "Profile",
    "ProfileChanged",
    "State",
    "Verb",
    "act",
    "add",
    "answer",
    "by_link",
    "change",
    "distance",
    "distance_to",
    "distances",
    "entry",
    "everything",
    "forget_actor",
    "get",
    "get_many",
    "is_listed",
    "linked",
    "move_up",
    "own",
    "remind",
    "remove",
    "shown",
    "sweep",
    "unanswered",
    "write",
]
