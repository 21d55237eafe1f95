# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode serve` as a process: ready, graceful in its end, and clear about why it does not start."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import DOMAIN, Shell

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def _process(shell: Shell) -> "Iterator[subprocess.Popen[str]]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALUMNODE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "node.cli", "serve", "--config", str(shell.config)],
        cwd=shell.folder,
        env={**environment, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        if process.poll() is None:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": DOMAIN, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_ends_when_it_is_told_to(shell: Shell, number: signal.Signals) -> None:
    port = _free_port()
    shell.change("port", str(port))

    with _process(shell) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        answered = (_status(port, "/healthz"), _status(port, "/readyz"), _status(port, "/nodeinfo/2.1"))
        process.send_signal(number)
        process.wait(20)

    assert f"https://{DOMAIN}" in ready
    assert answered == (200, 200, 200)
    assert process.returncode == 0


def _refusal(shell: Shell) -> str:
    with _process(shell) as process:
        _, complained = process.communicate(timeout=20)
    assert process.returncode == 1
    return complained.strip().splitlines()[-1]


def test_a_taken_port_is_told_in_a_sentence(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        shell.change("port", str(taken.getsockname()[1]))

        assert "cannot listen" in _refusal(shell)


def test_a_changed_secret_is_told_before_anything_is_served(shell: Shell) -> None:
    shell.change("secret_key", f'"{"x" * 40}"')

    assert "cannot sign" in _refusal(shell)


def test_an_empty_database_is_not_served(shell: Shell) -> None:
    shell.change("database_url", '"sqlite:///other.db"')

    assert "alumnode init" in _refusal(shell)
