# SPDX-License-Identifier: AGPL-3.0-or-later
"""The documentation names everything that somebody can set, call or receive, and its links lead somewhere."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path

import click
import pytest

from node.cli.commands import alumnode
from node.federation.arrivals import APPLY
from node.federation.hearsay import VERIFY_FORWARDED
from node.federation.hosts import PROBE, VERIFY
from node.federation.outbox import DELIVER
from node.kernel.config import Settings
from node.mail import SEND as SEND_MAIL
from node.posts.backfill import FETCH_PARENT, FETCH_REPLIES
from node.relationships.profiles import KEYS_CHANGED
from node.relationships.synchronisation import SYNCHRONISE
from node.wiring.client_to_server import _ACTIONS
from node.wiring.handlers import HANDLERS
from node.wiring.services import HOUSEKEEPING

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "FEDERATION.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONFIGURATION = (ROOT / "docs/host/configuration.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs/host/commands.md").read_text(encoding="utf-8")
FEDERATION = (ROOT / "FEDERATION.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def _settings(kind: type, table: str = "") -> Iterator[tuple[tuple[str, str], object]]:
    """(table, name) and default of every setting."""
    for item in fields(kind):
        if item.default_factory is not MISSING and is_dataclass(item.default_factory):
            yield from _settings(item.default_factory, item.name)
        else:
            yield (table, item.name), item.default


SETTINGS = dict(_settings(Settings))
# What is explained of each table: the part without a heading of its own is the file's top.
_TABLES = {"": CONFIGURATION.partition("\n## ")[0]} | dict(
    re.findall(r"^## `\[(\w+)\]`\n(.*?)(?=^## |\Z)", CONFIGURATION, re.MULTILINE | re.DOTALL)
)


@pytest.mark.parametrize("name", SETTINGS, ids=".".join)
def test_every_setting_is_explained_with_its_default(name: tuple[str, str]) -> None:
    table, setting = name
    [line] = [line for line in _TABLES[table].splitlines() if line.startswith(f"| `{setting}` |")]

    default = SETTINGS[name]
    if isinstance(default, bool):
        assert f"| `{str(default).lower()}` |" in line
    elif isinstance(default, str | int) and default != "":
        assert f"| `{default}` |" in line


def test_no_setting_is_explained_that_there_is_not() -> None:
    explained = {
        (table, name) for table, text in _TABLES.items() for name in re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    }

    assert explained == set(SETTINGS)


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


ALL_COMMANDS = dict(_commands(alumnode, "alumnode"))


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_every_command_and_its_options_are_explained(name: str) -> None:
    assert f"| `{name}` |" in COMMANDS
    for parameter in ALL_COMMANDS[name].params:
        for option in parameter.opts:
            assert not option.startswith("--") or option in COMMANDS, option


def test_no_command_is_explained_that_there_is_not() -> None:
    assert set(re.findall(r"^\| `(alumnode [a-z -]+)` \|", COMMANDS, re.MULTILINE)) == set(ALL_COMMANDS)


@pytest.mark.parametrize("kind", sorted({kind for pair in HANDLERS for kind in pair if kind} | set(_ACTIONS)))
def test_every_activity_is_explained(kind: str) -> None:
    assert f"`{kind}`" in FEDERATION


@pytest.mark.parametrize(
    "name",
    [
        APPLY,
        DELIVER,
        FETCH_PARENT,
        FETCH_REPLIES,
        HOUSEKEEPING,
        PROBE,
        VERIFY,
        VERIFY_FORWARDED,
        SYNCHRONISE,
        KEYS_CHANGED,
        SEND_MAIL,
        "media.remove",
    ],
)
def test_every_task_is_explained(name: str) -> None:
    assert f"| `{name}` |" in ARCHITECTURE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not link.startswith(("https://", "http://")):
            target = (page.parent / link).resolve()
            assert target.exists(), link


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")

    for page in (ROOT / "docs/decisions").glob("0*.md"):
        assert f"({page.name})" in index


@pytest.mark.parametrize("fragment", sorted((ROOT / "docs/changes.d").glob("*")), ids=lambda page: page.name)
def test_every_fragment_of_the_changelog_says_what_kind_it_is(fragment: Path) -> None:
    assert re.fullmatch(r"[a-z-]+\.(added|changed|fixed|security)\.md", fragment.name)
