# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which schema the database has, and how it comes to the one that this version of the code expects.

Forward only, and all steps in one transaction: a step that fails leaves the database as it was. Looking costs one
statement; Alembic itself is imported only to change something.
"""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, MetaData, inspect, text

from node.kernel.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0001"
"""The newest step in `migrations/versions`, kept here so that a start need not read them (a test compares)."""

_ONE_AT_A_TIME: Final = Lock()  # Alembic keeps what it works on in module globals
FOLDER: Final = Path(__file__).parent / "migrations"


class SchemaError(Exception):
    """The database cannot be used as it is; the text is one sentence that says what to do."""


def current(conn: Connection) -> str | None:
    """The last step that this database has taken; None for an empty one."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    version: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return version


def is_current(db: Database) -> bool:
    """Whether the database has the schema that this code expects. Raises SchemaError if it has a newer one."""
    version = db.read_now(current)
    if version is not None and version > HEAD:
        raise SchemaError(
            f"The database has a newer schema ({version}) than this version knows ({HEAD}): update Alumnode."
        )
    return version == HEAD


def upgrade(db: Database) -> None:
    """Bring the database to the schema that this code expects; nothing happens if it has it.

    Raises SchemaError if it has a newer one.
    """
    if is_current(db):
        return
    from alembic import command

    with _ONE_AT_A_TIME, db.engine.begin() as conn:
        command.upgrade(_config(conn), "head")


def differences(conn: Connection, metadata: MetaData) -> list[object]:
    """What would have to change for the database to be what `metadata` says: nothing, once it is migrated."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(conn, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def write_step(db: Database, metadata: MetaData, title: str, *, number: str) -> Path:
    """Write the step `number` from an up-to-date database to what `metadata` says; for developers."""
    from alembic import command
    from alembic.script import Script

    with db.engine.begin() as conn:
        config = _config(conn, metadata)
        # SQLite changes a table by making it anew; the first step only makes tables.
        config.attributes["batch"] = number != "0001"
        written = command.revision(config, message=title, autogenerate=True, rev_id=number)
    assert isinstance(written, Script)
    return Path(written.path)


def _config(conn: Connection, metadata: MetaData | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    config.attributes["metadata"] = metadata
    config.attributes["batch"] = True
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config
