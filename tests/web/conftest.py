# SPDX-License-Identifier: AGPL-3.0-or-later
"""A whole application over a fresh database, and what asks it: apps with tokens, browsers with cookies."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from node.kernel.config import Secret, Settings
from node.kernel.db import Database
from node.wiring.services import Services
from tests.support import builders, databases
from tests.web.asking import Api
from web.app import make_app


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Settings:
    """The settings of a node whose database is empty, on each engine in turn."""
    if request.param == "sqlite":
        databases.fresh_sqlite(tmp_path, sqlite_template).close()
        url = f"sqlite:///{tmp_path / 'alumnode.db'}"
    else:
        url = str(request.getfixturevalue("postgres_url"))
        databases.empty_postgres(url).close()
    return Settings(
        domain="harbour.example",
        web_domain="harbour.example",
        name="Harbour Academy Alumni",
        secret_key=Secret("s" * 40),
        description="For all who were at Harbour Academy.",
        school="Harbour Academy",
        contact_email="board@harbour.example",
        database_url=url,
        data_dir=tmp_path / "data",
    )


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    made = Services(settings)
    made.db.write_now(builders.set_up)
    yield made
    await made.close()


@pytest.fixture
def db(services: Services) -> Database:
    return services.db


@pytest.fixture
async def api(services: Services) -> AsyncIterator[Api]:
    server = TestServer(make_app(services, background=False))
    async with TestClient(server) as client:
        yield Api(client, services)
