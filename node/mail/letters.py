# SPDX-License-Identifier: AGPL-3.0-or-later
"""A letter as a value, and as a message: plain text with a simple HTML beside it (RFC 2046, 5.1.4). Pure.

No picture, no style from elsewhere, no address but our own: a letter asks nothing of another server.
"""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from node.kernel.html import escape

_HTML = (
    '<!doctype html><html lang="{locale}"><head><meta charset="utf-8"><title>{subject}</title></head>'
    '<body style="margin:0;padding:24px;background:#fbf9f4;color:#1e1b16;font:17px/1.5 sans-serif">'
    '<div style="max-width:34em;margin:0 auto">{body}</div></body></html>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is written, in the reader's language. `link` is an address of ours, shown under `label`; `foot` is small."""

    subject: str
    paragraphs: tuple[str, ...]
    locale: str = "en"
    label: str = ""
    link: str = ""
    foot: str = ""

    def __repr__(self) -> str:
        """Without the link, which may open an account."""
        return f"Letter({self.subject!r})"


def message(
    letter: Letter, *, to: str, sender: str, sender_name: str, message_id: str, moment: datetime
) -> EmailMessage:
    """The letter as it is sent. Raises ValueError for an address that cannot stand in a header."""
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(_line(sender_name), addr_spec=sender)
    made["To"] = Address(addr_spec=to)
    made["Subject"] = _line(letter.subject)
    made["Date"] = format_datetime(moment)
    made["Message-ID"] = message_id
    made["Content-Language"] = letter.locale
    # So that no holiday notice answers (RFC 3834, 5).
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(_text(letter))
    made.add_alternative(_html(letter), subtype="html")
    return made


def _text(letter: Letter) -> str:
    parts = [*letter.paragraphs]
    if letter.link:
        parts.append(f"{letter.label}:\n{letter.link}" if letter.label else letter.link)
    if letter.foot:
        parts.append(f"-- \n{letter.foot}")
    return "\n\n".join(parts) + "\n"


def _html(letter: Letter) -> str:
    parts = [f"<p>{escape(paragraph)}</p>" for paragraph in letter.paragraphs]
    if letter.link:
        address = escape(letter.link)
        parts.append(f'<p><a href="{address}">{escape(letter.label or letter.link)}</a></p>')
        parts.append(f'<p style="font-size:14px">{address}</p>')
    if letter.foot:
        parts.append(f'<p style="font-size:14px">{escape(letter.foot)}</p>')
    return _HTML.format(locale=escape(letter.locale), subject=escape(letter.subject), body="".join(parts))


def _line(text: str) -> str:
    """On one line: a break in a header begins another header."""
    return " ".join(text.split())
