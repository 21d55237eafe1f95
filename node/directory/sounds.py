# SPDX-License-Identifier: AGPL-3.0-or-later
"""How a folded name sounds in French, roughly: names that are said alike and written differently have one key. Pure.

The rules follow French spelling: which letters are one sound (`eau`, `ault` are o; `ph` is f; `qu` is k), which are
mute (h, a last e, s, t, d, x, z), and that a doubled letter is said once. Nasal vowels are A, I and O. A name from
another language gets a key too; it only has to be the same for the spellings that people confuse.
"""

import re
from functools import lru_cache
from typing import Final

SHORTEST: Final = 4
"""Shorter words sound like too many others."""
MAX_SOUND: Final = 32

# Applied from top to bottom; each letter that stands for a sound of its own is a capital, so that no later rule takes it.
_RULES: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(.)\1+", r"\1"),
        # consonants that several letters write
        (r"ph", "f"),
        (r"sch|sh|ch(?![lrnm])", "C"),
        (r"ch", "k"),
        (r"ck|cqu?|qu|q", "k"),
        (r"gn", "N"),
        (r"ge(?=[aou])", "J"),
        (r"g(?=[eiy])", "J"),
        (r"j", "J"),
        (r"gu(?=[eiy])", "g"),
        (r"sc(?=[eiy])", "s"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"x(?=.)", "ks"),
        (r"w", "v"),
        (r"bv", "v"),
        (r"h", ""),
        (r"mpt", "mt"),
        # vowels that several letters write, the longest first
        (r"eaux?|au(ld|lt|d|t|x)s?$|au|ot$", "o"),
        (r"oeu|eu", "E"),
        (r"oe", "e"),
        (r"ou", "U"),
        (r"o[iy]", "Wa"),
        (r"[ae]i?[iy]ne?$|[ae]i[nm](?![aeiouyE])", "I"),
        (r"[iy][nm](?![aeiouyE])", "I"),
        (r"u[nm](?![aeiouyE])", "I"),
        (r"[ae][nm](?![aeiouyEUW])", "A"),
        (r"o[nm](?![aeiouyEUW])", "O"),
        (r"[ae][iy]", "e"),
        (r"ae", "e"),
        (r"y", "i"),
        # mute at the end
        (r"(?<=..)(es|e)$", ""),
        (r"(?<=..)[tdsxzp]+$", ""),
        (r"(?<=..)er$", "e"),
        (r"(?<=..)e$", ""),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=4096)
def sound_of(word: str) -> str:
    """The key of a folded word; empty for a short one and for what is not written in Latin letters."""
    if len(word) < SHORTEST or not (word.isascii() and word.isalpha()):
        return ""
    for pattern, sound in _RULES:
        word = pattern.sub(sound, word)
    return word[:MAX_SOUND] if len(word) > 1 else ""
