# SPDX-License-Identifier: AGPL-3.0-or-later
"""By what the members of this node are found, and what of it they follow. All but the watches is derived: `alumnode
directory rebuild` makes it anew.

Whoever may not be found now (suspended, not let in yet, deleted) has no rows. Every row of words and values carries the
level at which it may be found, which is never above the one at which its owner is listed, and its owner's class: so a
statement sees from the row alone whether a viewer may match it.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata


def _word(length: int) -> String:
    """Letters compared by their numbers, as SQLite does: the beginning of a word is then a range of an index."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


directory_people = Table(
    "directory_people",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # To whom the member is listed, as a level of the ladder; those who are listed to nobody stand at their contacts'.
    Column("listed", Integer, nullable=False),
    Column("class_year", Integer),
    # The year and the school, which make a class; empty for somebody without one.
    Column("class_key", _word(264), nullable=False),
    Column("sort_key", _word(128), nullable=False),
    # When they came to this class, or were first listed to so many.
    Column("since", Moment, nullable=False),
    # The directory without a search: by class and name.
    Index("ix_directory_people_order", "class_year", "sort_key", "actor_id", "listed"),
    # Who is new in a class that somebody follows.
    Index("ix_directory_people_class", "class_key", "since"),
)

directory_words = Table(
    "directory_words",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    # Of what the word is one: name, handle, city, employer, skill ...
    Column("kind", String(16), nullable=False),
    Column("word", _word(64), nullable=False),
    # The word from behind: who looks for one with a letter wrong in its first half has the second half right.
    Column("backwards", _word(64), nullable=False),
    Column("sound", _word(32), nullable=False),
    Column("level", Integer, nullable=False),
    Column("class_key", _word(264), nullable=False),
    PrimaryKeyConstraint("actor_id", "kind", "word"),
    Index("ix_directory_words_word", "word", "level", "class_key", "actor_id", "kind"),
    Index("ix_directory_words_backwards", "backwards", "word"),
    Index("ix_directory_words_sound", "sound", "word"),
)

directory_values = Table(
    "directory_values",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    # city, employer, skill, seek or offer (the category of it), and what else can be filtered by.
    Column("kind", String(16), nullable=False),
    Column("value_key", _word(64), nullable=False),
    Column("label", String(255), nullable=False),
    Column("level", Integer, nullable=False),
    Column("class_key", _word(264), nullable=False),
    # When they said so first, or first to so many.
    Column("since", Moment, nullable=False),
    PrimaryKeyConstraint("actor_id", "kind", "value_key"),
    # The filters, and how many there are of each.
    Index("ix_directory_values_value", "kind", "value_key", "level", "class_key", "actor_id"),
)

# What members follow: whoever is new there stands in their digest.
directory_watches = Table(
    "directory_watches",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    # class, city or skill.
    Column("kind", String(16), nullable=False),
    # As in `directory_values`, or the key of a class.
    Column("value_key", _word(264), nullable=False),
    Column("label", String(255), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("member_id", "kind", "value_key", name="uq_directory_watches_value"),
)
