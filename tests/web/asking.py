# SPDX-License-Identifier: AGPL-3.0-or-later
"""How tests ask the node: as an app does, with a token, and the Host that the proxy passes on."""

from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from node import access
from node.kernel.db import Tx
from node.members import Member
from node.wiring.services import Services
from tests.support import contract

HOST = "harbour.example"
BASE = f"https://{HOST}"
ALL = ("read", "write", "follow", "push", "profile")
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


@dataclass(slots=True)
class Answer:
    """What came back; `json` is None where it is no JSON."""

    status: int
    json: Any
    text: str
    headers: Any

    def link(self, rel: str) -> str | None:
        """Path and query of a `Link`."""
        for part in self.headers.get("Link", "").split(", "):
            address, _, name = part.partition(">; rel=")
            if name == f'"{rel}"':
                assert address.startswith(f"<{BASE}/")
                return str(address.removeprefix(f"<{BASE}"))
        return None


class Api:
    """The application, asked over a real connection on loopback."""

    def __init__(self, client: "TestClient[web.Request, web.Application]", services: Services) -> None:
        self.client = client
        self.services = services
        self.db = services.db

    @property
    def app(self) -> web.Application:
        """The application itself."""
        assert isinstance(self.client.server, TestServer)
        return self.client.server.app

    async def ask(
        self, method: str, path: str, *, token: str | None = None, headers: dict[str, str] | None = None, **more: Any
    ) -> Answer:
        sent = {"Host": HOST, **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        async with self.client.request(method, path, headers=sent, allow_redirects=False, **more) as response:
            answer = await read(response)
            contract.check(method, path, answer.status, answer.json)
            return answer

    async def get(self, path: str, token: str | None = None, **more: Any) -> Answer:
        return await self.ask("GET", path, token=token, **more)

    async def post(self, path: str, token: str | None = None, **more: Any) -> Answer:
        return await self.ask("POST", path, token=token, **more)

    def token(self, member: Member | None, *, scopes: tuple[str, ...] = ALL) -> str:
        """A token of an app that may do everything, or what is said."""
        return self.db.write_now(_issue, member, scopes).secret

    def session(self, member: Member) -> dict[str, str]:
        """The headers of a browser in which a member is logged in."""
        return {"Cookie": f"__Host-alumnode={self.db.write_now(access.create_session, member.id, 'Firefox')}"}


async def read(response: ClientResponse) -> Answer:
    text = await response.text(errors="replace")
    is_json = response.content_type.endswith("json")
    return Answer(response.status, await response.json(content_type=None) if is_json else None, text, response.headers)


def _issue(tx: Tx, member: Member | None, scopes: tuple[str, ...]) -> access.NewToken:
    app, _ = access.register_app(tx, name="Pier", redirect_uris=[OUT_OF_BAND], scopes=" ".join(ALL), website=None)
    return access.issue_token(tx, app_id=app.id, member_id=member.id if member else None, scopes=scopes)
