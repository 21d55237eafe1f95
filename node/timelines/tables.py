# SPDX-License-Identifier: AGPL-3.0-or-later
"""Home timelines, written when a post arrives (fan-out on write) and trimmed to a length; and followed hashtags, which
bring posts there."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from node.kernel.clock import Moment
from node.kernel.db import metadata

home_entries = Table(
    "home_entries",
    metadata,
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True),
    # No foreign key: posts stand above; whoever deletes a post removes it from timelines first.
    Column("post_id", BigInteger, primary_key=True, autoincrement=False),
    Column("author_id", BigInteger, nullable=False),
    # The followed hashtag for which the post came; null for one by somebody who is followed.
    Column("tag", String(255)),
    Index("ix_home_entries_post", "post_id"),
    # Unfollowing takes an author's posts out again.
    Index("ix_home_entries_author", "owner_id", "author_id"),
)

markers = Table(
    "markers",
    metadata,
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True),
    Column("timeline", String(16), primary_key=True),
    Column("last_read_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

followed_tags = Table(
    "followed_tags",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    # Folded, as with posts; `display` is as it was written.
    Column("name", String(255), nullable=False),
    Column("display", String(255), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("owner_id", "name"),
    # Who follows the hashtags of a new post.
    Index("ix_followed_tags_name", "name", "owner_id"),
    # The hashtags that somebody follows, latest first.
    Index("ix_followed_tags_owner", "owner_id", "id"),
)
