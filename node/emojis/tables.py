# SPDX-License-Identifier: AGPL-3.0-or-later
"""The node's own emoji: small pictures that its members mean by a word between colons."""

from sqlalchemy import BigInteger, Boolean, Column, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

custom_emojis = Table(
    "custom_emojis",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # Without colons. Words differ by their letters alone, so `key` is the word in lower case.
    Column("shortcode", String(40), nullable=False),
    Column("key", String(40), nullable=False, unique=True),
    Column("category", String(60), nullable=False, server_default=""),
    # Names of files in the media store; `still` is the first frame of one that moves, else the same file.
    Column("file", String(100), nullable=False),
    Column("still", String(100), nullable=False),
    Column("mime", String(100), nullable=False),
    # Shown in the pickers of apps; one that is not can still be written.
    Column("listed", Boolean, nullable=False, default=True),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
