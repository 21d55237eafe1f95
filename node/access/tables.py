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
    # When whoever sits there last proved to be the member: changes of how one logs in ask for it anew.
    Column("proved_at", Moment),
)

# A login whose password was right and whose second proof is still to come.
half_logins = Table(
    "half_logins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("next", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

# The member's authenticator app. `secret` is encrypted under the node's secret; without `confirmed_at` it is being set up.
authenticators = Table(
    "authenticators",
    metadata,
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    # The last half minute whose code was taken: a code is good once.
    Column("last_step", BigInteger, nullable=False, server_default="0"),
    Column("confirmed_at", Moment),
    Column("created_at", Moment, nullable=False),
)

# Public halves of keys on members' own devices.
passkeys = Table(
    "passkeys",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("credential_id", LargeBinary(1023), nullable=False, unique=True),
    # In the form of COSE (RFC 9052), as the device gave it.
    Column("public_key", LargeBinary, nullable=False),
    # How often the device says that it has signed; 0 from those that do not count.
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
)

# Challenges that wait for a passkey to sign them: each for one browser and one answer.
passkey_challenges = Table(
    "passkey_challenges",
    metadata,
    Column("challenge_hash", String(64), primary_key=True),
    Column("ceremony", String(16), nullable=False),
    Column("bound_to", String(64), nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)

# Links that were sent by mail: to confirm an address, to change it, to set a new password.
mail_links = Table(
    "mail_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("member_id", BigInteger, ForeignKey("members.actor_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("email", String(254), nullable=False),
    # What the link holds for: once the password or the address has changed, it is worth nothing.
    Column("bound_to", String(64), nullable=False),
    # Where whoever asked for it wanted to go.
    Column("next", Text, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
)

# What ended lately, for the other processes of this node: they look here every second.
revocations = Table(
    "revocations",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_hash", String(64)),
    Column("member_id", BigInteger),
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
