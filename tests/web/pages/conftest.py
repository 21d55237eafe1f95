# SPDX-License-Identifier: AGPL-3.0-or-later
"""A browser without scripts, in front of a whole application."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer

from node.kernel.db import Database
from node.members import Member
from node.members.passwords import hash_now
from node.wiring.services import Services
from tests.support.builders import a_member
from tests.web.asking import BASE, HOST
from web.app import make_app

PASSWORD = "a quiet harbour at dawn"
COOKIE = "__Host-alumnode"


@dataclass(slots=True)
class Page:
    """What a browser shows: where it is, and the text of the page."""

    status: int
    path: str
    text: str
    headers: dict[str, str]

    @property
    def csrf(self) -> str:
        """The token in the page's forms."""
        found = re.search(r'name="csrf" value="([^"]*)"', self.text)
        return html.unescape(found[1]) if found else ""

    @property
    def words(self) -> str:
        """The text without markup."""
        return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text)))


@dataclass(slots=True)
class Browser:
    """Keeps its session, follows redirects, and sends forms as the last page gave them."""

    client: "TestClient"
    cookie: str = ""
    page: Page = field(default_factory=lambda: Page(0, "", "", {}))
    others: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Page:
        """Open a page."""
        return await self._ask("GET", path, None, headers)

    async def post(
        self,
        path: str,
        *,
        origin: str | None = BASE,
        csrf: str | None = None,
        files: Mapping[str, bytes] | None = None,
        **form: str,
    ) -> Page:
        """Send a form of the page that is shown, with files as a form for them is sent."""
        values: dict[str, str] | FormData = {"csrf": self.page.csrf if csrf is None else csrf, **form}
        if files is not None:
            values = FormData(values)
            for name, data in files.items():
                values.add_field(name, data, filename=name)
        return await self._ask("POST", path, values, {"Origin": origin} if origin else {})

    async def _ask(
        self, method: str, path: str, form: dict[str, str] | FormData | None, headers: dict[str, str]
    ) -> Page:
        for _ in range(6):
            sent = {"Host": HOST, "Accept": "text/html", **headers}
            cookies = {**({COOKIE: self.cookie} if self.cookie else {}), **self.others}
            if cookies:
                sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
            async with self.client.request(method, path, data=form, headers=sent, allow_redirects=False) as answer:
                for value in answer.headers.getall("Set-Cookie", []):
                    name, _, rest = value.partition("=")
                    kept = rest.partition(";")[0].strip('"')
                    if name == COOKIE:
                        self.cookie = kept
                    else:
                        self.others[name] = kept
                if answer.status not in (302, 303):
                    self.page = Page(answer.status, path, await answer.text(), dict(answer.headers))
                    return self.page
                path = answer.headers["Location"].removeprefix(BASE)
                method, form, headers = "GET", None, {k: v for k, v in headers.items() if k != "Origin"}
        raise AssertionError("too many redirects")

    async def log_in(self, member: Member) -> Page:
        """Log in as a member whose password is `PASSWORD`."""
        await self.get("/login")
        return await self.post("/login", login=member.actor.username, password=PASSWORD)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of `PASSWORD`, made once."""
    return hash_now(PASSWORD)


@pytest.fixture
async def browser(services: Services) -> AsyncIterator[Browser]:
    """A browser that nobody is logged in with."""
    async with TestClient(TestServer(make_app(services, background=False))) as client:
        yield Browser(client)


@pytest.fixture
def ada(db: Database, password_hash: str) -> Member:
    """A member with a password."""
    return a_member(db, "ada", display_name="Ada Winter", class_year=1998, password_hash=password_hash)


@pytest.fixture
def ben(db: Database, password_hash: str) -> Member:
    """Another member, of the same class."""
    return a_member(db, "ben", display_name="Ben Okoro", class_year=1998, password_hash=password_hash)
