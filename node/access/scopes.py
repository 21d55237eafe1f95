# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an application may be allowed to do, in Mastodon's words. Pure.

Scopes are a tree of two levels: `read` holds `read:statuses` and its sisters, `write` likewise; the old `follow` holds
reading and writing of follows, blocks and mutes. Source: Mastodon's documentation, "OAuth Scopes".
"""

from collections.abc import Collection
from typing import Final

from node.kernel.errors import Invalid

_READ: Final = (
    "accounts",
    "blocks",
    "bookmarks",
    "favourites",
    "filters",
    "follows",
    "lists",
    "mutes",
    "notifications",
    "search",
    "statuses",
)
_WRITE: Final = (
    "accounts",
    "blocks",
    "bookmarks",
    "conversations",
    "favourites",
    "filters",
    "follows",
    "lists",
    "media",
    "mutes",
    "notifications",
    "reports",
    "statuses",
)
FOLLOW: Final = frozenset(f"{verb}:{what}" for verb in ("read", "write") for what in ("blocks", "follows", "mutes"))
KNOWN: Final = (
    "read",
    *(f"read:{what}" for what in _READ),
    "write",
    *(f"write:{what}" for what in _WRITE),
    "follow",
    "push",
    "profile",
)
DEFAULT: Final = ("read",)
_KNOWN_SET: Final = frozenset(KNOWN)


def parse(text: str) -> tuple[str, ...]:
    """The scopes in `text`, separated by spaces (apps also send commas or plus signs), each once, in the order given.

    An empty text is `read`. Raises Invalid for an unknown scope. Scopes of administration are unknown on purpose: what
    an app was given today must not grow when there is something to administer.
    """
    found = tuple(dict.fromkeys(text.replace(",", " ").replace("+", " ").split())) or DEFAULT
    for scope in found:
        if scope not in _KNOWN_SET:
            raise Invalid("The requested scope is invalid, unknown, or malformed.", field="scope")
    return found


def allows(granted: Collection[str], needed: str) -> bool:
    """Whether somebody who was granted those scopes may do what `needed` is for.

    `profile` is the narrowest, who one is: whoever may read one's accounts may know it, as Mastodon has it.
    """
    return _holds(granted, needed) or (needed == "profile" and _holds(granted, "read:accounts"))


def _holds(granted: Collection[str], needed: str) -> bool:
    if needed in granted or needed.partition(":")[0] in granted:
        return True
    return needed in FOLLOW and "follow" in granted


def within(asked: Collection[str], ceiling: Collection[str]) -> bool:
    """Whether every scope asked for is held by those of `ceiling`."""
    return all(_holds(ceiling, scope) or (scope == "follow" and _holds_follow(ceiling)) for scope in asked)


def _holds_follow(ceiling: Collection[str]) -> bool:
    return all(_holds(ceiling, scope) for scope in FOLLOW)
