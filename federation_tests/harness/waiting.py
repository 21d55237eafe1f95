# SPDX-License-Identifier: AGPL-3.0-or-later
"""Patience with a deadline, for what becomes true on another server in its own time."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
SLOWER: Final = 4
"""How many times slower than a quiet machine one may be: no story is about the speed of the machine that it is told on."""


def eventually(look: Callable[[], T], *, within: float, until: Callable[[T], bool] = bool, what: str = "") -> T:
    """What `look` returns as soon as `until` holds for it; asked again with a growing pause, for `within` seconds
    of a quiet machine.

    Raises:
        AssertionError: it never held; says what was seen last.
    """
    deadline = time.monotonic() + within * SLOWER
    pause = 0.02
    while True:
        seen = look()
        if until(seen):
            return seen
        left = deadline - time.monotonic()
        if left <= 0:
            raise AssertionError(f"not within {within * SLOWER} s: {what or look}; last seen: {seen!r}")
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, 0.25)


def settled(look: Callable[[], T], *, still_for: float = 0.3, within: float = 40) -> T:
    """What `look` returns once it has returned the same for `still_for` seconds: work in the background is over.

    Raises:
        AssertionError: it went on changing.
    """
    deadline = time.monotonic() + within
    seen, since = look(), time.monotonic()
    while time.monotonic() - since < still_for:
        if time.monotonic() > deadline:
            raise AssertionError(f"still changing after {within} s: {seen!r}")
        time.sleep(still_for / 4)
        now = look()
        if now != seen:
            seen, since = now, time.monotonic()
    return seen
