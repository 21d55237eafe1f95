# SPDX-License-Identifier: AGPL-3.0-or-later
"""By what the members of this node are found. All of it is derived: `alumnode directory rebuild` makes it anew.

Whoever may not be found now (suspended, not let in yet, deleted) has no rows. Every row of words and values carries the
level at which it may be found, which is never above the one at which its owner is listed, and its owner's class: so a
statement sees from the row alone whether a viewer may match it.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table

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
    # The directory without a search: by class and name.
    Index("ix_directory_people_order", "class_year", "sort_key", "actor_id", "listed"),
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
    # city, employer, skill, seek or offer (the category of it).
    Column("kind", String(16), nullable=False),
    Column("value_key", _word(64), nullable=False),
    Column("label", String(255), nullable=False),
    Column("level", Integer, nullable=False),
    Column("class_key", _word(264), nullable=False),
    PrimaryKeyConstraint("actor_id", "kind", "value_key"),
    # The filters, and how many there are of each.
    Index("ix_directory_values_value", "kind", "value_key", "level", "class_key", "actor_id"),
)
