# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contacts between members: one row for a pair, whoever asked."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint

from node.kernel.clock import Moment
from node.kernel.db import metadata

contacts = Table(
    "contacts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("low_id", BigInteger, ForeignKey("actors.id"), nullable=False),
    Column("high_id", BigInteger, ForeignKey("actors.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("requested_by", BigInteger, nullable=False),
    # Whoever was declined has taken back what they asked; they do not know that there was an answer.
    Column("withdrawn", Boolean, nullable=False, default=False),
    # What the one who asked wrote, for the other alone; gone once they are contacts.
    Column("message", String(500), nullable=False),
    Column("how_met", String(120), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    UniqueConstraint("low_id", "high_id", name="uq_contacts_pair"),
    CheckConstraint("low_id < high_id", name="ck_contacts_order"),
    Index("ix_contacts_high_id", "high_id"),
    Index("ix_contacts_state", "state", "asked_at"),
)
