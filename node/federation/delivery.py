# SPDX-License-Identifier: AGPL-3.0-or-later
"""Delivering: one task per activity and inbox. Signed anew at each attempt, in the form that the host takes.

Double knocking: an unknown host gets draft-cavage first and RFC 9421 if it says no (400, 401, 403 or any 5xx); what it
took is remembered per host. A server error counts as a no, since some servers fall over on what they do not know.
"""

import logging
import random
from collections import OrderedDict
from datetime import timedelta
from typing import Final

from activitypub.signatures.check import Scheme
from node.federation import activities, hosts
from node.federation.client import Answer, Client, FetchFailed
from node.federation.outbox import host_of
from node.federation.signing import Signer
from node.kernel.db import Database
from node.kernel.errors import NotFound
from node.kernel.queue import Task
from node.kernel.worker import GiveUp, RetryLater

_log = logging.getLogger(__name__)
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
_NEVER: Final = frozenset({400, 404, 405, 406, 410, 413, 415, 422, 451})
_MAX_RETRY_AFTER: Final = 24 * 3600.0
_KEPT_HOSTS: Final = 10_000


def pause(attempt: int) -> timedelta:
    """How long to wait after attempt `attempt` (from 1), give or take a fifth."""
    return SCHEDULE[min(attempt, len(SCHEDULE)) - 1] * random.uniform(0.8, 1.2)


class Deliverer:
    """The task that sends stored activities."""

    def __init__(self, db: Database, client: Client, signer: Signer) -> None:
        """Sends through `client` only."""
        self._db = db
        self._client = client
        self._signer = signer
        self._schemes: OrderedDict[str, Scheme] = OrderedDict()

    async def run(self, task: Task) -> None:
        """Send one activity to one inbox. Raises RetryLater and GiveUp."""
        inbox = str(task.payload["inbox"])
        host = host_of(inbox)
        body = await self._db.read(activities.body, int(str(task.payload["activity"])))
        if body is None or await self._db.read(hosts.blocked, host):
            return
        sender = int(str(task.payload["sender"]))
        try:
            answer = await self._knock(sender, inbox, host, body)
        except NotFound:
            raise GiveUp("the sender is gone") from None
        except FetchFailed as error:
            await self._db.write(hosts.failed, host, str(error))
            if not error.retryable:
                raise GiveUp(str(error)) from None
            raise RetryLater(str(error)) from None
        if answer.status in _NEVER:
            await self._db.write(hosts.failed, host, f"HTTP {answer.status}")
            raise GiveUp(f"HTTP {answer.status}")
        if not 200 <= answer.status < 300:
            await self._db.write(hosts.failed, host, f"HTTP {answer.status}")
            raise RetryLater(f"HTTP {answer.status}", after=_retry_after(answer))
        if task.attempt > 1:
            await self._db.write(hosts.succeeded, host, signature=None)

    async def _knock(self, sender: int, inbox: str, host: str, body: bytes) -> Answer:
        """Post, in the form of signature that the host took last; if it says no, once more in the other form."""
        first = await self._scheme_of(host)
        answer = await self._post(sender, inbox, body, first or Scheme.CAVAGE)
        if _is_taken(answer):
            if first is None:
                await self._learn(host, Scheme.CAVAGE)
            return answer
        if not _may_be_the_signature(answer):
            return answer
        other = Scheme.RFC9421 if first in (None, Scheme.CAVAGE) else Scheme.CAVAGE
        second = await self._post(sender, inbox, body, other)
        if _is_taken(second):
            await self._learn(host, other)
            return second
        return answer

    async def _post(self, sender: int, inbox: str, body: bytes, scheme: Scheme) -> Answer:
        headers = {"Content-Type": CONTENT_TYPE, "Host": host_of(inbox)}
        signature = await self._signer.headers(sender, scheme, "POST", inbox, headers, body)
        return await self._client.post(inbox, body, headers | signature)

    async def _scheme_of(self, host: str) -> Scheme | None:
        scheme = self._schemes.get(host)
        if scheme is None and (stored := await self._db.read(hosts.signature_of, host)) is not None:
            scheme = Scheme(stored)
            self._keep(host, scheme)
        return scheme

    async def _learn(self, host: str, scheme: Scheme) -> None:
        self._keep(host, scheme)
        await self._db.write(hosts.succeeded, host, signature=scheme)

    def _keep(self, host: str, scheme: Scheme) -> None:
        self._schemes[host] = scheme
        if len(self._schemes) > _KEPT_HOSTS:
            self._schemes.popitem(last=False)


def _is_taken(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _may_be_the_signature(answer: Answer) -> bool:
    return answer.status in (400, 401, 403) or answer.status >= 500


def _retry_after(answer: Answer) -> timedelta | None:
    """What `Retry-After` asks for, at most a day; None if it says nothing of use."""
    seconds = answer.retry_after
    return None if seconds is None else timedelta(seconds=min(seconds, _MAX_RETRY_AFTER))
