# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading what somebody elsewhere shows at the head of their profile: a task, once a member here follows them."""

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from activitypub.accessors import as_id, as_object
from activitypub.errors import ProtocolError
from activitypub.origin import same_origin
from activitypub.parse import JsonValue
from node import actors, relationships
from node.actors import Actor
from node.federation.client import FetchFailed
from node.federation.resolve import Resolver
from node.federation.walk import Limits, walk
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.queue import Task
from node.kernel.worker import RetryLater
from node.posts import pins

_log = logging.getLogger(__name__)
READ: Final = "posts.read_featured"
_LIMITS: Final = Limits(pages=2, items=pins.MAX_REMOTE)


def ask(tx: Tx, actor: Actor, *, after: timedelta = timedelta()) -> None:
    """Have the collections of a remote actor read, if they have any. Asked twice before it is done, it is done once."""
    if not actor.is_local and (actor.featured or actor.featured_tags):
        queue.enqueue(tx, READ, {"actor": actor.id}, run_at=tx.now + after, once=f"{READ}:{actor.id}")


class FeaturedReader:
    """The task that reads `featured` and `featuredTags`, within the budget of a walk and at most twenty posts."""

    def __init__(self, db: Database, resolver: Resolver) -> None:
        """Posts that are not here are fetched through `resolver`."""
        self._db = db
        self._resolver = resolver

    async def run(self, task: Task) -> None:
        """Read both collections; what cannot be had leaves things as they were. Raises RetryLater."""
        actor = await self._db.read(_wanted, int(str(task.payload["actor"])))
        if actor is None:
            return
        if (found := await self._members(actor.featured)) is not None:
            uris = [uri for item in found if (uri := as_id(item)) and same_origin(uri, actor.uri)]
            for uri in uris:
                await self._resolver.post(uri)
            await self._db.write(pins.replace_pins, actor, uris)
        if (found := await self._members(actor.featured_tags)) is not None:
            names = [pins.tag_name(inner) for item in found if (inner := as_object(item)) is not None]
            await self._db.write(pins.replace_tags, actor, [name for name in names if name])

    async def _members(self, collection: str | None) -> tuple[JsonValue, ...] | None:
        if collection is None:
            return None
        try:
            return (await walk(collection, self._resolver.fetched, limits=_LIMITS)).items
        except FetchFailed as error:
            if error.retryable:
                raise RetryLater(str(error)) from None
            _log.info("%s cannot be read: %s", collection, error)
        except ProtocolError as error:
            _log.info("%s makes no sense: %s", collection, error)
        return None


def _wanted(conn: Connection, actor_id: int) -> Actor | None:
    """The actor, as long as somebody here follows them: a stranger's collections are not read."""
    actor = actors.find(conn, actor_id)
    if actor is None or actor.is_local or not actor.is_active or not relationships.local_followers(conn, actor.id):
        return None
    return actor
