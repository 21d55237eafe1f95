# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association says: its rules, its texts, its announcements, and how members answered those."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, Text

from node.kernel.clock import Moment
from node.kernel.db import metadata

# A rule that is taken back keeps its row: reports name it.
instance_rules = Table(
    "instance_rules",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("hint", Text, nullable=False, server_default=""),
    Column("removed_at", Moment),
)

# Every version of a text: whoever joined under an older one can still read it. `day` is the first on which it holds.
instance_texts = Table(
    "instance_texts",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("source", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

announcements = Table(
    "announcements",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("starts_at", Moment),
    Column("ends_at", Moment),
    Column("all_day", Boolean, nullable=False, default=False),
    Column("language", String(16)),
    # May be to come: until then only those who write announcements see it.
    Column("published_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

announcement_dismissals = Table(
    "announcement_dismissals",
    metadata,
    Column("announcement_id", BigInteger, ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), primary_key=True, index=True),
)

announcement_reactions = Table(
    "announcement_reactions",
    metadata,
    Column("announcement_id", BigInteger, ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("created_at", Moment, nullable=False),
)
