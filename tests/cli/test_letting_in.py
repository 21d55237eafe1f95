# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tokens that end, lost phones and the mail server, from the command line."""

import pytest

from node import access, mail
from node.access import Revocations, digest
from node.access.authenticators import prove
from node.kernel.db import Database
from node.mail import reports
from node.members import by_login
from tests.cli.conftest import Shell


def _token(shell: Shell) -> str:
    return shell.does("token", "create", "amara", "--scopes", "read")


def test_a_token_is_listed_and_ended(shell: Shell, inside: Database) -> None:
    first, second = _token(shell), _token(shell)
    lines = shell.does("token", "list", "amara").splitlines()
    assert len(lines) == 2

    shell.does("token", "revoke", "amara", lines[0].split()[0])

    known = [inside.read_now(access.find_token, digest(one)) is not None for one in (first, second)]
    assert known == [True, False]


async def test_a_running_node_hears_of_it(shell: Shell, inside: Database) -> None:
    heard: list[object] = []
    token = _token(shell)
    node = Revocations(inside)
    with inside.bus.listening(access.REVOKED, heard.append):
        await node.look()
        assert heard == []
        [number] = [line.split()[0] for line in shell.does("token", "list", "amara").splitlines()]
        shell.does("token", "revoke", "amara", number)
        await node.look()
        await node.look()
        assert heard == [digest(token)]
        shell.does("token", "revoke", "amara", "--all")
        await node.look()

    amara = inside.read_now(by_login, "amara")
    assert amara is not None
    assert heard == [digest(token), amara.id]


def test_all_tokens_and_browsers_end_at_once(shell: Shell, inside: Database) -> None:
    token = _token(shell)
    amara = inside.read_now(by_login, "amara")
    assert amara is not None
    inside.write_now(access.create_session, amara.id)

    shell.does("token", "revoke", "amara", "--all")

    assert inside.read_now(access.find_token, digest(token)) is None
    assert inside.read_now(access.sessions_of, amara.id) == []


def test_what_is_not_there_cannot_be_ended(shell: Shell) -> None:
    assert "no member called nobody" in shell.refuses("token", "revoke", "nobody", "--all")
    assert shell.refuses("token", "revoke", "amara", "12")
    assert shell.run("token", "revoke", "amara").exit_code == 2


def test_somebody_who_lost_the_phone_is_let_in_again(shell: Shell, inside: Database) -> None:
    import time

    import pyotp

    amara = inside.read_now(by_login, "amara")
    assert amara is not None
    secret = inside.write_now(access.begin_authenticator, amara.id)
    inside.write_now(access.turn_on_authenticator, amara.id, pyotp.TOTP(secret).at(int(time.time())))
    assert not inside.write_now(prove, amara.id, "")

    shell.does("member", "single-step", "amara")

    assert not inside.read_now(access.second_step_is_on, amara.id)


def test_a_letter_is_not_sent_without_a_mail_server(shell: Shell) -> None:
    assert "mail.host is empty" in shell.refuses("mail", "test", "ada@mail.example")


def test_a_mail_server_that_is_away_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUMNODE_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("ALUMNODE_MAIL__PORT", "1")

    assert "was not taken" in shell.refuses("mail", "test", "ada@mail.example")
    assert "takes no letters" in shell.run("doctor").stdout


def test_a_letter_that_comes_back_is_noted(shell: Shell, inside: Database) -> None:
    letter_id = reports.message_id(inside.site, "amara@mail.example")
    returned = (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n'
        "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.mail.example\n\n"
        "Action: failed\nStatus: 5.1.1\n\n"
        f"--x\nContent-Type: text/rfc822-headers\n\nTo: amara@mail.example\nMessage-ID: {letter_id}\n\n--x--\n"
    )

    said = shell.does("mail", "bounce", given=returned)

    assert said == "The address has refused a letter for good."
    assert inside.read_now(mail.is_lost, inside.site, "amara@mail.example")


@pytest.mark.parametrize("given", ["", "Subject: I am on holiday\n\nUntil Monday."])
def test_what_is_no_report_is_no_error(shell: Shell, given: str) -> None:
    assert "no report" in shell.does("mail", "bounce", given=given)
