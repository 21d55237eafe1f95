# SPDX-License-Identifier: AGPL-3.0-or-later
"""Identifiers: 64-bit numbers that sort by time, and random slugs for public URIs.

A number is 48 bits of milliseconds and 16 bits of a counter that starts at random, so that a restored back-up does not
hand out numbers that were given before. Numbers are for rows and for the client API; public URIs carry slugs, which tell
nothing and cannot be guessed.
"""

import itertools
import secrets
from datetime import datetime

from node.kernel.clock import from_milliseconds, milliseconds

_counter = itertools.count(secrets.randbelow(1 << 16))
_SLUG_LETTERS = b"abcdefghijklmnopqrstuvwxyz234567" * 8  # a letter for every byte, each for as many


def new_id(moment: datetime) -> int:
    """A number for something that came to be at `moment` (UTC). Never negative, always below 2**63."""
    return (max(milliseconds(moment), 0) << 16) | (next(_counter) & 0xFFFF)


def first_id_at(moment: datetime) -> int:
    """The smallest number that belongs to `moment`: a bound for queries by time."""
    return max(milliseconds(moment), 0) << 16


def moment_of(number: int) -> datetime:
    """When the thing with this number came to be."""
    return from_milliseconds(number >> 16)


def slug() -> str:
    """26 random letters and digits (130 bits) for a public URI."""
    return secrets.token_bytes(26).translate(_SLUG_LETTERS).decode("ascii")


def secret() -> str:
    """A URL-safe secret of 256 bits, for tokens and links."""
    return secrets.token_urlsafe(32)
