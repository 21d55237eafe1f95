# SPDX-License-Identifier: AGPL-3.0-or-later
"""Letters by e-mail: written in the transaction of what they tell, sent by a task after the commit; and who wants which."""

from node.mail.choices import (
    Choices,
    choices_of,
    choose,
    forget_member,
    read_unsubscribe_link,
    unsubscribe_link,
    wants,
)
from node.mail.letters import Item, Letter, Section
from node.mail.post import ATTEMPTS, SEND, Postman, pause, post
from node.mail.refusals import AddressLost, is_lost, lost, note, sweep, works_again
from node.mail.reports import MAX_BYTES, refused
from node.mail.rules import ALWAYS, DEFAULTS, QUIET, About, Content, Refusal
from node.mail.smtp import MailFailed, send, try_out

__all__ = [
    "ALWAYS",
    "ATTEMPTS",
    "DEFAULTS",
    "MAX_BYTES",
    "QUIET",
    "SEND",
    "About",
    "AddressLost",
    "Choices",
    "Content",
    "Item",
    "Letter",
    "MailFailed",
    "Postman",
    "Refusal",
    "Section",
    "choices_of",
    "choose",
    "forget_member",
    "is_lost",
    "lost",
    "note",
    "pause",
    "post",
    "read_unsubscribe_link",
    "refused",
    "send",
    "sweep",
    "try_out",
    "unsubscribe_link",
    "wants",
    "works_again",
]
