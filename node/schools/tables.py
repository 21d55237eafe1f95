# SPDX-License-Identifier: AGPL-3.0-or-later
"""Schools and programmes. A member's school is kept with their actor, by the school's name."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from node.kernel.clock import Moment
from node.kernel.db import metadata

schools = Table(
    "schools",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # The last part of its address, which stays when the name changes.
    Column("slug", String(60), nullable=False, unique=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("short_name", String(40), nullable=False, server_default=""),
    # Former names, after mergers for example.
    Column("aliases", JSON, nullable=False, default=list),
    Column("city", String(120), nullable=False, server_default=""),
    # ISO 3166-1 alpha-2, or empty.
    Column("country", String(2), nullable=False, server_default=""),
    Column("website", String(2048), nullable=False, server_default=""),
    # The addresses of the same school on other nodes.
    Column("same_as", JSON, nullable=False, default=list),
    Column("created_at", Moment, nullable=False),
)

programmes = Table(
    "programmes",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("school_id", BigInteger, ForeignKey("schools.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(120), nullable=False),
    Column("aliases", JSON, nullable=False, default=list),
    Column("degree", String(16), nullable=False),
    Column("first_year", Integer),
    Column("last_year", Integer),
    UniqueConstraint("school_id", "name", name="uq_programmes_name"),
)
