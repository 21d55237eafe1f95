# SPDX-License-Identifier: AGPL-3.0-or-later
"""A PostgreSQL database for each node that wants one, all on the one server of the test session."""

from enum import StrEnum

import sqlalchemy


class Engine(StrEnum):
    """Where a node keeps its data."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def new_database(server: str, name: str) -> str:
    """An empty database on the PostgreSQL server that has the database `server`; returns its address."""
    url = sqlalchemy.make_url(server)
    driver = url.set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(driver, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as conn:
        conn.exec_driver_sql(f'CREATE DATABASE "node_{name}"')
    return url.set(database=f"node_{name}").render_as_string(hide_password=False)
