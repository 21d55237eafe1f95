# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each shape comes through the inbox of a whole node, signed and fetchable where it says it lives, and is kept as meant."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.payloads import shapes
from tests.payloads.scenes import Scene
from tests.payloads.shapes import Json
from tests.support import nodes
from tests.support.nodes import Node
from tests.support.peers import Peers

CASES = {name: case for name, case in shapes.cases().items() if "here" in case}
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def peers() -> AsyncIterator[Peers]:
    """Servers that no case before has met: their port is new."""
    made = Peers()
    await made.start()
    yield made
    await made.close()


@pytest_asyncio.fixture(params=["sqlite", "postgresql"], scope="module", loop_scope="module")
async def node(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> AsyncIterator[Node]:
    """One node on each engine for all cases; each brings a member and servers of its own."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    async with nodes.running(tmp_path_factory.mktemp("node"), sqlite_template, url) as made:
        yield made


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_a_document_is_kept_as_it_is_meant(node: Node, peers: Peers, case: Json) -> None:
    scene = Scene(node, peers)
    await scene.play(case)

    expected = scene.real(case["here"])

    assert shapes.differences(expected, scene.observed(expected)) == []
