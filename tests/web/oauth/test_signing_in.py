# SPDX-License-Identifier: AGPL-3.0-or-later
"""The whole way of an app: registration, the member's yes, code for token, the end of the token; and every wrong turn."""

import asyncio
import base64
import hashlib
import html
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.support.builders import a_member
from tests.web.asking import BASE, OUT_OF_BAND, Answer, Api

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
APP_OF_ITS_OWN = "icecubesapp://"
SCOPES = "read write follow push"


class Way:
    """An app and a member's browser."""

    def __init__(self, api: Api, app: dict[str, Any]) -> None:
        self.api = api
        self.app = app
        self.member = a_member(api.db)
        self.browser = api.session(self.member)

    def asked(self, **changed: str | None) -> str:
        query: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.app["client_id"],
            "redirect_uri": self.app["redirect_uris"][0],
            "scope": SCOPES,
            "state": "s t",
        } | changed
        return f"/oauth/authorize?{urlencode({name: value for name, value in query.items() if value is not None})}"

    async def page(self, **changed: str | None) -> Answer:
        return await self.api.get(self.asked(**changed), headers=self.browser)

    async def decide(self, page: Answer, *, decision: str = "allow", headers: dict[str, str] | None = None) -> Answer:
        fields = {
            html.unescape(name): html.unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
            if name != "next"
        }
        sent = {"Origin": BASE, **self.browser} if headers is None else headers
        return await self.api.post("/oauth/authorize", data={**fields, "decision": decision}, headers=sent)

    async def code(self, **changed: str | None) -> str:
        answer = await self.decide(await self.page(**changed))
        assert answer.status == 302, answer.text
        return str(parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0])

    async def exchange(self, with_code: str, **changed: str | None) -> Answer:
        given = {
            "grant_type": "authorization_code",
            "client_id": self.app["client_id"],
            "client_secret": self.app["client_secret"],
            "redirect_uri": self.app["redirect_uris"][0],
            "code": with_code,
        } | changed
        return await self.api.post(
            "/oauth/token", data={name: value for name, value in given.items() if value is not None}
        )


async def _registered(api: Api, redirect_uri: str = APP_OF_ITS_OWN) -> dict[str, Any]:
    answer = await api.post(
        "/api/v1/apps", json={"client_name": "Ice", "redirect_uris": redirect_uri, "scopes": SCOPES, "website": ""}
    )
    assert answer.status == 200, answer.text
    return answer.json  # type: ignore[no-any-return]  # JSON


@pytest.fixture
async def way(api: Api) -> Way:
    return Way(api, await _registered(api))


# -- registration -----------------------------------------------------------------------------------------------------


async def test_an_app_is_registered_with_all_that_apps_read(api: Api) -> None:
    app = await _registered(api)

    assert app.keys() >= {
        "id",
        "name",
        "client_id",
        "client_secret",
        "redirect_uri",
        "redirect_uris",
        "scopes",
        "vapid_key",
    }
    assert (app["name"], app["website"], app["redirect_uri"]) == ("Ice", None, APP_OF_ITS_OWN)
    assert app["client_secret_expires_at"] == 0


@pytest.mark.parametrize(
    "sent",
    [
        {"params": {"client_name": "T", "redirect_uris": f"{OUT_OF_BAND}\nhttps://elk.example/x"}},
        {"data": {"client_name": "T", "redirect_uris": f"{OUT_OF_BAND}\nhttps://elk.example/x"}},
        {"json": {"client_name": "T", "redirect_uris": [OUT_OF_BAND, "https://elk.example/x"]}},
    ],
    ids=["query", "form", "json list"],
)  # fmt: skip
async def test_redirects_come_as_lines_or_as_a_list(api: Api, sent: dict[str, Any]) -> None:
    app = await api.post("/api/v1/apps", **sent)

    assert app.json["redirect_uris"] == [OUT_OF_BAND, "https://elk.example/x"]
    assert app.json["scopes"] == ["read"]


