# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one jinja environment: a view and its frame become a page. Also the files that pages refer to.

Everything is escaped but `Html`, an undefined name is an error, and an address is printed only through `safe_url` or
written out in the template. Files of `web/static` are served under a name that holds a digest of their content, so that
they may be kept for good; `theme.css` is made here from the association's colour, since a page holds no style of its own
(its Content-Security-Policy forbids that).
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from node.kernel import i18n
from node.kernel.html import Html, with_emojis
from node.kernel.html import escape as escape_text
from web.pages import words
from web.pages.views import EventView, Frame, View

FOLDER: Final = Path(__file__).resolve().parent
STATIC_PREFIX: Final = "/static/"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_CONTROLS: Final = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")

PAPER, INK = "#fbf9f4", "#1e1b16"
DARK_PAPER, DARK_INK = "#171612", "#ece7dc"
SHEET, DARK_SHEET = "#ffffff", "#201e19"
_WASH: Final = 0.09
READABLE: Final = 4.5
"""Least contrast of text to what it stands on. Source: WCAG 2.2, 1.4.3 (AA)."""


def page(frame: Frame, view: View, *, accent: str = "#1f6f54") -> str:
    """The whole HTML document of `view`. `accent` is the association's colour."""
    return _environment().get_template(view.template).render(frame=frame, view=view, assets=assets(accent))


def pictured(text: str, emojis: Mapping[str, str]) -> Html:
    """A text that somebody typed, with the pictures that they mean by words in it."""
    return with_emojis(escape_text(text), emojis)


def safe_url(address: str) -> str:
    """`address` if a link may lead there: http, https or mailto, or a path of this node; else `#`.

    Control characters and backslashes are refused, since browsers drop or turn them before they read the scheme.
    """
    if _CONTROLS.search(address):
        return "#"
    if address.lower().startswith(("https://", "http://", "mailto:")):
        return address
    return address if re.match(r"/(?!/)", address) else "#"


