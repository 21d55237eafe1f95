# SPDX-License-Identifier: AGPL-3.0-or-later
"""What many people write about and pass on at present, as counted last; and what moderators do not want shown."""

from sqlalchemy import JSON, BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

trends = Table(
    "trends",
    metadata,
    # tag, post, link
    Column("kind", String(8), primary_key=True),
    # The hashtag, or the number of the post or of the preview.
    Column("key", String(255), primary_key=True),
    # From 0, the highest score first.
    Column("position", Integer, nullable=False),
    Column("score", Float, nullable=False),
    # Of each of seven days, today first: [midnight in seconds, uses, people].
    Column("history", JSON, nullable=False, default=list),
    Column("computed_at", Moment, nullable=False),
    # A page of one kind, in order.
    Index("ix_trends_position", "kind", "position"),
)

hidden_trends = Table(
    "hidden_trends",
    metadata,
    Column("kind", String(8), primary_key=True),
    Column("key", String(255), primary_key=True),
    # What it was, in words, for the list of the staff.
    Column("label", String(500), nullable=False, server_default=""),
    Column("hidden_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL"), index=True),
    Column("created_at", Moment, nullable=False),
)
