# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is new for a member, by letter: the digest now and then, and at once what they want to hear of at once; and whom
no letter reaches any more."""

from node.digests.actions import SEND, bring_forward, choose, decline, forget_member, plan
from node.digests.news import TELL, Teller, note
from node.digests.queries import Digest, frequency_of, gather, unreachable, unreachable_of_class
from node.digests.rules import MOST, Frequency
from node.digests.tasks import Sender

__all__ = [
    "MOST",
    "SEND",
    "TELL",
    "Digest",
    "Frequency",
    "Sender",
    "Teller",
    "bring_forward",
    "choose",
    "decline",
    "forget_member",
    "frequency_of",
    "gather",
    "note",
    "plan",
    "unreachable",
    "unreachable_of_class",
]
