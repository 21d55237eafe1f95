# SPDX-License-Identifier: AGPL-3.0-or-later
"""One way to the database: `await db.read(fn, ...)` and `await db.write(fn, ...)`, alike on SQLite and PostgreSQL.

Domain functions are plain synchronous functions. A read takes a `Connection`, a write a `Tx`; neither commits, awaits
nor calls the network. What must follow a commit is a queue row in the same transaction, or `tx.after_commit`.

SQLite: one writer thread owns one connection, opens with BEGIN IMMEDIATE and commits what waits in groups, each unit in
a savepoint of its own, so that one that fails takes no other with it. Short reads run on the event loop's thread on its
own connection (a thread hop costs more than the query); a function marked `@long_read` runs in a reader thread.
PostgreSQL: a pool of connections in threads, one transaction each.

No engine has a listener for its statements: SQLAlchemy would look for listeners before and after each of them, which is
a tenth of what a statement costs.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import queue
import random
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

import orjson
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import PoolProxiedConnection, StaticPool

from node.kernel import clock
from node.kernel.bus import Bus
from node.kernel.compiled import CompiledStatements
from node.kernel.errors import Overloaded
from node.kernel.site import Site

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

P = ParamSpec("P")
R = TypeVar("R")

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every slice's tables register here; `node.wiring.tables` imports them all."""

_log = logging.getLogger(__name__)
_GROUP = 50
_MAX_WAITING = 5000
_POSTGRES_TRIES = 6
_POSTGRES_PAUSE = 0.02  # seconds at most before a second try, twice that before a third, and so on
_SNAPSHOT = text("SELECT CAST(pg_current_snapshot() AS text)")
_RETRYABLE_STATES = ("40001", "40P01")  # serialization failure, deadlock


Reactions = Mapping[type, tuple[Callable[["Tx", Any], None], ...]]


