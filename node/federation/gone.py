# SPDX-License-Identifier: AGPL-3.0-or-later
"""Inboxes that answer 410 Gone: who is behind them is asked before anything of theirs is removed here.

A person's inbox: their own server says of their document that it is gone, or it does not. A shared inbox speaks for the
whole server: nothing more is sent there, its actors are asked once a week, and after 60 days their follows end.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import Enum, auto
from typing import Final

from sqlalchemy import Connection

from activitypub.errors import ProtocolError
from node import actors
from node.actors import Actor
from node.federation import hosts
from node.federation.client import FetchFailed
from node.federation.hosts import ASK_THE_GONE_EVERY, VERIFY, HostState
from node.federation.outbox import host_of
from node.federation.resolve import Resolver
from node.kernel import clock, queue
from node.kernel.db import Database, Tx, long_read
from node.kernel.queue import Task
from node.kernel.worker import RetryLater

_REMOVED_AFTER: Final = timedelta(days=60)
_ASKED: Final = 3
_AT_ONCE: Final = 100
_GONE: Final = frozenset({404, 410})

Remove = Callable[[Tx, Actor], None]
"""Ends every follow of and by an actor who is gone, and forgets them."""


class _Said(Enum):
    THERE = auto()
    GONE = auto()
    NOTHING = auto()


class Verifier:
    """The task that asks."""

    def __init__(self, db: Database, resolver: Resolver, remove: Remove) -> None:
        """`remove` stands above this slice; the wiring names it."""
        self._db = db
        self._resolver = resolver
        self._remove = remove

    async def run(self, task: Task) -> bool:
        """Ask those whose inbox said that it is gone. True if the row has been completed. Raises RetryLater."""
        inbox = str(task.payload["inbox"])
        people, everybody, state = await self._db.read(_behind, inbox)
        if not people:
            return await self._server(task, inbox, everybody, state)
        for person in people:
            said = await self._ask(person)
            if said is _Said.NOTHING:
                raise RetryLater("their server does not answer")
            if said is _Said.GONE:
                await self._db.write(self._remove, person)
        return False

    async def _server(self, task: Task, inbox: str, everybody: Sequence[Actor], state: HostState | None) -> bool:
        if not everybody:
            return False
        if task.payload.get("again") and (state is None or state.gone_at is None):
            return False  # it has shown itself meanwhile
        if state is not None and state.gone_at is not None:
            if _Said.THERE in [await self._ask(actor) for actor in everybody[:_ASKED]]:
                await self._db.write(hosts.succeeded, host_of(inbox))
                return False
            if clock.now() - state.gone_at > _REMOVED_AFTER:
                while everybody:
                    for actor in everybody:
                        await self._db.write(self._remove, actor)
                    _, everybody, _ = await self._db.read(_behind, inbox)
                return False
        await self._db.write(_ask_again, task.id, inbox)
        return True

    async def _ask(self, actor: Actor) -> _Said:
        try:
            await self._resolver.actor_document(actor.uri)
        except FetchFailed as error:
            return _Said.GONE if error.status in _GONE else _Said.NOTHING
        except ProtocolError:
            return _Said.THERE  # somebody is there, in whatever form
        return _Said.THERE


@long_read
def _behind(conn: Connection, inbox: str) -> tuple[Sequence[Actor], Sequence[Actor], HostState | None]:
    return (
        actors.by_inbox(conn, inbox, limit=_AT_ONCE),
        actors.by_inbox(conn, inbox, shared=True, limit=_AT_ONCE),
        hosts.state(conn, host_of(inbox)),
    )


def _ask_again(tx: Tx, task_id: int, inbox: str) -> None:
    queue.complete(tx, task_id)
    hosts.gone(tx, host_of(inbox))
    queue.enqueue(
        tx,
        VERIFY,
        {"inbox": inbox, "again": True},
        run_at=tx.now + ASK_THE_GONE_EVERY,
        once=f"{VERIFY} again {inbox}"[:255],
    )
