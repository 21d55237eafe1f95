# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which filters a text meets. Pure, and linear in the text for each keyword: no pattern is made of what somebody typed.

Letters are compared without regard to case and with regard to accents, as Mastodon does. A whole word begins and ends
where its first and last character are no part of a longer word: letters, digits, marks and `_` make words. Scripts that
are written without spaces (Chinese, Japanese, Thai and others) have no such edges, so there every place will do.
"""

import re
import sys
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from node.kernel.text import clean
from node.relationships.filters.types import Filter, Keyword

MAX_TEXT: Final = 100_000
_WITHOUT_SPACES: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A filter that a post meets: by which keywords, and by which of the post's numbers (its own, or the boost's)."""

    filter: Filter
    keywords: tuple[str, ...]
    post_ids: tuple[int, ...]


def folded(text: str) -> str:
    """A text in the form in which it is compared."""
    return clean(text, MAX_TEXT).casefold()


class Matcher:
    """All filters of a member, ready to be held against posts."""

    def __init__(self, filters: Iterable[Filter]) -> None:
        """Filters without keywords and posts meet nothing."""
        self._filters = [(found, _Keywords(found.keywords)) for found in filters if found.keywords or found.posts]
        self._names_posts = any(found.posts for found, _ in self._filters)

    def __bool__(self) -> bool:
        """Whether there is anything to be met."""
        return bool(self._filters)

    def matches(self, text: str, post_ids: Collection[int], now: datetime) -> tuple[Match, ...]:
        """The filters that a post meets, whose `folded` text this is and whose numbers those are."""
        result: list[Match] = []
        for found, keywords in self._filters:
            if found.is_over(now):
                continue
            met = keywords.found_in(text)
            named = tuple(one.post_id for one in found.posts if one.post_id in post_ids) if found.posts else ()
            if met or named:
                result.append(Match(found, met, named))
        return tuple(result)


class _Keywords:
    """The keywords of one filter."""

    def __init__(self, keywords: Collection[Keyword]) -> None:
        self._wanted = [(word.keyword, folded(word.keyword), word.whole_word) for word in keywords]

    def found_in(self, text: str) -> tuple[str, ...]:
        return tuple(
            shown
            for shown, wanted, whole in self._wanted
            if wanted in text and (not whole or _stands_alone(wanted, text))
        )


def _stands_alone(wanted: str, text: str) -> bool:
    """Whether `wanted` is somewhere in the text and no part of a longer word."""
    edge_before, edge_after = _joins(wanted[0]), _joins(wanted[-1])
    at = text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        joined_before = edge_before and at > 0 and _joins(text[at - 1])
        if not joined_before and not (edge_after and end < len(text) and _joins(text[end])):
            return True
        # Inside a word nothing begins that stands alone: go to its end, so that each word is looked at once.
        rest = _outside_words().search(text, at + 1) if joined_before else None
        at = text.find(wanted, rest.end() if rest else len(text)) if joined_before else text.find(wanted, at + 1)
    return False


def _joins(character: str) -> bool:
    """Whether a character makes one word with its neighbours."""
    if not (character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"):
        return False
    code = ord(character)
    return not any(first <= code <= last for first, last in _WITHOUT_SPACES)


@cache
def _outside_words() -> re.Pattern[str]:
    """A character that makes no word with its neighbours. `\\w` knows no marks, so they are named."""
    marks: list[str] = []
    begin = None
    for code in range(0x300, sys.maxunicode + 1):
        is_mark = unicodedata.category(chr(code))[0] == "M"
        if is_mark and begin is None:
            begin = code
        elif not is_mark and begin is not None:
            marks.append(f"{chr(begin)}-{chr(code - 1)}")
            begin = None
    without_spaces = "".join(f"{chr(first)}-{chr(last)}" for first, last in _WITHOUT_SPACES)
    return re.compile(f"[^\\w{''.join(marks)}]|[{without_spaces}]")