@dataclass(slots=True)
class Tx:
    """A unit of work that writes: the connection, the one moment that counts as now, and what waits for the commit.

    `site` is the node's own name and addresses, which every public URI that is made here begins with. `reactions` say
    what else belongs to the same unit when something happens; `node.wiring` lists them.
    """

    conn: Connection
    now: datetime
    bus: Bus
    site: Site
    reactions: Reactions
    _after: list[Callable[[], None]] = field(default_factory=list)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` on the event loop once this unit is committed; never, if it is rolled back.

        For what may be lost in a crash (live streams, caches, waking a worker). What may not be lost is a queue row.
        """
        self._after.append(action)

    def tell(self, happening: object) -> None:
        """Let the slices above react, in this same unit, to what happened in a slice below (a follow, a new post)."""
        for react in self.reactions.get(type(happening), ()):
            react(self, happening)


def long_read(fn: Callable[P, R]) -> Callable[P, R]:
    """Mark a read that may take over a millisecond: on SQLite it then runs in a reader thread."""
    fn.__long_read__ = True  # type: ignore[attr-defined]  # a mark on the function object, read by Database.read
    return fn


@dataclass(slots=True)
class _Unit:
    """A write that waits for the writer thread; who waits for it does so on an event loop, or in a thread."""

    work: Callable[[Tx], Any]
    result: "asyncio.Future[Any] | Future[Any]"
    loop: asyncio.AbstractEventLoop | None = None
    after: list[Callable[[], None]] = field(default_factory=list)
    value: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        """Tell who waits how it ended, if they still do."""
        if self.error is not None:
            self.after.clear()
        if self.result.cancelled():
            return
        if self.error is not None:
            self.result.set_exception(self.error)
        else:
            self.result.set_result(self.value)


class Database:
    """The node's database. Make it with `open_database`, end it with `close`."""

    def __init__(self, url: URL, site: Site, *, synchronous: str = "NORMAL", pool_size: int = 8) -> None:
        """Connect lazily to `url`; `synchronous` is SQLite's (FULL survives a power cut at three times the cost)."""
        self.url = url
        self.site = site
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._synchronous = synchronous
        self.bus = Bus()
        self.reactions: Reactions = {}
        self._closed = False
        self._beginning = threading.Lock()
        if self.is_sqlite:
            self._loop_engine = self._sqlite_engine(cache_kib=16384, begin="BEGIN", static=True, mmap=268435456)
            self._thread_engine = self._sqlite_engine(cache_kib=16384, begin="BEGIN", static=False)
            # What is read comes out of the mapped file; a cache holds what is in the write-ahead log, or not written yet.
            self._writer_engine = self._sqlite_engine(cache_kib=16384, begin="BEGIN IMMEDIATE", static=True)
            self._watched: sqlite3.Connection | None = None
            self._watched_since = itertools.count()
            event.listen(self._loop_engine, "connect", self._watch)
            self._units: queue.Queue[_Unit | None] = queue.Queue(_MAX_WAITING)
            self._writer: threading.Thread | None = None
            self._threads = ThreadPoolExecutor(3, thread_name_prefix="db-read")
        else:
            self._pg_engine = create_engine(
                url,
                pool_size=pool_size,
                max_overflow=0,
                pool_pre_ping=True,
                pool_timeout=10,
                json_deserializer=_loads,
                execution_options={"compiled_cache": CompiledStatements()},
            )
            # Every statement of a read sees the database as it was at the first one, as on SQLite: what a page says of
            # an event and of the answers to it belongs together. A reader alone can never fail for it.
            self._pg_reading = self._pg_engine.execution_options(isolation_level="REPEATABLE READ")
            self._threads = ThreadPoolExecutor(pool_size, thread_name_prefix="db")

    # -- the two doors ------------------------------------------------------------------------------------------------

    async def read(self, fn: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`fn(connection, ...)` in a read transaction of its own: all its statements see the same moment."""
        if self.is_sqlite and not hasattr(fn, "__long_read__"):
            return self.read_now(fn, *args, **kwargs)
        loop = asyncio.get_running_loop()
        engine = self._thread_engine if self.is_sqlite else self._pg_reading
        return await loop.run_in_executor(self._threads, partial(_read, engine, fn, *args, **kwargs))

    def read_now(self, fn: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`fn` at once in the calling thread: for the command line, for tests, and for SQLite's short reads."""
        return _read(self._loop_engine if self.is_sqlite else self._pg_reading, fn, *args, **kwargs)

    async def stamp(self) -> object:
        """What differs after every commit, whoever made it: this process, another, or a command.

        Equal stamps mean equal data, so that what was read after one was taken may be kept until it changes. Take it
        before the read: then what is kept can be newer than its stamp, which costs a look too many, but never older.

        SQLite counts for each connection what others committed (PRAGMA data_version), and this one never writes.
        PostgreSQL says which transactions are seen (pg_current_snapshot): each that ends moves it and none moves it back.
        """
        if not self.is_sqlite:
            return await self.read(_snapshot)
        if self._watched is None:
            self.read_now(ping)
            assert self._watched is not None
        version: tuple[int] = self._watched.execute("PRAGMA data_version").fetchone()
        return self._watching, version[0]

    async def write(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`fn(tx, ...)` in a write transaction; what it returns is given back after the commit.

        Raises what `fn` raises (then nothing of it is stored), and Overloaded when too many writes wait.
        """
        work = partial(_call, fn, args, kwargs)
        # A caller who is cancelled must not take the unit with it: it may be half done, or committed.
        loop = asyncio.get_running_loop()
        if self.is_sqlite:
            waiting: asyncio.Future[R] = loop.create_future()
            self._enqueue(_Unit(work, waiting, loop))
            return await waiting
        if self._closed:
            raise Overloaded
        after: list[Callable[[], None]] = []
        running = asyncio.ensure_future(loop.run_in_executor(self._threads, self._write_postgres, work, after))
        running.add_done_callback(partial(_follow_up, after))
        return await asyncio.shield(running)

    def write_now(self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`write` for callers without an event loop: the command line and tests."""
        work = partial(_call, fn, args, kwargs)
        if self.is_sqlite:
            result: Future[R] = Future()
            unit = _Unit(work, result)
            self._enqueue(unit)
            found = result.result()
            _run_all(unit.after)
            return found
        if self._closed:
            raise Overloaded
        after: list[Callable[[], None]] = []
        value = self._write_postgres(work, after)
        _run_all(after)
        return value  # type: ignore[no-any-return]  # as above

    def close(self) -> None:
        """Finish what waits and let go of every connection. Calling it twice is harmless."""
        with self._beginning:
            if self._closed:
                return
            self._closed = True
        if self.is_sqlite:
            if self._writer is not None:
                self._units.put(None)
                self._writer.join()
            self._threads.shutdown()
            self._loop_engine.dispose()
            self._thread_engine.dispose()
            self._writer_engine.dispose()
        else:
            self._threads.shutdown()
            self._pg_engine.dispose()

    @property
    def engine(self) -> Engine:
        """The engine for migrations and maintenance; ordinary code goes through `read` and `write`."""
        return self._writer_engine if self.is_sqlite else self._pg_engine

    # -- SQLite -------------------------------------------------------------------------------------------------------

    def _watch(self, connection: sqlite3.Connection, _record: object) -> None:
        # A new connection counts from the start again: what was counted on another means nothing to it.
        self._watched, self._watching = connection, next(self._watched_since)

    def _sqlite_engine(self, *, cache_kib: int, begin: str, static: bool, mmap: int = 0) -> Engine:
        options: dict[str, Any] = {"poolclass": StaticPool} if static else {"pool_size": 3, "max_overflow": 0}
        engine = create_engine(
            self.url,
            connect_args={"check_same_thread": False, "cached_statements": 512},
            json_deserializer=_loads,
            execution_options={"compiled_cache": CompiledStatements()},
            **options,
        )
        pragmas = (
            "PRAGMA journal_mode=WAL",
            f"PRAGMA synchronous={self._synchronous}",
            "PRAGMA busy_timeout=5000",
            "PRAGMA foreign_keys=ON",
            "PRAGMA temp_store=MEMORY",
            f"PRAGMA cache_size=-{cache_kib}",
            f"PRAGMA mmap_size={mmap}",
        )

        @event.listens_for(engine, "connect")
        def on_connect(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None  # BEGIN is ours, below: sqlite3 would have it before writes alone
            for pragma in pragmas:
                connection.execute(pragma)

        def do_begin(connection: PoolProxiedConnection) -> None:
            connection.driver_connection.execute(begin)  # type: ignore[union-attr]  # sqlite3's, see on_connect

        engine.dialect.do_begin = do_begin  # type: ignore[method-assign, assignment]  # this engine's own object
        return engine

    def _enqueue(self, unit: _Unit) -> None:
        with self._beginning:
            if self._closed:
                raise Overloaded
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_loop, name="db-writer", daemon=True)
                self._writer.start()
            try:
                self._units.put_nowait(unit)
            except queue.Full:
                raise Overloaded from None

    def _write_loop(self) -> None:
        running = True
        while running:
            first = self._units.get()
            if first is None:
                return
            group = [first]
            while len(group) < _GROUP:
                try:
                    unit = self._units.get_nowait()
                except queue.Empty:
                    break
                if unit is None:
                    running = False
                    break
                group.append(unit)
            self._write_group(group)

    def _write_group(self, group: list[_Unit]) -> None:
        """Run every unit in one transaction; answer each only after the commit."""
        try:
            with self._writer_engine.begin() as conn:
                for unit in group:
                    self._run_unit(conn, unit, alone=len(group) == 1)
        except BaseException as error:  # noqa: BLE001  # every caller must get its answer, whatever went wrong
            for unit in group:
                unit.error = unit.error or error
        by_loop: defaultdict[asyncio.AbstractEventLoop, list[_Unit]] = defaultdict(list)
        for unit in group:
            if unit.loop is None:
                unit.answer()
            else:
                by_loop[unit.loop].append(unit)
        for loop, units in by_loop.items():
            with contextlib.suppress(RuntimeError):  # a loop that has ended waits for nothing
                loop.call_soon_threadsafe(_answer_all, units)

    def _run_unit(self, conn: Connection, unit: _Unit, *, alone: bool) -> None:
        tx = Tx(conn, clock.now(), self.bus, self.site, self.reactions, unit.after)
        if alone:  # the transaction itself is the savepoint
            unit.value = unit.work(tx)
            return
        # Said to SQLite itself: through SQLAlchemy the two statements cost as much as four others.
        raw = conn.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("SAVEPOINT unit")
        try:
            unit.value = unit.work(tx)
        except BaseException as error:  # noqa: BLE001  # goes to the caller; the other units go on
            unit.error = error
            raw.execute("ROLLBACK TO unit")
        raw.execute("RELEASE unit")

    # -- PostgreSQL ---------------------------------------------------------------------------------------------------

    def _write_postgres(self, work: Callable[[Tx], Any], after: list[Callable[[], None]]) -> Any:
        """What `work` returns, after the commit; what is to follow it is put into `after`."""
        for attempt in range(1, _POSTGRES_TRIES + 1):
            try:
                with self._pg_engine.begin() as conn:
                    tx = Tx(conn, clock.now(), self.bus, self.site, self.reactions)
                    value = work(tx)
                after += tx._after
                return value
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state not in _RETRYABLE_STATES or attempt == _POSTGRES_TRIES:
                    raise
                _log.debug("write repeated after %s", state)
                # Beginning again at once, two that collided would meet at the same place: not at the same moment, then.
                time.sleep(random.uniform(0, _POSTGRES_PAUSE * attempt))
        raise AssertionError("unreachable")


def open_database(url: str, site: Site, *, synchronous: str = "NORMAL") -> Database:
    """The database at `url`: `sqlite:///path/to/file.db` or `postgresql://user@host/name`.

    The folder of an SQLite file is made if it is missing. Raises ValueError for any other kind of address.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise ValueError("An SQLite database needs a file, for example sqlite:////var/lib/alumnode/alumnode.db")
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    elif backend == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    else:
        raise ValueError("The database address must begin with sqlite:/// or postgresql://")
    return Database(parsed, site, synchronous=synchronous)


