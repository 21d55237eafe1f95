# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which post of the association's tells which member of which matter."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from node.kernel.clock import Moment
from node.kernel.db import metadata

notices = Table(
    "notices",
    metadata,
    Column("about", String(64), primary_key=True),
    Column("member_id", BigInteger, ForeignKey("actors.id"), primary_key=True, autoincrement=False),
    # No foreign key: posts go by ways of their own, and a notice without its post is closed like any other.
    Column("post_id", BigInteger, nullable=False),
    # When it goes by itself; null for what stays until it is closed.
    Column("until", Moment),
    Index("ix_notices_member_id", "member_id"),
    Index("ix_notices_until", "until"),
)
