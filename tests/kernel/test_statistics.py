# SPDX-License-Identifier: AGPL-3.0-or-later
"""The database learns what its tables hold, where that helps it."""

import pytest
from sqlalchemy import text

from node.kernel import statistics

_ROWS = text("SELECT reltuples FROM pg_class WHERE relname = 'some table'")
_VALUES = text("SELECT count(*) FROM pg_stats WHERE tablename = 'some table'")


def _run(db, statement):
    db.write_now(lambda tx: tx.conn.execute(text(statement)))


@pytest.fixture
def table(db):
    """A table that nobody has looked at, of more than a hundred pages."""
    if db.is_sqlite:
        yield
        return
    # PostgreSQL must not look at it by itself meanwhile.
    _run(
        db,
        'CREATE TABLE "some table" WITH (autovacuum_enabled = off) AS SELECT n FROM generate_series(1, 50000) AS n',
    )
    yield
    _run(db, 'DROP TABLE "some table"')


@pytest.mark.usefixtures("table")
def test_what_is_not_known_or_has_doubled_is_looked_at(db):
    if db.is_sqlite:
        assert db.write_now(statistics.refresh) == []
        return
    assert "some table" in db.write_now(statistics.refresh)
    assert db.read_now(lambda conn: conn.execute(_VALUES).scalar_one()) == 1
    assert db.read_now(lambda conn: conn.execute(_ROWS).scalar_one()) > 40_000
    assert "some table" not in db.write_now(statistics.refresh)

    _run(db, 'INSERT INTO "some table" SELECT n FROM generate_series(1, 100000) AS n')
    assert "some table" in db.write_now(statistics.refresh)
    assert db.read_now(lambda conn: conn.execute(_ROWS).scalar_one()) > 120_000
