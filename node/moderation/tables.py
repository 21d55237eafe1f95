# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports, from here and from elsewhere, what the staff did about them, and what it decided about people."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from node.kernel.clock import Moment
from node.kernel.db import metadata

reports = Table(
    "reports",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # The Flag's id, its own or ours; a repeated Flag is the same report.
    Column("uri", String(2048), nullable=False, unique=True),
    # Who reported: a member, or the actor that signed the Flag (most servers sign with their own). Null once erased.
    Column("reporter_id", BigInteger, ForeignKey("actors.id", ondelete="SET NULL"), index=True),
    # The server that the Flag came from, for the limit per host; empty for a report by a member.
    Column("host", String(261), nullable=False, server_default=""),
    Column("target_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False, index=True),
    # Ids of the posts meant; kept as ids, since a report outlives the post.
    Column("posts", JSON, nullable=False, default=list),
    # Which rules it is said to break, by number.
    Column("rule_ids", JSON, nullable=False, default=list, server_default="[]"),
    Column("category", String(16), nullable=False, server_default="other"),
    Column("comment", Text, nullable=False, server_default=""),
    Column("forwarded", Boolean, nullable=False, default=False),
    Column("created_at", Moment, nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),
    Column("taken_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    Column("resolved_at", Moment),
    Column("resolved_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    # The staff's list, open ones first.
    Index("ix_reports_open", "resolved_at", "id"),
    Index("ix_reports_host", "host", "created_at"),
)

# What the staff decided about somebody. `ended_at`: it was taken back, by somebody of the staff or on appeal.
sanctions = Table(
    "sanctions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("target_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    # Null for the command line, and for staff who are gone.
    Column("staff_id", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    Column("report_id", BigInteger, ForeignKey("reports.id", ondelete="SET NULL")),
    # Why, in words for whom it is about.
    Column("text", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    # One appeal, and its answer.
    Column("appeal", Text),
    Column("appealed_at", Moment),
    Column("answered_at", Moment),
    Column("answered_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    Column("granted", Boolean),
    Index("ix_sanctions_target", "target_id", "id"),
    # The list of appeals that wait.
    Index("ix_sanctions_appeals", "answered_at", "appealed_at"),
)

# While follows are being ended for everybody at once: how many each member has lost until now.
severed = Table(
    "severed",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("followers", Integer, nullable=False),
    Column("following", Integer, nullable=False),
)

# What the staff did, one row each, never changed: who, what, about which report, account or domain; never why.
staff_actions = Table(
    "staff_actions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # Numbers alone, without foreign keys: what is gone changes no line of the log.
    Column("actor_id", BigInteger),
    Column("action", String(32), nullable=False),
    Column("report_id", BigInteger, index=True),
    Column("target_id", BigInteger, index=True),
    Column("domain", String(261), nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    # The line's place in the chain, and the digest of it and of the line before (see `chain`).
    Column("position", Integer, nullable=False, unique=True),
    Column("hash", String(32), nullable=False),
)

# How long the chain is, and the digest of its last line: one row.
staff_chain = Table(
    "staff_chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("length", Integer, nullable=False),
    Column("head", String(32), nullable=False),
)

# Accounts that one administrator wants deleted, until another agrees.
proposed_deletions = Table(
    "proposed_deletions",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("proposed_by", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("proposed_at", Moment, nullable=False),
)

# That a member has died: who says so, and what the association decided. One open row for each member at most.
deaths = Table(
    "deaths",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    # How it is known, in the words of whoever reported it. Null reporter: a roster, the command line, or erased since.
    Column("source", Text, nullable=False),
    Column("reported_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL"), index=True),
    Column("reported_at", Moment, nullable=False),
    Column("decided_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    Column("decided_at", Moment),
    Column("reason", Text, nullable=False, server_default=""),
    # As its owner wished: shown to nobody since it was decided (unless the staff had suspended it before), and deleted then.
    Column("hidden", Boolean, nullable=False, default=False),
    Column("removal_at", Moment, index=True),
    # The secretary's list.
    Index("ix_deaths_state", "state", "id"),
)

# What members wish to become of their account when they have died.
memorial_wishes = Table(
    "memorial_wishes",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("wish", String(16), nullable=False),
    Column("words", String(500), nullable=False),
    Column("told_at", Moment, nullable=False),
)

# What people without an account tell of members who have died, until it is dealt with. It names nobody by number.
death_tips = Table(
    "death_tips",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(120), nullable=False),
    Column("source", String(500), nullable=False),
    Column("email", String(254), nullable=False),
    Column("told_at", Moment, nullable=False),
)
