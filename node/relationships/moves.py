# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moving to another account, theirs and ours (FEP-7628, push mode): followers follow the new one; posts stay.

    Move comes in ──> task: ask both ends afresh ──agree──> moved_to kept ──> task: followers, so many at a time
                                              └─otherwise─> nothing

Each batch of followers is one transaction with the row of the next batch, so a process that dies in between loses none
and moves none twice. Whoever may not follow the new account (a block) keeps following the old one.
"""

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, select

from activitypub import activity as activity_documents
from activitypub.errors import ProtocolError
from node import actors, federation
from node.actors import Actor
from node.actors.tables import actors as _actors
from node.federation import Received
from node.federation.client import FetchFailed
from node.federation.resolve import Resolver
from node.kernel import queue
from node.kernel.db import Database, Tx
from node.kernel.errors import Invalid, NotFound, Refused
from node.kernel.queue import Task
from node.kernel.worker import RetryLater
from node.relationships import actions, profiles, queries, rules
from node.relationships.queries import ACCEPTED
from node.relationships.tables import follows

_log = logging.getLogger(__name__)
CHECK: Final = "relationships.check_move"
REFOLLOW: Final = "relationships.refollow"
BATCH: Final = 50
PAUSE: Final = timedelta(seconds=10)
_NEXT = (
    select(follows)
    .join(_actors, _actors.c.id == follows.c.follower_id)
    .where(
        follows.c.followee_id == bindparam("followee_id"),
        follows.c.state == ACCEPTED,
        _actors.c.domain == "",
        follows.c.id > bindparam("after"),
    )
    .order_by(follows.c.id)
)


# -- ours -------------------------------------------------------------------------------------------------------------


def add_alias(tx: Tx, actor: Actor, other: Actor) -> Actor:
    """Say that another account was, or is, the same person's: they may move here then. Raises Invalid."""
    if other.id == actor.id:
        raise Invalid("This is the account that you have now.", field="alias")
    if other.uri in actor.also_known_as:
        return actor
    if len(actor.also_known_as) >= rules.MAX_ALIASES:
        raise Invalid("An account can have ten aliases. Please take one away first.", field="alias")
    return _changed(tx, actor, also_known_as=[*actor.also_known_as, other.uri])


def remove_alias(tx: Tx, actor: Actor, uri: str) -> Actor:
    """Say so no longer; what was not said is fine."""
    if uri not in actor.also_known_as:
        return actor
    return _changed(tx, actor, also_known_as=[one for one in actor.also_known_as if one != uri])


def move_away(tx: Tx, actor: Actor, target: Actor) -> None:
    """Move a member's account to another, whose document was just fetched: every follower is told, those here follow anew.

    Raises Invalid (the other account does not name this one) and Conflict (moved within thirty days).
    """
    if not target.is_active:
        raise NotFound
    actor = actors.get(tx.conn, actor.id)
    rules.check_departure(actor.uri, actor.moved_at, target.uri, target.also_known_as, tx.now)
    after = _changed(tx, actor, moved_to=target.uri, moved_at=tx.now)
    document = activity_documents.build(
        "Move",
        id=tx.site.new_activity(),
        actor=after.uri,
        object=after.uri,
        target=target.uri,
        to=[after.followers] if after.followers else [],
        published=tx.now,
    )
    federation.publish(tx, after, document, queries.follower_inboxes(tx.conn, after.id), about=after.uri)
    _begin(tx, after, target)


def stay(tx: Tx, actor: Actor) -> None:
    """Take the sign down that a member has moved. Followers who went do not come back by it."""
    if actors.get(tx.conn, actor.id).moved_to is not None:
        _changed(tx, actor, moved_to=None)


def _changed(tx: Tx, actor: Actor, **values: object) -> Actor:
    actors.touch(tx, actor.id, updated_at=tx.now, **values)
    after = actors.get(tx.conn, actor.id)
    profiles.tell_changed(tx, after)
    return after


# -- theirs -----------------------------------------------------------------------------------------------------------


