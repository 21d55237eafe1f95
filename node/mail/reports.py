# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what a mail server sends back when it could not deliver (RFC 3464). Pure.

Anybody can write to the mailbox of returned letters. A report counts only if it carries back the Message-ID of a letter
from here, which is signed over the address that the letter went to: nobody but who got that letter can have it.
"""

import hmac
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import default
from typing import Final

from node.kernel import ids
from node.kernel.site import Site
from node.mail.rules import Refusal, refusal_of_status

MAX_BYTES: Final = 1024 * 1024
_SIGNED: Final = 16


def message_id(site: Site, to: str) -> str:
    """The Message-ID of a letter to this address."""
    slug = ids.slug()
    return f"<{slug}.{_signed(site, slug, to)}@{site.domain.partition(':')[0]}>"


def refused(site: Site, raw: bytes) -> tuple[str, Refusal] | None:
    """The address that a report says cannot be reached; None for what is no such report, or not about a letter of ours."""
    if len(raw) > MAX_BYTES:
        return None
    try:
        report = message_from_bytes(raw, policy=default)
        if not isinstance(report, EmailMessage) or report.get_content_type() != "multipart/report":
            return None
        address = _whom(site, report)
        kind = _kind(report)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError):
        # What the standard library's parser raises for mail that is none; which of them differs with its version.
        return None
    return None if address is None or kind is None else (address, kind)


def _whom(site: Site, report: EmailMessage) -> str | None:
    """The address of the letter that came back, if it is one of ours."""
    for part in report.iter_parts():
        returned: Message | None = None
        if part.get_content_type() == "message/rfc822":
            returned = part.get_payload(0)  # type: ignore[assignment]  # a list of one message
        elif part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
            returned = message_from_string(str(part.get_payload()), policy=default)
        if returned is None:
            continue
        sent, to = str(returned.get("Message-ID", "")).strip(), returned.get("To")
        for one in getattr(to, "addresses", ()):
            slug, _, rest = sent.removeprefix("<").partition(".")
            signature = rest.partition("@")[0]
            if hmac.compare_digest(signature.encode(errors="replace"), _signed(site, slug, one.addr_spec).encode()):
                return str(one.addr_spec)
    return None


def _kind(report: EmailMessage) -> Refusal | None:
    for part in report.iter_parts():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else ():
            if isinstance(block, Message) and str(block.get("Action", "")).strip().lower() == "failed":
                return refusal_of_status(str(block.get("Status", "")).split("(")[0])
    return None


def _signed(site: Site, slug: str, to: str) -> str:
    return site.sign("letter", f"{slug}\0{to.strip().casefold()}")[:_SIGNED]
