# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the commands do about how members come in: their tokens, a lost phone, and the mail server."""

import asyncio
from typing import BinaryIO

from node import access, digests, mail, members
from node.cli.context import Failed
from node.kernel.config import Settings
from node.kernel.db import Database, Tx
from node.kernel.errors import NotFound
from node.kernel.i18n import translator
from node.kernel.worker import GiveUp, RetryLater
from node.mail import Letter, Postman
from node.members import Member
from node.wiring.services import site_of


def _member(tx: Tx, username: str) -> Member:
    found = members.by_login(tx.conn, username)
    if found is None:
        raise NotFound(f"There is no member called {username}.")
    return found


def end_tokens(db: Database, username: str, number: int | None) -> None:
    """End one token of a member, or all of them and every session. A running node closes their streams."""

    def write(tx: Tx) -> None:
        member = _member(tx, username)
        if number is not None:
            access.revoke_by_number(tx, member.id, number)
            return
        access.revoke_of_member(tx, member.id)
        access.revoke_sessions(tx, member.id)

    db.write_now(write)


def list_tokens(db: Database, username: str) -> list[str]:
    """A line for each token of a member."""

    def read(tx: Tx) -> list[str]:
        member = _member(tx, username)
        return [
            f"{token.id}  {token.app_name}  {' '.join(token.scopes)}  since {token.created_at:%Y-%m-%d}"
            for token in access.tokens_of(tx.conn, member.id)
        ]

    return db.write_now(read)


def change_roles(db: Database, username: str, roles: tuple[str, ...], *, take: bool) -> Member:
    """Give a member roles, or take them. Raises NotFound, Invalid, Conflict."""
    give, taken = ((), roles) if take else (roles, ())
    return db.write_now(lambda tx: members.change_roles(tx, _member(tx, username), give=give, take=taken))


def turn_second_step_off(db: Database, username: str) -> None:
    """Let somebody who lost phone and recovery codes log in by the password alone."""
    db.write_now(lambda tx: access.turn_off_second_step(tx, _member(tx, username).id))


def try_mail(settings: Settings, address: str) -> None:
    """Send a letter at once. Raises Failed with what the server said."""
    if not settings.mail.is_on:
        raise Failed("The setting mail.host is empty: this node sends no letters.")
    _ = translator(settings.locale).gettext
    letter = Letter(
        subject=_("A letter to try out"),
        paragraphs=(_("If you read this, the network can send letters."),),
        foot=settings.name,
        locale=settings.locale,
    )
    try:
        asyncio.run(Postman(settings, site_of(settings)).send_now(address, letter))
    except (GiveUp, RetryLater) as error:
        raise Failed(f"The letter was not taken: {error}.") from None


def write_digest(db: Database, username: str) -> None:
    """Have the running node write a member's digest now. Raises NotFound, Conflict."""
    db.write_now(lambda tx: digests.bring_forward(tx, _member(tx, username)))


def note_returned(db: Database, returned: BinaryIO) -> str:
    """Note what a mail server says of an address to which it could not deliver, and say in a sentence what came of it."""
    found = mail.refused(db.site, returned.read(mail.MAX_BYTES + 1))
    if found is None:
        return "This is no report about a letter from here."
    db.write_now(mail.note, *found)
    # The address stays out of the log of the mail server.
    return "The address has refused a letter for good." if found[1] is mail.Refusal.FOR_GOOD else "Noted."


def mail_works(settings: Settings) -> str | None:
    """None if the mail server takes the node's login, or else what it said."""
    try:
        asyncio.run(mail.try_out(settings.mail))
    except mail.MailFailed as error:
        return str(error)
    return None
