# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association says, from the command line: rules, texts and announcements."""

from node import instance, members
from node.instance import TextKind
from node.kernel import clock
from node.kernel.db import Database
from tests.cli.conftest import Shell


def test_rules_are_added_listed_and_taken_away(shell: Shell, inside: Database) -> None:
    shell.does("say", "rule", "Be kind.", "--hint", "As in class.")
    shell.does("say", "rule", "No adverts.")
    number = shell.does("say", "rules").splitlines()[0].split()[0]

    shell.does("say", "no-rule", number)

    assert [rule.text for rule in inside.read_now(instance.all_rules)] == ["No adverts."]


def test_a_text_is_written_from_a_file(shell: Shell, inside: Database, tmp_path) -> None:
    file = tmp_path / "privacy.md"
    file.write_text("# What we keep\n\nYour *name*.", encoding="utf-8")

    shell.does("say", "text", "privacy", str(file))

    found = inside.read_now(instance.text_on, TextKind.PRIVACY, clock.now().date())
    assert "<em>name</em>" in found.content
    assert found.day == clock.now().date()


def test_something_is_announced_and_taken_back(shell: Shell, inside: Database) -> None:
    amara = inside.read_now(members.by_login, "amara")
    assert amara is not None
    shell.does("say", "announcement", "The archive is open.")
    [found] = inside.read_now(instance.current, amara.id, clock.now())
    assert "The archive is open." in found.content

    shell.does("say", "no-announcement", str(found.id))

    assert inside.read_now(instance.current, amara.id, clock.now()) == []
