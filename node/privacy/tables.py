# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members agreed to, which of the staff looked at their data, and the copies of it that they asked for."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

# One row for each time that somebody agreed; it stays when they take it back, with the moment.
consents = Table(
    "consents",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", String(16), nullable=False),
    # The day of the privacy policy that was in force, which the node keeps; empty where there was none.
    Column("text_version", String(10), nullable=False),
    # By which door: web, api, signup, command.
    Column("how", String(16), nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    Index("ix_consents_person", "person_id", "purpose", "withdrawn_at"),
)

access_log = Table(
    "access_log",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("viewer_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("subject_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("what", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    # What a member is shown.
    Index("ix_access_log_subject", "subject_id", "id"),
    Index("ix_access_log_viewer", "viewer_id"),
)

# Who has asked for their account to be deleted, until it is or they come back.
departures = Table(
    "departures",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("asked_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    # They want out of the association's list of graduates, too.
    Column("leaves_roster", Boolean, nullable=False, default=False),
)

exports = Table(
    "exports",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False, index=True),
    # The name of the file, chosen before it is written, so that a second try writes over the first.
    Column("file", String(40), nullable=False),
    Column("size", BigInteger),
    Column("asked_at", Moment, nullable=False),
    # Null while it is being made.
    Column("ready_at", Moment),
)

# Files with members' data that somebody of the staff took along: that they did, and whose data it was.
staff_exports = Table(
    "staff_exports",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # Null where they are gone, and for the command line.
    Column("by_id", BigInteger, ForeignKey("actors.id", ondelete="SET NULL"), index=True),
    Column("what", String(16), nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)

staff_export_people = Table(
    "staff_export_people",
    metadata,
    Column("export_id", BigInteger, ForeignKey("staff_exports.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # What of somebody's was taken along.
    Index("ix_staff_export_people_person", "person_id"),
)

# Members who are gone: when, how many servers were asked to forget them, and which of these have not said that they did.
erasures = Table(
    "erasures",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("told", Integer, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

erasure_hosts = Table(
    "erasure_hosts",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("erasures.actor_id", ondelete="CASCADE"), primary_key=True),
    Column("host", String(255), primary_key=True),
    Column("since", Moment, nullable=False),
)
