# SPDX-License-Identifier: AGPL-3.0-or-later
"""A node in a folder, and its command line as an administrator types it, but in this process."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from node.cli.commands import alumnode
from node.cli.context import opened
from node.kernel.db import Database

DOMAIN = "harbour.test"


@dataclass(slots=True)
class Shell:
    """Runs commands for one node."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "alumnode.toml"

    def run(self, *arguments: str, given: str | None = None) -> Result:
        """The outcome of a command. An exception that is no refusal is raised here."""
        result = CliRunner().invoke(alumnode, [*arguments, "--config", str(self.config)], input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def does(self, *arguments: str, given: str | None = None) -> str:
        """What a command prints that must succeed."""
        result = self.run(*arguments, given=given)
        assert result.exit_code == 0, result.output
        return result.stdout.rstrip("\n")

    def refuses(self, *arguments: str, given: str | None = None) -> str:
        """The one sentence of a command that must be refused."""
        result = self.run(*arguments, given=given)
        assert result.exit_code == 1, result.output
        assert result.stdout == ""
        [sentence] = result.stderr.splitlines()
        return sentence

    def change(self, name: str, value: str) -> None:
        """Write a setting into the configuration; `value` as TOML."""
        lines = [line for line in self.config.read_text().splitlines() if not line.startswith(f"{name} =")]
        self.config.write_text("\n".join([f"{name} = {value}", *lines]))


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No settings from the environment, and the umask as it was."""
    for name in [name for name in os.environ if name.startswith("ALUMNODE_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a node that was set up and has one member; copied for each test, since making keys is slow."""
    shell = Shell(tmp_path_factory.mktemp("node"))
    before = os.umask(0o022)
    shell.does("init", "--yes", "--domain", DOMAIN, "--name", "Harbour Academy Alumni")
    shell.does(
        "member", "add", "amara", "--email", "amara@mail.example", "--password-stdin", given="low tide at noon\n"
    )
    os.umask(before)
    return shell.folder


@pytest.fixture
def shell(made_once: Path, tmp_path: Path) -> Shell:
    """The command line of a node with the member `amara`."""
    return Shell(shutil.copytree(made_once, tmp_path / "node"))


@pytest.fixture
def bare(tmp_path: Path) -> Shell:
    """The command line where there is no node yet."""
    return Shell(tmp_path)


@pytest.fixture
def inside(shell: Shell) -> Iterator[Database]:
    """The node's database, opened beside the command line."""
    with opened(shell.config) as (_, db):
        yield db
