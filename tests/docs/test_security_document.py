# SPDX-License-Identifier: AGPL-3.0-or-later
"""The table of attacks names tests that exist, and knows every code that the source refers to."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/developers/security-tests.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([A-Z]{2,3}-[0-9]{2}) \|.*\| (.+) \|$", DOCUMENT, re.MULTILINE))
BLOCKS = {"IN": range(1, 42), "OUT": range(1, 15)}


@pytest.mark.parametrize("code", ROWS)
def test_a_line_names_tests_that_are_there_or_says_why_there_is_none(code: str) -> None:
    named = re.findall(r"`([^`]+)::([^`]+)`", ROWS[code])

    assert named or "`" not in ROWS[code]
    for file, function in named:
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {function}\(", source, re.MULTILINE), f"{file} has no {function}"


def test_no_attack_is_left_out() -> None:
    assert {f"{block}-{number:02}" for block, numbers in BLOCKS.items() for number in numbers} <= set(ROWS)


def test_every_code_in_the_source_is_in_the_table() -> None:
    used = {
        (code, file.relative_to(ROOT))
        for folder in ("activitypub", "node", "web")
        for file in (ROOT / folder).rglob("*.py")
        for code in re.findall(r"\b(?:IN|OUT|GR)-[0-9]{2}\b", file.read_text(encoding="utf-8"))
    }

    assert {(code, file) for code, file in used if code not in ROWS} == set()
