# SPDX-License-Identifier: AGPL-3.0-or-later
"""A node that reads pages, and servers that have some."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support import nodes
from tests.support.nodes import Node
from tests.support.peers import Peers


@pytest.fixture
async def peers() -> AsyncIterator[Peers]:
    made = Peers()
    await made.start()
    yield made
    await made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def node(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Node]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    async with nodes.running(tmp_path, sqlite_template, url, previews=True) as made:
        yield made
