# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events, here and from other nodes, and who takes part. The text, audience and author of an event are its post's."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata

events = Table(
    "events",
    metadata,
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("title", String(500), nullable=False),
    # What the organiser of a remote event says of it, as sanitised HTML; of a local one the post has the source.
    Column("text", Text, nullable=False, server_default=""),
    # The wall clock at the place, as the organiser gave it ("2027-03-12T19:00"), and its zone: a change of the zone's
    # rules moves the event rightly. The UTC columns follow from both.
    Column("start_local", String(19), nullable=False),
    Column("end_local", String(19)),
    Column("timezone", String(64), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment),
    Column("place_name", String(255), nullable=False, server_default=""),
    Column("street", String(255), nullable=False, server_default=""),
    Column("postcode", String(32), nullable=False, server_default=""),
    Column("city", String(255), nullable=False, server_default=""),
    Column("country", String(64), nullable=False, server_default=""),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("online_url", String(2048)),
    # Null: no limit.
    Column("capacity", Integer),
    # What the origin says of a remote event.
    Column("remaining", Integer),
    Column("going_count", Integer, nullable=False, server_default="0"),
    Column("join_mode", String(16), nullable=False, server_default="free"),
    Column("external_url", String(2048)),
    Column("status", String(16), nullable=False, server_default="CONFIRMED"),
    CheckConstraint("status IN ('CONFIRMED', 'CANCELLED', 'TENTATIVE')", name="status"),
    # What comes next.
    Index("ix_events_starts_at", "starts_at"),
    # What is over next.
    Index("ix_events_ends_at", "ends_at"),
)

participations = Table(
    "participations",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("post_id", BigInteger, ForeignKey("events.post_id", ondelete="CASCADE"), nullable=False),
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    # pending (sent to another node, no answer yet), going, rejected, cancelled
    Column("state", String(16), nullable=False),
    # The Join activity's id, which Accept, Reject and Undo name.
    Column("uri", String(2048), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("post_id", "actor_id"),
    CheckConstraint("state IN ('pending', 'going', 'rejected', 'cancelled')", name="state"),
    Index("ix_participations_actor", "actor_id", "state"),
)