def moved(tx: Tx, received: Received) -> None:
    """Somebody elsewhere says that they move. Believed once both ends have said so, and once in thirty days.

    Nothing is asked for where nobody here follows them.
    """
    actor, target = received.actor, received.activity.target_id
    if received.activity.object_id != actor.uri or target is None or target == actor.uri:
        return
    if rules.may_move_again(actor.moved_at, tx.now) and queries.local_followers(tx.conn, actor.id):
        queue.enqueue(tx, CHECK, {"actor": actor.id, "target": target}, once=f"{CHECK}:{actor.id}")


class Mover:
    """The two tasks of a move."""

    def __init__(self, db: Database, resolver: Resolver) -> None:
        """Both ends are asked through `resolver`, past whatever is known of them."""
        self._db = db
        self._resolver = resolver

    async def check(self, task: Task) -> bool:
        """Ask both accounts; where they agree, begin to have the followers here follow anew. Raises RetryLater."""
        old = await self._db.read(actors.find, int(str(task.payload["actor"])))
        target = str(task.payload["target"])
        if old is None or not old.is_active:
            return False
        try:
            left = await self._resolver.actor_document(old.uri)
            if self._db.site.is_local(target):
                new = await self._db.read(actors.by_uri, target)
                aliases = new.also_known_as if new is not None else ()
            else:
                arrived = await self._resolver.actor_document(target)
                aliases = arrived.also_known_as
            if not rules.agree(old.uri, left.moved_to, target, aliases):
                _log.info("a move of %s is not believed: the two accounts do not name each other", old.uri)
                return False
            old = await self._resolver.keep(left)
            if not self._db.site.is_local(target):
                new = await self._resolver.keep(arrived)
        except FetchFailed as error:
            if error.retryable:
                raise RetryLater(str(error)) from None
            _log.info("a move of %s cannot be checked: %s", old.uri, error)
            return False
        except ProtocolError as error:
            _log.info("a move of %s cannot be checked: %s", old.uri, error)
            return False
        if new is None or not new.is_active:
            return False
        await self._db.write(_believe, old.id, new.id, task.id)
        return True

    async def refollow(self, task: Task) -> bool:
        """Have the next followers here follow the new account."""
        old, new, after = (int(str(task.payload[name])) for name in ("old", "new", "after"))
        await self._db.write(refollow, old, new, after, task.id)
        return True


def _believe(tx: Tx, old_id: int, new_id: int, task_id: int) -> None:
    old, new = actors.get(tx.conn, old_id), actors.get(tx.conn, new_id)
    if rules.may_move_again(old.moved_at, tx.now):
        actors.touch(tx, old.id, moved_to=new.uri, moved_at=tx.now)
        _begin(tx, old, new)
    queue.complete(tx, task_id)


def _begin(tx: Tx, old: Actor, new: Actor) -> None:
    queue.enqueue(tx, REFOLLOW, {"old": old.id, "new": new.id, "after": 0})


def refollow(tx: Tx, old_id: int, new_id: int, after: int, task_id: int) -> None:
    """Move the next followers of this node from one account to the other, and leave a row for those after them."""
    old, new = actors.find(tx.conn, old_id), actors.find(tx.conn, new_id)
    if old is not None and new is not None and new.is_active:
        rows = tx.conn.execute(_NEXT.limit(BATCH), {"followee_id": old.id, "after": after}).all()
        people = actors.by_ids(tx.conn, [row.follower_id for row in rows])
        for row in rows:
            _follow_anew(tx, people[row.follower_id], old, new, row.show_boosts, row.notify, row.languages)
        if len(rows) == BATCH:
            onward = {"old": old.id, "new": new.id, "after": rows[-1].id}
            queue.enqueue(tx, REFOLLOW, onward, run_at=tx.now + PAUSE)
    queue.complete(tx, task_id)


def _follow_anew(
    tx: Tx, follower: Actor, old: Actor, new: Actor, show_boosts: bool, notify: bool, languages: tuple[str, ...] | None
) -> None:
    try:
        actions.follow(tx, follower, new, show_boosts=show_boosts, notify=notify, languages=languages)
    except Refused:
        return
    actions.unfollow(tx, follower, old)
