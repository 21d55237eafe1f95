# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fetching the parts of a conversation that nobody has sent us: what a post answers, and what answers it.

    upwards     one task per missing post; the next carries how far we have climbed
    downwards   one task per thread, when a member opens it: the thread's own collection (FEP-7888) where there is one,
                or else the `replies` of its posts, two levels deep

What is found must belong: a reply names the post under which it is listed, and is open to everybody. Each fetch counts,
for the task and for the host that is asked, since a hostile server can name ever new posts on other people's servers.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from activitypub.accessors import as_id, as_object
from activitypub.errors import ProtocolError
from activitypub.objects import ObjectDocument, read_object
from activitypub.origin import same_origin
from activitypub.parse import JsonObject, JsonValue
from node import actors
from node.federation import host_of
from node.federation.allowance import Allowance
from node.federation.client import FetchFailed
from node.federation.resolve import Resolver
from node.federation.walk import Fetched, walk, walk_embedded
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.queue import Task
from node.kernel.worker import RetryLater
from node.posts import queries
from node.posts.queries import OPEN
from node.posts.tables import posts
from node.posts.types import Post

_log = logging.getLogger(__name__)
FETCH_PARENT: Final = "posts.fetch_parent"
FETCH_REPLIES: Final = "posts.fetch_replies"
PARENT_ATTEMPTS: Final = 4
MAX_CLIMB: Final = 40
MAX_REQUESTS: Final = 25
MAX_POSTS: Final = 50
MAX_LEVELS: Final = 2
SECONDS: Final = 60.0
PER_HOST: Final = 120
"""Documents that one host is asked for in an hour, for all threads together."""
_AN_AUTHOR: Final = 2  # an actor's document and the WebFinger answer about it

_LOOSE_ENDS = (
    select(posts.c.id, posts.c.in_reply_to_uri)
    .where(
        posts.c.thread_id == bindparam("thread_id"),
        posts.c.in_reply_to_uri.is_not(None),
        posts.c.in_reply_to_id.is_(None),
    )
    .limit(5)
)
_STARTS = (
    select(posts.c.id, posts.c.uri, posts.c.context)
    .where(
        posts.c.thread_id == bindparam("thread_id"),
        posts.c.local.is_(False),
        posts.c.boost_of_id.is_(None),
        posts.c.visibility.in_(OPEN),
    )
    .order_by(posts.c.id)
    .limit(MAX_POSTS)
)


@dataclass(frozen=True, slots=True)
class _Start:
    """What a look downwards begins with: posts of other servers in the thread, and the thread's own collection."""

    uris: tuple[str, ...]
    context: str | None


def climb(tx: Tx, post: Post, *, depth: int = 0) -> None:
    """Have the post fetched that this one answers, if we lack it and have not come too far for it."""
    uri = post.in_reply_to_uri
    if post.in_reply_to_id is not None or uri is None or depth >= MAX_CLIMB or tx.site.is_local(uri):
        return
    queue.enqueue(
        tx,
        FETCH_PARENT,
        {"post": post.id, "depth": depth},
        lane=host_of(uri)[:255],
        once=f"{FETCH_PARENT} {post.id}",
    )


def complete_above(tx: Tx, post_id: int) -> None:
    """Have what stands above the first known post of a thread fetched, for a reply that is of use to somebody here."""
    post = queries.find(tx.conn, post_id)
    first = queries.find(tx.conn, post.thread_id) if post is not None else None
    if first is not None:
        climb(tx, first, depth=1)  # the first step was made when the reply was applied


class Backfill:
    """What a member's look at a thread sets going, and the tasks that do it."""

    def __init__(self, db: Database, resolver: Resolver) -> None:
        """Fetches through `resolver` only."""
        self._db = db
        self._resolver = resolver
        self._looks = Allowance(1)
        self._hosts = Allowance(PER_HOST)

    async def wish(self, post_id: int) -> None:
        """A member opens the thread of a post that they may see: complete it, at most once an hour."""
        if not self._looks.take(f"post {post_id}"):
            return
        post = await self._db.read(queries.find, post_id)
        if post is not None and post.boost_of_id is not None:
            post = await self._db.read(queries.find, post.boost_of_id)
        if post is not None and self._looks.take(f"thread {post.thread_id}"):
            await self._db.write(_complete, post)

    async def fetch_parent(self, task: Task) -> bool:
        """One step upwards. Completes its own row together with the next step's."""
        post = await self._db.read(queries.find, int(str(task.payload["post"])))
        if post is None or post.in_reply_to_uri is None or not self._hosts.take(host_of(post.in_reply_to_uri)):
            return False
        found = await self._resolver.post(post.in_reply_to_uri)
        if found is None:
            if self._resolver.may_come_back(post.in_reply_to_uri):
                raise RetryLater(f"{post.in_reply_to_uri} cannot be had now")
            return False
        await self._db.write(_climbed, found, int(str(task.payload["depth"])) + 1, task.id)
        return True

    async def fetch_replies(self, task: Task) -> None:
        """Look downwards, within all budgets. What could not be had in time is left."""
        start = await self._db.read(_start, int(str(task.payload["thread"])))
        visit = _Visit(self._db, self._resolver, self._hosts)
        try:
            async with asyncio.timeout(SECONDS):
                if not await visit.by_context(start):
                    await visit.by_replies(start.uris)
        except TimeoutError:
            _log.info("a thread took too long to fetch")


