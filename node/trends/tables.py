# SPDX-License-Identifier: AGPL-3.0-or-later
"""What trends, as it was last computed, and what the staff does not want to see among it."""

from sqlalchemy import Column, Float, Index, Integer, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

trends = Table(
    "trends",
    metadata,
    # tag, status, link
    Column("kind", String(16), primary_key=True),
    # A folded hashtag, the number of a post, or the key of a page (`node.previews`).
    Column("ref", String(255), primary_key=True),
    Column("display", String(2048), nullable=False),
    Column("score", Float, nullable=False),
    Column("accounts", Integer, nullable=False),
    # What trends most, first.
    Index("ix_trends_score", "kind", "score"),
)

hidden_trends = Table(
    "hidden_trends",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("ref", String(255), primary_key=True),
    Column("display", String(2048), nullable=False),
    Column("created_at", Moment, nullable=False),
)
