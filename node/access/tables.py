# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may act here for whom: sessions of browsers, applications, their codes and tokens. Secrets are kept as SHA-256."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from node.kernel.clock import Moment
from node.kernel.db import metadata

sessions = Table(
    "sessions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("user_agent", String(255), nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

apps = Table(
    "apps",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("client_id", String(64), nullable=False, unique=True),
    Column("secret_hash", String(64), nullable=False),
    Column("name", String(120), nullable=False),
    Column("website", String(2048)),
    Column("redirect_uris", JSON, nullable=False),
    Column("scopes", String(1000), nullable=False),
    Column("created_at", Moment, nullable=False),
)

codes = Table(
    "codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("app_id", BigInteger, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False),
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("scopes", String(1000), nullable=False),
    Column("challenge", String(128)),
    Column("used_at", Moment),
    Column("created_at", Moment, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("app_id", BigInteger, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False, index=True),
    # Null for a token of the application itself (client_credentials).
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), index=True),
    Column("scopes", String(1000), nullable=False),
    Column("code_hash", String(64), index=True),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
)

# What a client sent with an Idempotency-Key, so that a repeat makes nothing new.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_hash", LargeBinary(32), nullable=False),
    Column("result_id", BigInteger),
    Column("created_at", Moment, nullable=False),
    Index("ix_idempotency_keys_created_at", "created_at"),
)

# Attempts at a login, counted in the database so that a restart or a second process forgets none.
attempts = Table(
    "attempts",
    metadata,
    Column("bucket", String(255), primary_key=True),
    Column("window", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
)
