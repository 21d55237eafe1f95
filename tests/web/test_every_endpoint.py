# SPDX-License-Identifier: AGPL-3.0-or-later
"""What holds for every endpoint, made from the table and the router: who may call, with which scope, what errors are."""

import io
from typing import Any

import pytest

from tests.support.builders import a_member
from tests.web.asking import Api
from web.mastodon import registration
from web.mastodon.routes import ENDPOINTS
from web.oauth.routes import ENDPOINTS as OAUTH
from web.routes import ENDPOINT, Auth, Endpoint
from web.streaming.routes import ENDPOINTS as STREAMS

EVERY = (*ENDPOINTS, *OAUTH, *STREAMS)
# Open lines in the table, of which each has its own guard or needs none.
PAGES_OF_OAUTH = {"/oauth/authorize", "/oauth/authorize/", "/oauth/authorize/native"}
NOBODY = "9999999999"
FOR_NEWCOMERS = (registration.create, registration.resend)


def _path(endpoint: Endpoint, number: str = NOBODY) -> str:
    path = endpoint.path.replace("{id}", number).replace("{quoting_id}", number).replace("{name}", "tag")
    return path.replace("{group_key}", "follow-1")


def _body(endpoint: Endpoint) -> dict[str, Any]:
    return {} if endpoint.method in ("GET", "HEAD") else {"json": {}}


async def test_every_route_of_the_api_has_a_line_in_the_table(api: Api) -> None:
    router = api.app.router

    for route in router.routes():
        path = route.resource.canonical if route.resource else ""
        if path.startswith(("/api/", "/oauth/")) and path not in PAGES_OF_OAUTH:
            line = getattr(route.handler, ENDPOINT, None)
            assert isinstance(line, Endpoint), f"{route.method} {path} is not guarded"
            assert line.scope is not None or line.auth in (Auth.NONE, Auth.APP, Auth.OPTIONAL) or line.is_stream, path


async def test_a_stranger_is_told_that_the_token_is_invalid(api: Api) -> None:
    for endpoint in (one for one in EVERY if one.auth in (Auth.USER, Auth.APP)):
        for token in (None, "alm_nobody"):
            answer = await api.ask(endpoint.method, _path(endpoint), token=token, **_body(endpoint))

            assert (answer.status, answer.json) == (401, {"error": "The access token is invalid"}), endpoint
            assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_an_app_on_its_own_is_told_that_a_member_is_needed(api: Api) -> None:
    token = api.token(None)

    for endpoint in (one for one in EVERY if one.auth is Auth.USER):
        answer = await api.ask(endpoint.method, _path(endpoint), token=token, **_body(endpoint))

        assert answer.status == 422, endpoint
        assert answer.json == {"error": "This method requires an authenticated user"}


async def test_a_token_without_the_scope_is_refused(api: Api) -> None:
    token = api.token(a_member(api.db), scopes=("push",))

    for endpoint in (one for one in EVERY if one.scope not in (None, "push") and one.auth is not Auth.NONE):
        answer = await api.ask(endpoint.method, _path(endpoint), token=token, **_body(endpoint))

        assert answer.status == 403, endpoint
        assert answer.json == {"error": "This action is outside the authorized scopes"}


async def test_the_narrowest_scope_opens_its_endpoint(api: Api) -> None:
    ada = a_member(api.db)

    for endpoint in (one for one in EVERY if one.scope and one.auth is not Auth.NONE and not one.is_stream):
        token = api.token(ada, scopes=(endpoint.scope or "",))
        answer = await api.ask(endpoint.method, _path(endpoint), token=token, **_body(endpoint))

        # Nobody signs up where that is closed, and who is confirmed needs no confirmation: 403, for another reason.
        assert answer.status not in (401, 403) or endpoint.handler in FOR_NEWCOMERS, endpoint
        assert "scopes" not in str(answer.json), endpoint


async def test_a_suspended_member_is_refused(api: Api) -> None:
    from sqlalchemy import update

    from node.members.tables import members

    ada = a_member(api.db)
    token = api.token(ada)
    api.db.write_now(
        lambda tx: tx.conn.execute(update(members).where(members.c.actor_id == ada.id).values(suspended_at=tx.now))
    )

    answer = await api.get("/api/v1/timelines/home", token)

    assert answer.status == 403
    assert answer.json == {"error": "Your login is currently disabled"}


@pytest.mark.parametrize("number", [NOBODY, "abc", "-1", "9" * 25, "0"])
async def test_what_is_not_there_is_not_found(api: Api, number: str) -> None:
    token = api.token(a_member(api.db))

    for endpoint in (one for one in EVERY if "{id}" in one.path):
        answer = await api.ask(endpoint.method, _path(endpoint, number), token=token, **_body(endpoint))

        assert (answer.status, answer.json) == (404, {"error": "Record not found"}), endpoint


async def test_what_is_open_is_answered_to_strangers(api: Api) -> None:
    ada = a_member(api.db)

    for endpoint in (one for one in EVERY if one.auth in (Auth.NONE, Auth.OPTIONAL) and one.method == "GET"):
        answer = await api.get(_path(endpoint, str(ada.id)))

        is_empty = (
            "statuses/{id}" in endpoint.path
            or "polls/{id}" in endpoint.path
            or endpoint.path.endswith(("lookup", "oembed"))
        )
        # Texts that the association has not written.
        is_empty = is_empty or "privacy_policy" in endpoint.path or "terms_of_service" in endpoint.path
        assert answer.status == (404 if is_empty else 200), endpoint


