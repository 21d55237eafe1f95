# SPDX-License-Identifier: AGPL-3.0-or-later
"""`Idempotency-Key`: a request that comes twice makes one thing.

The key is written in the transaction that makes the thing, so twenty equal requests at once make one and get the same
answer. Peers that stored it later published eleven copies.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update

from node.access.tables import idempotency_keys as keys
from node.actors import ActorId
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Invalid

LIFETIME: Final = timedelta(hours=24)
_MAX_KEY: Final = 255


def once(tx: Tx, member_id: ActorId, key: str | None, body: bytes, make: Callable[[], int]) -> int:
    """The number of what `make` makes, or of what it made when the member first sent this key.

    Raises Invalid if the key came before with another body.
    """
    if not key:
        return make()
    if len(key) > _MAX_KEY:
        raise Invalid("The Idempotency-Key is too long.")
    body_hash = hashlib.sha256(body).digest()
    here = (keys.c.member_id == member_id, keys.c.key == key)
    tx.conn.execute(delete(keys).where(keys.c.created_at < tx.now - LIFETIME))
    first = tx.conn.execute(
        insert_or_ignore(tx.conn, keys),
        {"member_id": member_id, "key": key, "body_hash": body_hash, "created_at": tx.now},
    )
    if first.rowcount == 0:
        kept = tx.conn.execute(select(keys.c.body_hash, keys.c.result_id).where(*here)).one()
        if kept.body_hash != body_hash or kept.result_id is None:
            raise Invalid("This Idempotency-Key was used for something else.")
        return int(kept.result_id)
    result = make()
    tx.conn.execute(update(keys).where(*here).values(result_id=result))
    return result


def renumber(tx: Tx, member_id: ActorId, before: int, after: int) -> None:
    """What a key made has become something else (a scheduled post was published): the same request is told of that."""
    tx.conn.execute(
        update(keys).where(keys.c.member_id == member_id, keys.c.result_id == before).values(result_id=after)
    )
