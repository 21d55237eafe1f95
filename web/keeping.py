# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whole answers, kept until anything changes: most of what apps ask for they have been told before.

An answer is kept for a viewer and an address, within an era. An era ends with the next commit, by whomever
(`Database.stamp`), and at the next moment at which something stored changes by itself: when a filter or a mute is over,
or a poll or an event. So what is kept is what would be made anew, and nothing has to be told what depends on what. Who
may ask is not kept: the guard has looked at token and scope before.
"""

import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import events, posts, profiles, relationships
from node.kernel import clock
from node.kernel.db import Database
from node.relationships import filters

_MOST: Final = 8 * 1024 * 1024
_ROUND: Final = 500  # bytes that the objects round an answer take
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_WORTH_PACKING: Final = 1024
# Beyond it packing would hold up others: on the loop's thread it takes a millisecond for some 2 MB.
_MOST_PACKED: Final = 1024 * 1024


@dataclass(slots=True)
class Answer:
    """An answer to GET that can be given again; `packed` is its body in gzip, once anybody wanted it so."""

    body: bytes
    tag: str
    headers: Mapping[str, str]
    packed: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes of memory, about, however it will be asked for."""
        return len(self.body) * 5 // 4 + _ROUND

    def in_gzip(self) -> bytes | None:
        """The body packed (RFC 1952); None where that is not worth it."""
        if self.packed is None and _WORTH_PACKING <= len(self.body) <= _MOST_PACKED:
            # The fastest level: the next ones take twice the time for a tenth of the size.
            self.packed = zlib.compress(self.body, 1, wbits=31)
        return self.packed


def answer_of(response: web.StreamResponse) -> Answer | None:
    """What a handler answers, if it is whole and says yes."""
    if not isinstance(response, web.Response) or response.status != 200:
        return None
    body = response.body
    if not isinstance(body, bytes):
        return None
    return Answer(body, f'W/"{hashlib.sha256(body).hexdigest()[:32]}"', response.headers)


Key = tuple[int | None, str]


@dataclass(slots=True, eq=False)
class Era:
    """While nothing changes. `ends` is None until somebody wants to know."""

    stamp: object
    began: datetime
    ends: datetime | None = None
    answers: OrderedDict[Key, Answer] = field(default_factory=OrderedDict)
    size: int = 0

    def lasts(self, stamp: object, now: datetime) -> bool:
        """Whether it is not over (a clock that was set back ends it too)."""
        return stamp == self.stamp and self.began <= now and (self.ends is None or now < self.ends)


class Answers:
    """The answers of the present era, the least asked for given up first. One for each application object."""

    def __init__(self, db: Database, *, most: int = _MOST) -> None:
        """Keeps up to `most` bytes."""
        self._db = db
        self._most = most
        self._era: Era | None = None

    async def era(self) -> Era:
        """The present one. Ask before the data are read, and hand it to `find` and `keep`."""
        stamp, now = await self._db.stamp(), clock.now()
        era = self._era
        if era is None or not era.lasts(stamp, now):
            era = self._era = Era(stamp, now)
        return era

    async def find(self, era: Era, key: Key) -> Answer | None:
        """What is kept under the key."""
        found = era.answers.get(key)
        if found is None:
            return None
        if era.ends is None:
            ends = await self._db.read(_next_change, era.began)
            stamp, now = await self._db.stamp(), clock.now()
            if stamp == era.stamp:  # else a write may have come between, and the end be that of other data
                era.ends = ends
            if stamp != era.stamp or not era.lasts(stamp, now):
                return None
        era.answers.move_to_end(key)
        return found

    def keep(self, era: Era, key: Key, answer: Answer) -> None:
        """Keep what was made within an era, unless that is over."""
        if era is not self._era:
            return
        former = era.answers.pop(key, None)
        era.size += answer.size - (former.size if former is not None else 0)
        era.answers[key] = answer
        while era.size > self._most:
            era.size -= era.answers.popitem(last=False)[1].size


ANSWERS: Final = web.AppKey("answers", Answers)


def _next_change(conn: Connection, after: datetime) -> datetime:
    """When the next of the things that end by themselves is over. Each has an index by its end."""
    ends = (
        relationships.next_end_of_mute(conn, after),
        filters.next_end(conn, after),
        posts.next_end_of_poll(conn, after),
        events.next_end(conn, after),
        profiles.next_end(conn, after),
    )
    return min((moment for moment in ends if moment is not None), default=_NEVER)


@lru_cache(256)
def takes_gzip(accepted: str) -> bool:
    """Whether an `Accept-Encoding` names gzip and does not refuse it (RFC 9110, 12.5.3)."""
    if "gzip" not in accepted:
        return False
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return not weight or weight.strip().removeprefix("q=").strip("0. ") != ""
    return False
