# SPDX-License-Identifier: AGPL-3.0-or-later
"""Threads that a member wants to hear nothing of any more, also of what is answered in them later."""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, select

from node.actors import ActorId
from node.kernel.db import Tx, insert_or_ignore
from node.notifications.tables import muted_threads

_IS_MUTED = select(muted_threads.c.owner_id).where(
    muted_threads.c.owner_id == bindparam("owner_id"), muted_threads.c.thread_id == bindparam("thread_id")
)


def mute_thread(tx: Tx, owner_id: ActorId, thread_id: int) -> None:
    """Hear nothing of a thread. Twice changes nothing."""
    tx.conn.execute(
        insert_or_ignore(tx.conn, muted_threads),
        {"owner_id": owner_id, "thread_id": thread_id, "created_at": tx.now},
    )


def unmute_thread(tx: Tx, owner_id: ActorId, thread_id: int) -> None:
    """Hear of it again."""
    tx.conn.execute(
        delete(muted_threads).where(muted_threads.c.owner_id == owner_id, muted_threads.c.thread_id == thread_id)
    )


def is_thread_muted(conn: Connection, owner_id: int, thread_id: int) -> bool:
    """Whether a member mutes the thread."""
    return conn.execute(_IS_MUTED, {"owner_id": owner_id, "thread_id": thread_id}).first() is not None


def join_threads(tx: Tx, former: Collection[int], thread_id: int) -> None:
    """Threads turn out to be parts of one: whoever mutes a part mutes the whole."""
    parts = set(former) - {thread_id}
    if not parts:
        return
    owners = set(
        tx.conn.execute(select(muted_threads.c.owner_id).where(muted_threads.c.thread_id.in_(parts))).scalars()
    )
    for owner_id in owners:
        mute_thread(tx, ActorId(owner_id), thread_id)
    tx.conn.execute(delete(muted_threads).where(muted_threads.c.thread_id.in_(parts)))
