# SPDX-License-Identifier: AGPL-3.0-or-later
"""Setting a node up: what is written, what is asked, and that nothing is overwritten or left behind."""

import stat
import tomllib

import pytest

from node import actors
from node.actors import ActorType
from node.cli.context import opened
from node.kernel import schema
from node.kernel.config import load
from tests.cli.conftest import Shell


def test_a_node_is_set_up_without_a_question(bare: Shell) -> None:
    bare.does("init", "--yes", "--domain", "tilleuls.test", "--name", "L'École des Tilleuls", "--locale", "fr")

    with opened(bare.config) as (settings, db):
        assert (settings.domain, settings.name, settings.locale) == ("tilleuls.test", "L'École des Tilleuls", "fr")
        assert schema.is_current(db)
        association = db.read_now(actors.association)
        assert association.type is ActorType.ORGANIZATION
        assert association.name == "L'École des Tilleuls"
        assert db.read_now(actors.node_actor).username == "tilleuls.test"


def test_secrets_are_for_the_owner_alone(bare: Shell) -> None:
    bare.does("init", "--yes", "--domain", "tilleuls.test", "--name", "Tilleuls")

    for file in (bare.config, bare.folder / "data", bare.folder / "data" / "alumnode.db"):
        assert not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), file


def test_every_node_has_a_secret_of_its_own(bare: Shell, shell: Shell) -> None:
    bare.does("init", "--yes", "--domain", "tilleuls.test", "--name", "Tilleuls")

    assert load(bare.config).secret_key != load(shell.config).secret_key


def test_what_is_not_given_is_asked(bare: Shell) -> None:
    answers = ["Tilleuls", "Les anciens", "", "fr", "Europe/Paris", "contact@tilleuls.test"]

    bare.does("init", "--domain", "tilleuls.test", given="\n".join(answers) + "\n")

    settings = load(bare.config)
    assert (settings.name, settings.description, settings.school) == ("Tilleuls", "Les anciens", "")
    assert (settings.locale, settings.timezone) == ("fr", "Europe/Paris")
    assert settings.contact_email == "contact@tilleuls.test"


@pytest.mark.parametrize(
    "name", ['Quoted "Name"', "Back\\slash", "Ligne\tdouble", "Élèves 🎓", "# no comment", "a\x7fb"]
)
def test_any_name_comes_back_as_it_was_given(bare: Shell, name: str) -> None:
    bare.does("init", "--yes", "--domain", "tilleuls.test", "--name", name)

    assert load(bare.config).name == name


def test_a_node_is_never_set_up_over_another(shell: Shell) -> None:
    before = shell.config.read_bytes()

    assert "exists already" in shell.refuses("init", "--yes", "--domain", "other.test", "--name", "Other")

    assert shell.config.read_bytes() == before


def test_a_database_that_is_in_use_is_never_taken_over(shell: Shell) -> None:
    shell.config.unlink()

    assert "set up already" in shell.refuses("init", "--yes", "--domain", "other.test", "--name", "Other")

    assert not shell.config.exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--domain", "no/host"),
        ("--domain", "two words.test"),
        ("--timezone", "Mars/Olympus"),
        ("--port", "70000"),
        ("--database-url", "mysql://localhost/x"),
        ("--database-url", "sqlite://"),
    ],
)
def test_what_cannot_be_used_leaves_nothing_behind(bare: Shell, option: str, value: str) -> None:
    bare.refuses("init", "--yes", "--domain", "tilleuls.test", "--name", "Tilleuls", option, value)

    assert list(bare.folder.iterdir()) == []


def test_without_questions_domain_and_name_must_be_given(bare: Shell) -> None:
    assert bare.run("init", "--yes", "--name", "Tilleuls").exit_code == 2
    assert not bare.config.exists()


def test_the_switches_for_trying_out_are_written_only_when_asked_for(bare: Shell, shell: Shell) -> None:
    bare.does("init", "--yes", "--domain", "tilleuls.localhost:8101", "--name", "Tilleuls", "--insecure-local")

    asked, plain = tomllib.loads(bare.config.read_text()), tomllib.loads(shell.config.read_text())
    assert asked["federation"] == {"allow_http": True, "allow_private_addresses": True}
    assert "federation" not in plain
