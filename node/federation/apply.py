# SPDX-License-Identifier: AGPL-3.0-or-later
"""Applying what the inbox has stored: each activity goes to the one handler that `node.wiring` names for it.

Accept, Reject and Undo are routed by the kind of the stored activity that they name, not by what their body says it is.
Only where we hold no such activity does the body decide, and the handler then goes by what the signer may take back.
"""

import logging
from collections.abc import Callable, Mapping

from activitypub import activity as activity_documents
from activitypub.activity import ActivityDocument
from activitypub.errors import ProtocolError
from activitypub.origin import same_origin
from activitypub.parse import parse
from node import actors
from node.actors import Actor
from node.federation import activities
from node.federation.precedence import Precedence
from node.federation.resolve import Resolver
from node.federation.types import Handler, Missing, Received, StoredActivity
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.errors import Refused
from node.kernel.queue import Task
from node.kernel.worker import RetryLater

_log = logging.getLogger(__name__)
_ROUTED_BY_SUBJECT = frozenset({"Accept", "Reject", "Undo"})
_UNDOABLE = frozenset({"Follow", "Like", "EmojiReact", "Announce", "Block", "Join"})
FETCH_BUDGET = 12

Handlers = Mapping[tuple[str, str | None], Handler]
"""By type of activity, and for those that name another activity also by the type of that one."""


class Applier:
    """The task that applies stored activities."""

    def __init__(self, db: Database, resolver: Resolver, handlers: Handlers, precedence: Precedence) -> None:
        """`handlers` is the explicit table of the wiring; `precedence` says when the inbox goes first."""
        self._precedence = precedence
        self._db = db
        self._resolver = resolver
        self._handlers = handlers

    async def run(self, task: Task) -> bool:
        """Apply one; fetch what its handler asks for, within a budget. Completes its own row."""
        activity_id = int(str(task.payload["activity"]))
        await self._precedence.give_way()
        return await self._settle(
            lambda tx, unavailable: apply_stored(tx, activity_id, task.id, self._handlers, unavailable)
        )

    async def believe(self, activity: ActivityDocument, task: Task) -> bool:
        """Apply an activity that was verified in another way than by its signature, and complete the task."""

        def act(tx: Tx, unavailable: frozenset[str]) -> None:
            apply_document(tx, activity, self._handlers, unavailable)
            queue.complete(tx, task.id)

        return await self._settle(act)

    async def _settle(self, act: Callable[[Tx, frozenset[str]], None]) -> bool:
        unavailable: set[str] = set()
        for _ in range(FETCH_BUDGET):
            try:
                await self._db.write(act, frozenset(unavailable))
                return True
            except Missing as missing:
                found = None if missing.uri in unavailable else await self._resolver.anything(missing.uri)
                if found is None:
                    if not missing.optional or missing.uri in unavailable:
                        if self._resolver.may_come_back(missing.uri):
                            raise RetryLater(f"{missing.uri} cannot be had now") from None
                        _log.info("an activity was dropped: %s cannot be had", missing.uri)
                        return False
                    unavailable.add(missing.uri)
        _log.info("an activity was dropped: it needed more than %d other documents", FETCH_BUDGET)
        return False


def apply_stored(
    tx: Tx, activity_id: int, task_id: int, handlers: Handlers, unavailable: frozenset[str] = frozenset()
) -> None:
    """Run the handler of a stored activity and end its task, in one transaction. Raises Missing.

    What is stored is as it came, to be passed on unchanged: it is parsed as strictly here as at the door (IN-20).
    """
    body = activities.body(tx.conn, activity_id, undone=False)
    if body is not None:
        apply_document(tx, activity_documents.read(parse(body)), handlers, unavailable, number=activity_id)
        activities.tell(tx, activity_id)
    queue.complete(tx, task_id)


def apply_document(
    tx: Tx,
    activity: ActivityDocument,
    handlers: Handlers,
    unavailable: frozenset[str] = frozenset(),
    *,
    number: int | None = None,
) -> None:
    """Run the handler of a believed activity. What no handler knows, or a rule refuses, is dropped and logged."""
    actor = actors.by_uri(tx.conn, activity.actor)
    if actor is None or not (actor.is_active or _is_about_its_suspension(activity, actor)):
        return
    subject = None
    kind: str | None = None
    if activity.type in _UNDOABLE and activity.id and activities.is_buried(tx.conn, activity.id, actor.uri):
        return
    if activity.type in _ROUTED_BY_SUBJECT:
        subject = _subject(tx, activity)
        if activity.type == "Undo":
            _remember_undone(tx, activity, subject)
        kind = subject.type if subject is not None else activity.object_type
    handler = handlers.get((activity.type, kind)) or handlers.get((activity.type, None))
    if handler is None:
        _log.debug("no handler for %s of %s", activity.type, kind)
        return
    received = Received(activity=activity, actor=actor, subject=subject, number=number, unavailable=unavailable)
    try:
        handler(tx, received)
    except (Refused, ProtocolError) as refusal:
        _log.info("%s by %s not applied: %s", activity.type, actor.uri, refusal)


def _is_about_its_suspension(activity: ActivityDocument, actor: Actor) -> bool:
    """Whether somebody whom their own server has suspended says something of themselves: that it is over, or all is."""
    return (
        actor.suspended_elsewhere
        and actor.deleted_at is None
        and activity.type in ("Update", "Delete")
        and activity.object_id == actor.uri
    )


def _remember_undone(tx: Tx, activity: ActivityDocument, subject: StoredActivity | None) -> None:
    """Note that an activity was taken back: it may come late, or wait here for another attempt."""
    if subject is not None:
        activities.mark_undone(tx, subject.id)
    elif activity.object_id is not None and same_origin(activity.object_id, activity.actor):
        activities.bury(tx, activity.object_id, activity.actor, activity.object_type or "")


def _subject(tx: Tx, activity: ActivityDocument) -> StoredActivity | None:
    """The stored activity that an Accept, Reject or Undo names. An Undo can only name one by the same actor."""
    if activity.object_id is None:
        return None
    owner = activity.actor if activity.type == "Undo" else None
    return activities.find(tx.conn, activity.object_id, actor=owner)
