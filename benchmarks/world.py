# SPDX-License-Identifier: AGPL-3.0-or-later
"""The world round the node under measurement: its client, and the servers it federates with, all on loopback.

One sink answers for any number of host names under `.localhost`: actors, WebFinger, and inboxes that count.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from activitypub.signatures import cavage
from activitypub.signatures.keys import Algorithm, SigningKey, generate, load_private, private_bytes, public_pem
from activitypub.signatures.message import Request
from benchmarks.process import cpu_seconds, resident_mib

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ACTIVITY = "application/activity+json"


class Loopback(AbstractResolver):
    """Every name under `.localhost` is this machine."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        """127.0.0.1, whatever is asked for."""
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to let go of."""


class Sink:
    """Other servers: host `hN.localhost` has one actor, whose inbox takes everything and counts it.

    `silent` hosts take the connection and never answer; `asked` counts what was fetched.
    """

    def __init__(self) -> None:
        self._der = private_bytes(generate(Algorithm.RSA))
        self._pem = public_pem(load_private(self._der, key_id="", algorithm=Algorithm.RSA).private)
        self.received = 0
        self.asked = 0
        self.by_host: Counter[int] = Counter()
        self.silent: set[int] = set()
        self.arrived = asyncio.Condition()
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        app = web.Application()
        app.router.add_get("/.well-known/webfinger", self._webfinger)
        app.router.add_get("/actor", self._actor)
        app.router.add_post("/inbox", self._inbox)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    def actor(self, number: int) -> str:
        """The id of the actor of host `number`."""
        return f"http://h{number}.localhost:{self.port}/actor"

    def key(self, number: int) -> SigningKey:
        """That actor's key. All share one pair, since making 200 would take 20 seconds."""
        return load_private(self._der, key_id=f"{self.actor(number)}#main-key", algorithm=Algorithm.RSA)

    async def wait_for(self, count: int) -> None:
        """Until `count` deliveries in all have come."""
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(lambda: self.received >= count), 120)

    async def _webfinger(self, request: web.Request) -> web.Response:
        self.asked += 1
        host = request.headers["Host"]
        link = {"rel": "self", "type": ACTIVITY, "href": f"http://{host}/actor"}
        return web.json_response(
            {"subject": f"acct:someone@{host}", "links": [link]}, content_type="application/jrd+json"
        )

    async def _actor(self, request: web.Request) -> web.Response:
        self.asked += 1
        uri = f"http://{request.headers['Host']}/actor"
        base = uri.removesuffix("/actor")
        document = {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": uri,
            "type": "Person",
            "preferredUsername": "someone",
            "name": "Someone",
            "inbox": f"{base}/inbox",
            "outbox": f"{base}/outbox",
            "followers": f"{base}/followers",
            "endpoints": {"sharedInbox": f"{base}/inbox"},
            "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": self._pem},
        }
        return web.Response(body=json.dumps(document), content_type=ACTIVITY)

    async def _inbox(self, request: web.Request) -> web.Response:
        await request.read()
        number = int(request.headers["Host"].partition(".")[0].removeprefix("h"))
        while number in self.silent:
            await asyncio.sleep(1)
        async with self.arrived:
            self.received += 1
            self.by_host[number] += 1
            self.arrived.notify_all()
        return web.Response(status=202)

    def signed(self, number: int, url: str, document: Mapping[str, object]) -> tuple[bytes, dict[str, str]]:
        """A POST to `url` by the actor of host `number`, ready to be sent: body and headers."""
        body = json.dumps(document).encode()
        host, _, path = url.removeprefix("http://").partition("/")
        headers = {"Host": host, "Content-Type": ACTIVITY}
        request = Request("POST", f"/{path}", "http", host, tuple(headers.items()), body)
        return body, headers | cavage.sign(request, self.key(number), datetime.now(UTC))

    def follow(self, number: int, target: str) -> dict[str, object]:
        """A Follow of `target` by the actor of host `number`."""
        actor = self.actor(number)
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{actor}/follows/{number}",
            "type": "Follow",
            "actor": actor,
            "object": target,
        }

    def create(self, number: int, name: str) -> dict[str, object]:
        """A Create of a public note by the actor of host `number`."""
        actor = self.actor(number)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        audience = {"to": [PUBLIC], "cc": [actor.replace("/actor", "/followers")]}
        note = {
            "id": f"{actor}/notes/{name}",
            "type": "Note",
            "attributedTo": actor,
            "content": f"<p>Note {name}: the boats are back in the harbour, and so are we. <a href='https://example.org/a'>More</a></p>",
            "published": now,
            "url": f"{actor}/notes/{name}",
            **audience,
        }
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{actor}/notes/{name}/create",
            "type": "Create",
            "actor": actor,
            "published": now,
            "object": note,
            **audience,
        }


class NodeUnderTest:
    """One node as a process, made and driven through its command line and its API."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.domain = f"bench.localhost:{port}"
        self.base = f"http://{self.domain}"
        self.config = folder / "alumnode.toml"
        self.process: asyncio.subprocess.Process | None = None
        self.first_answer = 0.0
        # As where it is installed: compiled before, whatever this environment says of that.
        self._environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)

    async def command(self, *words: str, stdin: str = "") -> str:
        """Run `alumnode` with these words; what it prints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "node.cli",
            *words,
            "--config",
            str(self.config),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment,
        )
        out, _ = await process.communicate(stdin.encode())
        if process.returncode != 0:
            raise RuntimeError(f"alumnode {' '.join(words)} failed")
        return out.decode().strip()

    async def start(self) -> None:
        """Start serving; notes how long the first answer took."""
        began = time.monotonic()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "node.cli",
            "serve",
            "--config",
            str(self.config),
            stdout=asyncio.subprocess.DEVNULL,
            env=self._environment,
        )
        async with aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.port}/healthz") as response:
                        if response.status == 200:
                            break
                if time.monotonic() - began > 30:
                    raise TimeoutError("the node does not answer")
                await asyncio.sleep(0.005)
        self.first_answer = time.monotonic() - began

    async def stop(self) -> None:
        """Stop serving."""
        if self.process is not None:
            self.process.terminate()
            await self.process.wait()

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self.process is not None
        return self.process.pid

    @property
    def cpu(self) -> float:
        """CPU seconds so far."""
        return cpu_seconds(self.pid)

    @property
    def rss(self) -> float:
        """Resident MiB now."""
        return resident_mib(self.pid)


@contextlib.asynccontextmanager
async def node() -> AsyncIterator[NodeUnderTest]:
    """A node in a folder of its own, set up and serving, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="alumnode-bench-") as name:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        made = NodeUnderTest(Path(name), port)
        await made.command(
            "init", "--domain", made.domain, "--name", "Bench School", "--yes", "--insecure-local", "--port", str(port)
        )
        await made.start()  # which compiles what was not yet
        await made.stop()
        await made.start()
        try:
            yield made
        finally:
            await made.stop()
