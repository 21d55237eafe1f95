# SPDX-License-Identifier: AGPL-3.0-or-later
"""A database for a test: a copy of a prepared SQLite file, or a PostgreSQL database emptied before use."""

import shutil
from functools import cache
from pathlib import Path

from sqlalchemy import text

from node.kernel.db import Database, open_database
from node.kernel.site import Site
from node.wiring.reactions import REACTIONS
from node.wiring.tables import metadata

SITE = Site(base_url="https://harbour.example", domain="harbour.example", name="Harbour Academy", secret="s" * 40)


def opened(url: str, site: Site = SITE) -> Database:
    """A database as a running node opens it."""
    db = open_database(url, site)
    db.reactions = REACTIONS
    return db


def fresh_sqlite(folder: Path, template: Path, site: Site = SITE) -> Database:
    """A new SQLite database with all tables; `template` is made once and copied."""
    if not template.exists():
        half = template.with_suffix(".half")
        made = open_database(f"sqlite:///{half}", site)
        metadata.create_all(made.engine)
        with made.engine.connect() as conn:
            conn.exec_driver_sql("COMMIT")
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            conn.exec_driver_sql("BEGIN")
        made.close()
        half.rename(template)
    file = folder / "alumnode.db"
    shutil.copyfile(template, file)
    return opened(f"sqlite:///{file}", site)


@cache
def _prepared(url: str) -> bool:
    made = open_database(url, SITE)
    metadata.create_all(made.engine)
    made.close()
    return True


def empty_postgres(url: str, site: Site = SITE) -> Database:
    """The PostgreSQL database with all tables and no rows. (DELETE: emptying thirty small files takes far longer.)"""
    _prepared(url)
    db = opened(url, site)
    deletes = "; ".join(f'DELETE FROM "{table.name}"' for table in metadata.sorted_tables)
    with db.engine.begin() as conn:
        # So that no foreign key is looked at meanwhile: all tables are emptied.
        conn.execute(text(f"SET LOCAL session_replication_role = replica; {deletes}"))
    return db
