# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is declared of the API is complete, is what apps need, and is what the documentation says."""

import warnings
from typing import Any

import jsonschema
import pytest

from tests.support import contract
from tests.support.builders import a_member
from tests.web.asking import Api
from web.mastodon.openapi import DECLARATIONS, SCHEMAS, document, reference
from web.mastodon.openapi.declarations import key
from web.mastodon.openapi.differences import DIFFERS, MISSING
from web.mastodon.openapi.shapes import ref

LINES = {key(line.method, line.path): line for line in document.endpoints()}

# What makes an app refuse the whole object, and with it the page, when it is absent or null.
TUSKY: dict[str, str] = {
    "Account": "id username acct note url avatar header created_at",
    "Status": "id created_at account content visibility sensitive spoiler_text media_attachments mentions emojis "
    "reblogs_count favourites_count",
    "Mention": "id username url acct",
    "Poll": "expired multiple votes_count options",
    "PreviewCard": "url title description author_name type html",
    "Notification": "id type account",
    "NotificationPolicy": "for_not_following for_not_followers for_new_accounts for_private_mentions "
    "for_limited_accounts summary",
    "Instance": "domain version",
    "Relationship": "following followed_by blocking muting muting_notifications requested showing_reblogs "
    "domain_blocking",
    "CustomEmoji": "shortcode url static_url visible_in_picker",
    "Announcement": "id content statuses mentions tags emojis reactions",
    "Filter": "keywords",
}
ICE_CUBES: dict[str, str] = {
    "Account": "id username acct note avatar header created_at locked bot emojis fields",
    "Status": "id created_at account content visibility sensitive spoiler_text media_attachments mentions tags emojis "
    "reblogs_count favourites_count replies_count",
    "Notification": "id type account created_at",
    "NotificationGroup": "group_key notifications_count type most_recent_notification_id latest_page_notification_at "
    "sample_account_ids",
    "Instance": "title domain version thumbnail registrations contact configuration",
    "CredentialAccount": "source",
    "WebPushSubscription": "id alerts endpoint server_key",
    "CredentialApplication": "id name redirect_uri client_id client_secret",
    "Token": "access_token token_type scope created_at",
}
MASTODON_FOR_ANDROID: dict[str, str] = {
    "Account": "id username acct display_name note url avatar header created_at",
    "Status": "id uri created_at account visibility spoiler_text media_attachments mentions tags emojis",
    "Quote": "state",
    "QuoteApproval": "automatic current_user",
    "Context": "ancestors descendants",
    "Poll": "options emojis own_votes",
    "Notification": "id type account created_at",
    "Instance": "title description version domain registrations",
    "V1Instance": "uri email",
    "CustomEmoji": "shortcode url static_url visible_in_picker",
    "Error": "error",
}


@pytest.mark.parametrize("name", LINES)
def test_every_line_of_the_tables_is_declared(name: str) -> None:
    assert name in DECLARATIONS, "add it to web/mastodon/openapi/declarations.py"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_entity_is_a_schema_and_in_use(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])

    wanted = ref(name)["$ref"]
    assert _mentions(SCHEMAS | {"": [found.answers for found in DECLARATIONS.values()]}, wanted) or name == "Error"


def _mentions(part: Any, wanted: object) -> bool:
    if isinstance(part, dict):
        return part.get("$ref") == wanted or any(_mentions(inner, wanted) for inner in part.values())
    return isinstance(part, list | tuple) and any(_mentions(inner, wanted) for inner in part)


@pytest.mark.parametrize("app", [TUSKY, ICE_CUBES, MASTODON_FOR_ANDROID], ids=["Tusky", "Ice Cubes", "for Android"])
def test_what_an_app_cannot_do_without_is_always_there(app: dict[str, str]) -> None:
    for name, fields in app.items():
        schema: Any = SCHEMAS[name]
        for field in fields.split():
            assert field in schema["required"], f"{name}.{field}"
            kind = schema["properties"][field].get("type", "")
            assert "null" not in kind, f"{name}.{field}"
            assert {"type": "null"} not in schema["properties"][field].get("anyOf", []), f"{name}.{field}"


def test_an_answer_that_is_not_as_declared_is_noticed() -> None:
    with pytest.raises(contract.Broken, match="updated_at"):
        contract.check("GET", "/api/v1/markers", 200, {"home": {"last_read_id": "1", "version": 1}})
    with pytest.raises(contract.Broken, match="error"):
        contract.check("GET", "/api/v1/markers?x=1", 404, {})
    contract.check("GET", "/elsewhere", 200, {})


def test_the_page_on_the_api_is_as_the_tables_are() -> None:
    assert reference.FILE.read_text(encoding="utf-8") == reference.page(document.endpoints()), "run `make docs`"


def test_differences_are_about_what_is_there() -> None:
    assert not set(DIFFERS) - set(DECLARATIONS)


def test_what_mastodon_has_is_here_or_explained() -> None:
    theirs = contract.theirs()
    if theirs is None:
        pytest.skip("there is no description of Mastodon's API here: set ALUMNODE_TEST_ORACLE")

    api = {name for name in theirs.operations if name.partition(" ")[2].startswith(("/api/", "/oauth/token"))}
    lacking = sorted(api - set(LINES))
    print(f"{len(api)} operations of Mastodon, {len(lacking)} not here:", *lacking, sep="\n  ")

    assert not [name for name in lacking if name not in MISSING]


async def test_the_document_is_served_and_says_what_the_tables_say(api: Api) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = await api.get("/api/openapi.json")

    found = answer.json
    assert (answer.status, found["openapi"]) == (200, "3.1.0")
    assert found["servers"] == [{"url": "https://harbour.example"}]
    operations = {key(method.upper(), path) for path, item in found["paths"].items() for method in item}
    assert operations == set(LINES)
    home = found["paths"]["/api/v1/timelines/home"]["get"]
    assert home["security"] == [{"oauth": ["read:statuses"]}]
    assert {one["name"] for one in home["parameters"]} == {"max_id", "since_id", "min_id", "limit"}
    names = [one["operationId"] for item in found["paths"].values() for one in item.values()]
    assert len(names) == len(set(names))


async def test_who_polls_is_told_that_nothing_has_changed(api: Api) -> None:
    token = api.token(a_member(api.db))

    first = await api.get("/api/v1/timelines/home", token)
    tag = first.headers["ETag"]
    again = await api.get("/api/v1/timelines/home", token, headers={"If-None-Match": f'"x", {tag}'})
    other = await api.get("/api/v1/timelines/home", token, headers={"If-None-Match": '"x"'})

    assert tag.startswith('W/"')
    assert (again.status, again.text, again.headers["ETag"]) == (304, "", tag)
    assert again.headers["Cache-Control"] == "private, no-store"
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert other.status == 200


async def test_what_a_stranger_sees_may_be_kept_and_what_a_member_sees_may_not(api: Api) -> None:
    token = api.token(a_member(api.db))

    for path in ("/api/v1/timelines/public", "/api/v2/instance", "/api/v1/custom_emojis"):
        answer = await api.get(path)
        assert answer.headers["Cache-Control"].startswith("public, max-age=180, stale-while-revalidate="), path
        assert answer.headers["Vary"] == "Authorization, Origin, Accept-Language, Accept-Encoding"
        assert answer.headers.getall("Access-Control-Allow-Origin") == ["*"]
    for path in ("/api/v1/timelines/public", "/api/v1/timelines/home", "/api/v1/accounts/verify_credentials"):
        assert (await api.get(path, token)).headers["Cache-Control"] == "private, no-store"
