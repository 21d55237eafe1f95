# SPDX-License-Identifier: AGPL-3.0-or-later
"""What holds for every answer: how a fault is told, and which headers protect a page."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.exc import OperationalError

from activitypub.errors import Malformed, SignatureInvalid
from node.kernel import errors
from node.kernel.config import Settings
from node.wiring.services import Services
from tests.support.builders import a_member
from tests.web.asking import Api
from web.app import make_app
from web.errors import STATUS

SECRET = "the inner workings"
# No database has a part in this.
pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def _raise(error: Exception) -> web.RouteDef:
    async def handle(_request: web.Request) -> web.Response:
        raise error

    return web.get(f"/api/t/{type(error).__name__}", handle)


FAULTS: tuple[tuple[Exception, int, str], ...] = (
    (errors.NotFound(), 404, "Record not found"),
    (errors.Gone(), 410, "This has been deleted."),
    (errors.NotAllowed("Not yours."), 403, "Not yours."),
    (errors.Conflict("Too late."), 409, "Too late."),
    (errors.Invalid("Wrong.", field="x"), 422, "Wrong."),
    (errors.TooMany(retry_after=7), 429, "Too many requests"),
    (errors.Overloaded(), 503, "This cannot be done at the moment. Please try again."),
    (Malformed(SECRET), 400, "The request cannot be read."),
    (SignatureInvalid(SECRET), 401, "The request cannot be read."),
    (OperationalError(SECRET, {}, Exception(SECRET)), 503, "This cannot be done at the moment. Please try again."),
    (RuntimeError(SECRET), 500, "Something went wrong here. It has been noted."),
)


@pytest.fixture
async def site(services: Services) -> AsyncIterator[Api]:
    app = make_app(services, background=False)
    app.add_routes([_raise(error) for error, _, _ in FAULTS])
    async with TestClient(TestServer(app)) as client:
        yield Api(client, services)


@pytest.mark.parametrize(("error", "status", "sentence"), FAULTS, ids=[type(error).__name__ for error, _, _ in FAULTS])
async def test_a_fault_is_told_in_its_code_and_a_sentence(
    site: Api, error: Exception, status: int, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await site.get(f"/api/t/{type(error).__name__}")

    assert (answer.status, answer.json) == (status, {"error": sentence})
    assert SECRET not in answer.text
    assert (SECRET in caplog.text) == (status == 500)


def test_every_refusal_of_the_domain_has_a_code(settings: Settings) -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Refused)}

    assert kinds - {errors.Refused} <= STATUS.keys()


async def test_a_page_that_is_not_there_is_a_page_and_protected(site: Api) -> None:
    answer = await site.get("/nothing/here", headers={"Accept": "text/html"})

    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    csp = answer.headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ):
        assert part in csp
    assert "unsafe" not in csp
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["Strict-Transport-Security"]
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_whoever_reads_json_is_told_in_json(site: Api) -> None:
    answer = await site.get("/nothing/here", headers={"Accept": "application/json"})

    assert (answer.status, answer.json) == (404, {"error": "Record not found"})


async def test_the_watcher_is_answered(site: Api) -> None:
    for path in ("/healthz", "/readyz", "/health"):
        assert (await site.get(path)).text == "OK"


async def test_a_token_revoked_while_it_is_looked_up_is_not_kept(site: Api) -> None:
    from node import access
    from web.auth import CALLERS

    ada = a_member(site.db)
    token = site.token(ada)
    callers = site.app[CALLERS]
    find = access.find_token

    def find_and_miss_the_news(conn: object, hashed: str) -> object:
        found = find(conn, hashed)  # type: ignore[arg-type]  # a connection
        site.db.bus.publish(access.REVOKED, hashed)
        return found

    access.find_token = find_and_miss_the_news  # type: ignore[assignment]  # as a thread of PostgreSQL would be overtaken
    try:
        await callers.of(token)
    finally:
        access.find_token = find
    site.db.write_now(access.revoke_of_member, ada.id)

    assert await callers.of(token) is None
