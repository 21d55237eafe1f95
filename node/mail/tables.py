# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which letters members want, and to which addresses nothing gets through. No address stands here, only a keyed hash."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

mail_choices = Table(
    "mail_choices",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # About what to yes or no, for what the member has chosen; the rest is as `rules.DEFAULTS` says.
    Column("wanted", JSON, nullable=False),
    Column("content", String(8), nullable=False),
)

mail_refusals = Table(
    "mail_refusals",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("address_hash", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_mail_refusals_address", "address_hash", "created_at"),
    # The sweep.
    Index("ix_mail_refusals_created_at", "created_at"),
)

lost_addresses = Table(
    "lost_addresses",
    metadata,
    Column("address_hash", String(32), primary_key=True),
    Column("since", Moment, nullable=False),
)
