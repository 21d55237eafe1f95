# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where devices want to be told, and the key by which the servers of their makers know this node."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata

push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    # A plain counter: apps read it into 32 bits.
    Column("id", Integer, primary_key=True, autoincrement=True),
    # One for each token; it says nothing once the token is revoked.
    Column("token_id", BigInteger, ForeignKey("tokens.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), nullable=False, index=True),
    # The token itself, encrypted under the node's key: apps with several accounts know by it whom a message is for.
    Column("sealed_token", LargeBinary, nullable=False),
    Column("endpoint", String(2048), nullable=False),
    Column("p256dh", LargeBinary, nullable=False),
    Column("auth", LargeBinary, nullable=False),
    # RFC 8291; otherwise the draft before it, which many relays still speak.
    Column("standard", Boolean, nullable=False, default=False),
    Column("alerts", JSON, nullable=False, default=list),
    Column("policy", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("policy IN ('all', 'followed', 'follower', 'none')", name="policy"),
    sqlite_autoincrement=True,
)

# One row: the node's key for this purpose (VAPID, RFC 8292), made once. A new one would silence every device.
push_keys = Table(
    "push_keys",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("public", String(128), nullable=False),
)
