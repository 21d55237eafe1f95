# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode serve`: one process with the faces and the workers, from the first answer to a graceful end."""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Callable

import click
from aiohttp import web
from sqlalchemy import Connection

from node import actors
from node.cli.context import Failed, check_ready
from node.kernel import log, schema
from node.kernel.config import Settings
from node.kernel.db import Database
from node.kernel.site import Site
from node.version import VERSION
from node.wiring.services import Services
from web.app import make_app

_log = logging.getLogger(__name__)
# Together at most 20 s, which is what process supervisors wait before they kill.
_ANSWERS_END = 8.0
_TASKS_END = 10.0


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises Failed if the node cannot start."""
    log.set_up(settings.log_level, settings.log_format)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    try:
        services = Services(settings)
    except (ValueError, ImportError) as error:
        raise Failed(f"The setting database_url cannot be used: {error}.") from None
    try:
        _check(services.db)
        runner = web.AppRunner(
            make_app(services, background=False), access_log=None, handle_signals=False, shutdown_timeout=_ANSWERS_END
        )
        await runner.setup()
        try:
            await _listen(runner, settings)
            await services.start()
            # What has been made so far stays to the end; looking through it again and again is what long pauses are.
            gc.collect()
            gc.freeze()
            gc.enable()
            click.echo(f"Alumnode {VERSION} serves {settings.base_url} on {settings.bind}:{settings.port}")
            await _told_to_stop()
            _log.info("stopping")
        finally:
            await runner.cleanup()
    finally:
        await services.close(grace=_TASKS_END)


def _check(db: Database) -> None:
    """Raises Failed if the database is not this node's, or not of this version; an SQLite file is brought up to date."""
    if db.is_sqlite and db.read_now(schema.current) is not None and not schema.is_current(db):
        schema.upgrade(db)
        click.echo(f"The database now has the schema {schema.HEAD}.")
    check_ready(db)
    try:
        db.read_now(check_keys, db.site)
    except ValueError as error:
        raise Failed(f"This node cannot sign: {error}.") from None


def check_keys(conn: Connection, site: Site) -> None:
    """Raises ValueError if the private key of the node's actor cannot be read with this node's secret."""
    actors.signing_key(conn, site, actors.node_actor(conn).id)


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, settings.bind, settings.port, backlog=512).start()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Failed(f"The node cannot listen on {settings.bind}:{settings.port}: {reason}.") from None


async def _told_to_stop() -> None:
    """Wait for the first signal to end; a second one ends the process at once, as if nobody listened."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's loop where it is installed: about a third less CPU for a request."""
    with contextlib.suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop
    return None