def insert_or_ignore(conn: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT into `table` that leaves out rows which a unique constraint says are there already.

    The result's `rowcount` says how many went in, on both engines (without the option it is -1 on PostgreSQL).
    """
    return _insert_or_ignore(conn.dialect.name, table)


@cache
def _insert_or_ignore(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    return insert_into(dialect, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def insert_into(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT that can say what becomes of rows which are there already, for the dialect of that name.

    A node has one database: the dialect of the other, and with it every driver that it knows, is not loaded.
    """
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def is_unavailable(error: BaseException) -> bool:
    """Whether `error` says that the database is away (restart, full disk), rather than that a statement was wrong."""
    return isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def ping(conn: Connection) -> None:
    """Ask the database for nothing, to see that it answers."""
    conn.execute(text("SELECT 1"))


def _loads(text: str | bytes) -> Any:
    """A value of a JSON column. A page of forty people has some 240 of them, and orjson takes a fifth of the time."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # half a surrogate, or no number: what json writes and orjson does not read
        return json.loads(text)


def _snapshot(conn: Connection) -> object:
    return conn.execute(_SNAPSHOT).scalar_one()


def _read(engine: Engine, fn: Callable[..., R], *args: object, **kwargs: object) -> R:
    # Leaving the block rolls back, which ends the read transaction: one left open would pin SQLite's write-ahead log.
    with engine.connect() as conn:
        return fn(conn, *args, **kwargs)


def _call(fn: Callable[..., R], args: tuple[object, ...], kwargs: dict[str, object], tx: Tx) -> R:
    return fn(tx, *args, **kwargs)


def _answer_all(units: list[_Unit]) -> None:
    for unit in units:
        if unit.error is None:
            _run_all(unit.after)
        unit.answer()


def _follow_up(actions: list[Callable[[], None]], done: "asyncio.Future[Any]") -> None:
    if not done.cancelled() and done.exception() is None:
        _run_all(actions)


def _run_all(actions: list[Callable[[], None]]) -> None:
    for action in actions:
        try:
            action()
        except Exception:  # noqa: BLE001  # a stream that fails must not fail the request whose work is committed
            _log.exception("after-commit action failed")
