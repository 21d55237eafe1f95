# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members do not want to see: filters, each with words and with single posts."""

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Column, ForeignKey, String, Table, UniqueConstraint

from node.kernel.clock import Moment
from node.kernel.db import metadata

filters = Table(
    "filters",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", String(256), nullable=False),
    Column("context", JSON, nullable=False),
    Column("action", String(8), nullable=False),
    # Made by an old app that does not look at `filtered`: what matches is left out of home before the app sees it.
    Column("irreversible", Boolean, nullable=False, default=False),
    Column("expires_at", Moment, index=True),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("action IN ('warn', 'hide', 'blur')", name="action"),
)

filter_keywords = Table(
    "filter_keywords",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("filter_id", BigInteger, ForeignKey("filters.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("keyword", String(512), nullable=False),
    Column("whole_word", Boolean, nullable=False),
)

filter_statuses = Table(
    "filter_statuses",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("filter_id", BigInteger, ForeignKey("filters.id", ondelete="CASCADE"), nullable=False),
    # No foreign key: posts stand above, and take themselves out when they go.
    Column("post_id", BigInteger, nullable=False, index=True),
    UniqueConstraint("filter_id", "post_id"),
)
