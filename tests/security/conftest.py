# SPDX-License-Identifier: AGPL-3.0-or-later
"""One node on each engine for all attacks of a file, and servers that are new for each of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support import nodes
from tests.support.nodes import Node
from tests.support.peers import Peers


@pytest_asyncio.fixture(loop_scope="module")
async def peers() -> AsyncIterator[Peers]:
    made = Peers()
    await made.start()
    yield made
    await made.close()


@pytest_asyncio.fixture(params=["sqlite", "postgresql"], scope="module", loop_scope="module")
async def node(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> AsyncIterator[Node]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    async with nodes.running(tmp_path_factory.mktemp("node"), sqlite_template, url) as made:
        yield made