def _complete(tx: Tx, post: Post) -> None:
    for row in tx.conn.execute(_LOOSE_ENDS, {"thread_id": post.thread_id}).all():
        loose = queries.find(tx.conn, row.id)
        if loose is not None:
            climb(tx, loose)
    if tx.conn.execute(_STARTS, {"thread_id": post.thread_id}).first() is not None:
        queue.enqueue(
            tx, FETCH_REPLIES, {"thread": post.thread_id}, lane=FETCH_REPLIES, once=f"{FETCH_REPLIES} {post.thread_id}"
        )


def _climbed(tx: Tx, found: int, depth: int, task_id: int) -> None:
    queue.complete(tx, task_id)
    parent = queries.find(tx.conn, found)
    if parent is not None:
        climb(tx, parent, depth=depth)


def _start(conn: Connection, thread_id: int) -> _Start:
    rows = conn.execute(_STARTS, {"thread_id": thread_id}).all()
    context = next((row.context for row in rows if row.context), None)
    return _Start(tuple(row.uri for row in rows), context)


class _Visit:
    """One look at a thread, and what is left of its budget."""

    def __init__(self, db: Database, resolver: Resolver, hosts: Allowance) -> None:
        self._db = db
        self._resolver = resolver
        self._hosts = hosts
        self._requests = MAX_REQUESTS
        self._room = MAX_POSTS
        self._seen: set[str] = set()

    async def by_context(self, start: _Start) -> bool:
        """The posts that the thread's own collection lists; False if there is none, or it lists nothing."""
        if start.context is None or self._db.site.is_local(start.context):
            return False
        try:
            found = await walk(start.context, self._page)
        except (FetchFailed, ProtocolError):
            return False
        listed = _ids(found.items)
        for uri in await self._unknown(listed):
            await self._read(uri, parents={*listed, *start.uris})
        return bool(listed)

    async def by_replies(self, starts: Sequence[str]) -> None:
        """The replies to what we have, and the replies to those. Posts that are new to us come first."""
        known = deque((uri, 0) for uri in starts)
        new: deque[tuple[str, int, str]] = deque()
        while self._requests > 0 and (known or new):
            if new:
                uri, level, parent = new.popleft()
                document = await self._read(uri, parents={parent})
            else:
                uri, level = known.popleft()
                document = await self._read(uri, parents=None)
            if document is None or level >= MAX_LEVELS:
                continue
            listed = await self._replies_of(uri, document)
            unknown = await self._unknown(listed)
            new.extend((one, level + 1, uri) for one in unknown)
            known.extend((one, level + 1) for one in listed if one not in unknown and not self._db.site.is_local(one))

    async def _replies_of(self, uri: str, document: JsonObject) -> list[str]:
        embedded, address = as_object(document.get("replies")), as_id(document.get("replies"))
        try:
            if embedded is not None:
                return _ids((await walk_embedded(embedded, uri, self._page)).items)
            if address is not None and same_origin(address, uri):
                return _ids((await walk(address, self._page)).items)
        except (FetchFailed, ProtocolError):
            pass
        return []

    async def _unknown(self, uris: Sequence[str]) -> list[str]:
        """Those that we do not hold, and that are not ours."""
        held = await self._db.read(_held, uris)
        return [uri for uri in uris if uri not in held and not self._db.site.is_local(uri)]

    async def _read(self, uri: str, *, parents: Collection[str] | None) -> JsonObject | None:
        """Fetch a post and keep it if it is open to all; one that is new must answer one of `parents`."""
        if uri in self._seen or self._room <= 0:
            return None
        self._seen.add(uri)
        try:
            self._spend(uri)
            found = await self._resolver.document(uri)
            document = read_object(found, allow_http=self._db.site.allow_http)
            if not _belongs(document, parents):
                return None
            if await self._db.read(actors.by_uri, document.attributed_to) is None:
                self._spend(document.attributed_to, _AN_AUTHOR)
            if await self._resolver.keep_object(found) is not None:
                self._room -= 1
        except (FetchFailed, ProtocolError) as error:
            _log.debug("a post of a thread could not be had: %s", error)
            return None
        return found

    async def _page(self, url: str) -> Fetched:
        self._spend(url)
        return await self._resolver.fetched(url)

    def _spend(self, url: str, requests: int = 1) -> None:
        """Count requests to a host before they are made. Raises FetchFailed when there are none left."""
        self._requests -= requests
        if self._requests < 0 or not self._hosts.take(host_of(url)):
            raise FetchFailed("the budget of this look is used up", retryable=False)


def _belongs(document: ObjectDocument, parents: Collection[str] | None) -> bool:
    if document.audience.visibility not in OPEN:
        return False
    # A thread's collection lists its first post too, which answers nothing.
    return parents is None or document.in_reply_to in parents or (document.id in parents and not document.in_reply_to)


def _ids(items: Sequence[JsonValue]) -> list[str]:
    return list(dict.fromkeys(uri for uri in (as_id(item) for item in items) if uri))


def _held(conn: Connection, uris: Sequence[str]) -> set[str]:
    return set(conn.execute(select(posts.c.uri).where(posts.c.uri.in_(uris))).scalars()) if uris else set()
