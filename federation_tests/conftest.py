# SPDX-License-Identifier: AGPL-3.0-or-later
"""The test network and its inhabitants. Everything is made once a session and ended by process id.

`ALUMNODE_TEST_REQUIRE_ALL=1` turns a missing part (node, npm, chromium) from a skip into a failure.
"""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from federation_tests.harness.network import Network
from federation_tests.harness.peers import Knock, Peer, start_bovine, start_fedify


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "federation_tests" in item.path.parts:
            item.add_marker(pytest.mark.federation)


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The test network; this process trusts its CA and finds its names while it stands."""
    made = Network(tmp_path_factory.mktemp("network"))
    system = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return system("127.0.0.1" if str(name).endswith(".localhost") else host, *args, **kwargs)

    made.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        for variable, value in made.env.items():
            patch.setenv(variable, value)
        yield made
    made.stop()


@pytest.fixture(scope="session")
def fedify(network: Network) -> Iterator[Peer]:
    """Fedify, which signs with RFC 9421 first."""
    peer = start_fedify(network, "fedify", knock=Knock.RFC9421)
    yield peer
    peer.close()


@pytest.fixture(scope="session")
def fedify_cavage(network: Network) -> Iterator[Peer]:
    """Fedify, which signs with draft-cavage first."""
    peer = start_fedify(network, "fedify-cavage", knock=Knock.CAVAGE)
    yield peer
    peer.close()


@pytest.fixture(scope="session")
def bovine(network: Network) -> Iterator[Peer]:
    """bovine, which knows draft-cavage alone."""
    peer = start_bovine(network, "bovine")
    yield peer
    peer.close()
