# SPDX-License-Identifier: AGPL-3.0-or-later
"""The association's own emoji. Those of other servers are kept with the documents that they came with."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

custom_emojis = Table(
    "custom_emojis",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("shortcode", String(40), nullable=False, unique=True),
    Column("category", String(60), nullable=False, server_default=""),
    Column("visible_in_picker", Boolean, nullable=False, default=True),
    Column("disabled", Boolean, nullable=False, default=False),
    # Names of files in the media store: what is shown, and the same at rest (one file, if nothing moves).
    Column("file", String(100), nullable=False),
    Column("still", String(100), nullable=False),
    Column("mime", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    # Of the picture, which other servers fetch anew then.
    Column("updated_at", Moment, nullable=False),
)
