# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a node has said and what waits to be delivered, read from the database."""

from typing import Any

import orjson
from sqlalchemy import Connection, select

from node.federation.tables import activities
from node.kernel import queue
from node.kernel.db import Database

Json = dict[str, Any]


def deliveries(db: Database) -> list[tuple[str, Json]]:
    """What waits to be delivered, in order: (inbox, activity). What has been forgotten meanwhile is left out."""

    def read(conn: Connection) -> list[tuple[str, Json]]:
        found = []
        for row in conn.execute(
            select(queue.tasks.c.payload).where(queue.tasks.c.queue == queue.DELIVERY).order_by(queue.tasks.c.id)
        ):
            payload = orjson.loads(row.payload)
            body = conn.execute(select(activities.c.body).where(activities.c.id == payload["activity"])).scalar()
            if body is not None:
                found.append((payload["inbox"], orjson.loads(body)))
        return found

    return db.read_now(read)


def said(db: Database) -> list[Json]:
    """The activities of this node's actors, oldest first."""

    def read(conn: Connection) -> list[Json]:
        rows = conn.execute(select(activities.c.body).where(activities.c.local.is_(True)).order_by(activities.c.id))
        return [orjson.loads(row.body) for row in rows]

    return db.read_now(read)
