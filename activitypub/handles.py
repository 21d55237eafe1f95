# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names of people: `@user@host` as typed, user names we allow, and display names that cannot mislead.

A display name is whatever its owner wants, so it is cleaned before it is stored: characters that reorder, hide or
pile up are taken out. A name of which nothing visible remains is empty, and the handle is shown in its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import idna

from activitypub.errors import Malformed
from activitypub.origin import normalise_host

MAX_DISPLAY_NAME: Final = 200
"""Characters kept of anybody's display name."""

_LOCAL_USERNAME = re.compile(r"[a-z0-9_]{2,30}")
_USERNAME = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=-]{1,255}")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LOOPBACK = re.compile(r"127\.0\.0\.1|\[::1\]")

_RESERVED_WORDS = """
about abuse account accounts actor actors admin administrator alumni alumnode anonymous api app apps
association auth authorize board bot contact directory event events everyone explore feed followers
following forum forums guest help here home hostmaster inbox info instance login logout mail media mod
moderator moderators nobody node nodeinfo notifications null oauth official outbox owner postmaster
privacy public relay root school security server settings share signup staff static status support system
tags terms undefined webfinger webmaster well_known www you
"""
RESERVED: Final = frozenset(_RESERVED_WORDS.split())
"""User names nobody may choose: they would look like the association, the server, or one of its pages."""

_BLANK = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_ZWJ = "\u200d"
_LATIN_LOOKALIKES = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
_TOGETHER = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)


@dataclass(frozen=True, slots=True)
class Handle:
    """`host` is None for a name without one, which means this node's handle domain."""

    username: str
    host: str | None = None

    def __str__(self) -> str:
        """As it is typed, without the leading `@`."""
        return self.username if self.host is None else f"{self.username}@{self.host}"


def parse(text: str) -> Handle:
    """A handle as people type it: `@user@host`, `user@host`, `@user`, `user`, also with `acct:` in front.

    The host is normalised, the user name kept as typed (compare it without regard to case).

    Raises:
        Malformed: not of this form.
    """
    bare = text.strip()
    if bare[:5].casefold() == "acct:":
        bare = bare[5:]
    bare = bare.removeprefix("@")
    username, at, host = bare.partition("@")
    if _USERNAME.fullmatch(username) is None:
        raise Malformed("The user name in the handle has characters that no user name has.")
    return Handle(username, handle_host(host) if at else None)


def handle_host(host: str) -> str:
    """The normal form of a handle's host, with its port if one was given.

    Raises:
        Malformed: no host name. Loopback addresses pass, for nodes on one machine; nothing is fetched because of it.
    """
    name, colon, port = host.rpartition(":") if re.search(r":[0-9]+\Z", host) else (host, "", "")
    if colon and (_PORT.fullmatch(port) is None or int(port) > 65535):
        raise Malformed("The port in the handle is out of range.")
    normal = name if _LOOPBACK.fullmatch(name) else normalise_host(name)
    return f"{normal}:{port}" if colon else normal


def is_valid_username(text: str) -> bool:
    """Whether a member may have this user name, apart from reserved and taken ones: 2 to 30 of a-z, 0-9 and _."""
    return _LOCAL_USERNAME.fullmatch(text) is not None


def is_reserved(text: str, also: Iterable[str] = ()) -> bool:
    """Whether a user name is kept back; `also` are this node's own, such as the school's name.

    Underscores do not make a difference: `ad_min` is `admin`.
    """
    plain = text.casefold().replace("_", "")
    return any(plain == name.casefold().replace("_", "") for name in (*RESERVED, *also))


def clean_display_name(text: str, limit: int = MAX_DISPLAY_NAME) -> str:
    """The name without what could mislead: control and direction characters, invisible ones, piles of accents.

    Kept are joiners between two emoji and up to two combining marks on a letter. Empty when nothing visible is left.
    Doing it twice changes nothing. Show it inside an element that isolates its direction, with the handle beside it.
    """
    visible = [" " if c.isspace() else c for c in text[: limit * 8] if c.isspace() or _is_visible(c)]
    joined = "".join(c for i, c in enumerate(visible) if c != _ZWJ or _joins_emoji(visible, i))
    name = " ".join(_with_few_marks(unicodedata.normalize("NFC", joined)).split())
    return name[:limit].rstrip(f" {_ZWJ}")


def shown_host(host: str) -> str:
    """A host as it may be shown to people: in Unicode when that cannot be mistaken for another, else as A-labels.

    Every label must keep to one writing system; those whose letters pass for Latin ones only beside a top level in
    the same writing system.
    """
    name, colon, port = host.partition(":")
    try:
        labels = [idna.decode(label) if label.startswith("xn--") else label for label in name.split(".")]
    except (idna.IDNAError, UnicodeError):
        return host
    scripts = [_scripts(label) for label in labels]
    used = frozenset().union(*scripts)
    if any(len(found) > 1 and not any(found <= group for group in _TOGETHER) for found in scripts):
        return host
    if used & _LATIN_LOOKALIKES and len(used) > 1:
        return host
    return f"{'.'.join(labels)}{colon}{port}"


def _is_visible(char: str) -> bool:
    return char == _ZWJ or (
        char not in _BLANK and unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
    )


def _joins_emoji(chars: list[str], index: int) -> bool:
    before = chars[index - 1] if index else ""
    after = chars[index + 1] if index + 1 < len(chars) else ""
    return _is_emoji(before) and _is_emoji(after)


def _is_emoji(char: str) -> bool:
    return char != "" and (
        char == "\ufe0f" or "\U0001f3fb" <= char <= "\U0001f3ff" or unicodedata.category(char) == "So"
    )


def _with_few_marks(text: str) -> str:
    kept: list[str] = []
    room = 0
    for char in text:
        if unicodedata.category(char) in {"Mn", "Me"}:
            room -= 1
            if room < 0:
                continue
        elif char.isspace():
            room = 0
        elif unicodedata.category(char) != "Mc":
            room = 2
        kept.append(char)
    return "".join(kept)


def _scripts(label: str) -> frozenset[str]:
    """The writing systems of the letters in a label, by the first word of their Unicode names."""
    return frozenset(unicodedata.name(char, "UNKNOWN").split(" ", 1)[0] for char in label if char.isalpha())
