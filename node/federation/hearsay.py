# SPDX-License-Identifier: AGPL-3.0-or-later
"""Activities that somebody else passes on: forwarded by an inbox (ActivityPub 7.1.2), or announced by a group (FEP-1b12).

Who tells it proves nothing about who did it. So nothing of what was sent is used but three ids; the rest is read at its
origin, in a task, within bounds for the server that tells and for the one that is asked:

    Create, Update   the object, whose author must be the actor
    Delete           that the object is gone: 410, a tombstone, or 404 for what everybody could read before
    Like             the activity itself, which must say the same

Anything else is dropped. An id with a fragment leads to another document, so it is never fetched.
"""

import logging
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from activitypub import activity as activity_documents
from activitypub import collections
from activitypub.accessors import as_id, as_list, as_object, types
from activitypub.activity import ActivityDocument
from activitypub.errors import ProtocolError
from activitypub.objects import read_object
from activitypub.origin import same_origin
from activitypub.parse import JsonObject, JsonValue
from node.federation.allowance import Allowance
from node.federation.apply import Applier
from node.federation.client import FetchFailed
from node.federation.outbox import host_of
from node.federation.resolve import Resolver
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.queue import Task
from node.kernel.worker import RetryLater

_log = logging.getLogger(__name__)
VERIFY_FORWARDED: Final = "federation.verify_forwarded"
ATTEMPTS: Final = 4
MAX_TOLD: Final = 50
"""Activities in one Announce: PieFed sends votes in batches."""
PER_TELLER: Final = 600
PER_HOST: Final = 120
_ABOUT_AN_OBJECT: Final = frozenset({"Create", "Update", "Delete"})
_TOLD_BY_GROUPS: Final = frozenset({*_ABOUT_AN_OBJECT, "Like", "Dislike", "Undo", "Add", "Remove", "Block", "Lock"})

IsOpen = Callable[[Connection, str], bool | None]
"""Whether the post with this id is one that everybody may read; None if we do not hold it."""


def can_be_verified(activity: ActivityDocument) -> bool:
    """Whether there is a way to find out at its origin that somebody did this."""
    if activity.type in _ABOUT_AN_OBJECT:
        uri = activity.object_id
        return uri is not None and uri != activity.actor and "#" not in uri and same_origin(uri, activity.actor)
    uri = activity.id
    return activity.type == "Like" and uri is not None and "#" not in uri and same_origin(uri, activity.actor)


def announced(activity: ActivityDocument) -> list[ActivityDocument]:
    """The activities that an Announce wraps: one, a list, or a collection of them. Empty if it names an object."""
    found: list[JsonValue] = as_list(activity.object)
    if len(found) == 1 and (alone := as_object(found[0])) is not None and "Collection" in "".join(types(alone)):
        found = collections.items(alone)
    told = []
    for item in found[:MAX_TOLD]:
        inner = as_object(item)
        if inner is not None and not _TOLD_BY_GROUPS.isdisjoint(types(inner)):
            try:
                told.append(activity_documents.read(inner))
            except ProtocolError as error:
                _log.debug("an announced activity was dropped: %s", error)
    return told


def heard(tx: Tx, activity: ActivityDocument, *, by: str) -> None:
    """Have an activity verified and applied that `by` has told us of; nothing for one that cannot be, or is ours."""
    ours = tx.site.is_local(activity.object_id or "")
    # Likes count for our own posts only, as everybody's do; what we published we do not ask others about.
    if not can_be_verified(activity) or tx.site.is_local(activity.actor) or ours != (activity.type == "Like"):
        return
    asked = str(activity.id if activity.type == "Like" else activity.object_id)
    queue.enqueue(
        tx,
        VERIFY_FORWARDED,
        {"type": activity.type, "actor": activity.actor, "object": activity.object_id, "asked": asked, "by": by},
        lane=host_of(asked)[:255],
        once=f"{VERIFY_FORWARDED} {activity.type} {asked}"[:255],
    )


class Hearsay:
    """The task that finds out whether what was told is true."""

    def __init__(self, db: Database, resolver: Resolver, applier: Applier, is_open: IsOpen) -> None:
        """What is true is applied by `applier`, as if it had come from its actor."""
        self._db = db
        self._resolver = resolver
        self._applier = applier
        self._is_open = is_open
        self._tellers = Allowance(PER_TELLER)
        self._hosts = Allowance(PER_HOST)

    async def run(self, task: Task) -> bool:
        """Verify one and apply it. Raises RetryLater while its origin does not answer."""
        kind, actor, asked = (str(task.payload[name]) for name in ("type", "actor", "asked"))
        known = await self._db.read(self._is_open, str(task.payload["object"]))
        if (kind == "Create" and known is not None) or (kind in ("Delete", "Like") and known is None):
            return False
        if not self._tellers.take(host_of(str(task.payload["by"]))) or not self._hosts.take(host_of(asked)):
            _log.info("more is told about %s than is looked up in an hour", host_of(asked))
            return False
        try:
            if kind == "Delete":
                found = await self._gone(actor, asked, is_open=known is True)
            elif kind == "Like":
                found = await self._said(actor, asked, str(task.payload["object"]))
            else:
                found = await self._published(kind, actor, asked)
        except FetchFailed as error:
            if error.retryable:
                raise RetryLater(str(error)) from None
            found = None
        except ProtocolError:
            found = None
        if found is None:
            _log.info("%s by %s was told to us and is not so", kind, actor)
            return False
        if await self._resolver.actor(actor) is None:
            if self._resolver.may_come_back(actor):
                raise RetryLater(f"{actor} cannot be had now")
            return False
        return await self._applier.believe(activity_documents.read(found), task)

    async def _published(self, kind: str, actor: str, uri: str) -> JsonObject | None:
        found = await self._resolver.document(uri)
        document = read_object(found, allow_http=self._db.site.allow_http)
        if document.id != uri or document.attributed_to != actor:
            return None
        return {"type": kind, "actor": actor, "object": found, "to": found.get("to"), "cc": found.get("cc")}

    async def _gone(self, actor: str, uri: str, *, is_open: bool) -> JsonObject | None:
        try:
            found = await self._resolver.document(uri)
        except FetchFailed as error:
            # What is for followers only is 404 to us while it is there.
            if error.status != 410 and not (error.status == 404 and is_open):
                raise
        else:
            if "Tombstone" not in types(found):
                return None
        return {"type": "Delete", "actor": actor, "object": uri}

    async def _said(self, actor: str, uri: str, about: str) -> JsonObject | None:
        found = await self._resolver.document(uri)
        same = (as_id(found.get("id")), as_id(found.get("actor")), as_id(found.get("object"))) == (uri, actor, about)
        return found if same and "Like" in types(found) else None
