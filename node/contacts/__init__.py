# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contacts: two members who have both said that they know each other. A follow is one-sided and means less."""

from node.contacts.actions import accept, ask, decline, forget_actor, forget_pair, remove, sweep, withdraw
from node.contacts.queries import Request, asked, between, count, of, waiting, waiting_count, with_
from node.contacts.rules import MAX_HOW_MET, MAX_MESSAGE, NONE, Standing, State

__all__ = [
    "MAX_HOW_MET",
    "MAX_MESSAGE",
    "NONE",
    "Request",
    "Standing",
    "State",
    "accept",
    "ask",
    "asked",
    "between",
    "count",
    "decline",
    "forget_actor",
    "forget_pair",
    "of",
    "remove",
    "sweep",
    "waiting",
    "waiting_count",
    "with_",
    "withdraw",
]
