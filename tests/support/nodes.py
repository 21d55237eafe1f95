# SPDX-License-Identifier: AGPL-3.0-or-later
"""A whole node in the test's own process: its services, its web application on a loopback port, and its queue, which is
worked off when the test says so, so that nothing happens meanwhile."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from sqlalchemy import Connection, Table, func, select, update

from node import actors, relationships
from node.actors import Actor
from node.federation.tables import activities
from node.kernel import queue, worker
from node.kernel.config import Federation, Previews, Secret, Settings
from node.kernel.db import Database, Tx
from node.kernel.queue import Task, tasks
from node.wiring.services import LANES, Services
from tests.support import builders, databases
from tests.support.peers import Json, Peers, Person


class Node:
    """A node that has been set up. `base` is what its URIs begin with."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.base = services.settings.base_url
        self.host = services.settings.web_domain
        self.inbox = f"{self.base}/inbox"

    @property
    def db(self) -> Database:
        return self.services.db

    def read(self, fn: Callable[..., Any], *args: object, **kwargs: object) -> Any:
        return self.db.read_now(fn, *args, **kwargs)

    def write(self, fn: Callable[..., Any], *args: object, **kwargs: object) -> Any:
        return self.db.write_now(fn, *args, **kwargs)

    async def work(self, *queues: str) -> None:
        """Work off whatever is due, and what comes of it, as the worker does: lane by lane, some at once."""
        lanes = [lane for lane in LANES if lane.queue in (queues or ("inbox", "delivery", "work"))]
        while True:
            turns: list[list[Task]] = []
            for lane in lanes:
                most = lane.at_once * (lane.per_lane if lane.in_order else 1)
                claimed = await self.db.write(queue.claim, lane.queue, limit=most, per_lane=lane.per_lane, busy={})
                turns += worker._turns(claimed, in_order=lane.in_order)
            if not turns:
                return
            await asyncio.gather(*(self.services.worker._run_turn(turn) for turn in turns))

    async def hear(self, peers: Peers, activity: Json, *, by: Person) -> None:
        """Take in what somebody elsewhere says, and do what follows from it."""
        status, _ = await peers.send(activity, by=by, to=self.inbox)
        assert status == 202
        await self.work()

    def make_due(self) -> None:
        """Let everything that waits for a later attempt be due now."""

        def hurry(tx: Tx) -> None:
            tx.conn.execute(update(tasks).where(tasks.c.parked_at.is_(None)).values(run_at=tx.now))

        self.write(hurry)

    def count(self, table: Table) -> int:
        return int(self.read(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one()))

    def waiting(self, name: str = "inbox") -> list[Any]:
        """The rows of a queue."""
        return list(
            self.read(
                lambda conn: conn.execute(select(tasks).where(tasks.c.queue == name).order_by(tasks.c.id)).all(),
            )
        )

    def stored(self, kind: str) -> list[Json]:
        """What the node said of one type, oldest first."""

        def find(conn: Connection) -> list[Json]:
            rows = conn.execute(
                select(activities.c.body)
                .where(activities.c.type == kind, activities.c.local.is_(True))
                .order_by(activities.c.id)
            )
            return [orjson.loads(row.body) for row in rows]

        found: list[Json] = self.read(find)
        return found

    def actor(self, uri: str) -> Actor | None:
        found: Actor | None = self.read(actors.by_uri, uri)
        return found

    def actor_named(self, username: str) -> Actor:
        """A local actor by name."""
        found: Actor | None = self.read(actors.by_handle, username)
        assert found is not None
        return found

    def followed_by(self, follower_uri: str, followee: Actor) -> Actor:
        """Write an accepted follow of a local actor by a remote one who is known."""
        follower = self.actor(follower_uri)
        assert follower is not None
        self.write(relationships.actions.begin, follower, followee, f"{follower_uri}#f{followee.id}", accepted=True)
        return follower

    def follows(self, member: Actor, uri: str) -> Actor:
        """Write an accepted follow of a remote actor, who is known, by a member."""
        followee = self.actor(uri)
        assert followee is not None
        self.write(relationships.actions.begin, member, followee, f"{member.uri}#f{followee.id}", accepted=True)
        return followee


@asynccontextmanager
async def running(
    folder: Path,
    template: Path,
    postgres_url: str | None,
    *,
    handles: str = "harbour",
    previews: bool = False,
) -> AsyncIterator[Node]:
    """A node on SQLite, or on PostgreSQL where an address is given; `handles` is the name that its handles are under.

    It reads the pages that posts link to with `previews` only: what tests write links to pages that are nowhere.
    """
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    host = f"harbour.localhost:{listener.getsockname()[1]}"
    if postgres_url is None:
        databases.fresh_sqlite(folder, template).close()
        url = f"sqlite:///{folder / 'alumnode.db'}"
    else:
        databases.empty_postgres(postgres_url).close()
        url = postgres_url
    services = Services(
        Settings(
            domain=host.replace("harbour", handles),
            web_domain=host,
            name="Harbour Academy Alumni",
            school="Harbour Academy",
            secret_key=Secret("s" * 40),
            database_url=url,
            data_dir=folder / "data",
            testing=True,
            federation=Federation(allow_http=True, allow_private_addresses=True),
            previews=Previews(enabled=previews),
        )
    )
    services.db.write_now(builders.set_up)
    from web.app import make_app

    async with AsyncExitStack() as ending:
        ending.callback(listener.close)
        ending.push_async_callback(services.close, grace=1.0)
        runner = web.AppRunner(make_app(services, background=False), access_log=None, shutdown_timeout=0)
        ending.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield Node(services)
