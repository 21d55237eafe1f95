# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is kept of the traffic with other servers: activities, hosts, tombstones, and whom we do not talk to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata

activities = Table(
    "activities",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # The activity's own id; for one without an id, a digest of what it says (`urn:sha256:...`).
    Column("uri", String(2048), nullable=False),
    Column("type", String(64), nullable=False),
    Column("actor", String(2048), nullable=False),
    Column("object", String(2048)),
    Column("object_type", String(64)),
    Column("body", LargeBinary, nullable=False),
    Column("local", Boolean, nullable=False),
    Column("public", Boolean, nullable=False, default=False),
    Column("undone_at", Moment),
    Column("created_at", Moment, nullable=False),
    # Mobilizon uses one id for a Join and its Leave, so the id alone is not enough.
    UniqueConstraint("uri", "type", "actor"),
    # An actor's outbox, newest first.
    Index("ix_activities_outbox", "actor", "local", "public", "id"),
    # Undo, Accept and Reject by what they name.
    Index("ix_activities_object", "object", "type"),
)

# Which of our actors an activity names as its recipients or as its object: their inbox is read by it, newest first.
recipients = Table(
    "recipients",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("activity_id", BigInteger, ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True, index=True),
)

hosts = Table(
    "hosts",
    metadata,
    Column("domain", String(261), primary_key=True),
    # The signature family that the host took last: cavage or rfc9421; null before the first answer.
    Column("signature", String(16)),
    Column("signature_learnt_at", Moment),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_success_at", Moment),
    Column("last_failure_at", Moment),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_error", String(500)),
    # Since when nothing is sent there but a probe at times, and how many of these have failed.
    Column("held_since", Moment, index=True),
    Column("probes", Integer, nullable=False, server_default="0"),
    # Since when the server says of itself that it is no more (410).
    Column("gone_at", Moment),
)

blocked_domains = Table(
    "blocked_domains",
    metadata,
    Column("domain", String(253), primary_key=True),
    Column("reason", String(500), nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("uri", String(2048), primary_key=True),
    Column("actor", String(2048), nullable=False),
    Column("type", String(64), nullable=False, server_default=""),
    Column("deleted_at", Moment, nullable=False),
    Index("ix_tombstones_deleted_at", "deleted_at"),
)
