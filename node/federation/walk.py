# SPDX-License-Identifier: AGPL-3.0-or-later
"""Walking another server's collection from page to page, within budgets that its author cannot stretch.

Every page costs us a request and memory, and the other server decides what the next one is called: so pages, members,
bytes and seconds are counted, an address is asked once, an empty page ends the walk, and nothing leads to another origin.
Members are returned as they stand. An object among them is no more than a claim; only its id is of use.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from activitypub import collections
from activitypub.accessors import as_id
from activitypub.errors import ProtocolError
from activitypub.origin import same_origin
from activitypub.parse import JsonObject, JsonValue
from node.federation.client import FetchFailed


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document that was had from another server, and how many bytes it took."""

    document: JsonObject
    size: int


Fetch = Callable[[str], Awaitable[Fetched]]
"""Gets one document. Raises FetchFailed and ProtocolError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one walk may cost; `seconds` for all of it."""

    pages: int = 10
    items: int = 500
    size: int = 2 * 1024 * 1024
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Walked:
    """What was found; `whole` only if the collection ended before any limit was reached."""

    items: tuple[JsonValue, ...]
    whole: bool


LIMITS: Final = Limits()


async def walk(start: str, fetch: Fetch, *, limits: Limits = LIMITS) -> Walked:
    """The members of the collection at `start`. Raises FetchFailed and ProtocolError if it cannot be had at all."""
    steps = _Walk(start, fetch, limits)
    try:
        async with asyncio.timeout(limits.seconds):
            whole = await steps.run(await steps.read(start))
    except TimeoutError:
        whole = False
    return Walked(tuple(steps.items), whole)


async def walk_embedded(collection: JsonObject, owner: str, fetch: Fetch, *, limits: Limits = LIMITS) -> Walked:
    """The members of a collection that stands inside the document `owner`, whose server it must be of."""
    steps = _Walk(owner, fetch, limits)
    try:
        async with asyncio.timeout(limits.seconds):
            whole = await steps.run(collection)
    except TimeoutError:
        whole = False
    return Walked(tuple(steps.items), whole)


class _Walk:
    def __init__(self, owner: str, fetch: Fetch, limits: Limits) -> None:
        self._owner = owner
        self._fetch = fetch
        self._limits = limits
        self._seen: set[str] = set()
        self._size = 0
        self.items: list[JsonValue] = []

    async def read(self, address: str) -> JsonObject | None:
        """The document at an address, unless it was read before, is of another server, or is more than we take."""
        if address in self._seen or not same_origin(address, self._owner):
            return None
        self._seen.add(address)
        found = await self._fetch(address)
        self._size += found.size
        return found.document if self._size <= self._limits.size else None

    async def run(self, collection: JsonObject | None) -> bool:
        """Gather what the collection and its pages hold; whether that is all of it."""
        if collection is None:
            return False
        if (uri := as_id(collection.get("id"))) is not None:
            self._seen.add(uri)
        if not self._take(collection):
            return False
        following = collections.first_page(collection) or collections.next_page(collection)
        for _ in range(self._limits.pages):
            if following is None:
                return True
            page = following if isinstance(following, dict) else await self._next(following)
            if page is None or not self._take(page):
                return False
            following = collections.next_page(page)
            if not collections.items(page):
                return following is None
        return following is None

    async def _next(self, address: str) -> JsonObject | None:
        try:
            return await self.read(address)
        except (FetchFailed, ProtocolError):
            return None

    def _take(self, page: JsonObject) -> bool:
        """Keep a page's members; False when there are more than fit."""
        found = collections.items(page)
        room = self._limits.items - len(self.items)
        self.items += found[:room]
        return len(found) <= room
