# SPDX-License-Identifier: AGPL-3.0-or-later
"""Agreeing with other servers on who follows whom (FEP-8fcf): a lost Undo or Accept must not leave a reader who should not
be one, nor leave one out.

With every post for followers its author's server says how its list of our members looks, as a digest. If ours differs, we
read the list and go by it: the author's server decides who follows its people, and our members decide whom they follow.

    we hold, not listed            the follow ends here
    listed, we hold it pending     their Accept was lost: it is accepted
    listed, we hold nothing        our Undo was lost: it is sent again
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select

from activitypub import activity as activity_documents
from activitypub.accessors import as_id
from activitypub.errors import Malformed, ProtocolError
from activitypub.origin import origin, same_origin
from activitypub.synchronisation import Synchronisation, digest, write
from node import federation
from node.actors import Actor, by_uri, by_uris, find
from node.actors.tables import actors
from node.federation.client import FetchFailed
from node.federation.resolve import Resolver
from node.federation.walk import walk
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.queue import Task
from node.kernel.worker import RetryLater
from node.relationships import actions, queries
from node.relationships.queries import ACCEPTED
from node.relationships.tables import follows

_log = logging.getLogger(__name__)
SYNCHRONISE: Final = "relationships.synchronise"
ATTEMPTS: Final = 4
PATH: Final = "followers_synchronization"
_AFTER: Final = timedelta(minutes=1)
"""A Follow or an Undo of the same moment may still be under way."""
_THERE = (
    select(actors.c.uri)
    .join_from(follows, actors, follows.c.follower_id == actors.c.id)
    .where(
        follows.c.followee_id == bindparam("actor_id"),
        follows.c.state == ACCEPTED,
        actors.c.domain != "",
        actors.c.uri.like(bindparam("pattern"), escape="\\"),
    )
    .order_by(actors.c.uri)
)
_HERE = (
    select(actors.c.uri)
    .join_from(follows, actors, follows.c.follower_id == actors.c.id)
    .where(follows.c.followee_id == bindparam("actor_id"), follows.c.state == ACCEPTED, actors.c.domain == "")
)


def followers_of(conn: Connection, actor_id: int, server: str) -> Sequence[str]:
    """The ids of an actor's followers on a server, which is named by any address of it."""
    try:
        base = str(origin(server, allow_http=True))
    except Malformed:
        return []
    pattern = base.replace("_", "\\_") + "/%"
    return conn.execute(_THERE, {"actor_id": actor_id, "pattern": pattern}).scalars().all()


def header(conn: Connection, actor_id: int, inbox: str) -> str | None:
    """What a post for followers says to the server of an inbox about its part of the author's followers."""
    actor = find(conn, actor_id)
    if actor is None or not actor.is_local or actor.followers is None:
        return None
    said = digest(followers_of(conn, actor_id, inbox))
    return write(Synchronisation(actor.followers, f"{actor.uri}/{PATH}", said))


def compare(tx: Tx, actor_uri: str, said: Synchronisation) -> None:
    """An actor's server has said how its list of our members looks; have it read if ours is another."""
    actor = by_uri(tx.conn, actor_uri)
    if actor is None or said.collection != actor.followers or not same_origin(said.url, actor.uri):
        return
    if digest(tx.conn.execute(_HERE, {"actor_id": actor.id}).scalars()) != said.digest:
        queue.enqueue(
            tx,
            SYNCHRONISE,
            {"actor": actor.id, "url": said.url, "digest": said.digest},
            lane=federation.host_of(said.url)[:255],
            run_at=tx.now + _AFTER,
            once=f"{SYNCHRONISE} {actor.id}",
        )


class Synchroniser:
    """The task that reads another server's list and goes by it."""

    def __init__(self, db: Database, resolver: Resolver) -> None:
        """Reads through `resolver`, signed by the node's actor."""
        self._db = db
        self._resolver = resolver

    async def run(self, task: Task) -> None:
        """Read the whole list; one that is not what the digest was made of is old, and nothing follows from it."""
        try:
            found = await walk(str(task.payload["url"]), self._resolver.fetched)
        except FetchFailed as error:
            if error.retryable:
                raise RetryLater(str(error)) from None
            return
        except ProtocolError:
            return
        listed = [uri for uri in (as_id(item) for item in found.items) if uri]
        if not found.whole or digest(listed) != str(task.payload["digest"]):
            _log.info("a list of followers was not what was said of it")
            return
        await self._db.write(reconcile, int(str(task.payload["actor"])), listed)


def reconcile(tx: Tx, actor_id: int, listed: Sequence[str]) -> None:
    """Bring our follows of an actor into line with their server's list of our members."""
    followee = find(tx.conn, actor_id)
    if followee is None:
        return
    named = {uri: actor for uri, actor in by_uris(tx.conn, set(listed)).items() if actor.is_local}
    for uri in tx.conn.execute(_HERE, {"actor_id": actor_id}).scalars().all():
        stale = by_uri(tx.conn, uri) if uri not in named else None
        if stale is not None:
            actions.end(tx, stale, followee)
    for member in named.values():
        known = queries.find(tx.conn, member.id, actor_id)
        if known is None:
            _undo_again(tx, member, followee)
        elif not known.is_accepted:
            actions.confirm(tx, known, member, followee)


def _undo_again(tx: Tx, member: Actor, followee: Actor) -> None:
    follow = activity_documents.build("Follow", id=tx.site.new_activity(), actor=member.uri, object=followee.uri)
    document = activity_documents.build(
        "Undo", id=tx.site.new_activity(), actor=member.uri, object=follow, to=[followee.uri]
    )
    federation.publish(tx, member, document, [followee.inbox], about=f"{member.uri} {followee.uri}")
