# SPDX-License-Identifier: AGPL-3.0-or-later
"""An Alumnode as a process of the test network, driven as its owner would: through its command line, and over https."""

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import requests
import sqlalchemy
from mastodon import Mastodon

from federation_tests.harness.databases import Engine
from federation_tests.harness.network import Network, Site
from federation_tests.harness.processes import Server

REPOSITORY = Path(__file__).parents[2]
COMMAND_WITHIN = 60.0
SCOPES = "read write follow push"

Setting = str | int | bool | list[str] | dict[str, "Setting"]


class NewNode(Protocol):
    """Makes and starts a node of this name and title; `more` are settings of its file."""

    def __call__(self, name: str, title: str, engine: Engine, **more: Setting) -> "Node":
        """A node that answers."""


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who can sign in at a node. `handle` is how other nodes write them."""

    username: str
    email: str
    password: str
    handle: str
    token: str = ""
    """A token of an app, all scopes, where one came with the account."""


class CommandFailed(AssertionError):
    """An `alumnode` command ended with another status than 0; holds what it said."""


class Node:
    """One node: a folder, a configuration file, a database, a process.

    Made by `create`, which runs `alumnode init` and nothing behind its back. SQLite unless `database_url` says otherwise.
    """

    def __init__(self, network: Network, name: str, *, database_url: str | None = None) -> None:
        self.network = network
        self.name = name
        self.site: Site = network.site(name)
        self.folder = network.folder / name
        self.config = self.folder / "alumnode.toml"
        self.database_url = database_url or f"sqlite:///{self.folder}/alumnode.db"
        self._apps: dict[str, Mastodon] = {}
        self._tokens: dict[str, str] = {}
        self.server = Server(
            name,
            [*_ALUMNODE, "serve", "--config", self.config],
            env=self._env,
            cwd=self.folder,
            log=network.folder / f"{name}.log",
            ready=self._healthy,
        )

    def create(self, title: str, **more: Setting) -> None:
        """Make its folder, configuration and database; the test's own settings, and `more`, are written into the file
        after that."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.run("init", "--domain", self.site.authority, "--name", title, "--database-url", self.database_url, "--yes")
        settings: dict[str, Setting] = tomllib.loads(self.config.read_text(encoding="utf-8"))
        settings |= {"bind": "127.0.0.1", "port": self.site.port, "testing": True}
        federation = settings.setdefault("federation", {})
        assert isinstance(federation, dict)
        federation |= {"allow_private_addresses": True, "ca_file": str(self.network.ca_file)}
        self.config.write_text(_toml(settings | more), encoding="utf-8")

    # ---- its process ----

    def start(self) -> float:
        """Serve, and return the seconds until it was healthy."""
        return self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def kill(self) -> None:
        """As a power cut: SIGKILL."""
        self.server.kill()

    def pause(self) -> None:
        """Stop its clockwork without ending it: it takes connections and answers nothing."""
        os.kill(self.server.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.server.pid, signal.SIGCONT)

    # ---- its command line ----

    def run(self, *arguments: str | Path, given: str | None = None) -> str:
        """What an `alumnode` command prints, without the last line break; `given` is its standard input.

        Raises:
            CommandFailed: it ended with another status than 0.
        """
        done = subprocess.run(
            [*_ALUMNODE, *map(str, arguments), "--config", str(self.config)],
            input=given,
            cwd=self.folder,
            env={**os.environ, **self._env},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_WITHIN,
        )
        if done.returncode != 0:
            said = f"{done.stdout}\n{done.stderr}"
            raise CommandFailed(f"alumnode {' '.join(map(str, arguments))} -> {done.returncode}\n{said}")
        return done.stdout.rstrip("\n")

    def add_member(
        self, username: str, *, class_year: int = 2004, role: str | None = None, name: str | None = None
    ) -> Account:
        password = f"{username}-et-la-garonne"
        email = f"{username}@example.org"
        with_role = ["--role", role] if role else []
        with_name = ["--display-name", name] if name else []
        options = ["--email", email, "--password-stdin", "--class-year", str(class_year), *with_role, *with_name]
        self.run("member", "add", username, *options, given=f"{password}\n")
        return Account(username, email, password, self._handle(username))

    def add_members(self, *usernames: str) -> list[Account]:
        """Several members of no class, each with a token, by the one command that is there for tests."""
        accounts = [Account(one, f"{one}@example.org", f"{one}-et-la-garonne", self._handle(one)) for one in usernames]
        members = [{"username": one.username, "email": one.email, "password": one.password} for one in accounts]
        file = self.folder / "members.json"
        file.write_text(json.dumps({"accounts": members, "tokens": [{"account": one} for one in usernames]}))
        made = json.loads(self.run("test-seed", file))["tokens"]
        tokens = {one["account"]: one["token"] for one in made}
        self._tokens |= tokens
        return [replace(one, token=tokens[one.username]) for one in accounts]

    def _handle(self, username: str) -> str:
        return f"{username}@{self.site.authority}"

    def token(self, username: str) -> str:
        """A token for an app, all scopes."""
        return self.run("token", "create", username, "--scopes", SCOPES)

    def add_event(
        self, title: str, *, start: str, end: str, zone: str, place: str, capacity: int | None, text: str
    ) -> str:
        """Publish an event as the association; returns its id, the address other servers know."""
        limit = ["--capacity", str(capacity)] if capacity is not None else []
        details = ["--start", start, "--end", end, "--timezone", zone, "--place", place, "--text", text, *limit]
        printed = self.run("event", "create", "--title", title, *details)
        return printed.splitlines()[-1].split()[-1]

    # ---- over https ----

    @property
    def url(self) -> str:
        return self.site.url

    @property
    def shared_inbox(self) -> str:
        return f"{self.url}/inbox"

    @property
    def association(self) -> str:
        """The handle of the association's actor."""
        return f"association@{self.site.authority}"

    def app(self, username: str) -> Mastodon:
        """Mastodon.py signed in as this member, with a token from the command line; one for the whole session."""
        if username not in self._apps:
            self._apps[username] = Mastodon(
                access_token=self._tokens.get(username) or self.token(username),
                api_base_url=self.url,
                request_timeout=20,
                ratelimit_method="throw",
                session=requests.Session(),
            )
        return self._apps[username]

    def actor_id(self, username: str) -> str:
        """The actor id behind a local name, through WebFinger."""
        query = {"resource": f"acct:{username}@{self.site.authority}"}
        answer = requests.get(f"{self.url}/.well-known/webfinger", params=query, timeout=10)
        answer.raise_for_status()
        [link] = [one for one in answer.json()["links"] if one["rel"] == "self"]
        return str(link["href"])

    def inbox(self, username: str) -> str:
        return f"{self.actor_id(username)}/inbox"

    # ---- what it keeps ----

    def contents(self) -> Mapping[str, int]:
        """How many rows each table has: what a request has stored shows here, whatever it was."""
        with self._engine.connect() as conn:
            tables = sqlalchemy.inspect(conn).get_table_names()
            return {
                name: conn.execute(
                    sqlalchemy.select(sqlalchemy.func.count()).select_from(sqlalchemy.table(name))
                ).scalar_one()
                for name in tables
            }

    @cached_property
    def _engine(self) -> sqlalchemy.Engine:
        url = sqlalchemy.make_url(self.database_url)
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        # A connection of its own each time: nothing is left open for the garbage collector to warn about.
        return sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)

    @property
    def _env(self) -> dict[str, str]:
        # The node is told of the CA by its settings alone, and finds names under .localhost by itself.
        return {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", "SSL_CERT_FILE": ""}

    def _healthy(self) -> bool:
        headers = {"Host": self.site.authority, "X-Forwarded-Proto": "https"}
        try:
            return requests.get(f"http://127.0.0.1:{self.site.port}/healthz", headers=headers, timeout=2).ok
        except requests.RequestException:
            return False


_ALUMNODE = (sys.executable, "-m", "node.cli")


def _toml(settings: Mapping[str, Setting], table: str = "") -> str:
    """These settings as TOML; written here because Python reads TOML and does not write it."""
    plain = {name: value for name, value in settings.items() if not isinstance(value, dict)}
    lines = [f"[{table}]"] if table else []
    lines += [f"{name} = {_value(value)}" for name, value in plain.items()]
    for name, value in settings.items():
        if isinstance(value, dict):
            lines += ["", _toml(value, f"{table}.{name}" if table else name)]
    return "\n".join(lines) + "\n"


def _value(value: Setting) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
