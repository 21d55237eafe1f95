# SPDX-License-Identifier: AGPL-3.0-or-later
"""For developers: write a migration from what the tables say now. `make migration name="what changes"`.

A fresh SQLite database takes every step there is; what it then lacks becomes the next one. Read the result: Alembic sees
no renamed column and no data. Without a name the first step is written anew, which is right until the first release.
"""

import sys
import tempfile
from pathlib import Path

from node.kernel import schema
from node.kernel.db import open_database
from node.kernel.site import Site
from node.wiring.tables import metadata


def main() -> None:
    """Write the step and say where it is."""
    title = " ".join(sys.argv[1:]).strip()
    steps = sorted((schema.FOLDER / "versions").glob("[0-9]*.py"))
    if not title:
        for step in steps:
            step.unlink()
        steps = []
    number = f"{len(steps) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(f"sqlite:///{Path(folder) / 'empty.db'}", Site("https://example.org", "example.org"))
        try:
            if steps:
                schema.upgrade(db)
            written = schema.write_step(db, metadata, title or "The first schema", number=number)
        finally:
            db.close()
    lines = written.read_text(encoding="utf-8").splitlines(keepends=True)
    written.write_text("".join(line for line in lines if not line.lstrip().startswith("# ###")), encoding="utf-8")
    print(written)
    print(f"Now read it, and set HEAD in {Path(schema.__file__).name} to {number!r}.")


if __name__ == "__main__":
    main()
