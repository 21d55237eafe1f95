# SPDX-License-Identifier: AGPL-3.0-or-later
"""Warning, limiting and suspending people, and lists of blocked domains, from the command line."""

import pytest

from node import access, actors, members
from node.kernel import clock
from node.kernel.db import Database
from tests.cli.conftest import Shell
from tests.support.builders import a_remote_actor


def test_a_member_is_shut_out_and_let_in_again(shell: Shell, inside: Database) -> None:
    amara = inside.read_now(members.by_login, "amara")
    assert amara is not None
    session = inside.write_now(access.create_session, amara.id)
    token = shell.does("token", "create", "amara")

    shell.does("member", "suspend", "amara", "--reason", "Spam")

    assert not inside.read_now(members.get, amara.id).is_active
    assert inside.read_now(access.find_session, session, clock.now()) is None
    assert inside.read_now(access.find_token, access.digest(token)) is None
    assert "decided already" in shell.refuses("account", "suspend", "@amara", "--reason", "Spam")
    assert shell.does("account", "show", "amara").endswith("suspend holds")
    shell.does("member", "unsuspend", "amara@mail.example")
    assert inside.read_now(members.get, amara.id).is_active
    assert "taken back" in shell.does("account", "show", "amara")
    assert "nothing to take back" in shell.refuses("member", "unsuspend", "amara")


def test_somebody_elsewhere_is_limited_and_suspended_by_handle(shell: Shell, inside: Database) -> None:
    zoe = a_remote_actor(inside, "zoe")

    shell.does("account", "limit", "zoe@far.example", "--reason", "Loud")
    shell.does("account", "suspend", "@zoe@far.example", "--reason", "Louder")

    found = inside.read_now(actors.get, zoe.id)
    assert found.limited_at is not None
    assert not found.is_active
    shell.does("account", "unlimit", "zoe@far.example")
    shell.does("account", "unsuspend", "zoe@far.example")
    assert inside.read_now(actors.get, zoe.id).is_active


def test_an_account_is_deleted_once_it_is_suspended(shell: Shell, inside: Database) -> None:
    assert "suspend the account first" in shell.refuses("account", "delete", "amara", "--yes")
    shell.does("account", "suspend", "amara", "--reason", "Spam")

    assert shell.run("account", "delete", "amara", given="n\n").exit_code == 1
    shell.does("account", "delete", "amara", "--yes")

    assert inside.read_now(members.by_login, "amara") is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("account", "warn", "nobody", "--reason", "x"), "Nobody called nobody"),
        (("member", "suspend", "nobody", "--reason", "x"), "no member called nobody"),
        (("account", "suspend", "association", "--reason", "x"), "belongs to the association"),
        (("account", "warn", "amara", "--reason", " "), "say why"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(shell: Shell, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in shell.refuses(*arguments)


def test_the_only_administrator_is_not_shut_out(shell: Shell) -> None:
    shell.does("member", "add", "chief", "--email", "chief@mail.example", "--role", "admin")

    assert "only administrator" in shell.refuses("member", "suspend", "chief", "--reason", "x")


def test_blocks_go_from_one_server_to_another_as_a_file(shell: Shell) -> None:
    listed = (
        "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n"
        "Spam.example,suspend,true,true,sells diplomas,false\nloud.example,silence,false,false,,false\n"
        "no domain,suspend,true,true,,false\nharbour.test,suspend,true,true,,false\n"
    )

    said = shell.does("domain", "import", "-", given=listed)
    again = shell.does("domain", "import", "-", given="spam.example\nworse.example\n")

    assert said == "1 blocked, 0 blocked before, 3 passed over."
    assert again == "1 blocked, 1 blocked before, 0 passed over."
    assert shell.does("domain", "export").splitlines() == [
        "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate",
        "spam.example,suspend,true,true,,false",
        "worse.example,suspend,true,true,,false",
    ]


@pytest.mark.parametrize("text", ["", "a,b\nc,d\n", '"unclosed'])
def test_what_is_no_such_file_is_refused(shell: Shell, text: str) -> None:
    assert "cannot be read" in shell.refuses("domain", "import", "-", given=text)
