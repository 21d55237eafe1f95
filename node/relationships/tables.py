# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who follows, blocks and mutes whom, and which schools are partners."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine.interfaces import Dialect

from node.kernel.clock import Moment
from node.kernel.db import metadata


class Languages(TypeDecorator[tuple[str, ...]]):
    """Some languages as `,en,fr,`: both databases find one of them with the same LIKE."""

    impl = String(255)
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        """As it is kept; no languages are none."""
        return f",{','.join(value)}," if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """As it is read."""
        return tuple(value.strip(",").split(",")) if value else None


follows = Table(
    "follows",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("follower_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("followee_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),
    # The Follow activity's id, which Accept, Reject and Undo name.
    Column("uri", String(2048), nullable=False, index=True),
    Column("show_boosts", Boolean, nullable=False, default=True),
    Column("notify", Boolean, nullable=False, default=False),
    # Only posts in these languages come to the home timeline; none is all.
    Column("languages", Languages),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("follower_id", "followee_id"),
    CheckConstraint("state IN ('pending', 'accepted')", name="state"),
    # Followers of someone, newest first, and the fan-out.
    Index("ix_follows_followee", "followee_id", "state", "id"),
    # Whom someone follows, newest first.
    Index("ix_follows_follower", "follower_id", "state", "id"),
)

# Servers that got what somebody here published, and get it no more: until when. What is deleted is deleted there, too.
past_recipients = Table(
    "past_recipients",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("inbox", String(2048), primary_key=True),
    Column("until", Moment, nullable=False),
)

blocks = Table(
    "blocks",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("blocker_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("blocked_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("uri", String(2048), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("blocker_id", "blocked_id"),
)

mutes = Table(
    "mutes",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("muter_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("muted_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("notifications", Boolean, nullable=False, default=True),
    Column("expires_at", Moment, index=True),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("muter_id", "muted_id"),
)

# The association of another node that an administrator here wants as a partner. The partnership is in force while each
# association follows the other and both have accepted; the follows say so, and either side ends it by ending its own.
partners = Table(
    "partners",
    metadata,
    Column("actor_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    # What the ids of everybody at that node begin with: scheme, host, slash.
    Column("origin", String(300), nullable=False),
    Column("created_at", Moment, nullable=False),
)

# Other people whom a member shows on their profile.
endorsements = Table(
    "endorsements",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("endorser_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("endorsed_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("endorser_id", "endorsed_id"),
)

# What a member has written down about somebody, for their own eyes.
account_notes = Table(
    "account_notes",
    metadata,
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column(
        "subject_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("comment", Text, nullable=False),
    Index("ix_account_notes_subject", "subject_id"),
)

# Networks of which a member wants to see nothing. What the association has blocked is `hosts`.
domain_blocks = Table(
    "domain_blocks",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), nullable=False),
    Column("domain", String(253), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("owner_id", "domain"),
)

# People who were suggested to a member and are not to be suggested again.
dismissed_suggestions = Table(
    "dismissed_suggestions",
    metadata,
    Column("owner_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column(
        "subject_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Index("ix_dismissed_suggestions_subject", "subject_id"),
)
