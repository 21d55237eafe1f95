# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mail server of the test network: takes every letter, and gives back what was written to somebody."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope

from federation_tests.harness.processes import free_port
from federation_tests.harness.waiting import eventually

WITHIN = 20.0


class Mailbox:
    """All letters that were sent, in their order."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._letters: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self._letters += [(address, letter) for address in envelope.rcpt_tos]
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What was sent to an address, oldest first."""
        return [letter for to, letter in self._letters if to == address]

    def letter(self, address: str, number: int = 1) -> EmailMessage:
        """The letter of that number to an address, as soon as it is there."""
        return eventually(
            lambda: self.to(address), within=WITHIN, until=lambda found: len(found) >= number, what=f"mail to {address}"
        )[number - 1]


def text_of(letter: EmailMessage) -> str:
    """The words of a letter as plain text."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_of(letter: EmailMessage) -> str:
    """The first address in a letter."""
    found = re.search(r"https?://\S+", text_of(letter))
    assert found is not None, text_of(letter)
    return found.group().rstrip(".")


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server on loopback for as long as it is needed."""
    box = Mailbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
