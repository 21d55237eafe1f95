# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say of themselves that posts link to: one row an address, however many posts lead there."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

previews = Table(
    "previews",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # SHA-256 of the address: an address itself is too long for an index.
    Column("key", String(64), nullable=False, unique=True),
    Column("url", String(2048), nullable=False),
    Column("host", String(255), nullable=False, server_default=""),
    # waiting, ready, none (the page says nothing, or cannot be read)
    Column("state", String(16), nullable=False),
    # The card as posts show it, but for its picture's address, which follows from `file`; see `node.previews.types`.
    Column("card", JSON(none_as_null=True)),
    # The picture of the card in the media store, and where it came from.
    Column("file", String(100)),
    Column("picture_url", String(2048)),
    # Who wrote the page, if it says so and they agree to be named by it.
    Column("author_id", BigInteger, ForeignKey("actors.id", ondelete="SET NULL"), index=True),
    Column("fetched_at", Moment),
    # When the page is asked; of one that was sought in vain, or read, not before when it is asked again.
    Column("next_at", Moment),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    # When a host is asked next.
    Index("ix_previews_host", "host", "state", "next_at"),
)

post_previews = Table(
    "post_previews",
    metadata,
    # A post shows one card: that of its first link.
    Column("post_id", BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("preview_id", BigInteger, ForeignKey("previews.id", ondelete="CASCADE"), nullable=False),
    # The posts that link to a page, newest first.
    Index("ix_post_previews_preview", "preview_id", "post_id"),
)
