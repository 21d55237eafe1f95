# SPDX-License-Identifier: AGPL-3.0-or-later
"""The log: what never stands in it, and its two forms."""

import json
import logging

import pytest

from node.kernel import log

SECRETS = {
    "a bearer token": ("Authorization: Bearer alm_Zm9vYmFyYmF6cXV4", "Zm9vYmFy"),
    "a bearer token of another kind": ("authorization: bearer eyJhbGciOi.JIUzI1NiJ9.x", "JIUzI1NiJ9"),
    "a password in a form": ("POST grant_type=password&password=hunter2&x=1", "hunter2"),
    "a code in an address": ("GET /callback?code=abcdef123456&state=1", "abcdef123456"),
    "a token in an address": ("GET /api/v1/streaming?access_token=abcdef&stream=user", "=abcdef"),
    "a client's secret": ("client_secret=s3cr3t", "s3cr3t"),
    "a token by its shape": ("revoked alm_0123456789abcdef", "0123456789abcdef"),
    "a signature": ('Signature: keyId="x",signature="QUJDREVGR0hJSktMTU5PUA=="', "QUJDREVGR0hJ"),
    "a cookie": ("Cookie: session=0123456789; theme=dark", "0123456789"),
    "a cookie that is set": ("Set-Cookie: session=0123456789; HttpOnly", "0123456789"),
    "a mail address": ("no account for jane.doe+x@mail.example here", "jane.doe"),
}


@pytest.mark.parametrize(("line", "secret"), SECRETS.values(), ids=SECRETS)
def test_what_is_secret_is_masked(line, secret):
    assert secret in line
    assert secret not in log.scrub(line)


@pytest.mark.parametrize(
    "line",
    [
        "Follow by https://far.example/users/ann not applied: blocked",
        "looked up @ann@far.example",
        "task federation.deliver parked after 11 attempts: HTTP 410",
        "GET /api/v1/timelines/home?max_id=117674794463945187 200",
    ],
)
def test_what_is_not_secret_stays_readable(line):
    assert log.scrub(line) == line


@pytest.fixture
def root():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def test_lines_of_text_carry_what_was_added_and_the_traceback(root, capsys):
    log.set_up("info", "text")

    try:
        raise LookupError("password=hunter2")
    except LookupError:
        logging.getLogger("node.x").exception("it failed", extra={"actor": "ann"})
    logging.getLogger("node.x").debug("not shown")

    said = capsys.readouterr().err
    assert "node.x: it failed actor=ann" in said
    assert "Traceback" in said
    assert "hunter2" not in said
    assert "not shown" not in said


def test_lines_of_json_are_one_object_each(root, capsys):
    log.set_up("debug", "json")

    logging.getLogger("node.x").warning("two\nlines", extra={"host": "far.example", "size": 3})

    (line,) = capsys.readouterr().err.splitlines()
    entry = json.loads(line)
    assert (entry["level"], entry["message"], entry["host"], entry["size"]) == (
        "warning",
        "two\nlines",
        "far.example",
        3,
    )


def test_setting_up_twice_says_everything_once(root, capsys):
    log.set_up("info", "text")
    log.set_up("info", "text")

    logging.getLogger("node.x").info("once")

    assert capsys.readouterr().err.count("once") == 1
