# SPDX-License-Identifier: AGPL-3.0-or-later
"""FEDERATION.md is true: all that is handled, said, taken or claimed has a line that names the test which shows it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.wiring.client_to_server import _ACTIONS, _UNDO
from node.wiring.handlers import HANDLERS

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "FEDERATION.md").read_text(encoding="utf-8")
# Functions that are given the type of an activity to write.
WRITERS = frozenset({"build", "about", "answer", "_answer", "_say", "_say_tag"})
KINDS = frozenset({kind for kind, _ in HANDLERS} | set(_ACTIONS) | {"QuoteRequest"})


def section(title: str) -> str:
    """What stands under a heading of the second rank."""
    return DOCUMENT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows() -> Iterator[tuple[str, list[str]]]:
    """What each line of the table is about, and the tests it names."""
    for line in section("How it is tested").splitlines():
        if found := re.fullmatch(r"\| (.+?) \| (.+?) \|", line):
            yield found[1], re.findall(r"`([^`]+)`", found[2])


PROVED = {about: tests for about, tests in rows() if tests}


def heard() -> Iterator[str]:
    for kind, of in HANDLERS:
        yield f"in: `{kind}`" + (f" of `{of}`" if of else "")


def said() -> set[str]:
    found = set()
    for file in (ROOT / "node").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                words = {one.value for one in call.args if isinstance(one, ast.Constant)}
                if name in WRITERS:
                    found |= {f"out: `{word}`" for word in words & KINDS}
    return found


def taken() -> Iterator[str]:
    for kind in _ACTIONS:
        yield f"program: `{kind}`"
    for kind in _UNDO:
        yield f"program: `Undo` of `{kind}`"


FEPS = re.findall(r"^- \[(FEP-[0-9a-f]{4})\]", section("Supported FEPs"), re.MULTILINE)
TERMS = re.findall(r"^\| `([^`]+)` \|", section("Extensions"), re.MULTILINE)


@pytest.mark.parametrize("what", [*heard(), *sorted(said()), *taken(), *FEPS, *(f"`{term}`" for term in TERMS)])
def test_what_is_claimed_or_done_names_its_test(what: str) -> None:
    assert what in PROVED


def test_nothing_else_is_said_to_be_proved() -> None:
    assert set(PROVED) == {*heard(), *said(), *taken(), *FEPS, *(f"`{term}`" for term in TERMS)}


@pytest.mark.parametrize("test", sorted({test for tests in PROVED.values() for test in tests}))
def test_every_test_that_is_named_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    source = (ROOT / "tests" / path).read_text(encoding="utf-8")

    assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)


def test_every_fep_is_linked_to_its_text() -> None:
    for name in FEPS:
        code = name.removeprefix("FEP-")
        assert f"](https://codeberg.org/fediverse/fep/src/branch/main/fep/{code}/fep-{code}.md)" in DOCUMENT


def test_the_headings_are_those_of_the_fep() -> None:
    headings = re.findall(r"^## (.+)$", DOCUMENT, re.MULTILINE)

    assert DOCUMENT.startswith("# Federation\n")
    assert headings[:2] == ["Supported protocols and standards", "Supported FEPs"]
    assert headings[-1] == "Additional documentation"
