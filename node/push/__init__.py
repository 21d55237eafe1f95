# SPDX-License-Identifier: AGPL-3.0-or-later
"""Telling members' devices of notifications over the servers of their makers (Web Push, RFC 8030)."""

from node.push.actions import change, plan, remove, subscribe, sweep
from node.push.keys import ServerKey
from node.push.queries import Subscription, of_token
from node.push.rules import ALERTS, Audience, Keys, check_keys
from node.push.sender import ATTEMPTS, SEND, Pusher, pause

__all__ = [
    "ALERTS",
    "ATTEMPTS",
    "SEND",
    "Audience",
    "Keys",
    "Pusher",
    "ServerKey",
    "Subscription",
    "change",
    "check_keys",
    "of_token",
    "pause",
    "plan",
    "remove",
    "subscribe",
    "sweep",
]