# ---- files


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages refer to, ready to be answered with. It may be kept for good (`immutable`)."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """The files by the path they are served under; `paths` gives that path for a plain name."""

    paths: Mapping[str, str]
    files: Mapping[str, Asset]

    def url(self, name: str) -> str:
        """Where the file is served; KeyError for a name that is not there."""
        return self.paths[name]

    def find(self, path: str) -> Asset | None:
        """The file served under a path, or None."""
        return self.files.get(path)


@cache
def assets(accent: str) -> Assets:
    """The files of `web/static` and the theme of one colour."""
    contents = {file.name: file.read_bytes() for file in sorted((FOLDER / "static").iterdir()) if file.suffix in _TYPES}
    contents["theme.css"] = theme(accent).encode()
    paths: dict[str, str] = {}
    files: dict[str, Asset] = {}
    for name, content in contents.items():
        digest = hashlib.blake2b(content, digest_size=6).hexdigest()
        stem, _, suffix = name.rpartition(".")
        paths[name] = f"{STATIC_PREFIX}{stem}.{digest}.{suffix}"
        files[paths[name]] = Asset(content=content, content_type=_TYPES[f".{suffix}"])
    return Assets(paths=paths, files=files)


# ---- the association's colour


def theme(accent: str) -> str:
    """The style that sets the accent for both papers, moved towards ink or white until it can be read.

    A value that is not a colour of six digits is answered with the default green.
    """
    colour = accent if _COLOUR.fullmatch(accent) else "#1f6f54"
    light = _readable(colour, on=(PAPER, SHEET), towards="#000000")
    dark = _readable(colour, on=(DARK_PAPER, DARK_SHEET), towards="#ffffff")
    return (
        f":root{{--accent:{light};--on-accent:#ffffff}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{dark};--on-accent:{DARK_PAPER}}}}}\n"
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (`#rrggbb`), 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _readable(colour: str, *, on: tuple[str, str], towards: str) -> str:
    """The colour for paper and sheet, and for paper that has a wash of the colour itself (`--wash` of app.css)."""
    for step in range(21):
        mixed = _mix(colour, towards, step / 20)
        if all(contrast(mixed, ground) >= READABLE for ground in (*on, _mix(on[0], mixed, _WASH))):
            return mixed
    return towards


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix(colour: str, other: str, share: float) -> str:
    mixed = (round(a + (b - a) * share) for a, b in zip(_channels(colour), _channels(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _luminance(colour: str) -> float:
    red, green, blue = (
        share / 12.92 if (share := channel / 255) <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# ---- the environment


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    # The extension adds these four by a call that type checkers cannot see.
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=True, pgettext=_pgettext, npgettext=_npgettext
    )
    environment.filters.update(
        safe_url=safe_url,
        pictured=pictured,
        translated=_translated,
        number=_number,
        day=_day,
        short_day=_short_day,
        moment=_moment,
        ago=_ago,
        audience=words.audience,
        audience_explained=words.audience_explained,
        permission=words.permission,
    )
    environment.globals["time_of"] = _time_of
    return environment


def _frame(context: Context) -> Frame:
    frame = context["frame"]
    assert isinstance(frame, Frame)
    return frame


@pass_context
def _gettext(context: Context, message: str) -> str:
    return _frame(context).words.gettext(message)


@pass_context
def _ngettext(context: Context, singular: str, plural: str, n: int) -> str:
    return _frame(context).words.ngettext(singular, plural, n)


@pass_context
def _pgettext(context: Context, where: str, message: str) -> str:
    return _frame(context).words.pgettext(where, message)


@pass_context
def _npgettext(context: Context, where: str, singular: str, plural: str, n: int) -> str:
    return _frame(context).words.npgettext(where, singular, plural, n)


@pass_context
def _translated(context: Context, message: str) -> Markup:
    """A message id that comes as a value: translated and then escaped, since it may also be no message at all."""
    return escape(_frame(context).words.gettext(message) if message else "")


@pass_context
def _number(context: Context, value: int) -> str:
    return i18n.number(value, _frame(context).words.locale)


@pass_context
def _day(context: Context, when: datetime | date) -> str:
    frame = _frame(context)
    return i18n.day(when, frame.words.locale, frame.zone)


@pass_context
def _short_day(context: Context, when: datetime | date) -> str:
    frame = _frame(context)
    return i18n.short_day(when, frame.words.locale, frame.zone)


@pass_context
def _moment(context: Context, when: datetime) -> str:
    frame = _frame(context)
    return i18n.moment(when, frame.words.locale, frame.zone)


@pass_context
def _ago(context: Context, when: datetime) -> str:
    frame = _frame(context)
    return i18n.ago(when, frame.now, frame.words.locale, frame.zone)


@dataclass(frozen=True, slots=True)
class EventTime:
    """When an event is, in words, on the clock of its place.

    `zone` names that clock and `yours` is the beginning on the viewer's, both empty where the two clocks agree.
    """

    weekday: str
    day: str
    month: str
    line: str
    zone: str
    yours: str


@pass_context
def _time_of(context: Context, event: EventView) -> EventTime:
    frame = _frame(context)
    locale = frame.words.locale
    start = event.starts_at.astimezone(event.zone)
    line = i18n.moment(start, locale, event.zone)
    if event.ends_at is not None:
        end = event.ends_at.astimezone(event.zone)
        same_day = end.date() == start.date()
        line += f"–{i18n.clock(end, locale, event.zone)}" if same_day else f" – {i18n.moment(end, locale, event.zone)}"
    differs = start.utcoffset() != event.starts_at.astimezone(frame.zone).utcoffset()
    return EventTime(
        weekday=i18n.weekday(start, locale, event.zone),
        day=str(start.day),
        month=i18n.month(start, locale, event.zone),
        line=line,
        zone=i18n.zone_name(start, locale, event.zone) if differs else "",
        yours=i18n.moment(start, locale, frame.zone) if differs else "",
    )
