# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rows that tell a member that something happened: a kind, who caused it, and the post it is about, if any.

Beside them: what a member decided about strangers, who waits because of it, and the threads they want to hear nothing of.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

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
    Column("report_id", BigInteger),
    # What a kind says that is about neither a post nor a report.
    Column("details", JSON(none_as_null=True)),
    # The same thing told twice (a repeated delivery) is told once.
    Column("once", String(255), nullable=False),
    # Which others it is shown with; null for what stands alone.
    Column("group_key", String(64)),
    # Kept apart by the member's policy, with the request of its sender.
    Column("filtered", Boolean, nullable=False, default=False),
    Column("read", Boolean, nullable=False, default=False),
    Column("created_at", Moment, nullable=False),
    Index("uq_notifications_once", "owner_id", "once", unique=True),
    Index("ix_notifications_owner", "owner_id", "id"),
    # A page of groups: is there a newer one of the same group?
    Index("ix_notifications_group", "owner_id", "group_key", "id"),
    # What one person caused: requests, and blocks.
    Index("ix_notifications_from", "owner_id", "from_id", "id"),
    Index("ix_notifications_post", "post_id"),
    sqlite_autoincrement=True,
)

_VERDICTS = "('accept', 'filter', 'drop')"

# What a member decided about people they may not know; no row means the defaults.
notification_policies = Table(
    "notification_policies",
    metadata,
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("not_following", String(8), nullable=False),
    Column("not_followers", String(8), nullable=False),
    Column("new_accounts", String(8), nullable=False),
    Column("private_mentions", String(8), nullable=False),
    Column("limited_accounts", String(8), nullable=False),
    # Whether the text of direct posts may go to devices, over the servers of their makers.
    Column("push_private", Boolean, nullable=False, default=False),
    CheckConstraint(f"not_following IN {_VERDICTS}", name="not_following"),
    CheckConstraint(f"not_followers IN {_VERDICTS}", name="not_followers"),
    CheckConstraint(f"new_accounts IN {_VERDICTS}", name="new_accounts"),
    CheckConstraint(f"private_mentions IN {_VERDICTS}", name="private_mentions"),
    CheckConstraint(f"limited_accounts IN {_VERDICTS}", name="limited_accounts"),
)

# Who waits because of the policy; counted from the notifications themselves.
notification_requests = Table(
    "notification_requests",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("from_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("last_post_id", BigInteger, index=True),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("owner_id", "from_id"),
    Index("ix_notification_requests_owner", "owner_id", "id"),
)

# Whose request a member accepted: they are heard whatever the policy says.
notification_permissions = Table(
    "notification_permissions",
    metadata,
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("from_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("created_at", Moment, nullable=False),
)

# Threads that a member wants to hear nothing of. The number is that of `posts.thread_id`.
muted_threads = Table(
    "muted_threads",
    metadata,
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("thread_id", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_muted_threads_thread", "thread_id"),
)
