# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members say about themselves. Beside each value stands the level up to which it is shown (`ladder.Level`)."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata

profiles = Table(
    "profiles",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("actors.id"), primary_key=True, autoincrement=False),
    # Null is no answer yet, which counts as the narrowest that the rules allow.
    Column("listed_to", String(16)),
    Column("federation_mode", String(16)),
    Column("given_name", String(60), nullable=False, server_default=""),
    Column("given_name_level", SmallInteger, nullable=False, server_default="3"),
    Column("family_name", String(60), nullable=False, server_default=""),
    Column("family_name_level", SmallInteger, nullable=False, server_default="3"),
    Column("birth_family_name", String(60), nullable=False, server_default=""),
    Column("birth_family_name_level", SmallInteger, nullable=False, server_default="2"),
    # At most five, as somebody was or is called besides.
    Column("other_names", JSON, nullable=False, default=list),
    Column("other_names_level", SmallInteger, nullable=False, server_default="2"),
    Column("name_pronunciation", String(60), nullable=False, server_default=""),
    Column("name_pronunciation_level", SmallInteger, nullable=False, server_default="3"),
    Column("pronouns", String(60), nullable=False, server_default=""),
    Column("pronouns_level", SmallInteger, nullable=False, server_default="3"),
    Column("headline", String(120), nullable=False, server_default=""),
    Column("headline_level", SmallInteger, nullable=False, server_default="3"),
    # Pairs of a tag and how well it is spoken.
    Column("languages", JSON, nullable=False, default=list),
    Column("languages_level", SmallInteger, nullable=False, server_default="3"),
    # The level of the location is for both.
    Column("city", String(80), nullable=False, server_default=""),
    Column("country", String(2), nullable=False, server_default=""),
    Column("location_level", SmallInteger, nullable=False, server_default="3"),
    # Goes up when what stands once is said anew: a form that was opened before does not write over it.
    Column("version", Integer, nullable=False, server_default="1"),
    Column("updated_at", Moment, nullable=False),
)

profile_entries = Table(
    "profile_entries",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("actor_id", BigInteger, ForeignKey("actors.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    # Checked by `rules` before it is kept; the keys are the fields of the kind's class there.
    Column("details", JSON, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("position", Integer, nullable=False),
    # Of what is sought and offered alone.
    Column("state", String(16)),
    Column("valid_until", Moment),
    Column("published_at", Moment),
    # When its member was told that it runs out.
    Column("told_at", Moment),
    Column("renewals", SmallInteger, nullable=False, server_default="0"),
    # How it was found, in the words of whoever sought it.
    Column("story", String(400), nullable=False, server_default=""),
    # Goes up when it is said anew.
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    CheckConstraint("level BETWEEN 0 AND 5", name="ck_profile_entries_level"),
    # Somebody's page.
    Index("ix_profile_entries_actor", "actor_id", "kind", "position"),
    # What has lapsed, and who seeks or offers something.
    Index("ix_profile_entries_state", "kind", "state", "valid_until"),
    # Which of all ends next.
    Index("ix_profile_entries_valid_until", "valid_until"),
)

# Who helped to find what was sought, in the words of whoever sought it.
profile_thanks = Table(
    "profile_thanks",
    metadata,
    Column("entry_id", BigInteger, ForeignKey("profile_entries.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", BigInteger, ForeignKey("actors.id"), primary_key=True, index=True),
)
