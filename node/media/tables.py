# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures, films and sounds: those that members upload, and what we know of those that remote posts show."""

from sqlalchemy import JSON, BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

media = Table(
    "media",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    # No foreign key: posts stand above media, and deleting a post deletes its media by its own hand.
    Column("post_id", BigInteger, index=True),
    Column("position", Integer, nullable=False, server_default="0"),
    # image, gifv (a film without sound that goes round), video, audio, unknown
    Column("type", String(16), nullable=False),
    Column("mime", String(100), nullable=False),
    # Names of files in the media store; null for a remote picture, which is shown through the proxy.
    Column("file", String(100)),
    Column("preview", String(100)),
    Column("remote_url", String(2048)),
    Column("description", String(1500), nullable=False, server_default=""),
    Column("blurhash", String(100)),
    Column("width", Integer),
    Column("height", Integer),
    Column("preview_width", Integer),
    Column("preview_height", Integer),
    Column("focus_x", Float),
    Column("focus_y", Float),
    Column("size", Integer, nullable=False, server_default="0"),
    # ready, waiting (a film that is still to be made of `raw`), failed
    Column("state", String(16), nullable=False, server_default="ready"),
    # The file as it was sent, until it is converted; given out to nobody.
    Column("raw", String(100)),
    # Of films and sounds: duration, frame rate, codecs; why one failed.
    Column("details", JSON),
    Column("created_at", Moment, nullable=False),
    # Uploads that never became part of a post are swept.
    Index("ix_media_unattached", "post_id", "created_at"),
    Index("ix_media_owner", "owner_id"),
)
