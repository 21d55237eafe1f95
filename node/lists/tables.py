# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists that members make, who is on them, and their timelines, written when a post arrives as the home timelines are."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata

lists = Table(
    "lists",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("title", String(256), nullable=False),
    # Which answers of its people it shows: to anybody whom the owner follows, to people on the list, or none.
    Column("replies_policy", String(16), nullable=False),
    # What its people write does not come to the owner's home timeline.
    Column("exclusive", Boolean, nullable=False, default=False),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("replies_policy IN ('followed', 'list', 'none')", name="replies_policy"),
    # One's own lists, in the order in which they were made.
    Index("ix_lists_owner", "owner_id", "id"),
)

list_members = Table(
    "list_members",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("list_id", BigInteger, ForeignKey("lists.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    UniqueConstraint("list_id", "account_id"),
    # On whose lists the author of a new post is.
    Index("ix_list_members_account", "account_id", "list_id"),
    # Who is on a list, newest first.
    Index("ix_list_members_list", "list_id", "id"),
)

list_entries = Table(
    "list_entries",
    metadata,
    Column("list_id", BigInteger, ForeignKey("lists.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # No foreign key: posts stand above; whoever deletes a post removes it from timelines first.
    Column("post_id", BigInteger, primary_key=True, autoincrement=False),
    Column("author_id", BigInteger, nullable=False),
    Index("ix_list_entries_post", "post_id"),
    # Whoever leaves a list takes their posts along.
    Index("ix_list_entries_author", "list_id", "author_id"),
)