STRANGE: tuple[dict[str, Any], ...] = (
    {
        "params": {
            "limit": "-5",
            "max_id": "x",
            "since_id": "9" * 40,
            "min_id": "-3",
            "offset": "x",
            "q": "\x00 '\"%_\\",
        }
    },
    {"params": [("id[]", "x"), ("id[]", "99"), ("types[]", "x"), ("acct", "@@@"), ("tag", "")]},
)


@pytest.mark.parametrize("strange", STRANGE, ids=["numbers", "lists"])
async def test_strange_parameters_break_no_reading(api: Api, strange: dict[str, Any]) -> None:
    ada = a_member(api.db)
    token = api.token(ada)

    for endpoint in (one for one in EVERY if one.method == "GET" and not one.is_stream):
        answer = await api.get(_path(endpoint, str(ada.id)), token, **strange)

        assert answer.status < 500, endpoint
        assert answer.json is not None or endpoint.path.endswith("health")


BODIES: tuple[dict[str, Any], ...] = (
    {"json": {"status": ["x"], "media_ids": {"a": 1}, "visibility": 7, "source": "x", "fields_attributes": "x"}},
    {"data": b"{", "headers": {"Content-Type": "application/json"}},
    {
        "data": b"\xff\xfe=\x00&=&a[=1&[]=2&home[last_read_id]=x",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    },
    {"data": b"--x\r\nnonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    {"data": b"--x\r\nnonsense", "headers": {"Content-Type": "multipart/form-data"}},
    {"data": b"hello", "headers": {"Content-Type": "text/plain"}},
    {"json": {"duration": "9" * 15, "in_reply_to_id": "x", "language": "\U0001f600" * 40, "id": "x"}},
)


@pytest.mark.parametrize("strange", BODIES, ids=range(len(BODIES)))
async def test_strange_bodies_break_no_writing(api: Api, strange: dict[str, Any]) -> None:
    ada = a_member(api.db)
    token = api.token(ada)

    for endpoint in (one for one in EVERY if one.method != "GET"):
        answer = await api.ask(endpoint.method, _path(endpoint, str(ada.id)), token=token, **strange)

        assert answer.status < 500, endpoint
        assert answer.json is not None


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v9", "/api/v1/statuses/1/nothing", "/api/v1/accounts/1/2/3"])
async def test_an_unknown_address_of_the_api_is_json(api: Api, path: str) -> None:
    answer = await api.get(path)

    assert (answer.status, answer.json) == (404, {"error": "Record not found"})


async def test_a_wrong_method_is_json(api: Api) -> None:
    answer = await api.post("/api/v2/instance")

    assert (answer.status, answer.json) == (405, {"error": "Method not allowed"})


async def test_a_slash_at_the_end_and_head_are_taken(api: Api) -> None:
    assert (await api.get("/api/v2/instance/")).status == 200
    assert (await api.ask("HEAD", "/api/v2/instance")).status == 200


async def test_another_host_is_not_answered_as_ours(api: Api) -> None:
    answer = await api.get("/api/v2/instance", headers={"Host": "evil.example"})

    assert answer.status == 421
    assert (await api.get("/healthz", headers={"Host": "10.0.0.7:8080"})).text == "OK"


async def test_a_body_that_is_too_long_is_refused(api: Api) -> None:
    body = io.BytesIO(b"status=" + b"x" * 2_000_000)
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = await api.post("/api/v1/statuses", api.token(a_member(api.db)), data=body, headers=form)

    assert (answer.status, answer.json) == (413, {"error": "This is too large."})


async def test_a_preflight_needs_no_token_and_allows_what_is_asked(api: Api) -> None:
    answer = await api.ask(
        "OPTIONS",
        "/api/v1/statuses",
        headers={
            "Origin": "https://elk.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
        },
    )

    assert answer.status == 204
    assert answer.headers.getall("Access-Control-Allow-Origin") == ["*"]
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,content-type,idempotency-key"
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_the_rate_is_told_and_kept_by_address(api: Api) -> None:
    far = {"X-Forwarded-For": "10.1.1.1, 203.0.113.9"}
    first = await api.get("/api/v2/instance", headers=far)
    assert first.headers["X-RateLimit-Limit"] == "300"
    assert first.headers["X-RateLimit-Remaining"] == "299"
    assert first.headers["X-RateLimit-Reset"].endswith(":00.000000Z")

    for _ in range(299):
        assert (await api.get("/api/v1/custom_emojis", headers=far)).status == 200
    spoofed = {"X-Forwarded-For": "198.51.100.77, 203.0.113.9"}
    refused = await api.get("/api/v1/custom_emojis", headers=spoofed)

    assert (refused.status, refused.json) == (429, {"error": "Too many requests"})
    assert int(refused.headers["Retry-After"]) > 0
    assert (await api.get("/api/v1/custom_emojis", headers={"X-Forwarded-For": "203.0.113.10"})).status == 200
    assert (await api.get("/api/v1/custom_emojis")).status == 200


async def test_a_cookie_opens_no_api(api: Api) -> None:
    answer = await api.get("/api/v1/timelines/home", headers=api.session(a_member(api.db)))

    assert answer.status == 401
