# SPDX-License-Identifier: AGPL-3.0-or-later
"""The graduates that the association knows of, and the imports that brought them. Nobody here is an account."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata

roster_imports = Table(
    "roster_imports",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # Null for the command line.
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="SET NULL"), index=True),
    Column("name", String(255), nullable=False),
    # Encoding, separator, columns, mode: how the file is to be read.
    Column("options", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    # The file, for as long as it is looked at; gone when it is in, or after two days.
    Column("file", LargeBinary),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("counts", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Index("ix_roster_imports_state", "state"),
)

roster_entries = Table(
    "roster_entries",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("source_id", String(64), nullable=False),
    Column("family_name", String(60), nullable=False),
    Column("birth_family_name", String(60), nullable=False),
    Column("given_name", String(60), nullable=False),
    Column("other_names", JSON, nullable=False),
    Column("names_key", String(255), nullable=False),
    Column("birth_date", Date),
    Column("emails", JSON, nullable=False),
    Column("deceased", Boolean, nullable=False),
    Column("deceased_on", Date),
    Column("details", JSON, nullable=False),
    # They do not want to be named to classmates, nor written to.
    Column("objected", Boolean, nullable=False, default=False),
    # The member whom the association has taken for this person.
    Column("claimed_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL"), unique=True),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_roster_entries_birth_date", "birth_date"),
    Index("ix_roster_entries_names_key", "names_key"),
    Index("ix_roster_entries_source_id", "source_id"),
)

roster_educations = Table(
    "roster_educations",
    metadata,
    Column("entry_id", BigInteger, ForeignKey("roster_entries.id", ondelete="CASCADE"), primary_key=True),
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    Column("class_year", Integer),
    Column("programme", String(255), nullable=False),
    Column("campus", String(255), nullable=False),
    Index("ix_roster_educations_class_year", "class_year"),
)

# The addresses of entries, in small letters, for finding somebody by one; what the association wrote stays in the entry.
roster_addresses = Table(
    "roster_addresses",
    metadata,
    Column("entry_id", BigInteger, ForeignKey("roster_entries.id", ondelete="CASCADE"), primary_key=True),
    Column("address", String(254), primary_key=True),
    Index("ix_roster_addresses_address", "address"),
)

# Who newcomers say they were at school, until they are let in or turned away.
roster_claims = Table(
    "roster_claims",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("given_name", String(60), nullable=False),
    Column("family_name", String(60), nullable=False),
    Column("class_year", Integer),
    Column("birth_date", Date),
    Column("student_number", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Letters to missing classmates. The address goes with the reminder, or when they come.
roster_invitations = Table(
    "roster_invitations",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", BigInteger, ForeignKey("roster_entries.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("invited_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL")),
    Column("invitation_id", BigInteger, ForeignKey("invitations.id", ondelete="SET NULL"), index=True),
    Column("email", String(254)),
    Column("sent_at", Moment, nullable=False),
    Column("reminded_at", Moment),
    Column("taken_back_at", Moment),
    Index("ix_roster_invitations_invited_by", "invited_by", "sent_at"),
)

# What an entry was before an import, so that the import can be undone; `before` is null where it made the entry.
roster_changes = Table(
    "roster_changes",
    metadata,
    Column("import_id", BigInteger, ForeignKey("roster_imports.id", ondelete="CASCADE"), primary_key=True),
    Column("entry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("before", JSON(none_as_null=True)),
    Index("ix_roster_changes_entry_id", "entry_id"),
)

# Whether people are the graduates they say they are (see `verification`). Whoever came by an invitation that names
# nobody of the roster has no row.
verifications = Table(
    "verifications",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("since", Moment, nullable=False),
    Column("appealed", Boolean, nullable=False, default=False),
    # How they were verified: by the roster, by vouching, by a decision, by an invitation.
    Column("method", String(16), nullable=False, server_default=""),
    Column("decided_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL"), index=True),
    # What those who decide said last: why not, or what they want to know; and what the newcomer answered.
    Column("reason", String(500), nullable=False, server_default=""),
    Column("answer", Text, nullable=False, server_default=""),
    # Their classmates may see, while they wait, that they do.
    Column("to_classmates", Boolean, nullable=False, default=False),
    # The end of the address that a newcomer gives to classmates. It opens nothing to whoever is not logged in.
    Column("code", String(32), nullable=False, unique=True),
    # Those who wait, in the order they came; and the sweep.
    Index("ix_verifications_state", "state", "since"),
)

# Corrections that delegates propose; what was decided is forgotten after a month, and all of somebody who goes.
roster_proposals = Table(
    "roster_proposals",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", BigInteger, ForeignKey("roster_entries.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("proposed_by", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), index=True),
    # The class in which the entry was at that moment, where somebody may be in several.
    Column("class_year", Integer),
    Column("field", String(24), nullable=False),
    Column("before", String(255), nullable=False),
    Column("value", String(255), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_by", BigInteger, ForeignKey("actors.id", ondelete="SET NULL"), index=True),
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment),
    # Those that wait, the oldest first.
    Index("ix_roster_proposals_state", "state", "id"),
)

# When those who decide were last written to about who waits, and how many that were.
roster_summaries = Table(
    "roster_summaries",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("sent_at", Moment, nullable=False),
    Column("waiting", Integer, nullable=False),
)

# Members who say that a newcomer is who they say. Kept, so that a fraud can be undone; the words go with the voucher.
vouches = Table(
    "vouches",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("by_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("how_known", String(16), nullable=False),
    Column("text", String(200), nullable=False),
    Column("same_class", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    # Whom somebody vouched for, and how many this year.
    Index("ix_vouches_by_id", "by_id", "created_at"),
)

# Who does not want to be in the roster, as keyed hashes of name, class and birth date: files skip them, and the node
# cannot say from these who they are.
roster_objections = Table(
    "roster_objections",
    metadata,
    Column("person_hash", String(32), primary_key=True),
    Column("created_at", Moment, nullable=False),
)
