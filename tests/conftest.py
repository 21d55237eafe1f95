# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fixtures of the unit and integration tests: the database on both engines, and a node set up in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from node.kernel.db import Database
from tests.support import builders, databases

# No test fails because the machine is busy.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the prepared SQLite file is kept."""
    return tmp_path_factory.mktemp("sqlite") / "template.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_db(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """A database with all tables and no rows, on each engine in turn."""
    if request.param == "sqlite":
        db = databases.fresh_sqlite(tmp_path, sqlite_template)
    else:
        db = databases.empty_postgres(request.getfixturevalue("postgres_url"))
    yield db
    db.close()


@pytest.fixture
def db(empty_db: Database) -> Database:
    """A database of a node that has been set up: its own actor and the association are there."""
    empty_db.write_now(builders.set_up)
    return empty_db
