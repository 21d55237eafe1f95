# SPDX-License-Identifier: AGPL-3.0-or-later
"""What import-linter cannot say about who may import what."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FACES = sorted((ROOT / "web").rglob("*.py"))
CODE = [file for package in ("activitypub", "node", "web") for file in sorted((ROOT / package).rglob("*.py"))]


def _imported(file: Path, package: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == package:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.partition(".")[0] == package}
    return names


@pytest.mark.parametrize("file", FACES, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_faces_know_a_connection_and_no_sql(file: Path) -> None:
    assert _imported(file, "sqlalchemy") <= {"sqlalchemy.Connection"}


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_file_says_its_licence_and_what_it_holds(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert text.startswith("# SPDX-License-Identifier: AGPL-3.0-or-later\n")
    assert ast.get_docstring(ast.parse(text))
