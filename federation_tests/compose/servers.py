# SPDX-License-Identifier: AGPL-3.0-or-later
"""The containers: which are there, how one gives them a command, and how their names are found from outside.

`run` starts them and names them in `ALUMNODE_TEST_COMPOSE`. All names of the network lead to one proxy, which listens on
a port of the loopback address.
"""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
PEERS = ("mastodon", "gotosocial", "akkoma", "misskey", "lemmy", "mobilizon", "gancio")
OURS = "alumnode"
AUTHORITY = FOLDER / ".made" / "root.crt"
DOOR = ("127.0.0.1", 8443)
COMMAND_WITHIN = 180.0


def standing() -> frozenset[str]:
    """The peers that `run` has started; none where it has not been run."""
    named = frozenset(os.environ.get("ALUMNODE_TEST_COMPOSE", "").split())
    unknown = named - set(PEERS)
    assert not unknown, f"no such peers: {sorted(unknown)}"
    return named


def host(server: str) -> str:
    return f"{server}.test"


def url(server: str) -> str:
    return f"https://{host(server)}"


def run(server: str, *command: str, given: str | None = None) -> str:
    """What a command in this server's container prints.

    Raises:
        AssertionError: it ended with another status than 0.
    """
    done = subprocess.run(
        [os.environ.get("CONTAINER_ENGINE", "docker"), "compose", "exec", "-T", server, *command],
        cwd=FOLDER,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_WITHIN,
    )
    assert done.returncode == 0, f"{server}: {' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


@contextmanager
def reached() -> Iterator[None]:
    """Meanwhile this process finds the names of the network, and believes its authority."""
    system = socket.getaddrinfo

    def getaddrinfo(name: Any, *args: Any, **kwargs: Any) -> Any:
        if not str(name).endswith(".test"):
            return system(name, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", DOOR)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
            patch.setenv(variable, str(AUTHORITY))
        for variable in ("NO_PROXY", "no_proxy"):
            patch.setenv(variable, ".test")
        yield
