# SPDX-License-Identifier: AGPL-3.0-or-later
"""Handing a message to the association's mail server. Beside the client of the federation the only opener of connections.

It asks no address that anybody but the host of the node has set: the server's name comes from the settings, never from
what a stranger wrote, so the wall against inward addresses is not needed here (and a mail server is often on this machine).
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import TYPE_CHECKING, Final

from node.kernel.config import Mail
from node.mail.rules import Refusal, refusal

if TYPE_CHECKING:
    from aiosmtplib import SMTP

TIMEOUT: Final = 30.0
"""Seconds for each step of the conversation."""
_CLOSED: Final = 421


class MailFailed(Exception):
    """The letter was not taken. `for_good`: trying again cannot help. `refusal`: what that says of the address."""

    def __init__(self, reason: str, *, for_good: bool, refusal: Refusal | None = None) -> None:
        super().__init__(reason)
        self.for_good = for_good
        self.refusal = refusal


async def send(mail: Mail, letter: EmailMessage, *, sender: str, to: str) -> None:
    """Hand one message over. Raises MailFailed."""
    async with _open(mail) as server:
        # Envelope and headers are apart: only `to` gets it, whatever a header says.
        await server.send_message(letter, sender=sender, recipients=[to])


async def try_out(mail: Mail) -> None:
    """Connect, encrypt and log in as for a letter, and send none. Raises MailFailed."""
    async with _open(mail) as server:
        await server.noop()


@asynccontextmanager
async def _open(mail: Mail) -> "AsyncIterator[SMTP]":
    import aiosmtplib

    server = aiosmtplib.SMTP(
        hostname=mail.host,
        port=mail.port,
        use_tls=mail.security == "tls",
        # True demands it: a server that does not offer it, or somebody between who takes the offer away, gets nothing.
        start_tls=mail.security == "starttls",
        tls_context=ssl.create_default_context(cafile=mail.ca_file) if mail.security != "none" else None,
        username=mail.username or None,
        password=str(mail.password) or None,
        timeout=TIMEOUT,
    )
    try:
        async with server:
            yield server
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = [refused.code for refused in error.recipients]
        raise MailFailed(
            f"the server refused the address ({', '.join(map(str, codes))})",
            for_good=all(code >= 500 for code in codes),
            # One letter goes to one address.
            refusal=refusal(error.recipients[0].code, error.recipients[0].message) if error.recipients else None,
        ) from None
    except aiosmtplib.SMTPAuthenticationError as error:
        # A wrong password can be corrected in the settings, so the letter waits.
        raise MailFailed(f"the server refused the login ({error.code})", for_good=False) from None
    except aiosmtplib.SMTPResponseException as error:
        raise MailFailed(
            f"the server answered {error.code} {error.message}"[:300],
            for_good=error.code >= 500 and error.code != _CLOSED,
        ) from None
    except aiosmtplib.SMTPNotSupported as error:
        raise MailFailed(f"the server does not offer what is needed: {error}"[:300], for_good=False) from None
    except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as error:
        raise MailFailed(f"{type(error).__name__}: {error}"[:300], for_good=False) from None
