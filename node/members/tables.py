# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who has a login here, and the invitations by which they came."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from node.kernel.clock import Moment
from node.kernel.db import metadata

members = Table(
    "members",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("actors.id"), primary_key=True, autoincrement=False),
    Column("email", String(254), nullable=False),
    # Case-folded, so that one mailbox is one member.
    Column("email_key", String(254), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("roles", JSON, nullable=False, default=list),
    Column("locale", String(8), nullable=False, server_default="en"),
    Column("timezone", String(64), nullable=False, server_default="UTC"),
    Column("default_visibility", String(16), nullable=False, server_default="public"),
    Column("default_sensitive", Boolean, nullable=False, default=False),
    Column("default_language", String(16)),
    # Who may quote what the member posts: public, followers or nobody.
    Column("default_quote_policy", String(16), nullable=False, server_default="public"),
    # How apps and pages show things to the member: default, show_all or hide_all; behind a warning; moving by itself.
    Column("expand_media", String(16), nullable=False, server_default="default"),
    Column("expand_spoilers", Boolean, nullable=False, default=False),
    Column("autoplay_gifs", Boolean, nullable=False, default=False),
    Column("invited_by", BigInteger, ForeignKey("actors.id")),
    # Null for somebody who signed up and has not followed the link in their mail, or waits for the association's yes.
    Column("confirmed_at", Moment),
    Column("approved_at", Moment),
    # When they wished that their classmates be told that they have joined.
    Column("announced_at", Moment),
    # What they said to the association when they signed up.
    Column("reason", Text, nullable=False, server_default=""),
    # The number of the app that they signed up with, if it was one.
    Column("signed_up_with", BigInteger),
    Column("suspended_at", Moment),
    # The 18th birthday of those who are younger (see `minors`); null for everybody else.
    Column("adult_on", Date, index=True),
    Column("created_at", Moment, nullable=False),
    # The list of those who wait, and the sweep of those who never confirmed.
    Index("ix_members_waiting", "approved_at", "confirmed_at"),
)

# Names are never given out twice (a follower of the first holder must not end up with the second).
retired_usernames = Table(
    "retired_usernames",
    metadata,
    Column("username_key", String(255), primary_key=True),
    Column("retired_at", Moment, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_by", BigInteger, ForeignKey("actors.id")),
    Column("class_year", Integer),
    # The name of a school of this node; the first one, where none was said.
    Column("school", String(255)),
    Column("email", String(254)),
    Column("max_uses", Integer, nullable=False, server_default="1"),
    Column("uses", Integer, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False),
    Column("since", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_invitations_created_by", "created_by"),
    # The sweep of those that are over, and of those that ended a year ago.
    Index("ix_invitations_state", "state", "expires_at"),
)
