# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is kept of every actor, here or remote: one row an actor, its keys beside it.

A local actor has the empty domain. Numbers of posts and follows are kept by the slices that own those rows, in the
transaction that adds or removes them, and only by what was really added or removed.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from node.kernel.clock import Moment
from node.kernel.db import metadata

actors = Table(
    "actors",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("uri", String(2048), nullable=False, unique=True),
    Column("type", String(16), nullable=False),
    Column("username", String(255), nullable=False),
    Column("username_key", String(255), nullable=False),
    Column("domain", String(253), nullable=False, server_default=""),
    Column("display_name", String(255), nullable=False, server_default=""),
    Column("summary", Text, nullable=False, server_default=""),
    Column("summary_source", Text, nullable=False, server_default=""),
    Column("url", String(2048), nullable=False),
    Column("inbox", String(2048), nullable=False),
    Column("shared_inbox", String(2048)),
    Column("outbox", String(2048)),
    Column("followers", String(2048)),
    Column("following", String(2048)),
    Column("featured", String(2048)),
    Column("featured_tags", String(2048)),
    Column("locked", Boolean, nullable=False, default=False),
    Column("bot", Boolean, nullable=False, default=False),
    Column("discoverable", Boolean, nullable=False, default=False),
    Column("indexable", Boolean, nullable=False, default=False),
    Column("memorial", Boolean, nullable=False, default=False),
    # Shows nobody whom they follow and who follows them.
    Column("hide_collections", Boolean, nullable=False, default=False),
    # What a profile page offers beside the posts: pictures, those of replies too, and what is featured.
    Column("show_media", Boolean, nullable=False, default=True),
    Column("show_media_replies", Boolean, nullable=False, default=True),
    Column("show_featured", Boolean, nullable=False, default=True),
    # Hosts whose pages may name the actor as their author.
    Column("attribution_domains", JSON, nullable=False, default=list),
    Column("avatar", JSON),
    Column("header", JSON),
    Column("fields", JSON, nullable=False, default=list),
    # Pictures that the actor's own server means by words in the name and the text: {shortcode, url}.
    Column("emojis", JSON, nullable=False, default=list),
    Column("also_known_as", JSON, nullable=False, default=list),
    Column("moved_to", String(2048)),
    # The last move that was carried out: the next can follow thirty days later.
    Column("moved_at", Moment),
    Column("class_year", Integer),
    Column("school", String(255)),
    Column("statuses_count", Integer, nullable=False, server_default="0"),
    Column("followers_count", Integer, nullable=False, server_default="0"),
    Column("following_count", Integer, nullable=False, server_default="0"),
    Column("last_status_at", Moment),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("fetched_at", Moment),
    Column("suspended_at", Moment),
    # Suspended by the word of their own server, which can take it back, or with its whole domain; not by a moderator here
    # who decided about them.
    Column("suspended_elsewhere", Boolean, nullable=False, default=False),
    # Up to whom a member of this node is known: `types.Reach`, since when, and what of the profile everybody may read.
    Column("reach", String(16), nullable=False, server_default="open"),
    Column("reach_since", Moment),
    Column("public_profile", JSON),
    # Hidden by the member themselves, who can come back: kept as one who was never let in.
    Column("away_since", Moment),
    # Seen by their followers alone where everybody's posts are gathered.
    Column("limited_at", Moment),
    Column("deleted_at", Moment),
    UniqueConstraint("username_key", "domain"),
    # People of this node, and of one class.
    Index("ix_actors_people", "domain", "type", "class_year", "username_key"),
)

actor_keys = Table(
    "actor_keys",
    metadata,
    Column("uri", String(2048), primary_key=True),
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("algorithm", String(16), nullable=False),
    # SubjectPublicKeyInfo in PEM for RSA, Multikey for Ed25519.
    Column("public", Text, nullable=False),
    # PKCS#8, encrypted under the node's secret; only our own actors have one.
    Column("private", LargeBinary),
    Column("created_at", Moment, nullable=False),
)
