# SPDX-License-Identifier: AGPL-3.0-or-later
"""A node and other servers, all in the test's process."""

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
    """A node on each engine in turn: for what activities do."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    async with nodes.running(tmp_path, sqlite_template, url) as made:
        yield made


@pytest.fixture
async def gate(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Node]:
    """A node on SQLite alone: for what happens before anything is stored, where the engine makes no difference."""
    async with nodes.running(tmp_path, sqlite_template, None) as made:
        yield made
