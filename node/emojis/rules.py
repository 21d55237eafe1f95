# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an emoji may be called, where its word stands in a text, and who looks after emoji. Pure."""

import re
from collections.abc import Collection
from typing import Final

from node.kernel.errors import Invalid, NotAllowed

KEEPERS: Final = frozenset({"moderator", "admin"})
MAX_SHORTCODE: Final = 40
MAX_CATEGORY: Final = 60
# As many as are read of a document of another server.
MAX_IN_A_TEXT: Final = 100
_SHORTCODE: Final = re.compile(rf"[A-Za-z0-9_]{{2,{MAX_SHORTCODE}}}")
# Not inside a word or beside another colon: a time such as 10:30:45 names none. Source: Mastodon's custom emoji.
_WORD: Final = re.compile(rf"(?<![^\W_:])(?<!:):([A-Za-z0-9_]{{2,{MAX_SHORTCODE}}}):(?![^\W_])(?!:)")


def check_keeper(roles: Collection[str]) -> None:
    """Raises NotAllowed for whoever does not look after the node."""
    if not KEEPERS.intersection(roles):
        raise NotAllowed("This page is for moderators.")


def check_shortcode(given: str) -> str:
    """The word of an emoji, without colons. Raises Invalid."""
    word = given.strip().removeprefix(":").removesuffix(":")
    if not _SHORTCODE.fullmatch(word):
        raise Invalid("Please choose a word of 2 to 40 letters a to z, digits and underscores.", field="shortcode")
    return word


def check_category(given: str) -> str:
    """The name of a category, empty for none. Raises Invalid for one too long."""
    name = " ".join(given.split())
    if len(name) > MAX_CATEGORY:
        raise Invalid("A category can have up to 60 characters.", field="category")
    return name


def words_in(*texts: str) -> list[str]:
    """The words between colons that may name emoji, each once, in their order."""
    found: dict[str, None] = {}
    for text in texts:
        if text.count(":") > 1:
            found.update(dict.fromkeys(_WORD.findall(text)))
    return list(found)[:MAX_IN_A_TEXT]
