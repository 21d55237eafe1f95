# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members, invitations and tokens from the command line."""

import pytest

from node import access, members
from node.access.secrets import digest
from node.kernel import audit
from node.kernel.config import load
from node.kernel.db import Database
from node.kernel.errors import NotAllowed
from node.members import Passwords
from tests.cli.conftest import DOMAIN, Shell


async def test_a_member_logs_in_with_the_password_from_standard_input(shell: Shell, inside: Database) -> None:
    shell.does(
        "member", "add", "ben", "--email", "ben@mail.example", "--password-stdin", given="clinker never carvel\n"
    )

    passwords = Passwords()
    member = await passwords.check(inside, "ben", "clinker never carvel")
    passwords.close()
    assert member.email == "ben@mail.example"


async def test_a_password_is_made_and_shown_once(shell: Shell, inside: Database) -> None:
    said = shell.does("member", "add", "ben", "--email", "ben@mail.example")

    password = said.rpartition("Password: ")[2]
    passwords = Passwords()
    assert (await passwords.check(inside, "ben@mail.example", password)).actor.username == "ben"
    passwords.close()


def test_what_is_said_of_a_member_is_kept(shell: Shell, inside: Database) -> None:
    options = ["--class-year", "1994", "--role", "admin", "--role", "event_manager", "--display-name", "Ben Ashworth"]

    said = shell.does("member", "add", "ben", "--email", "ben@mail.example", *options)

    assert f"@ben@{DOMAIN}" in said
    ben = inside.read_now(members.by_login, "ben")
    assert ben is not None
    assert ben.roles == {"member", "admin", "event_manager"}
    assert (ben.actor.class_year, ben.actor.display_name) == (1994, "Ben Ashworth")
    assert ben.actor.school == "Harbour Academy Alumni"


@pytest.mark.parametrize(
    ("username", "options", "password", "sentence"),
    [
        ("amara", (), "a good long one", "taken"),
        ("a b", (), "a good long one", "username"),
        ("association", (), "a good long one", "username"),
        ("ben", ("--email", "amara@mail.example"), "a good long one", "e-mail address already"),
        ("ben", ("--email", "nowhere"), "a good long one", "e-mail"),
        ("ben", (), "short", "at least 10"),
        ("ben", (), "", "at least 10"),
        ("ben", (), "ben@mail.example", "too easy"),
        ("ben", ("--role", "emperor"), "a good long one", "no role named emperor"),
        ("ben", ("--class-year", "98"), "a good long one", "four digits"),
    ],
)
def test_a_member_who_cannot_be_is_refused_in_a_sentence(
    shell: Shell, inside: Database, username: str, options: tuple[str, ...], password: str, sentence: str
) -> None:
    before = inside.read_now(members.count)

    said = shell.refuses(
        "member", "add", username, "--email", "ben@mail.example", *options, "--password-stdin", given=f"{password}\n"
    )

    assert sentence in said
    assert inside.read_now(members.count) == before


def test_an_invitation_is_printed_as_a_link_and_nothing_else(shell: Shell, inside: Database) -> None:
    link = shell.does("invite", "create", "--class-year", "2004", "--uses", "3")

    base, _, token = link.rpartition("/")
    assert base == f"https://{DOMAIN}/invite"
    invitation = inside.read_now(members.invitation, token)
    assert (invitation.class_year, invitation.max_uses) == (2004, 3)


def test_a_token_is_printed_and_nothing_else(shell: Shell, inside: Database) -> None:
    token = shell.does("token", "create", "amara", "--scopes", "read write follow push")

    caller = inside.read_now(access.find_token, digest(token))
    assert caller is not None
    assert caller.member is not None
    assert caller.member.actor.username == "amara"
    assert caller.scopes == {"read", "write", "follow", "push"}


async def test_the_association_acts_by_token_and_cannot_log_in(shell: Shell, inside: Database) -> None:
    token = shell.does("token", "create", "association", "--scopes", "write")

    caller = inside.read_now(access.find_token, digest(token))
    assert caller is not None
    assert caller.member is not None
    assert caller.member.actor.username == "association"
    passwords = Passwords()
    for password in ("", "association"):
        with pytest.raises(NotAllowed):
            await passwords.check(inside, "association", password)
    passwords.close()


def test_a_token_can_be_chosen_in_testing_only(shell: Shell) -> None:
    assert "testing" in shell.refuses("token", "create", "amara", "--token", "chosen")

    shell.change("testing", "true")

    assert load(shell.config).testing
    assert shell.does("token", "create", "amara", "--token", "chosen") == "chosen"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("nobody",), "no member called nobody"), (("amara", "--scopes", "read admin:write"), "scope is invalid")],
)
def test_a_token_that_cannot_be_is_refused_in_a_sentence(
    shell: Shell, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in shell.refuses("token", "create", *arguments)


def test_roles_are_given_and_taken(shell: Shell, inside: Database) -> None:
    shell.does("member", "add", "ben", "--email", "ben@mail.example")

    assert shell.does("member", "role", "ben", "delegate", "secretary") == "delegate member secretary"
    assert shell.does("member", "role", "ben", "secretary", "member", "--take") == "delegate member"
    ben = inside.read_now(members.by_login, "ben")
    assert ben is not None
    assert ben.roles == {"member", "delegate"}
    seen = [(one.before, one.after) for one in inside.read_now(audit.about, ben.id) if one.verb == "roles"]
    assert sorted(seen) == [("", "delegate secretary"), ("delegate secretary", "delegate")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody", "delegate"), "no member called nobody"),
        (("amara", "emperor"), "no role named emperor"),
        (("amara", "admin", "--take"), "only administrator"),
    ],
)
def test_roles_that_cannot_be_given_or_taken_are_refused(
    shell: Shell, arguments: tuple[str, ...], sentence: str
) -> None:
    shell.does("member", "role", "amara", "admin")

    assert sentence in shell.refuses("member", "role", *arguments)
