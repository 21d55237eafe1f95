# SPDX-License-Identifier: AGPL-3.0-or-later
"""`alumnode doctor`: looks at everything that breaks a node without a word, and says what to do about it.

It looks from outside as well: the node's own actor is fetched through its public name, so that DNS, certificate and proxy
are tried as another server would.
"""

import asyncio
import ctypes
import importlib.metadata
import ipaddress
import shutil
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import click
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from activitypub import webfinger
from activitypub.errors import ProtocolError
from activitypub.parse import parse
from node import actors
from node.cli.context import Failed, database
from node.federation.client import FetchFailed
from node.federation.resolve import JRD
from node.kernel import clock, queue, schema
from node.kernel.config import Settings
from node.kernel.db import Database
from node.kernel.site import Site

if TYPE_CHECKING:
    from node.wiring.services import Services

_GIBIBYTE: Final = 1024**3
_LITTLE_DISK, _NO_DISK = 2 * _GIBIBYTE, _GIBIBYTE // 5
_LATE, _STUCK = timedelta(minutes=10), timedelta(hours=1)
_CRYPTOGRAPHY: Final = (46,)
_TIME_ERROR: Final = 5


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and what to do about it if it is not well."""

    level: Level
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        """The line that is printed."""
        return f"{self.level:4}  {self.what}" + (f"  -> {self.remedy}" if self.remedy else "")


def examine(settings: Settings, file: Path) -> bool:
    """Look at everything and print a line for each; whether nothing failed."""
    well = True
    for finding in findings(settings, file):
        click.echo(str(finding))
        well = well and finding.level is not Level.FAIL
    return well


def findings(settings: Settings, file: Path) -> Iterator[Finding]:
    """Everything there is to say, the outside last, since it takes longest."""
    yield from _settings(settings, file)
    yield _libraries()
    yield _clock()
    yield from _disk(settings)
    ready = True
    for finding in _database(settings):
        ready = ready and finding.level is not Level.FAIL
        yield finding
    if ready:
        yield _staff_log(settings)
    yield _mail(settings)
    yield _names(settings)
    if ready:
        yield from asyncio.run(_outside(settings))


# -- what is here -----------------------------------------------------------------------------------------------------


def _settings(settings: Settings, file: Path) -> Iterator[Finding]:
    if file.exists() and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding(Level.WARN, f"{file} holds secrets and others can read it", f"chmod 600 {file}")
    insecure = [
        name
        for name, on in (
            ("federation.allow_http", settings.federation.allow_http),
            ("federation.allow_private_addresses", settings.federation.allow_private_addresses),
            ("federation.ca_file", settings.federation.ca_file is not None),
            ("testing", settings.testing),
        )
        if on
    ]
    if not insecure:
        yield Finding(Level.OK, f"settings of {settings.name}, {settings.web_domain}")
    elif settings.is_public:
        yield Finding(
            Level.FAIL,
            f"{' and '.join(insecure)} is on for the public domain {settings.web_domain}",
            "remove it from the configuration: it is for tests and the demo",
        )
    else:
        yield Finding(Level.OK, f"settings of {settings.name}, for this machine only ({', '.join(insecure)})")
    if settings.is_public and not settings.contact_email:
        yield Finding(
            Level.WARN, "no contact_email: other servers' administrators cannot write to you", "set contact_email"
        )


def _mail(settings: Settings) -> Finding:
    from node.cli.letting_in import mail_works

    if not settings.mail.is_on:
        return Finding(Level.OK, "no mail server is set: nobody can reset a password by themselves")
    fault = mail_works(settings)
    if fault is not None:
        return Finding(Level.FAIL, f"{settings.mail.host} takes no letters: {fault}", "correct the table mail")
    return Finding(Level.OK, f"{settings.mail.host} takes letters")


def _staff_log(settings: Settings) -> Finding:
    from node.moderation import chain

    with database(settings) as db:
        broken = db.read_now(chain.first_break, db.site)
    if broken is None:
        return Finding(Level.OK, "the log of what the staff did is whole")
    where = "lines are missing at its end" if broken.at is None else f"from {broken.at:%Y-%m-%d %H:%M} on"
    return Finding(
        Level.FAIL,
        f"the log of what the staff did was changed at line {broken.position}, {where}",
        "compare it with a backup of the database, and ask who can write to that",
    )


def _libraries() -> Finding:
    version = importlib.metadata.version("cryptography")
    if tuple(int(part) for part in version.split(".")[:1]) < _CRYPTOGRAPHY:
        return Finding(
            Level.WARN,
            f"cryptography {version} is old: bovine's own metadata keeps it back",
            "install from requirements/runtime.txt, which overrides that",
        )
    return Finding(Level.OK, f"cryptography {version}")


def _clock() -> Finding:
    """Signatures are good for minutes only, so a clock that runs free breaks federation in the end."""
    told = f"clock: {clock.now():%Y-%m-%d %H:%M:%S} UTC"
    remedy = "run a time service, such as systemd-timesyncd"
    try:
        # adjtimex(2) with no modes only reads; 5 (TIME_ERROR) says that nothing keeps the clock. The buffer holds the
        # struct with room to spare.
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (AttributeError, OSError):
        return Finding(Level.WARN, f"{told}; whether anything keeps it right is not known here", remedy)
    if state == _TIME_ERROR:
        return Finding(Level.WARN, f"{told}; nothing keeps it right", remedy)
    return Finding(Level.OK, told)


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    what = f"{free / _GIBIBYTE:.1f} GiB free in {folder}"
    if free < _NO_DISK:
        yield Finding(Level.FAIL, what, "make room now: the database stops when the disk is full")
    elif free < _LITTLE_DISK:
        yield Finding(Level.WARN, what, "make room, or move data_dir to a larger disk")
    else:
        yield Finding(Level.OK, what)


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with database(settings) as db:
            yield from _inside(db)
    except Failed as error:
        yield Finding(Level.FAIL, str(error), "correct database_url")
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        yield Finding(Level.FAIL, f"the database does not answer: {reason}", "start it, or correct database_url")


def _inside(db: Database) -> Iterator[Finding]:
    version = db.read_now(schema.current)
    if version is None:
        yield Finding(Level.FAIL, "the database is empty", "alumnode init")
        return
    if version != schema.HEAD:
        newer = version > schema.HEAD
        remedy = "update Alumnode to the version that wrote it" if newer else "alumnode migrate"
        yield Finding(Level.FAIL, f"the schema is {version}, not {schema.HEAD}", remedy)
        return
    damage = db.read_now(_damage)
    if damage:
        yield Finding(Level.FAIL, f"the database is damaged: {damage}", "stop the node and restore the last back-up")
    else:
        yield Finding(Level.OK, f"{'SQLite' if db.is_sqlite else 'PostgreSQL'} database, schema {version}")
    try:
        db.read_now(_keys, db.site)
        yield Finding(Level.OK, "signing keys can be read")
    except ValueError:
        yield Finding(
            Level.FAIL, "the signing keys cannot be read with this secret_key", "restore the secret_key from a back-up"
        )
    yield from _queues(db)


def _damage(conn: Connection) -> str:
    """What SQLite finds wrong with its file; PostgreSQL watches over its own."""
    if conn.dialect.name != "sqlite":
        return ""
    said = str(conn.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return "" if said == "ok" else said


def _keys(conn: Connection, site: Site) -> None:
    for actor in (actors.node_actor(conn), actors.association(conn)):
        actors.signing_key(conn, site, actor.id)


def _queues(db: Database) -> Iterator[Finding]:
    now, well = clock.now(), True
    for state in db.read_now(queue.overview):
        late = now - state.oldest if state.oldest is not None else timedelta(0)
        minutes = late.total_seconds() / 60
        if late > _LATE:
            well = False
            yield Finding(
                Level.FAIL if late > _STUCK else Level.WARN,
                f"{state.queue}: {state.waiting} wait, {minutes:.0f} minutes behind",
                "see that the node runs, and what its log says",
            )
        if state.parked:
            well = False
            yield Finding(
                Level.WARN, f"{state.queue}: {state.parked} were given up", "see the log for what could not be done"
            )
    if well:
        yield Finding(Level.OK, "nothing waits longer than it should")


# -- what others see --------------------------------------------------------------------------------------------------


def _names(settings: Settings) -> Finding:
    host = settings.web_domain.partition(":")[0]
    if host == "localhost" or host.endswith(".localhost"):
        return Finding(Level.OK, f"{host} is this machine")
    try:
        found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)})
    except OSError as error:
        return Finding(
            Level.FAIL, f"{host} has no address: {error.strerror or error}", "make an A or AAAA record for it"
        )
    inward = [address for address in found if not ipaddress.ip_address(address).is_global]
    if inward and settings.is_public:
        return Finding(
            Level.WARN,
            f"{host} is {', '.join(inward)}, which others cannot reach",
            "see that public DNS says otherwise",
        )
    return Finding(Level.OK, f"{host} is {', '.join(found)}")


async def _outside(settings: Settings) -> list[Finding]:
    from node.wiring.services import Services

    services = Services(settings)
    try:
        return [finding async for finding in _as_others_see(services)]
    finally:
        await services.close(grace=0)


async def _as_others_see(services: "Services") -> AsyncIterator[Finding]:
    """The association's actor and its handle, fetched by their public addresses."""
    settings = services.settings
    association = await services.db.read(actors.association)
    try:
        # Through the certificate, the proxy and the route; its id must come back as it was asked for.
        await services.resolver.document(association.uri)
        yield Finding(Level.OK, f"{settings.base_url} answers with its own actors")
    except (FetchFailed, ProtocolError) as error:
        yield Finding(Level.FAIL, f"{settings.base_url} does not answer as this node: {error}", _remedy(error))
    scheme = "http" if settings.federation.allow_http else "https"
    handle = f"{association.username}@{settings.domain}"
    asked = f"{scheme}://{settings.domain}/.well-known/webfinger?resource=acct%3A{quote(handle)}"
    try:
        answer = webfinger.read(parse((await services.client.fetch_json(asked, JRD)).body))
        if association.uri in [link.href for link in answer.actors]:
            yield Finding(Level.OK, f"@{handle} can be found")
        else:
            yield Finding(
                Level.FAIL, f"{settings.domain} knows @{handle} as something else", "is another server on this domain?"
            )
    except (FetchFailed, ProtocolError) as error:
        remedy = _remedy(error)
        if settings.domain != settings.web_domain:
            remedy = f"have {settings.domain} redirect /.well-known/webfinger to {settings.web_domain}"
        yield Finding(Level.FAIL, f"@{handle} cannot be found: {error}", remedy)


def _remedy(error: Exception) -> str:
    """What to do, by what came back."""
    status = error.status if isinstance(error, FetchFailed) else None
    match status:
        case 421:
            return "the proxy must hand on the Host header as it came"
        case 404:
            return "the proxy must hand on the whole path and query as they came"
        case 502 | 503 | 504:
            return "the proxy is there and the node is not: alumnode serve"
        case _:
            return "see that the node and its proxy run, with a valid certificate, and that ports 80 and 443 are open"
