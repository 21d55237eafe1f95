# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posting a letter: a row of the queue, sealed, since it may hold a link that opens an account.

A letter that the server does not take is tried again for about a day and then given up; one that it refuses for good is
given up at once. A crash between the server's yes and ours sends a letter twice at most.

What a member has declined is not posted, and what goes to an address from which letters come back is not sent, unless
they need it to get in.
"""

import base64
import logging
from dataclasses import asdict, replace
from datetime import timedelta
from email.errors import MessageError
from typing import Final

import orjson
from sqlalchemy import bindparam, or_, select

from node.actors.tables import actors
from node.kernel import clock, queue
from node.kernel.config import Settings
from node.kernel.db import Database, Tx
from node.kernel.queue import Task
from node.kernel.site import Site
from node.kernel.worker import GiveUp, RetryLater
from node.mail import choices, refusals, reports, rules
from node.mail.letters import Letter, message, stored
from node.mail.rules import About, Content, Refusal
from node.mail.smtp import MailFailed, send

_log = logging.getLogger(__name__)
_IS_SILENT = select(actors.c.id).where(
    actors.c.id == bindparam("member_id"), or_(actors.c.memorial.is_(True), actors.c.deleted_at.is_not(None))
)
SEND: Final = "mail.send"
ATTEMPTS: Final = 10


def pause(attempt: int) -> timedelta:
    """How long to wait after attempt `attempt` (from 1): half a minute, doubled each time, at most 6 hours; a day in all."""
    return timedelta(seconds=min(30 * 2 ** (attempt - 1) * (1 if attempt < 4 else 4), 6 * 3600))


def post(tx: Tx, to: str, letter: Letter, *, about: About = About.SECURITY, member: int | None = None) -> None:
    """Have a letter sent after this transaction. Nothing happens where the node sends no mail: the pages say so.

    With `member` nothing happens either if that member does not want letters `about` this, or has died; and who wants
    the subject alone gets that alone.
    """
    if not tx.site.has_mail or (member is not None and tx.conn.execute(_IS_SILENT, {"member_id": member}).first()):
        return
    is_needed = about in rules.ALWAYS
    if member is not None and not is_needed:
        chosen = choices.choices_of(tx.conn, member)
        if not rules.wants(chosen.wanted, about):
            return
        if chosen.content is Content.NONE:
            letter = letter.bare()
        if about in rules.OFFERED:
            letter = replace(letter, unsubscribe=choices.unsubscribe_link(tx.site, member, about))
    if not is_needed and refusals.is_lost(tx.conn, tx.site, to):
        return
    sealed = tx.site.seal(orjson.dumps({"to": to, "letter": asdict(letter), "is_needed": is_needed}))
    queue.enqueue(tx, SEND, {"sealed": base64.b64encode(sealed).decode()}, lane="mail")


class Postman:
    """Sends what was posted."""

    def __init__(self, settings: Settings, site: Site, db: Database | None = None) -> None:
        """Nothing connects before the first letter. Without a database no refusal is looked up or noted."""
        self._settings = settings
        self._site = site
        self._db = db

    async def run(self, task: Task) -> None:
        """Send one letter. Raises GiveUp and RetryLater."""
        settings = self._settings
        if not settings.mail.is_on:
            raise GiveUp("no mail server is set")
        try:
            found = orjson.loads(self._site.unseal(base64.b64decode(str(task.payload["sealed"]))))
        except ValueError as error:
            raise GiveUp(f"the letter cannot be read: {error}") from None
        to = str(found["to"])
        if self._db is not None and not found["is_needed"] and await self._db.read(refusals.is_lost, self._site, to):
            return  # it has come to bounce since the letter was posted
        await self.send_now(to, stored(found["letter"]), is_last=task.attempt >= ATTEMPTS)

    async def send_now(self, to: str, letter: Letter, *, is_last: bool = False) -> None:
        """Send without the queue; `is_last`: it is not tried again. Raises GiveUp and RetryLater."""
        settings = self._settings
        try:
            made = message(
                letter,
                to=to,
                sender=settings.mail_sender,
                sender_name=settings.name,
                message_id=reports.message_id(self._site, to),
                moment=clock.now(),
            )
        except (ValueError, UnicodeError, IndexError, MessageError):
            # What the parser of addresses cannot read; IndexError is how it says so for some (CPython 3.11).
            raise GiveUp("the address cannot be written to") from None
        try:
            await send(settings.mail, made, sender=settings.mail_sender, to=to)
        except MailFailed as error:
            _log.warning("a letter was not taken: %s", error)
            if self._db is not None and error.refusal is not None and (is_last or error.refusal is Refusal.FOR_GOOD):
                await self._db.write(refusals.note, to, error.refusal)
            if error.for_good:
                raise GiveUp(str(error)) from None
            raise RetryLater(str(error)) from None
