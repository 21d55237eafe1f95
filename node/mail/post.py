# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posting a letter: a row of the queue, sealed, since it may hold a link that opens an account.

A letter that the server does not take is tried again for about a day and then given up; one that it refuses for good is
given up at once. A crash between the server's yes and ours sends a letter twice at most.
"""

import base64
import logging
from dataclasses import asdict
from datetime import timedelta
from email.errors import MessageError
from typing import Final

import orjson

from node.kernel import clock, ids, queue
from node.kernel.config import Settings
from node.kernel.db import Tx
from node.kernel.queue import Task
from node.kernel.site import Site
from node.kernel.worker import GiveUp, RetryLater
from node.mail.letters import Letter, message
from node.mail.smtp import MailFailed, send

_log = logging.getLogger(__name__)
SEND: Final = "mail.send"
ATTEMPTS: Final = 10


def pause(attempt: int) -> timedelta:
    """How long to wait after attempt `attempt` (from 1): half a minute, doubled each time, at most 6 hours; a day in all."""
    return timedelta(seconds=min(30 * 2 ** (attempt - 1) * (1 if attempt < 4 else 4), 6 * 3600))


def post(tx: Tx, to: str, letter: Letter) -> None:
    """Have a letter sent after this transaction. Nothing happens where the node sends no mail: the pages say so."""
    if not tx.site.has_mail:
        return
    sealed = tx.site.seal(orjson.dumps({"to": to, "letter": asdict(letter)}))
    queue.enqueue(tx, SEND, {"sealed": base64.b64encode(sealed).decode()}, lane="mail")


class Postman:
    """Sends what was posted."""

    def __init__(self, settings: Settings, site: Site) -> None:
        """Nothing connects before the first letter."""
        self._settings = settings
        self._site = site

    async def run(self, task: Task) -> None:
        """Send one letter. Raises GiveUp and RetryLater."""
        settings = self._settings
        if not settings.mail.is_on:
            raise GiveUp("no mail server is set")
        try:
            found = orjson.loads(self._site.unseal(base64.b64decode(str(task.payload["sealed"]))))
        except ValueError as error:
            raise GiveUp(f"the letter cannot be read: {error}") from None
        letter = Letter(**{**found["letter"], "paragraphs": tuple(found["letter"]["paragraphs"])})
        await self.send_now(found["to"], letter)

    async def send_now(self, to: str, letter: Letter) -> None:
        """Send without the queue. Raises GiveUp and RetryLater."""
        settings = self._settings
        try:
            made = message(
                letter,
                to=to,
                sender=settings.mail_sender,
                sender_name=settings.name,
                message_id=f"<{ids.slug()}@{settings.domain.partition(':')[0]}>",
                moment=clock.now(),
            )
        except (ValueError, UnicodeError, IndexError, MessageError):
            # What the parser of addresses cannot read; IndexError is how it says so for some (CPython 3.11).
            raise GiveUp("the address cannot be written to") from None
        try:
            await send(settings.mail, made, sender=settings.mail_sender, to=to)
        except MailFailed as error:
            _log.warning("a letter was not taken: %s", error)
            if error.for_good:
                raise GiveUp(str(error)) from None
            raise RetryLater(str(error)) from None
