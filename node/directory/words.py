# SPDX-License-Identifier: AGPL-3.0-or-later
"""Texts as words by which people are found, and what somebody types as the words to look for. Pure.

A word is folded: `Lefèvre` is `lefevre`. What hyphens and apostrophes link, and particles with the name behind them, is
kept both apart and together: `d'Ormesson` is `d`, `ormesson` and `dormesson`, so that nobody has to know how a name is
written. What is looked for is put together the same way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from node.kernel.folding import fold

MAX_WORD: Final = 64
MAX_TERMS: Final = 6
_MOST_PARTS: Final = 6
_PARTICLES: Final = """
    a af al av ben bin d da das de dei del della den der des di do dos du el l la las le les lo los mac mc o saint sainte
    te ten ter van vom von zu zum zur
"""
PARTICLES: Final = frozenset(_PARTICLES.split())


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take what was typed: every term must be found. `loose`: it leaves something out."""

    terms: tuple[str, ...]
    loose: bool = False


def words_of(text: str) -> frozenset[str]:
    """The words under which a text is kept."""
    found: set[str] = set()
    for run in _runs(text, linked=True):
        found.update(run)
        if len(run) <= _MOST_PARTS:
            found.update("".join(run[start:]) for start in range(len(run) - 1))
    return frozenset(word[:MAX_WORD] for word in found)


def readings(query: str) -> tuple[Reading, ...]:
    """The ways to take what was typed, the likeliest first; none for what holds no letter or digit.

    Together as it is linked; with what only hyphens link apart; and, where there is more than one name in it, without the
    particles, which in `engineer de Lyon` belong to no name.
    """
    runs = list(_runs(query, linked=False))
    ways = [
        Reading(_terms("".join(run) for run in _runs(query, linked=True))),
        Reading(_terms("".join(run) for run in runs)),
    ]
    if len(runs) > 1 and any(len(run) > 1 for run in runs):
        ways.append(Reading(_terms(run[-1] for run in runs), loose=True))
    unique: dict[tuple[str, ...], Reading] = {}
    for way in ways:
        if way.terms:
            unique.setdefault(way.terms, way)
    return tuple(unique.values())


def key_of(text: str) -> str:
    """A whole value (a city, an employer) as it is compared."""
    return fold(text)[:MAX_WORD]


def _runs(text: str, *, linked: bool) -> Iterator[Sequence[str]]:
    """The words that belong together: particles with what follows and, if `linked`, what no blank parts."""
    run: list[str] = []
    for chunk in text.split():
        parts = fold(chunk).split()
        for position, part in enumerate(parts):
            run.append(part)
            is_last = position == len(parts) - 1
            if part not in PARTICLES and (is_last or not linked):
                yield run
                run = []
    if run:
        yield run


def _terms(found: Iterator[str]) -> tuple[str, ...]:
    """Without repetition, in order; a single letter says nothing beside a longer word."""
    terms = list(dict.fromkeys(term[:MAX_WORD] for term in found))
    long = [term for term in terms if len(term) > 1]
    return tuple((long or terms)[:MAX_TERMS])
