# SPDX-License-Identifier: AGPL-3.0-or-later
"""Delivering: one task per activity and inbox. Signed anew at each attempt, in the form that the host takes.

A no (400, 401, 403) leads to the other form of signature, see `node.federation.schemes`; so does a server error, since
some servers fall over on what they do not know. A host that keeps failing is held, see `node.federation.hosts`.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from activitypub.signatures.check import Scheme
from activitypub.synchronisation import HEADER
from node import actors
from node.federation import activities, hosts
from node.federation.client import Answer, Client, FetchFailed, is_retryable
from node.federation.hosts import HostState
from node.federation.outbox import host_of
from node.federation.schemes import Schemes, other
from node.federation.signing import Signer
from node.kernel import clock, ids, queue
from node.kernel.db import Database, Tx
from node.kernel.errors import NotFound
from node.kernel.queue import Task
from node.kernel.worker import GiveUp, RetryLater

CONTENT_TYPE: Final = "application/activity+json"
# Pauses before the attempts after the first: about ten days in all.
SCHEDULE: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=8),
    timedelta(hours=20),
    timedelta(days=2),
    timedelta(days=3),
    timedelta(days=4),
)
MAX_ATTEMPTS: Final = len(SCHEDULE) + 1
GONE: Final = 410
# The other side may have failed to fetch our key; a day of this is a no.
_MAY_BE_OUR_KEY: Final = frozenset({401, 403})
_FOR_A_DAY: Final = timedelta(hours=24)
_MAX_RETRY_AFTER: Final = 24 * 3600.0
_NOTED_EVERY: Final = timedelta(hours=1)


def pause(attempt: int) -> timedelta:
    """How long to wait after attempt `attempt` (from 1), give or take a fifth."""
    return SCHEDULE[min(attempt, len(SCHEDULE)) - 1] * random.uniform(0.8, 1.2)


SynchronisationFor = Callable[[Connection, int, str], str | None]
"""The header for a sender and an inbox; None if there is nothing to say."""


MaySend = Callable[..., bool]
"""Given a sender, an inbox and an activity, and whether it takes something back: whether it may leave."""


class Deliverer:
    """The task that sends stored activities."""

    def __init__(
        self,
        db: Database,
        client: Client,
        signer: Signer,
        schemes: Schemes,
        *,
        synchronisation: SynchronisationFor,
        may_send: MaySend,
    ) -> None:
        """Sends through `client` only. `synchronisation` makes what posts for followers say about the followers;
        `may_send` is asked before each attempt."""
        self._db = db
        self._client = client
        self._signer = signer
        self._schemes = schemes
        self._synchronisation = synchronisation
        self._may_send = may_send

    async def run(self, task: Task) -> bool:
        """Send one activity to one inbox; True if the row has been given back. Raises RetryLater and GiveUp."""
        inbox = str(task.payload["inbox"])
        host = host_of(inbox)
        sender = int(str(task.payload["sender"]))
        activity_id, withdraws = int(str(task.payload["activity"])), bool(task.payload.get("withdraws"))
        body, unwanted, state = await self._db.read(self._look, activity_id, sender, inbox, withdraws)
        if body is None or unwanted or (state is not None and state.gone_at is not None):
            return False
        former_key = task.attempt == 1 and bool(task.payload.get("former_key"))
        try:
            headers = {"Content-Type": CONTENT_TYPE, "Host": host}
            if task.payload.get("for_followers"):
                said = await self._db.read(self._synchronisation, sender, inbox)
                headers |= {HEADER: said} if said is not None else {}
            answer = await self._knock(sender, inbox, headers, body, former_key=former_key)
        except NotFound:
            raise GiveUp("the sender is gone") from None
        except FetchFailed as error:
            if not error.retryable:
                if error.status is not None:
                    await self._db.write(hosts.refused, host, str(error))
                raise GiveUp(str(error)) from None
            return await self._unanswered(task, host, str(error), None)
        if _is_taken(answer):
            if state is None or state.failures or _is_old(state.last_success_at):
                await self._db.write(hosts.succeeded, host)
            return False
        error_text = f"HTTP {answer.status}"
        if is_retryable(answer.status):
            return await self._unanswered(task, host, error_text, _retry_after(answer))
        if answer.status == GONE:
            await self._db.write(_verify, inbox)
        await self._db.write(hosts.refused, host, error_text)
        if answer.status in _MAY_BE_OUR_KEY and clock.now() - ids.moment_of(task.id) < _FOR_A_DAY:
            raise RetryLater(error_text)
        raise GiveUp(error_text)

    def _look(
        self, conn: Connection, activity_id: int, sender_id: int, inbox: str, withdraws: bool
    ) -> tuple[bytes | None, bool, HostState | None]:
        host = host_of(inbox)
        unwanted = (
            hosts.blocked(conn, host)
            or _was_shut_out_since(conn, activity_id, sender_id)
            or not self._may_send(conn, sender_id, inbox, activity_id, withdraws=withdraws)
        )
        return activities.body(conn, activity_id), unwanted, hosts.state(conn, host)

    async def _unanswered(self, task: Task, host: str, error: str, after: timedelta | None) -> bool:
        """The host could not take it now. While it is held, an attempt costs the delivery nothing."""
        if await self._db.write(_note_failure, task.id, host, error, after):
            return True
        raise RetryLater(error, after=after)

    async def _knock(
        self, sender: int, inbox: str, headers: dict[str, str], body: bytes, *, former_key: bool
    ) -> Answer:
        """Post, in the form of signature that the host took last; if it says no, once more in the other form."""
        host = headers["Host"]
        first = await self._schemes.of(host)
        answer = await self._post(sender, inbox, headers, body, first or Scheme.CAVAGE, former_key=former_key)
        if _is_taken(answer):
            if first is None:
                await self._schemes.learn(host, Scheme.CAVAGE)
            return answer
        if not _may_be_the_signature(answer):
            return answer
        second = await self._post(sender, inbox, headers, body, other(first), former_key=former_key)
        if _is_taken(second):
            await self._schemes.learn(host, other(first))
            return second
        return answer

    async def _post(
        self, sender: int, inbox: str, headers: dict[str, str], body: bytes, scheme: Scheme, *, former_key: bool
    ) -> Answer:
        signature = await self._signer.headers(sender, scheme, "POST", inbox, headers, body, former_key=former_key)
        return await self._client.post(inbox, body, headers | signature)


def _was_shut_out_since(conn: Connection, activity_id: int, sender_id: int) -> bool:
    """Whether the sender was suspended after they said this: then it is sent to nobody. The news of it is (MO-02)."""
    since = actors.suspended_since(conn, sender_id)
    return since is not None and ids.moment_of(activity_id) < since


def _note_failure(tx: Tx, task_id: int, host: str, error: str, after: timedelta | None) -> bool:
    if not hosts.failed(tx, host, error, wait=after):
        return False
    queue.give_back(tx, task_id, error=error)
    return True


def _verify(tx: Tx, inbox: str) -> None:
    """An inbox says that it is gone: its actor, or its server, is asked before anything is removed."""
    queue.enqueue(tx, hosts.VERIFY, {"inbox": inbox}, once=f"{hosts.VERIFY} {inbox}"[:255])


def _is_old(last_success_at: datetime | None) -> bool:
    return last_success_at is None or clock.now() - last_success_at > _NOTED_EVERY


def _is_taken(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _may_be_the_signature(answer: Answer) -> bool:
    return answer.status in (400, 401, 403) or answer.status >= 500


def _retry_after(answer: Answer) -> timedelta | None:
    """What `Retry-After` asks for, at most a day; None if it says nothing of use."""
    seconds = answer.retry_after
    return None if seconds is None else timedelta(seconds=min(seconds, _MAX_RETRY_AFTER))
