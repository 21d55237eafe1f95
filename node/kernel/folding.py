# SPDX-License-Identifier: AGPL-3.0-or-later
"""Names as they are compared: without accents, case, punctuation and the particles' blanks. Pure."""

import unicodedata
from functools import lru_cache
from typing import Final

# Letters that Unicode does not take apart into a base and a mark.
_LETTERS: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "\u00a0": " "}
)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The words of `text` in small letters without accents, with one blank between; what is no letter or digit parts."""
    if text.isascii():
        plain = text.lower()
    else:
        # Case is folded again afterwards: letters such as the modifier A hold a capital that only comes out here.
        parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS))
        plain = "".join(character for character in parts if not unicodedata.combining(character))
    return " ".join("".join(character if character.isalnum() else " " for character in plain).split())


def name_key(text: str) -> str:
    """A name as it is looked up: folded, and run together, so that `De la Tour`, `DELATOUR` and `de La-Tour` are one."""
    return fold(text).replace(" ", "")


def one_edit_apart(one: str, other: str) -> bool:
    """Whether one letter put in, left out, changed or swapped with its neighbour makes one the other."""
    if one == other:
        return False
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    if short[start + 1 :] == long[start + 1 :]:
        return True
    return short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
