# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode test-seed`: everything with the names and secrets that a file gives, and never outside of tests."""

import json
from pathlib import Path

import pytest

from node import access, members
from node.kernel.db import Database
from tests.cli.conftest import Shell

LISTED = {
    "accounts": [
        {"username": "admin", "email": "admin@localhost.test", "password": "mastodonadmin", "role": "Owner"},
        {"username": "bob", "email": "bob@localhost.test", "locked": True, "locale": "fr-FR", "discoverable": True},
        {"username": "carol", "email": "carol@localhost.test", "role": "admin", "indexable": True, "locale": "de"},
    ],
    "apps": [
        {
            "name": "Suite",
            "client_id": "suite-id",
            "client_secret": "suite-secret",
            "redirect_uris": "urn:ietf:wg:oauth:2.0:oob http://localhost:5000/back",
            "scopes": "read write",
        },
        {"name": "Plain"},
    ],
    "tokens": [
        {"token": "chosen", "account": "bob", "app": "Suite", "scopes": "read"},
        {"account": "admin", "app": "suite-id"},
        {"token": "app-alone", "scopes": ["read"]},
    ],
}


def _file(shell: Shell, text: str) -> str:
    file = shell.folder / "seed.json"
    file.write_text(text)
    return str(file)


def test_what_is_listed_is_made_and_printed(shell: Shell, inside: Database) -> None:
    shell.change("testing", "true")

    made = json.loads(shell.does("test-seed", _file(shell, json.dumps(LISTED))))

    admin, bob, carol = made["accounts"]
    assert (admin["id"], admin["username"], carol["id"] != "1") == ("1", "admin", True)
    found = inside.read_now(members.by_login, "bob")
    assert found is not None
    assert (found.actor.locked, found.actor.discoverable, found.locale, found.is_active) == (True, True, "fr", True)
    last = inside.read_now(members.by_login, "carol")
    assert last is not None
    assert (last.is_admin, last.actor.indexable, last.locale) == (True, True, "en")
    app = inside.read_now(access.find_app, "suite-id")
    assert app is not None
    assert inside.read_now(access.is_secret_of, app, "suite-secret")
    assert app.redirect_uris == ("urn:ietf:wg:oauth:2.0:oob", "http://localhost:5000/back")
    caller = inside.read_now(access.find_token, access.digest("chosen"))
    assert caller is not None
    assert caller.member is not None
    assert (caller.member.actor.username, caller.app_name, caller.scopes) == ("bob", "Suite", {"read"})
    alone = inside.read_now(access.find_token, access.digest("app-alone"))
    assert alone is not None
    assert alone.member is None
    assert inside.read_now(access.find_token, access.digest(made["tokens"][1]["token"])) is not None
    assert bob["email"] == "bob@localhost.test"


def test_it_is_for_tests_only(shell: Shell) -> None:
    assert "testing" in shell.refuses("test-seed", _file(shell, "{}"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "cannot be read"),
        ("[]", "must be a list of objects"),
        ('{"accounts": [7]}', "must be a list of objects"),
        ('{"accounts": [{"username": "x"}]}', "lacks its username or email"),
        ('{"tokens": [{"account": "nobody"}]}', "no member called nobody"),
        ('{"tokens": [{"app": "nothing"}]}', "no app called nothing"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(shell: Shell, text: str, sentence: str) -> None:
    shell.change("testing", "true")

    assert sentence in shell.refuses("test-seed", _file(shell, text))


def test_a_file_that_is_not_there(shell: Shell, tmp_path: Path) -> None:
    shell.change("testing", "true")

    assert "cannot be read" in shell.refuses("test-seed", str(tmp_path / "none.json"))
