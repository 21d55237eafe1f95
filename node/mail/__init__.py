# SPDX-License-Identifier: AGPL-3.0-or-later
"""Letters by e-mail: written in the transaction of what they tell, sent by a task after the commit."""

from node.mail.letters import Letter
from node.mail.post import ATTEMPTS, SEND, Postman, pause, post
from node.mail.smtp import MailFailed, send, try_out

__all__ = [
    "ATTEMPTS",
    "SEND",
    "Letter",
    "MailFailed",
    "Postman",
    "pause",
    "post",
    "send",
    "try_out",
]
