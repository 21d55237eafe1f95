# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contacts between members: one row for a pair, whoever asked; what each side keeps of the other; what each chose."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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

# What one side of a contact gives the other and notes of them. Theirs alone, and gone with the contact. Whoever asks may
# say beforehand what they will give: it counts once both are contacts.
contact_sides = Table(
    "contact_sides",
    metadata,
    Column("contact_id", BigInteger, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("owner_id", BigInteger, ForeignKey("actors.id"), primary_key=True, autoincrement=False),
    Column("grants", JSON, nullable=False),
    Column("note", Text, nullable=False),
    # The owner is told nothing of what the other does.
    Column("muted", Boolean, nullable=False, default=False),
    # When they last heard of each other, as the owner writes it down.
    Column("last_contact", Date),
    Index("ix_contact_sides_owner_id", "owner_id"),
)

contact_tags = Table(
    "contact_tags",
    metadata,
    Column("contact_id", BigInteger, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("owner_id", BigInteger, ForeignKey("actors.id"), primary_key=True, autoincrement=False),
    Column("name_key", String(40), primary_key=True),
    Column("name", String(40), nullable=False),
    # The list of one's contacts with a tag.
    Index("ix_contact_tags_owner_id", "owner_id", "name_key"),
)

# What a member can give to contacts, one by one, and nobody else is ever shown.
contact_data = Table(
    "contact_data",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id"), primary_key=True, autoincrement=False),
    Column("phone", String(120), nullable=False),
    Column("address", String(500), nullable=False),
    Column("birthday", String(40), nullable=False),
)

# How far a member's links may be used to show others a way, and who may ask them; who has chosen nothing has no row.
contact_choices = Table(
    "contact_choices",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id"), primary_key=True, autoincrement=False),
    Column("link_visibility", String(16), nullable=False),
    Column("show_path_to_me", String(16), nullable=False),
    Column("accept_from", String(16), nullable=False),
)
