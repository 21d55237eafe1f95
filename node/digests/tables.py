# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often each member wants a digest, when the next is due, and up to when they have been told what is new."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

digests = Table(
    "digests",
    metadata,
    Column("member_id", BigInteger, ForeignKey("actors.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("frequency", String(8), nullable=False),
    # Null for somebody who wants none.
    Column("next_at", Moment),
    # What is older has stood in a digest, or was there before the member came.
    Column("seen_until", Moment, nullable=False),
    # Whose turn it is.
    Index("ix_digests_next_at", "next_at"),
)
