# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who listens to what, and how news gets to them.

The domain tells after a commit that something happened; here it is looked up again for each listener, through their own
eyes, so that no stream shows what its listener may not see. News are worked off one after the other: a stream keeps the
order of things. A listener who does not keep up is let go, and comes back with a fresh page.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import orjson
from aiohttp import web
from sqlalchemy import Connection

from node import access, federation, instance, lists, notifications, posts, timelines
from node.access import Caller
from node.instance import AnnouncementAnswered, AnnouncementRemoved, AnnouncementWritten
from node.kernel.db import Database
from node.kernel.errors import NotFound
from node.kernel.paging import Page
from node.kernel.text import fold_hashtag
from node.lists import ListUpdate, built_in
from node.notifications import NotificationAdded
from node.posts import ConversationChanged, PostDeleted
from node.posts.listed import built_in_holds
from node.timelines import HomeUpdate
from web.auth import Callers
from web.mastodon import conversations, entities
from web.mastodon.notifications import rendered
from web.mastodon.rendering import Statuses
from web.streaming.channels import ACTIVITIES, Channel

_log = logging.getLogger(__name__)
MAX_BEHIND: Final = 200
MAX_NEWS: Final = 10_000
RECHECK_SECONDS: Final = 60.0
_TOPICS: Final = (
    "home",
    "public",
    "list",
    "post.changed",
    "post.deleted",
    "notification",
    "notifications.merged",
    "conversation",
    "filters.changed",
    "activity",
    instance.ANNOUNCED,
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something for a listener. `payload` is JSON, a bare number for a deletion, or empty where the name says all."""

    channel: Channel
    name: str
    payload: bytes


class Listener:
    """An open stream of one token, with the channels it listens to. None in its queue means: it is over."""

    def __init__(self, caller: Caller) -> None:
        """Listens to nothing yet."""
        assert caller.member is not None
        self.caller = caller
        self.owner = caller.member.id
        self.channels: set[Channel] = set()
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue(MAX_BEHIND)
        self.is_over = False

    def send(self, event: Event) -> None:
        """Hand over news; a listener whose queue is full is let go."""
        if self.is_over:
            return
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Tell the stream to close."""
        if self.is_over:
            return
        self.is_over = True
        while self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """Takes news from the bus and hands them to the listeners. One for each application object."""

    def __init__(self, db: Database, statuses: Statuses, callers: Callers) -> None:
        """Nothing is heard before `start`."""
        self._db = db
        self._statuses = statuses
        self._callers = callers
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._news: asyncio.Queue[tuple[str, object]] = asyncio.Queue(MAX_NEWS)
        self._leave: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to listen to the bus."""
        for topic in _TOPICS:
            self._leave.append(self._db.bus.subscribe(topic, partial(self._hear, topic)))
        self._leave.append(self._db.bus.subscribe(access.REVOKED, self._revoked))
        self._tasks = [asyncio.create_task(self._work()), asyncio.create_task(self._recheck())]

    async def close(self) -> None:
        """End every stream. Calling it twice is harmless."""
        for leave in self._leave:
            leave()
        self._leave.clear()
        for listener in self._everybody():
            listener.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    @contextlib.contextmanager
    def listening(self, caller: Caller) -> Iterator[Listener]:
        """A listener for as long as the block runs."""
        listener = Listener(caller)
        self._listeners[listener.owner].add(listener)
        try:
            yield listener
        finally:
            self._listeners[listener.owner].discard(listener)
            if not self._listeners[listener.owner]:
                del self._listeners[listener.owner]

    # -- news ----------------------------------------------------------------------------------------------------------

    def _hear(self, topic: str, news: object) -> None:
        if not self._listeners or (topic == "activity" and not self._programs()):
            return
        try:
            self._news.put_nowait((topic, news))
        except asyncio.QueueFull:
            _log.warning("streams are behind; news dropped")

    async def _work(self) -> None:
        while True:
            topic, news = await self._news.get()
            try:
                await self._tell(topic, news)
            except Exception:  # noqa: BLE001  # one piece of news that fails must not end all streams
                _log.exception("news of %s could not be told", topic)

    async def _tell(self, topic: str, news: object) -> None:
        match topic, news:
            case "home", HomeUpdate(post_id=post_id, owners=owners):
                await self._post("update", post_id, self._on("user", owners))
            case "public", int(post_id):
                await self._public("update", post_id)
            case "post.changed", int(post_id):
                await self._changed(post_id)
            case "post.deleted", PostDeleted() as gone:
                self._deleted(gone)
            case "notification", NotificationAdded(owner_id=owner, notification_id=number):
                await self._notification(owner, number)
            case "list", ListUpdate(post_id=post_id, pairs=pairs):
                await self._listed(post_id, pairs)
            case "conversation", ConversationChanged(owner_id=owner, conversation_id=number):
                await self._conversation(owner, number)
            case (("filters.changed" | "notifications.merged"), int(owner)):
                self._bare(topic.replace(".", "_"), owner)
            case "announcement", AnnouncementWritten(announcement_id=number):
                await self._announcement(number)
            case "announcement", AnnouncementAnswered() as answered:
                body = orjson.dumps(entities.announcement_reaction(self._db.site, answered))
                self._everywhere("announcement.reaction", body)
            case "announcement", AnnouncementRemoved(announcement_id=number):
                self._everywhere("announcement.delete", str(number).encode())
            case "activity", int(number):
                await self._activity(number)
            case _:
                _log.error("unknown news of %s", topic)

    async def _post(self, name: str, post_id: int, to: Iterable[tuple[Listener, Channel]]) -> None:
        """A status to listeners, each through their own eyes."""
        seen: dict[tuple[int, bool], bytes | None] = {}
        for listener, channel in to:
            key = listener.owner, channel.name == "user"
            if key not in seen:
                try:
                    seen[key] = await self._db.read(self._statuses.one, post_id, listener.owner, at_home=key[1])
                except NotFound:
                    seen[key] = None
            body = seen[key]
            if body is not None:
                listener.send(Event(channel, name, body))

    async def _listed(self, post_id: int, pairs: Iterable[tuple[int, int]]) -> None:
        """A new post to those who listen to a list that holds it, of their own or one that the node keeps."""
        own = set(pairs)
        to: list[tuple[Listener, Channel]] = []
        for listener in self._everybody():
            for channel in tuple(listener.channels):  # a socket may subscribe to more while the database is asked
                number = channel.list_id
                if number is not None and (
                    (number, listener.owner) in own
                    or (
                        built_in.is_number(number)
                        and await self._db.read(_built_in_holds, listener.caller, number, post_id)
                    )
                ):
                    to.append((listener, channel))
        await self._post("update", post_id, to)

    async def _conversation(self, owner: int, number: int) -> None:
        to = list(self._on("direct", [owner]))
        if to:
            body = await self._db.read(_said, self._statuses, owner, number)
            if body is not None:
                for listener, channel in to:
                    listener.send(Event(channel, "conversation", body))

    def _bare(self, name: str, owner: int) -> None:
        """Something changed that an app fetches for itself."""
        names = ("user", "user:notification") if name == "notifications_merged" else ("user",)
        for channel_name in names:
            for listener, channel in self._on(channel_name, [owner]):
                listener.send(Event(channel, name, b""))

    async def _public(self, name: str, post_id: int) -> None:
        listeners = [
            (listener, channel) for listener in self._everybody() for channel in listener.channels if channel.is_public
        ]
        if not listeners:
            return
        kind = await self._db.read(_kind, post_id)
        if kind is not None:
            local, has_media, tags = kind
            fitting = [pair for pair in listeners if pair[1].carries(local=local, has_media=has_media, tags=tags)]
            owners = {listener.owner for listener, _ in fitting}
            wanted = {owner for owner in owners if await self._db.read(_is_wanted, post_id, owner)}
            await self._post(name, post_id, [pair for pair in fitting if pair[0].owner in wanted])

    async def _changed(self, post_id: int) -> None:
        """An edit goes to those who may have the post on a screen: on their home timeline, or in a public stream."""
        owners = await self._db.read(_owners, post_id, list(self._listeners))
        await self._post("status.update", post_id, self._on("user", owners))
        if any(channel.list_id is not None for listener in self._everybody() for channel in listener.channels):
            holding = set(await self._db.read(lists.holding_post, post_id))
            to = [
                (listener, channel)
                for listener in self._everybody()
                for channel in listener.channels
                if (channel.list_id, listener.owner) in holding
            ]
            await self._post("status.update", post_id, to)
        await self._public("status.update", post_id)

    def _deleted(self, gone: PostDeleted) -> None:
        payload = str(gone.post_id).encode()
        on_lists = set(gone.lists)
        for listener, channel in self._on("user", gone.owners):
            listener.send(Event(channel, "delete", payload))
        for listener in self._everybody():
            for channel in listener.channels:
                number = channel.list_id
                if (
                    (number, listener.owner) in on_lists
                    # Nobody has kept who saw what on a list that the node gathers.
                    or (gone.public and (channel.is_public or (number is not None and built_in.is_number(number))))
                ):
                    listener.send(Event(channel, "delete", payload))

    async def _notification(self, owner: int, number: int) -> None:
        to = [*self._on("user", [owner]), *self._on("user:notification", [owner])]
        to = [pair for pair in to if access.allows(pair[0].caller.scopes, "read:notifications")]
        if not to:
            return
        body = await self._db.read(_told, self._statuses, owner, number)
        if body is not None:
            for listener, channel in to:
                listener.send(Event(channel, "notification", body))

    async def _announcement(self, number: int) -> None:
        """An announcement to everybody, each with what they answered themselves."""
        for listener, channel in self._on("user", list(self._listeners)):
            try:
                found = await self._db.read(instance.get, number, listener.owner)
            except NotFound:
                return
            listener.send(Event(channel, "announcement", orjson.dumps(entities.announcement(self._db.site, found))))

    def _everywhere(self, name: str, payload: bytes) -> None:
        for listener, channel in self._on("user", list(self._listeners)):
            listener.send(Event(channel, name, payload))

    async def _activity(self, number: int) -> None:
        """An activity to the programs of those who sent it or for whom it is."""
        for listener in self._programs():
            found = await self._db.read(_activity_of, listener.caller, number)
            if found is not None:
                listener.send(Event(ACTIVITIES, *found))

    def _programs(self) -> list[Listener]:
        return [listener for listener in self._everybody() if ACTIVITIES in listener.channels]

    def _on(self, name: str, owners: Iterable[int]) -> list[tuple[Listener, Channel]]:
        return [
            (listener, channel)
            for owner in owners
            for listener in self._listeners.get(owner, ())
            for channel in listener.channels
            if channel.name == name
        ]

    def _everybody(self) -> list[Listener]:
        return [listener for listeners in self._listeners.values() for listener in listeners]

    # -- the end of a right --------------------------------------------------------------------------------------------

    def _revoked(self, what: object) -> None:
        for listener in self._everybody():
            if what in (listener.caller.token_hash, listener.owner):
                listener.end()

    async def _recheck(self) -> None:
        """Look again whether each token is still good, should the news of its end have been lost."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            for listener in self._everybody():
                with contextlib.suppress(Exception):
                    found = await self._callers.by_digest(listener.caller.token_hash)
                    if found is None or found.member is None or not found.member.is_active:
                        listener.end()


HUB: Final = web.AppKey("hub", Hub)


def _kind(conn: Connection, post_id: int) -> tuple[bool, bool, frozenset[str]] | None:
    """(from here, with media, folded hashtags) of a post that everybody may see."""
    try:
        view = posts.view(conn, post_id, None)
    except NotFound:
        return None
    return view.post.local, bool(view.media), frozenset(fold_hashtag(tag) for tag in view.post.tags)


def _is_wanted(conn: Connection, post_id: int, owner: int) -> bool:
    """Whether a public post belongs into a member's public timeline: nobody's whom they mute or block."""
    return bool(posts.public(conn, owner, _just(post_id)))


def _just(post_id: int) -> Page:
    return Page(limit=1, max_id=post_id + 1, since_id=post_id - 1)


def _built_in_holds(conn: Connection, caller: Caller, list_id: int, post_id: int) -> bool:
    assert caller.member is not None
    try:
        return built_in_holds(conn, caller.member.actor, list_id, post_id)
    except NotFound:
        return False


def _said(conn: Connection, statuses: Statuses, owner: int, number: int) -> bytes | None:
    try:
        found = posts.conversations.get(conn, owner, number)
    except NotFound:
        return None
    return conversations.rendered(conn, statuses, [found], owner)[0]


def _owners(conn: Connection, post_id: int, among: list[int]) -> list[int]:
    """Those of the members whose home timeline holds the post."""
    return [owner for owner in among if timelines.home(conn, owner, _just(post_id))]


def _activity_of(conn: Connection, caller: Caller, number: int) -> tuple[str, bytes] | None:
    """Which box of the caller's member an activity is in, and its JSON; None if it is in neither."""
    assert caller.member is not None
    member = caller.member.actor
    said = federation.activities.said_by(conn, number, member.uri)
    if said is not None:
        return "outbox", orjson.dumps(said)
    found = posts.in_inbox(conn, member, number)
    return None if found is None else ("inbox", orjson.dumps(found))


def _told(conn: Connection, statuses: Statuses, owner: int, number: int) -> bytes | None:
    try:
        told = notifications.get(conn, owner, number)
    except NotFound:
        return None
    found = rendered(conn, statuses, [told], owner)
    return found[0] if found else None
