# SPDX-License-Identifier: AGPL-3.0-or-later
"""The steps in `migrations/versions` make the very schema that the tables in the code describe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from node.kernel import schema
from node.kernel.db import Database, Tx
from node.kernel.schema import SchemaError
from node.wiring.tables import metadata
from tests.support import databases


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, on each engine in turn."""
    if request.param == "sqlite":
        db = databases.opened(f"sqlite:///{tmp_path / 'bare.db'}")
        yield db
        db.close()
        return
    server = request.getfixturevalue("postgres_url")
    # A schema of its own: the tables of other tests stand in the usual one.
    keeper = databases.opened(server)
    keeper.write_now(_execute, "CREATE SCHEMA migrated")
    db = databases.opened(f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3Dmigrated")
    yield db
    db.close()
    keeper.write_now(_execute, "DROP SCHEMA migrated CASCADE")
    keeper.close()


def _execute(tx: Tx, statement: str) -> None:
    tx.conn.execute(text(statement))


def test_a_migrated_database_is_what_the_tables_say(bare_db: Database) -> None:
    schema.upgrade(bare_db)

    assert bare_db.read_now(schema.differences, metadata) == []


def test_an_empty_database_has_no_version_and_a_migrated_one_is_current(bare_db: Database) -> None:
    assert bare_db.read_now(schema.current) is None
    assert not schema.is_current(bare_db)

    schema.upgrade(bare_db)

    assert bare_db.read_now(schema.current) == schema.HEAD
    assert schema.is_current(bare_db)


def test_migrating_twice_changes_nothing(bare_db: Database) -> None:
    schema.upgrade(bare_db)

    schema.upgrade(bare_db)

    assert bare_db.read_now(schema.differences, metadata) == []


def test_a_database_of_a_later_version_is_refused(bare_db: Database) -> None:
    schema.upgrade(bare_db)
    bare_db.write_now(_execute, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SchemaError, match="update Alumnode"):
        schema.upgrade(bare_db)


def test_the_head_that_the_code_expects_is_the_last_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    config.set_main_option("path_separator", "os")

    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]
