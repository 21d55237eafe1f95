# SPDX-License-Identifier: AGPL-3.0-or-later
"""Home timelines, written when a post arrives (fan-out on write) and trimmed to a length."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

home_entries = Table(
    "home_entries",
    metadata,
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True),
    # No foreign key: posts stand above; whoever deletes a post removes it from timelines first.
    Column("post_id", BigInteger, primary_key=True, autoincrement=False),
    Column("author_id", BigInteger, nullable=False),
    Index("ix_home_entries_post", "post_id"),
    # Unfollowing takes an author's posts out again.
    Index("ix_home_entries_author", "owner_id", "author_id"),
)

markers = Table(
    "markers",
    metadata,
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True),
    Column("timeline", String(16), primary_key=True),
    Column("last_read_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
