# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where an engine keeps statements that are compiled, found again by the object that a statement is.

SQLAlchemy looks a statement up by all that it consists of, and Python counts the hash of so large a tuple anew each time:
for a page's statement that takes longer than SQLite takes to answer it. Our statements are made once, and each of them
keeps that tuple; so we look first whether it is the very same one.
"""

from typing import Any, Final

from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.util import LRUCache

_Key = tuple[Any, ...]
_MOST: Final = 1000
_PARTS: Final = 1


class CompiledStatements(LRUCache[Any, Any]):
    """SQLAlchemy's own cache, with a shorter way to what was asked for twice with the same statement.

    What is kept for the short way holds on to the tuple that it is known by, so that no other can have its number. A
    statement that is made anew for each question never comes there: of a number that was seen once only, nothing is held.
    """

    def __init__(self, capacity: int = 2000) -> None:
        """For so many statements of their own, and at most a thousand that are found the short way."""
        super().__init__(capacity)
        self._short: dict[_Key, tuple[_Key, Compiled]] = {}
        self._once: set[int] = set()

    def get(self, key: Any, default: Any = None) -> Any:
        """The compiled statement, or `default`."""
        parts = key[_PARTS]
        number = (id(parts), *key[2:])
        found = self._short.get(number)
        if found is not None and found[0] is parts:
            return found[1]
        compiled = super().get(key, default)
        if compiled is not default:
            self._remember(number, parts, compiled)
        return compiled

    def _remember(self, number: _Key, parts: _Key, compiled: Any) -> None:
        if number[0] not in self._once:
            if len(self._once) >= _MOST:
                self._once.clear()
            self._once.add(number[0])
            return
        if len(self._short) >= _MOST:
            self._short.clear()
        self._short[number] = (parts, compiled)
