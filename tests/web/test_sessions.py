# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sessions of browsers: logging in and out, and what a throttle says. Through small pages that only the tests have."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Connection, update

from node import access
from node.access.tables import sessions
from node.actors import ActorId, by_handle
from node.members.passwords import hash_now
from node.wiring.services import Services
from tests.support.builders import a_member
from tests.web.asking import Api
from web import auth, csrf
from web.app import make_app

PASSWORD = "a long word for the quay"


async def _login(request: web.Request) -> web.Response:
    _, token = await auth.log_in(request, request.query["login"], request.query["password"])
    response = web.Response(text="in")
    auth.keep_session(request, response, token)
    return response


async def _who(request: web.Request) -> web.Response:
    return web.Response(text=(await auth.visiting_member(request)).actor.username)


async def _logout(request: web.Request) -> web.Response:
    await csrf.check(request)
    await auth.log_out(request)
    response = web.Response(text="out")
    auth.drop_session(request, response)
    return response


@pytest.fixture
async def site(services: Services) -> AsyncIterator[Api]:
    app = make_app(services, background=False)
    app.add_routes([web.get("/t/login", _login), web.get("/t/who", _who), web.post("/t/logout", _logout)])
    async with TestClient(TestServer(app)) as client:
        a_member(services.db, "ada", password_hash=hash_now(PASSWORD))
        yield Api(client, services)


async def _in(site: Api) -> str:
    answer = await site.get("/t/login", params={"login": "ada", "password": PASSWORD})
    assert answer.status == 200
    return str(answer.headers["Set-Cookie"])


async def test_the_cookie_is_for_this_host_alone_and_for_no_script(site: Api) -> None:
    cookie = await _in(site)

    assert cookie.startswith("__Host-alumnode=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


async def test_a_member_is_known_by_their_cookie_until_they_log_out(site: Api) -> None:
    browser = {"Cookie": (await _in(site)).partition(";")[0]}
    assert (await site.get("/t/who", headers=browser)).text == "ada"
    found = site.db.read_now(access.sessions_of, site.db.read_now(_ada))

    token = site.db.site.sign("csrf", found[0].token_hash)
    refused = await site.post("/t/logout", headers={**browser, "Origin": "https://harbour.example"})
    out = await site.post("/t/logout", headers={**browser, "Origin": "https://harbour.example"}, data={"csrf": token})

    assert (refused.status, out.status) == (403, 200)
    assert (await site.get("/t/who", headers=browser)).status == 302


async def test_a_stranger_is_led_to_the_login_and_back(site: Api) -> None:
    answer = await site.get("/t/who?a=1&b=2")

    assert (answer.status, answer.headers["Location"]) == (302, "/login?next=%2Ft%2Fwho%3Fa%3D1%26b%3D2")


@pytest.mark.parametrize(
    "age", [{"created_at": timedelta(days=31)}, {"seen_at": timedelta(days=8)}], ids=["old", "idle"]
)
async def test_a_session_ends_by_itself(site: Api, age: dict[str, timedelta]) -> None:
    browser = {"Cookie": (await _in(site)).partition(";")[0]}
    site.db.write_now(
        lambda tx: tx.conn.execute(update(sessions).values(**{name: tx.now - past for name, past in age.items()}))
    )

    assert (await site.get("/t/who", headers=browser)).status == 302


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(site: Api) -> None:
    wrong = await site.get("/t/login", params={"login": "ada", "password": "something else"})
    unknown = await site.get("/t/login", params={"login": "nobody", "password": "something else"})

    assert wrong.status == unknown.status == 403
    assert "Wrong e-mail address or password." in wrong.text
    assert "Wrong e-mail address or password." in unknown.text


async def test_an_account_takes_ten_attempts_in_a_quarter_of_an_hour(site: Api) -> None:
    for _ in range(10):
        await site.get("/t/login", params={"login": "ADA ", "password": "wrong"})

    refused = await site.get("/t/login", params={"login": "ada", "password": PASSWORD})

    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0


def _ada(conn: Connection) -> ActorId:
    found = by_handle(conn, "ada")
    assert found is not None
    return found.id
