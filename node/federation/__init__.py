# SPDX-License-Identifier: AGPL-3.0-or-later
"""Traffic with other servers: the inbox and its log, fetching, sending, and whom we do not talk to."""

from node.federation import activities, hosts
from node.federation.outbox import WITHDRAWING, forward, host_of, publish
from node.federation.types import Handler, Missing, Received, StoredActivity

__all__ = [
    "WITHDRAWING",
    "Handler",
    "Missing",
    "Received",
    "StoredActivity",
    "activities",
    "forward",
    "host_of",
    "hosts",
    "publish",
]
