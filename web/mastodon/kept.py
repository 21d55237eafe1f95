# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was rendered of a version, kept until it is seldom asked for; and accounts so kept.

An account's version goes up with every visible change, counters included, so what is kept under it is never old.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import orjson
from sqlalchemy import Connection

from node import actors
from node.actors import Actor
from node.kernel.site import Site
from web.mastodon import entities

K = TypeVar("K")
V = TypeVar("V")

_MOST_ACCOUNTS: Final = 1_000


class Kept(Generic[K, V]):
    """Two generations instead of a list by use: nothing to lock when several threads read (PostgreSQL)."""

    def __init__(self, most: int) -> None:
        """Keeps between `most` and twice as many."""
        self._most = most
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """What is kept; asking for it keeps it longer."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Keep something; at `most` what nobody asked for lately goes."""
        self._young[key] = value
        if len(self._young) > self._most:
            self._young, self._old = {}, self._young


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody, and their Account as JSON."""

    actor: Actor
    body: bytes


class Accounts:
    """Accounts as everybody sees them, rendered once per version. One for each application object."""

    def __init__(self, site: Site, *, most: int = _MOST_ACCOUNTS) -> None:
        """Keeps between `most` and twice as many, about 4 kB each."""
        self._site = site
        self._kept: Kept[tuple[int, int], Account] = Kept(most)

    def by_ids(self, conn: Connection, numbers: Collection[int]) -> dict[int, Account]:
        """Those who are there, by number: one statement if all are kept, two if not."""
        found: dict[int, Account] = {}
        for number, version in actors.versions(conn, numbers).items():
            kept = self._kept.get((number, version))
            if kept is not None:
                found[number] = kept
        missing = [number for number in numbers if number not in found]
        for number, actor in actors.by_ids(conn, missing).items() if missing else ():
            account = Account(actor, orjson.dumps(entities.account(self._site, actor)))
            self._kept.put((number, actor.version), account)
            found[number] = account
        return found
