# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the demo's people act: as apps do, through the client API, and as scripts do, through bovine on the outbox."""

import asyncio
import contextlib
import importlib
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import ModuleType

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

Json = dict[str, object]
Condition = Callable[[], Awaitable[object]]
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


class Unanswered(Exception):
    """A node said no, or nothing; the text says to what."""


class LocalNames(AbstractResolver):
    """Takes every name for this machine: not every system finds names under `.localhost` (RFC 6761, 6.3)."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The loopback address."""
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0),
        ]

    async def close(self) -> None:
        """Nothing to let go of."""


def new_session() -> aiohttp.ClientSession:
    """A session for everybody; close it at the end."""
    connector = aiohttp.TCPConnector(resolver=LocalNames(), limit=20)
    return aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=20))


class Account:
    """One person with an app."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, handle: str, token: str) -> None:
        """`handle` is how other nodes write them, `token` lets the app act for them."""
        self._session = session
        self.base_url = base_url
        self.handle = handle
        self.token = token

    async def get(self, path: str, **query: str) -> object:
        """The answer to a GET of the client API. Raises Unanswered."""
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, **form: str) -> Json:
        """The answer to a POST of the client API. Raises Unanswered."""
        return _object(await self._ask("POST", path, data=form))

    async def delete(self, path: str) -> None:
        """Delete something. Raises Unanswered."""
        await self._ask("DELETE", path)

    async def many(self, path: str, **query: str) -> list[Json]:
        """A list of things. Raises Unanswered."""
        answer = await self.get(path, **query)
        return [_object(item) for item in answer] if isinstance(answer, list) else []

    # -- what people do -----------------------------------------------------------------------------------------------

    async def find(self, handle: str) -> Json:
        """The account behind a handle, looked up on its own node if need be."""
        found = _object(await self.get("/api/v2/search", q=f"@{handle}", type="accounts", resolve="true"))
        accounts = found.get("accounts")
        if not isinstance(accounts, list) or not accounts:
            raise Unanswered(f"{self.handle} cannot find {handle}")
        return _object(accounts[0])

    async def follow(self, handle: str) -> Json:
        """Follow somebody anywhere; the relationship."""
        return await self.post(f"/api/v1/accounts/{text(await self.find(handle), 'id')}/follow")

    async def publish(self, status: str, **more: str) -> Json:
        """Post."""
        return await self.post("/api/v1/statuses", status=status, **more)

    async def here(self, uri: str) -> str:
        """The number under which this node holds the post with that id, fetched if need be."""
        found = _object(await self.get("/api/v2/search", q=uri, type="statuses", resolve="true"))
        statuses = found.get("statuses")
        if not isinstance(statuses, list) or not statuses:
            raise Unanswered(f"{self.handle} cannot find {uri}")
        return text(_object(statuses[0]), "id")

    # -- what people see ----------------------------------------------------------------------------------------------

    async def home(self) -> list[Json]:
        """The home timeline."""
        return await self.many("/api/v1/timelines/home", limit="40")

    async def on_home(self, uri: str) -> Json | None:
        """The status on the home timeline that is, or boosts, the post with that id."""
        for status in await self.home():
            shown = status.get("reblog")
            if status.get("uri") == uri or (isinstance(shown, dict) and shown.get("uri") == uri):
                return status
        return None

    async def told_of(self, kind: str, handle: str) -> Json | None:
        """The notification of that kind which came from that person."""
        for one in await self.many("/api/v1/notifications", limit="40"):
            if one.get("type") == kind and text(_object(one.get("account")), "acct") == handle:
                return one
        return None

    # -- as a script, through bovine ----------------------------------------------------------------------------------

    async def send(self, bovine: ModuleType, activity: Mapping[str, object]) -> str:
        """Post an activity to this person's outbox with bovine's client; the id that the node gave it."""
        me = _object(await self.get("/api/v1/accounts/verify_credentials"))
        actor_id = text(me, "uri")
        client = bovine.BovineClient(actor_id=actor_id, access_token=self.token)
        # The session is ours and stays open, so the client is not used as a context manager.
        await client.init(session=self._session)
        document = {"@context": "https://www.w3.org/ns/activitystreams", "actor": actor_id, **activity}
        async with await client.send_to_outbox(document) as answer:
            if answer.status != 201:
                raise Unanswered(f"the outbox of {self.handle} answers {answer.status}: {(await answer.text())[:200]}")
            return str(answer.headers["Location"])

    async def _ask(
        self, method: str, path: str, params: Mapping[str, str] | None = None, data: Mapping[str, str] | None = None
    ) -> object:
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            async with self._session.request(
                method, f"{self.base_url}{path}", headers=headers, allow_redirects=False, params=params, data=data
            ) as answer:
                body = await answer.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Unanswered(f"{method} {path} at {self.base_url}: {error or type(error).__name__}") from None
        if answer.status >= 300:
            raise Unanswered(
                f"{method} {path} at {self.base_url}: {answer.status} {body[:200].decode(errors='replace')}"
            )
        return json.loads(body)


def text(thing: Mapping[str, object], name: str) -> str:
    """A text of an answer. Raises Unanswered if it is none."""
    value = thing.get(name)
    if not isinstance(value, str):
        raise Unanswered(f"an answer has no {name}")
    return value


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise Unanswered("an answer is not what the client API promises")
    return value


def import_bovine(folder: Path) -> ModuleType:
    """bovine, which leaves a cache file wherever it is first imported: in the demo's folder, then."""
    with contextlib.chdir(folder):
        return importlib.import_module("bovine")


async def eventually(condition: Condition, *, within: float = 15.0) -> bool:
    """Ask again and again until it holds, or until `within` seconds have passed."""
    deadline = asyncio.get_running_loop().time() + within
    pause = 0.05
    while True:
        with contextlib.suppress(Unanswered):
            if await condition():
                return True
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.5)
