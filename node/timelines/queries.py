# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading a home timeline, and how far it was read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from node.kernel.paging import Page, Paged
from node.timelines.tables import home_entries
from node.timelines.tables import markers as markers_table

_HOME = Paged(
    select(home_entries.c.post_id).where(home_entries.c.owner_id == bindparam("owner_id")), home_entries.c.post_id
)


@dataclass(frozen=True, slots=True)
class Marker:
    """How far a timeline was read; `version` counts the changes."""

    timeline: str
    last_read_id: int
    version: int
    updated_at: datetime


def home(conn: Connection, owner_id: int, page: Page) -> Sequence[int]:
    """The posts on a page of somebody's home timeline, newest first."""
    return [row.post_id for row in _HOME.read(conn, page, owner_id=owner_id)]


def markers(conn: Connection, owner_id: int, timelines: Collection[str]) -> dict[str, Marker]:
    """The markers that exist among those asked for."""
    rows = conn.execute(
        select(markers_table).where(markers_table.c.owner_id == owner_id, markers_table.c.timeline.in_(set(timelines)))
    )
    return {row.timeline: Marker(row.timeline, row.last_read_id, row.version, row.updated_at) for row in rows}