@pytest.mark.parametrize(
    "changed",
    [
        {"client_name": ""},
        {"redirect_uris": ""},
        {"redirect_uris": "javascript:alert(1)"},
        {"redirect_uris": "http://far.example/"},
        {"redirect_uris": "https://elk.example/#here"},
        {"scopes": "read admin:read"},
        {"scopes": "everything"},
    ],
)
async def test_what_cannot_be_registered_is_refused(api: Api, changed: dict[str, str]) -> None:
    answer = await api.post("/api/v1/apps", json={"client_name": "T", "redirect_uris": OUT_OF_BAND, **changed})

    assert answer.status == 422
    assert answer.json["error"]


# -- the member's yes -------------------------------------------------------------------------------------------------


async def test_whoever_is_not_logged_in_logs_in_and_comes_back(way: Way) -> None:
    answer = await way.api.get(way.asked())

    assert answer.status == 302
    target = urlsplit(answer.headers["Location"])
    assert target.path == "/login"
    [back] = parse_qs(target.query)["next"]
    assert parse_qs(urlsplit(back).query) == parse_qs(urlsplit(way.asked()).query)


async def test_an_app_may_ask_for_a_fresh_login_once(way: Way) -> None:
    answer = await way.page(force_login="true")

    target = urlsplit(answer.headers["Location"])
    asked = parse_qs(target.query)
    assert (target.path, asked["again"]) == ("/login", ["1"])
    assert "force_login" not in asked["next"][0]
    assert (await way.page(force_login="false")).status == 200


@pytest.mark.parametrize(("asked", "spoken"), [("fr", "fr"), ("fr-CA", "fr"), ("en", "en"), ("xx", "en"), ("", "en")])
async def test_the_pages_speak_the_language_that_the_app_asks_for(way: Way, asked: str, spoken: str) -> None:
    page = await way.page(lang=asked)
    assert f'<html lang="{spoken}">' in page.text

    # Whoever logs in first does that in the same language, and comes back with it.
    way.browser = {}
    answer = await way.page(lang=asked)
    login = await way.api.get(answer.headers["Location"])
    assert f'<html lang="{spoken}">' in login.text
    assert f"lang%3D{asked}" in answer.headers["Location"]


async def test_a_wrong_password_is_told_in_that_language_too(way: Way) -> None:
    form = {"login": "nobody", "password": "wrong", "next": way.asked(lang="fr")}

    answer = await way.api.post("/login", data=form, headers={"Origin": BASE})

    assert (answer.status, '<html lang="fr">' in answer.text) == (403, True)


async def test_no_other_page_is_told_its_language_by_an_address(way: Way) -> None:
    assert '<html lang="en">' in (await way.api.get("/about?lang=fr")).text
    assert '<html lang="en">' in (await way.api.get("/login?next=%2Fpeople%3Flang%3Dfr")).text


async def test_the_page_says_who_asks_and_lets_the_answer_out(way: Way) -> None:
    page = await way.page()

    assert page.status == 200
    assert "Ice" in page.text
    csp = page.headers["Content-Security-Policy"]
    assert "form-action 'self' icecubesapp:;" in csp
    assert "frame-ancestors 'none'" in csp
    assert page.headers["X-Frame-Options"] == "DENY"


async def test_a_slash_behind_the_address_is_taken(way: Way) -> None:
    page = await way.api.get(way.asked().replace("authorize?", "authorize/?"), headers=way.browser)

    assert (await way.decide(page)).status == 302


async def test_yes_sends_the_code_to_the_apps_own_address_untouched(way: Way) -> None:
    answer = await way.decide(await way.page())

    location = answer.headers["Location"]
    assert location.startswith("icecubesapp://?code=")
    assert parse_qs(location.partition("?")[2])["state"] == ["s t"]
    assert parse_qs(location.partition("?")[2])["iss"] == [f"{BASE}/"]


async def test_no_tells_the_app(way: Way) -> None:
    answer = await way.decide(await way.page(), decision="deny")

    assert parse_qs(answer.headers["Location"].partition("?")[2])["error"] == ["access_denied"]


