# SPDX-License-Identifier: AGPL-3.0-or-later
"""The test network and its inhabitants. Everything is made once a session and ended by process id.

`ALUMNODE_TEST_REQUIRE_ALL=1` turns a missing part (node, npm, chromium) from a skip into a failure.
Of two nodes that meet, one keeps its data in SQLite and the other in PostgreSQL; `ALUMNODE_TEST_DATABASES=sqlite` (or
`postgresql`) puts all of them on one.
"""

import io
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from federation_tests.harness.databases import Engine, new_database
from federation_tests.harness.network import Network
from federation_tests.harness.node import Account, NewNode, Node, Setting
from federation_tests.harness.peers import Knock, Peer, start_bovine, start_fedify
from federation_tests.harness.stranger import Stranger
from federation_tests.harness.windows import Window


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "federation_tests" in item.path.parts:
            item.add_marker(pytest.mark.federation)
            if item.get_closest_marker("timeout") is None:
                # The first test of a file pays for its nodes, which a machine that is busy makes slowly.
                item.add_marker(pytest.mark.timeout(480))


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


@pytest.fixture(scope="session")
def new_node(network: Network, request: pytest.FixtureRequest) -> Iterator[NewNode]:
    """Makes and starts a node: `new_node(name, title, Engine.SQLITE)`; all of them end with the session."""
    made: list[Node] = []

    def make(name: str, title: str, engine: Engine, **more: Setting) -> Node:
        database_url = None
        if Engine(os.environ.get("ALUMNODE_TEST_DATABASES") or engine) is Engine.POSTGRESQL:
            database_url = new_database(request.getfixturevalue("postgres_url"), name)
        node = Node(network, name, database_url=database_url)
        made.append(node)
        node.create(title, **more)
        node.start()
        return node

    yield make
    for node in made:
        node.stop()


@pytest.fixture(scope="session")
def tilleuls(new_node: NewNode) -> Node:
    """A school in Angoulême."""
    return new_node("tilleuls", "Anciens du lycée des Tilleuls", Engine.SQLITE)


@pytest.fixture(scope="session")
def harbour(new_node: NewNode) -> Node:
    """A school in Tema."""
    return new_node("harbour", "Harbour School Old Students", Engine.POSTGRESQL)


@pytest.fixture(scope="session")
def camille(tilleuls: Node) -> Account:
    """A member of the Tilleuls, class of 2004."""
    return tilleuls.add_member("camille", class_year=2004)


@pytest.fixture(scope="session")
def amara(harbour: Node) -> Account:
    """A member of Harbour School, class of 1998."""
    return harbour.add_member("amara", class_year=1998)


@pytest.fixture(scope="session")
def stranger(network: Network) -> Iterator[Stranger]:
    """A server that signs with any fault asked for."""
    made = Stranger(network)
    yield made
    made.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """The end of every server's log goes with a failed test, and a picture of the page."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Node | Peer):
                report.sections.append((f"log of {value.site.name}", value.server.tail()))
            elif isinstance(value, Window):
                report.sections.append(("screenshot", str(value.photograph(item.name))))


@pytest.fixture(scope="session")
def png() -> bytes:
    """A small picture, made here."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.effect_mandelbrot((160, 120), (-2.0, -1.5, 1.0, 1.5), 20).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()
