# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posting a letter: a row of the queue, sealed, since it may hold a link that opens an account.

A letter that the server does not take is tried again for about a day and then given up; one that it refuses for good is
given up at once. A crash between the server's yes and ours sends a letter twice at most.

What a member has declined is not posted, and what goes to an address from which letters come back is not sent, unless
they need it to get in; nor does anything else go to whoever has hidden their account. Nothing goes to whoever has died or is
gone. A letter may lie in the queue for a day, so all of this
is looked at once more at the moment of sending.
"""

import base64
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from email.errors import MessageError
from typing import Final

import orjson
from sqlalchemy import Connection, bindparam, or_, select

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
_IS_AWAY = select(actors.c.id).where(actors.c.id == bindparam("member_id"), actors.c.away_since.is_not(None))
Check = Callable[[Connection, str], bool]
"""Whether an address may be written to, as a slice above knows it."""
SEND: Final = "mail.send"
ATTEMPTS: Final = 10


def pause(attempt: int) -> timedelta:
    """How long to wait after attempt `attempt` (from 1): half a minute, doubled each time, at most 6 hours; a day in all."""
    return timedelta(seconds=min(30 * 2 ** (attempt - 1) * (1 if attempt < 4 else 4), 6 * 3600))


def post(tx: Tx, to: str, letter: Letter, *, about: About = About.SECURITY, member: int | None) -> None:
    """Have a letter sent after this transaction. Nothing happens where the node sends no mail: the pages say so.

    `member` is whose letter it is; None for somebody who has no account here. Nothing happens either if that member does
    not want letters `about` this, or has died; and who wants the subject alone gets that alone.
    """
    if not tx.site.has_mail or kept_back(tx.conn, tx.site, to, about=about, member=member) is not None:
        return
    if member is not None and wants_subject_alone(tx.conn, member, about):
        letter = letter.bare()
    if member is not None and about in rules.OFFERED:
        letter = replace(letter, unsubscribe=choices.unsubscribe_link(tx.site, member, about))
    content = {"to": to, "letter": asdict(letter), "about": about, "member": member}
    sealed = tx.site.seal(orjson.dumps(content))
    queue.enqueue(tx, SEND, {"sealed": base64.b64encode(sealed).decode()}, lane="mail")


def kept_back(conn: Connection, site: Site, to: str, *, about: About, member: int | None) -> str | None:
    """Why such a letter is not sent as things stand now, in words without a name; None if nothing is against it."""
    if member is not None and conn.execute(_IS_SILENT, {"member_id": member}).first():
        return "nobody reads it any more"
    if about in rules.ALWAYS:
        return None
    if member is not None and conn.execute(_IS_AWAY, {"member_id": member}).first():
        return "the account is hidden"
    if member is not None and not choices.wants(conn, member, about):
        return "declined"
    return "letters to this address come back" if refusals.is_lost(conn, site, to) else None


def wants_subject_alone(conn: Connection, member: int, about: About) -> bool:
    """Whether a letter about this says only that there is something to read."""
    return about not in rules.ALWAYS and choices.choices_of(conn, member).content is Content.NONE


class Postman:
    """Sends what was posted."""

    def __init__(
        self,
        settings: Settings,
        site: Site,
        db: Database | None = None,
        checks: Mapping[About, Check] | None = None,
    ) -> None:
        """Nothing connects before the first letter. Without a database nothing is looked up or noted.

        `checks`: for letters about this an address is asked for there too, before they are sent.
        """
        self._settings = settings
        self._site = site
        self._db = db
        self._checks = checks or {}

    async def run(self, task: Task) -> None:
        """Send one letter. Raises GiveUp and RetryLater."""
        settings = self._settings
        if not settings.mail.is_on:
            raise GiveUp("no mail server is set")
        try:
            found = orjson.loads(self._site.unseal(base64.b64decode(str(task.payload["sealed"]))))
        except ValueError as error:
            raise GiveUp(f"the letter cannot be read: {error}") from None
        to, letter = str(found["to"]), stored(found["letter"])
        if self._db is not None:
            about, member = About(found["about"]), found["member"]
            why = await self._db.read(self._kept_back, to, about, member)
            if why is not None:
                # Its number, not the address: that stays out of the log.
                _log.info("letter %s is not sent: %s", task.id, why)
                return
            if member is not None and await self._db.read(wants_subject_alone, member, about):
                letter = letter.bare()
        await self.send_now(to, letter, is_last=task.attempt >= ATTEMPTS)

    def _kept_back(self, conn: Connection, to: str, about: About, member: int | None) -> str | None:
        why = kept_back(conn, self._site, to, about=about, member=member)
        if why is None and about in self._checks and not self._checks[about](conn, to):
            return "the person is not to be written to"
        return why

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