async def test_an_app_that_cannot_be_called_shows_the_code(api: Api) -> None:
    way = Way(api, await _registered(api, OUT_OF_BAND))

    answer = await way.decide(await way.page(state=None))
    shown = await api.get(answer.headers["Location"], headers=way.browser)

    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    assert answer.headers["Location"].startswith("/oauth/authorize/native?code=")
    assert code in shown.text
    assert (await way.exchange(code)).status == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "icecubesapp://x"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": None},
    ],
)
async def test_nothing_is_sent_to_an_address_that_is_not_proved(way: Way, changed: dict[str, str | None]) -> None:
    answer = await way.page(**changed)

    assert answer.status == 422
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "admin:write"}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
    ],
)
async def test_a_wish_that_cannot_be_granted_is_told_to_the_app(
    way: Way, changed: dict[str, str | None], error: str
) -> None:
    answer = await way.page(**changed)

    assert answer.status == 302
    assert parse_qs(answer.headers["Location"].partition("?")[2])["error"] == [error]


async def test_another_site_cannot_say_yes(way: Way) -> None:
    page = await way.page()

    for headers in (
        {"Origin": "https://evil.example", **way.browser},
        {"Origin": "null", **way.browser},
        {"Referer": f"{BASE}.evil.example/", **way.browser},
        dict(way.browser),
    ):
        assert (await way.decide(page, headers=headers)).status == 403
    stranger = way.api.session(a_member(way.api.db))
    assert (await way.decide(page, headers={"Origin": BASE, **stranger})).status == 403


# -- code for token ---------------------------------------------------------------------------------------------------


async def test_a_code_becomes_a_token_that_works(way: Way) -> None:
    token = await way.exchange(await way.code())

    assert token.status == 200, token.text
    assert token.json.keys() == {"access_token", "token_type", "scope", "created_at"}
    assert (token.json["token_type"], token.json["scope"]) == ("Bearer", SCOPES)
    assert isinstance(token.json["created_at"], int)
    assert token.json["access_token"].startswith("alm_")
    assert token.headers["Cache-Control"] == "no-store"
    me = await way.api.get("/api/v1/accounts/verify_credentials", token.json["access_token"])
    assert me.json["id"] == str(way.member.id)
    app = await way.api.get("/api/v1/apps/verify_credentials", token.json["access_token"])
    assert app.json["name"] == "Ice"
    assert (app.json["redirect_uris"], app.json["redirect_uri"]) == ([APP_OF_ITS_OWN], APP_OF_ITS_OWN)


async def test_a_client_may_prove_itself_by_basic_and_send_json(way: Way) -> None:
    basic = base64.b64encode(f"{way.app['client_id']}:{way.app['client_secret']}".encode()).decode()

    answer = await way.api.post(
        "/oauth/token",
        json={
            "grant_type": "authorization_code",
            "code": await way.code(),
            "redirect_uri": APP_OF_ITS_OWN,
            "scope": "x",
        },
        headers={"Authorization": f"Basic {basic}"},
    )

    assert answer.status == 200, answer.text


async def test_a_code_works_once_and_its_second_use_ends_the_token(way: Way) -> None:
    code = await way.code()

    answers = await asyncio.gather(*(way.exchange(code) for _ in range(5)))

    good = [answer for answer in answers if answer.status == 200]
    assert len(good) == 1
    assert {answer.json["error"] for answer in answers if answer.status == 400} == {"invalid_grant"}
    me = await way.api.get("/api/v1/accounts/verify_credentials", good[0].json["access_token"])
    assert me.status == 401


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"code": "wrong"}, 400, "invalid_grant"),
        ({"redirect_uri": "icecubesapp://x"}, 400, "invalid_grant"),
        ({"redirect_uri": None}, 400, "invalid_grant"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 400, "invalid_grant"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"code_verifier": VERIFIER}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
    ],
)
async def test_a_wrong_exchange_gives_no_token(
    way: Way, changed: dict[str, str | None], status: int, error: str
) -> None:
    code = await way.code()

    answer = await way.exchange(code, **changed)

    assert (answer.status, answer.json["error"]) == (status, error)
    assert answer.json["error_description"]
    assert (await way.exchange(code)).status == 200


