# SPDX-License-Identifier: AGPL-3.0-or-later
"""What holds for every command."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from node.cli.commands import alumnode
from tests.cli.conftest import Shell


def _all(group: click.Group = alumnode, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _all(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(_all())


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(alumnode, [*path, "--help"])

    assert result.exit_code == 0
    assert COMMANDS[path].help


@pytest.mark.parametrize("path", list(COMMANDS), ids=" ".join)
def test_every_command_takes_a_configuration_file(path: tuple[str, ...]) -> None:
    assert "config" in [parameter.name for parameter in COMMANDS[path].params]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['alumnode', '--help']\n"
        "from node.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'aiohttp', 'cryptography', 'alembic', 'PIL', 'bovine'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_serving_imports_nothing_that_is_seldom_needed() -> None:
    code = (
        "import sys, node.cli.serving\n"
        "seldom = {'alembic', 'babel', 'bovine', 'dateutil', 'icalendar', 'PIL', 'psycopg', 'py_vapid', 'pytz',"
        " 'segno', 'sqlalchemy.dialects.postgresql', 'sqlalchemy.orm', 'webauthn'} & set(sys.modules)\n"
        "sys.exit(', '.join(seldom) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_without_a_configuration_one_is_told_how_to_make_it(bare: Shell) -> None:
    assert "alumnode init" in bare.refuses("queue")


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ('domain = "a.test"', "name"),
        ('nonsense = "x"', "nonsense"),
        ('domain = "a.test"\nname = "A"\nsecret_key = "x"', "secret_key"),
        ('domain = "a.test"\nname = "A"\nsecret_key = "x"\nport = true', "port"),
        ("domain = ", "TOML"),
    ],
)
def test_a_faulty_setting_is_named_in_a_sentence(bare: Shell, lines: str, named: str) -> None:
    bare.config.write_text(lines)

    assert named in bare.refuses("queue")


def test_the_configuration_can_be_named_by_the_environment(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUMNODE_CONFIG", str(shell.config))

    result = CliRunner().invoke(alumnode, ["queue"])

    assert result.exit_code == 0
