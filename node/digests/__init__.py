# SPDX-License-Identifier: AGPL-3.0-or-later
"""The digest: what is new for a member, in one letter now and then; and whom no letter reaches any more."""

from node.digests.actions import SEND, choose, decline, forget_member, plan
from node.digests.queries import Digest, frequency_of, gather, unreachable
from node.digests.rules import MOST, Frequency
from node.digests.tasks import Sender

__all__ = [
    "MOST",
    "SEND",
    "Digest",
    "Frequency",
    "Sender",
    "choose",
    "decline",
    "forget_member",
    "frequency_of",
    "gather",
    "plan",
    "unreachable",
]
