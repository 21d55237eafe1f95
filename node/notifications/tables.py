# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rows that tell a member that something happened: a kind, who caused it, and the post it is about, if any."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

notifications = Table(
    "notifications",
    metadata,
    # A plain counter: clients read it as a number and must not lose digits (below 2**53). SQLite counts only INTEGER keys.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("type", String(32), nullable=False),
    Column("from_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("post_id", BigInteger),
    # The same thing told twice (a repeated delivery) is told once.
    Column("once", String(255), nullable=False),
    Column("read", Boolean, nullable=False, default=False),
    Column("created_at", Moment, nullable=False),
    Index("uq_notifications_once", "owner_id", "once", unique=True),
    Index("ix_notifications_owner", "owner_id", "id"),
    Index("ix_notifications_post", "post_id"),
    sqlite_autoincrement=True,
)
