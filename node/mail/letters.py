# SPDX-License-Identifier: AGPL-3.0-or-later
"""A letter as a value, and as a message: plain text with a simple HTML beside it (RFC 2046, 5.1.4). Pure.

No picture, no style from elsewhere, no address but our own: a letter asks nothing of another server.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final

from node.kernel.html import escape
from node.kernel.i18n import translator

# Colours by the reader's own scheme; a program that knows none of it shows black on white.
_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{margin:0;padding:24px;font:17px/1.5 sans-serif}"
    "main{display:block;max-width:34em;margin:0 auto}"
    "h2{font-size:19px;margin:28px 0 4px}.small{font-size:14px}"
    "@media (prefers-color-scheme:light){body{background:#fbf9f4;color:#1e1b16}}"
    "@media (prefers-color-scheme:dark){body{background:#1e1b16;color:#f2ede3}a{color:#9cc3ff}}"
)
_HTML: Final = (
    '<!doctype html><html lang="{locale}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
    "<title>{subject}</title><style>{style}</style></head><body><main>{body}</main></body></html>"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a section: what it is, a line on it, and the page of ours where it stands."""

    text: str
    detail: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Several things under a heading."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is written, in the reader's language. `link` is an address of ours, shown under `label`; `foot` is small.

    `unsubscribe` is the address at which letters of this kind are declined (RFC 8058): in the head, and at the foot.
    """

    subject: str
    paragraphs: tuple[str, ...]
    locale: str = "en"
    label: str = ""
    link: str = ""
    foot: str = ""
    sections: tuple[Section, ...] = ()
    unsubscribe: str = ""

    def bare(self) -> "Letter":
        """The same without what it says: for those who want the subject alone."""
        return replace(self, paragraphs=(), sections=())

    def __repr__(self) -> str:
        """Without the link, which may open an account."""
        return f"Letter({self.subject!r})"


def stored(values: Mapping[str, Any]) -> Letter:
    """The letter that `dataclasses.asdict` and JSON made these values of."""
    sections = tuple(
        Section(section["title"], tuple(Item(**item) for item in section["items"]))
        for section in values.get("sections", ())
    )
    return Letter(**{**values, "paragraphs": tuple(values["paragraphs"]), "sections": sections})


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
    if letter.unsubscribe:
        made["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(_text(letter))
    made.add_alternative(_html(letter), subtype="html")
    return made


def _text(letter: Letter) -> str:
    parts = [*letter.paragraphs]
    for section in letter.sections:
        parts.append(f"{section.title}\n{'-' * len(section.title)}")
        parts += ["\n".join(line for line in (f"* {one.text}", one.detail, one.link) if line) for one in section.items]
    if letter.link:
        parts.append(f"{letter.label}:\n{letter.link}" if letter.label else letter.link)
    feet = [letter.foot] if letter.foot else []
    if letter.unsubscribe:
        feet.append(f"{_no_more(letter)}: {letter.unsubscribe}")
    if feet:
        parts.append("\n".join(["-- ", *feet]))
    return "\n\n".join(parts) + "\n"


def _html(letter: Letter) -> str:
    parts = [f"<p>{escape(paragraph)}</p>" for paragraph in letter.paragraphs]
    for section in letter.sections:
        parts.append(f"<h2>{escape(section.title)}</h2>")
        parts += [f"<p>{_item(one)}</p>" for one in section.items]
    if letter.link:
        parts.append(f"<p>{_link(letter.link, letter.label or letter.link)}</p>")
        parts.append(f'<p class="small">{escape(letter.link)}</p>')
    if letter.foot:
        parts.append(f'<p class="small">{escape(letter.foot)}</p>')
    if letter.unsubscribe:
        parts.append(f'<p class="small">{_link(letter.unsubscribe, _no_more(letter))}</p>')
    subject = escape(letter.subject)
    return _HTML.format(locale=escape(letter.locale), subject=subject, style=_STYLE, body="".join(parts))


def _item(one: Item) -> str:
    head = _link(one.link, one.text) if one.link else escape(one.text)
    return f'{head}<br><span class="small">{escape(one.detail)}</span>' if one.detail else str(head)


def _link(address: str, label: str) -> str:
    return f'<a href="{escape(address)}">{escape(label)}</a>'


def _no_more(letter: Letter) -> str:
    return translator(letter.locale).gettext("No more letters of this kind")


def _line(text: str) -> str:
    """On one line: a break in a header begins another header."""
    return " ".join(text.split())
