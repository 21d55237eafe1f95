# SPDX-License-Identifier: AGPL-3.0-or-later
"""The demo's nodes: made with the command line's own functions, then run as processes of their own."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from node import actors, profiles, relationships
from node.actors import NewKeys, ProfileChange
from node.cli import people
from node.cli.context import database
from node.cli.demo.cast import LINES, PASSWORD, Person, School
from node.cli.setting_up import set_up
from node.kernel.config import Settings
from node.kernel.db import Database, Tx
from node.profiles import FederationMode, Level, Listing

SCOPES = "read write follow push"
_STARTS_WITHIN = 20.0
_ENDS_WITHIN = 20.0
ASSOCIATION = "association"


class NodeFailed(Exception):
    """A node could not be made or run; the text says what it said."""


@dataclass(slots=True)
class Node:
    """One node: where its data is, where it answers, and a token for everybody on it."""

    school: School
    folder: Path
    port: int
    tokens: dict[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None

    @property
    def authority(self) -> str:
        """Host and port, as they stand in handles."""
        return f"{self.school.key}.localhost:{self.port}"

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://{self.authority}"

    @property
    def config(self) -> Path:
        """Its configuration file."""
        return self.folder / "alumnode.toml"

    @property
    def log(self) -> Path:
        """What it has to say."""
        return self.folder / "alumnode.log"

    def handle(self, username: str) -> str:
        """How other nodes write somebody of this one."""
        return f"{username}@{self.authority}"

    # -- making it ----------------------------------------------------------------------------------------------------

    def make(self, keys: Sequence[NewKeys]) -> None:
        """The configuration, the database, the members and their tokens. Takes a second or two: call it in a thread."""
        school = self.school
        settings = set_up(
            self.config,
            {
                "domain": self.authority,
                "name": school.name,
                "school": school.school,
                "description": school.description,
                "locale": school.locale,
                "timezone": school.timezone,
                "contact_email": f"contact@{school.key}.example",
                "port": self.port,
                "testing": True,
            },
            {"allow_http": True, "allow_private_addresses": True},
        )
        with database(settings) as db:
            for person, pair in zip(school.people, keys, strict=True):
                self._add(settings, db, person, pair)
            self.tokens[ASSOCIATION] = people.create_token(db, ASSOCIATION, SCOPES)
            db.write_now(_befriend, school.people)

    def _add(self, settings: Settings, db: Database, person: Person, keys: NewKeys) -> None:
        member = people.add_member(
            settings,
            db,
            person.username,
            f"{person.username}@{self.school.key}.example",
            PASSWORD,
            display_name=person.name,
            class_year=person.class_year,
            roles=("admin",) if person is self.school.people[0] else (),
            keys=keys,
        )
        change = ProfileChange(summary=person.about, discoverable=True)
        db.write_now(relationships.update_profile, member.actor, change)
        db.write_now(profiles.answer, member.actor.id, listed_to=Listing.SCHOOL, federation_mode=FederationMode.OPEN)
        for kind, details in LINES.get(person.username, ()):
            db.write_now(profiles.add, member.actor.id, kind, details, Level.SCHOOL)
        self.tokens[person.username] = people.create_token(db, person.username, SCOPES)

    # -- running it ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Serve, and return once the node says that it does. Raises NodeFailed."""
        # In a session of its own, so that Ctrl-C in the terminal reaches the demo alone, which then ends its nodes.
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "node.cli",
                "serve",
                "--config",
                str(self.config),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env=_environment(),
            )
        assert self.process.stdout is not None
        try:
            said = await asyncio.wait_for(self.process.stdout.readline(), _STARTS_WITHIN)
        except TimeoutError:
            said = b""
        if not said:
            raise NodeFailed(f"{self.school.name} does not start:\n{self.last_words()}")

    async def stop(self) -> None:
        """End the process, gently at first."""
        if self.process is None or self.process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), _ENDS_WITHIN)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    async def command(self, *arguments: str) -> str:
        """What an `alumnode` command prints for this node. Raises NodeFailed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "node.cli",
            *arguments,
            "--config",
            str(self.config),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(),
        )
        said, complained = await process.communicate()
        if process.returncode != 0:
            raise NodeFailed(f"alumnode {' '.join(arguments[:2])}: {complained.decode(errors='replace').strip()}")
        return said.decode().strip()

    def last_words(self) -> str:
        """The end of its log."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
        return ""


def new_nodes(schools: Sequence[School], folder: Path) -> list[Node]:
    """Nodes that do not exist yet, on the schools' ports where those are free."""
    return [Node(school, folder / school.key, _free_port(school.port)) for school in schools]


async def make_all(nodes: Sequence[Node]) -> None:
    """Make every node. Keys take most of the time: they are made on all cores, outside of any transaction."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(os.cpu_count() or 2) as threads:
        made = await asyncio.gather(
            *(
                asyncio.gather(*(loop.run_in_executor(threads, actors.make_keys) for _ in node.school.people))
                for node in nodes
            )
        )
        await asyncio.gather(
            *(loop.run_in_executor(threads, node.make, keys) for node, keys in zip(nodes, made, strict=True))
        )


def _befriend(tx: Tx, members: Sequence[Person]) -> None:
    """Everybody follows the association, and the three who left school next after them."""
    association = actors.association(tx.conn)
    everybody = [actors.by_handle(tx.conn, person.username) for person in members]
    ring = [actor for actor in everybody if actor is not None]
    for place, actor in enumerate(ring):
        relationships.follow(tx, actor, association)
        for step in (1, 2, 5):
            relationships.follow(tx, actor, ring[(place + step) % len(ring)])


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise NodeFailed("No port is free on this machine.")


def _environment() -> dict[str, str]:
    """Ours, without settings that are meant for another node."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ALUMNODE_")}
