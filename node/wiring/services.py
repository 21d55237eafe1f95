# SPDX-License-Identifier: AGPL-3.0-or-later
"""Everything that runs for a node, made in one place and ended in one place: what the faces and the commands hold."""

import logging
from datetime import timedelta
from functools import partial

from node import posts, timelines
from node.federation import activities
from node.federation.apply import Applier
from node.federation.client import Client, ClientPolicy
from node.federation.delivery import MAX_ATTEMPTS, Deliverer, pause
from node.federation.inbox import APPLY, Inbox
from node.federation.outbox import DELIVER
from node.federation.resolve import Resolver
from node.federation.signing import Signer
from node.kernel import clock, ids, queue
from node.kernel.config import Settings
from node.kernel.db import Database, Tx, open_database
from node.kernel.queue import Task
from node.kernel.site import Site
from node.kernel.worker import Lane, TaskType, Worker
from node.media import sweep
from node.media.service import Uploads
from node.media.store import MediaStore
from node.members import Passwords
from node.version import VERSION
from node.wiring.handlers import HANDLERS
from node.wiring.reactions import REACTIONS

_log = logging.getLogger(__name__)
LANES = (
    Lane(queue.INBOX, at_once=32, per_lane=25, in_order=True),
    Lane(queue.DELIVERY, at_once=64, per_lane=4),
    Lane(queue.WORK, at_once=4, per_lane=4),
)
KEEP_UPLOADS = timedelta(days=1)
KEEP_RECEIVED = timedelta(days=7)
KEEP_TOMBSTONES = timedelta(days=90)
HOUSEKEEPING = "node.housekeeping"


def site_of(settings: Settings) -> Site:
    """The node's names and addresses, from its settings."""
    return Site(
        base_url=settings.base_url,
        domain=settings.domain,
        name=settings.name,
        secret=settings.secret_key,
        allow_http=settings.federation.allow_http,
    )


def open_node_database(settings: Settings) -> Database:
    """The node's database with its reactions in place."""
    db = open_database(settings.database_url, site_of(settings), synchronous=settings.sqlite_synchronous)
    db.reactions = REACTIONS
    return db


class Services:
    """The parts of a running node."""

    def __init__(self, settings: Settings) -> None:
        """Make the parts; nothing runs and nothing connects before `start`."""
        self.settings = settings
        self.db = open_node_database(settings)
        self.client = Client(
            ClientPolicy(
                allow_loopback=settings.federation.allow_private_addresses,
                allow_http=settings.federation.allow_http,
                ca_file=settings.federation.ca_file,
                user_agent=f"Alumnode/{VERSION} (+{settings.base_url}/)",
            )
        )
        self.signer = Signer(self.db)
        self.resolver = Resolver(
            self.db, self.client, self.signer, store_object=posts.keep, find_object=posts.id_by_address
        )
        self.inbox = Inbox(self.db, self.resolver, authorities=settings.authorities)
        self.store = MediaStore(settings.data_dir / "media")
        self.uploads = Uploads(self.db, self.store, max_size=settings.limits.max_upload)
        self.passwords = Passwords()
        applier = Applier(self.db, self.resolver, HANDLERS)
        deliverer = Deliverer(self.db, self.client, self.signer)
        self.worker = Worker(
            self.db,
            {
                APPLY: TaskType(applier.run),
                DELIVER: TaskType(deliverer.run, max_attempts=MAX_ATTEMPTS, delay=pause),
                "media.remove": TaskType(self._remove_files),
                HOUSEKEEPING: TaskType(self._keep_house),
            },
            LANES,
        )

    async def start(self) -> None:
        """Begin to work off the queue. What a former process left half done is taken up at once."""
        await self.db.write(queue.release_all)
        await self.db.write(_schedule_housekeeping)
        await self.worker.start()

    async def close(self, *, grace: float = 20.0) -> None:
        """Let what runs finish, within `grace` seconds, and let go of everything."""
        await self.worker.stop(grace=grace)
        await self.client.close()
        await self.uploads.close()
        self.signer.close()
        self.passwords.close()
        self.db.close()

    async def _remove_files(self, task: Task) -> None:
        names = task.payload.get("files")
        if isinstance(names, list):
            self.store.remove(str(name) for name in names)

    async def _keep_house(self, task: Task) -> bool:
        """Once an hour: cut timelines, sweep uploads that became nothing, and what was kept long enough."""
        now = clock.now()
        await self.db.write(timelines.trim, self.settings.limits.timeline_length)
        self.store.remove(await self.db.write(sweep, now - KEEP_UPLOADS))
        await self.db.write(
            partial(
                activities.sweep,
                received_before=ids.first_id_at(now - KEEP_RECEIVED),
                buried_before=now - KEEP_TOMBSTONES,
            )
        )
        await self.db.write(_schedule_housekeeping, done=task.id)
        return True


def _schedule_housekeeping(tx: Tx, *, done: int | None = None) -> None:
    """Have one row wait for the next hour, whatever happened before; `done` is the row that has just run."""
    if done is not None:
        queue.complete(tx, done)
    queue.enqueue(tx, HOUSEKEEPING, {}, run_at=tx.now + timedelta(hours=1), once=HOUSEKEEPING)