async def test_a_code_of_one_app_is_worth_nothing_to_another(way: Way) -> None:
    code = await way.code()
    other = await _registered(way.api)

    answer = await way.exchange(code, client_id=other["client_id"], client_secret=other["client_secret"])

    assert answer.json["error"] == "invalid_grant"


@pytest.mark.parametrize("secret", [True, False], ids=["with the secret", "public client"])
@pytest.mark.parametrize(
    ("verifier", "status"), [(VERIFIER, 200), ("w" * 43, 400), (None, 400), ("", 400), (CHALLENGE, 400)]
)
async def test_a_challenge_needs_its_verifier(way: Way, verifier: str | None, status: int, secret: bool) -> None:
    code = await way.code(code_challenge=CHALLENGE, code_challenge_method="S256")

    answer = await way.exchange(code, code_verifier=verifier, **({} if secret else {"client_secret": None}))

    assert answer.status == status


async def test_a_code_is_too_old_after_a_minute(way: Way) -> None:
    from datetime import timedelta

    from sqlalchemy import update

    from node.access.tables import codes

    code = await way.code()
    way.api.db.write_now(lambda tx: tx.conn.execute(update(codes).values(created_at=tx.now - timedelta(seconds=61))))

    assert (await way.exchange(code)).json["error"] == "invalid_grant"


async def test_an_app_gets_a_token_of_its_own(way: Way) -> None:
    answer = await way.exchange("", grant_type="client_credentials", scope="read")

    assert (answer.status, answer.json["scope"]) == (200, "read")
    app = await way.api.get("/api/v1/apps/verify_credentials", answer.json["access_token"])
    assert app.json["name"] == "Ice"
    assert (await way.exchange("", grant_type="client_credentials", scope="profile")).json["error"] == "invalid_scope"
    assert (await way.exchange("", grant_type="client_credentials", client_secret=None)).status == 401


# -- the end of a token -----------------------------------------------------------------------------------------------


async def test_a_token_is_ended_by_its_app_alone(way: Way) -> None:
    token = (await way.exchange(await way.code())).json["access_token"]
    other = await _registered(way.api)

    async def ended(app: dict[str, Any], what: str) -> Answer:
        client = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
        return await way.api.post("/oauth/revoke", data={**client, "token": what})

    refused = await ended(other, token)
    assert (refused.status, refused.json["error"]) == (403, "unauthorized_client")
    assert (await way.api.get("/api/v1/accounts/verify_credentials", token)).status == 200
    assert ((await ended(way.app, "unknown")).status, (await ended(way.app, token)).json) == (200, {})
    assert (await way.api.get("/api/v1/accounts/verify_credentials", token)).status == 401


async def test_a_member_can_end_what_an_app_may(way: Way) -> None:
    from node import access

    token = (await way.exchange(await way.code())).json["access_token"]
    [granted] = way.api.db.read_now(access.tokens_of, way.member.id)

    await way.api.db.write(access.revoke_by_number, way.member.id, granted.id)

    assert granted.app_name == "Ice"
    assert (await way.api.get("/api/v1/accounts/verify_credentials", token)).status == 401


async def test_the_metadata_says_what_there_is(api: Api) -> None:
    found = (await api.get("/.well-known/oauth-authorization-server")).json

    assert found["issuer"] == f"{BASE}/"
    assert found["token_endpoint"] == f"{BASE}/oauth/token"
    assert found["app_registration_endpoint"] == f"{BASE}/api/v1/apps"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["grant_types_supported"] == ["authorization_code", "client_credentials"]


async def test_userinfo_needs_the_profile_scope(api: Api) -> None:
    ada = a_member(api.db, "ada")

    found = await api.get("/oauth/userinfo", api.token(ada, scopes=("profile",)))

    assert (found.json["sub"], found.json["preferred_username"]) == (ada.actor.uri, "ada")
