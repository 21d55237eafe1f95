# SPDX-License-Identifier: AGPL-3.0-or-later
"""Publishing, reading, changing and answering statuses as apps do."""

import asyncio
import re
from typing import Any

import pytest

from node.posts import Draft, boost, edit, publish
from tests.support.builders import a_post, a_remote_actor
from tests.support.statements import statements
from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
EVERY_FIELD = {
    "id", "created_at", "in_reply_to_id", "in_reply_to_account_id", "sensitive", "spoiler_text", "visibility", "language",
    "uri", "url", "replies_count", "reblogs_count", "favourites_count", "quotes_count", "edited_at", "content",
    "application", "account", "media_attachments", "mentions", "tags", "emojis", "card", "poll", "quote", "reblog",
    "favourited", "reblogged", "muted", "bookmarked", "pinned", "filtered",
}  # fmt: skip


async def _posted(api: Api, who: Person, text: str = "Hello, harbour!", **more: Any) -> dict[str, Any]:
    answer = await api.post("/api/v1/statuses", who.token, json={"status": text, **more})
    assert answer.status == 200, answer.text
    return answer.json  # type: ignore[no-any-return]  # JSON


async def test_a_published_status_has_every_field_in_its_form(api: Api, ada: Person) -> None:
    status = await _posted(api, ada, "Hello @ada and #Harbour", spoiler_text="Ships", language="fr")

    assert status.keys() >= EVERY_FIELD
    assert DATE.fullmatch(status["created_at"])
    assert status["id"].isdigit()
    assert status["url"] == f"{BASE}/@ada/{status['id']}"
    assert status["uri"].startswith(f"{BASE}/objects/")
    assert status["account"]["acct"] == "ada"
    assert status["application"] == {"name": "Pier", "website": None}
    assert (status["spoiler_text"], status["sensitive"], status["language"]) == ("Ships", True, "fr")
    assert (
        status["tags"] == [{"name": "Harbour", "url": f"{BASE}/tags/Harbour"}]
        or status["tags"][0]["name"].lower() == "harbour"
    )


async def test_a_bare_word_is_one_paragraph(api: Api, ada: Person) -> None:
    assert (await _posted(api, ada, "x"))["content"] == "<p>x</p>"


async def test_the_link_of_a_mention_is_the_url_in_mentions(api: Api, ada: Person, ben: Person) -> None:
    status = await _posted(api, ada, "Ahoy @ben")

    [mention] = status["mentions"]
    assert mention == {"id": ben.id, "username": "ben", "url": f"{BASE}/@ben", "acct": "ben"}
    assert f'href="{mention["url"]}"' in status["content"]


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
async def test_the_visibility_is_the_one_asked_for(api: Api, ada: Person, visibility: str) -> None:
    assert (await _posted(api, ada, visibility=visibility))["visibility"] == visibility


@pytest.mark.parametrize(
    ("sent", "status", "error"),
    [
        ({}, 422, "Validation failed: Text can't be blank"),
        ({"status": "  "}, 422, "Validation failed: Text can't be blank"),
        ({"status": "x" * 5001}, 422, "Validation failed: Text character limit of 5000 exceeded"),
        ({"status": "x", "visibility": "everybody"}, 422, "Validation failed: Visibility is not included in the list"),
        ({"status": "x", "in_reply_to_id": "99"}, 404, "Record not found"),
        ({"status": "x", "in_reply_to_id": "x"}, 404, "Record not found"),
        ({"status": "x", "scheduled_at": "soon"}, 422, "Record invalid"),
        ({"status": "x", "quote_approval_policy": "friends"}, 422, "Record invalid"),
        ({"status": "x", "poll": {"options": ["a", "b"]}}, 422, "Validation failed: Expires at is too soon"),
        ({"status": "x", "media_ids": ["99"]}, 422, "One of the pictures is no longer there. Please add it again."),
    ],
)  # fmt: skip
async def test_what_cannot_be_published_is_refused_in_words(
    api: Api, ada: Person, sent: dict[str, Any], status: int, error: str
) -> None:
    answer = await api.post("/api/v1/statuses", ada.token, json=sent)

    assert (answer.status, answer.json) == (status, {"error": error})


async def test_twenty_equal_requests_make_one_post(api: Api, ada: Person) -> None:
    key = {"Idempotency-Key": "once"}

    answers = await asyncio.gather(
        *(api.post("/api/v1/statuses", ada.token, json={"status": "Once"}, headers=key) for _ in range(20))
    )

    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len((await api.get("/api/v1/timelines/home", ada.token)).json) == 1


async def test_a_key_for_something_else_is_refused_and_another_members_is_free(
    api: Api, ada: Person, ben: Person
) -> None:
    key = {"Idempotency-Key": "once"}
    await api.post("/api/v1/statuses", ada.token, data={"status": "One"}, headers=key)

    assert (await api.post("/api/v1/statuses", ada.token, data={"status": "Two"}, headers=key)).status == 422
    assert (await api.post("/api/v1/statuses", ben.token, data={"status": "Two"}, headers=key)).status == 200
    assert (await api.post("/api/v1/statuses", ada.token, json={"status": "One"}, headers=key)).status == 200


async def test_strangers_see_what_is_public_without_marks(api: Api, ada: Person) -> None:
    status = await _posted(api, ada)

    seen = await api.get(f"/api/v1/statuses/{status['id']}")

    assert seen.json["content"] == status["content"]
    assert "favourited" not in seen.json


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_what_is_not_for_the_viewer_is_not_there(api: Api, ada: Person, ben: Person, visibility: str) -> None:
    status = await _posted(api, ada, visibility=visibility)

    for path in ("", "/context", "/history", "/favourited_by", "/reblogged_by"):
        for token in (None, ben.token):
            answer = await api.get(f"/api/v1/statuses/{status['id']}{path}", token)
            assert answer.status == 404, path
    for action in ("favourite", "reblog", "bookmark"):
        assert (await api.post(f"/api/v1/statuses/{status['id']}/{action}", ben.token)).status == 404


async def test_nobody_else_may_change_delete_or_read_the_source(api: Api, ada: Person, ben: Person) -> None:
    path = f"/api/v1/statuses/{(await _posted(api, ada))['id']}"

    assert (await api.ask("PUT", path, token=ben.token, json={"status": "Mine"})).status == 404
    assert (await api.ask("DELETE", path, token=ben.token)).status == 404
    assert (await api.get(f"{path}/source", ben.token)).status == 404
    assert (await api.get(path, ada.token)).json["content"] == "<p>Hello, harbour!</p>"


async def test_an_edit_shows_at_once_and_keeps_the_history(api: Api, ada: Person) -> None:
    path = f"/api/v1/statuses/{(await _posted(api, ada))['id']}"
    assert (await api.get(f"{path}/source", ada.token)).json["text"] == "Hello, harbour!"

    edited = await api.ask("PUT", path, token=ada.token, json={"status": "Goodbye", "spoiler_text": "Ships"})

    assert edited.json["content"] == "<p>Goodbye</p>"
    assert DATE.fullmatch(edited.json["edited_at"])
    history = (await api.get(f"{path}/history", ada.token)).json
    assert [one["content"] for one in history] == ["<p>Hello, harbour!</p>", "<p>Goodbye</p>"]
    assert [one["spoiler_text"] for one in history] == ["", "Ships"]
    assert (await api.get("/api/v1/timelines/home", ada.token)).json[0]["content"] == "<p>Goodbye</p>"


async def test_a_deleted_status_comes_back_with_its_text_and_is_gone(api: Api, ada: Person) -> None:
    status = await _posted(api, ada)
    reply = await _posted(api, ada, "Answer", in_reply_to_id=status["id"])

    gone = await api.ask("DELETE", f"/api/v1/statuses/{status['id']}", token=ada.token)

    assert (gone.status, gone.json["text"]) == (200, "Hello, harbour!")
    assert (await api.get(f"/api/v1/statuses/{status['id']}", ada.token)).status == 404
    assert (await api.get(f"/api/v1/statuses/{reply['id']}", ada.token)).json["in_reply_to_id"] is None


@pytest.mark.parametrize(
    ("action", "mark", "count"),
    [("favourite", "favourited", "favourites_count"), ("bookmark", "bookmarked", None)],
)
async def test_a_mark_is_the_viewers_own_and_can_be_taken_back(
    api: Api, ada: Person, ben: Person, action: str, mark: str, count: str | None
) -> None:
    path = f"/api/v1/statuses/{(await _posted(api, ada))['id']}"

    for _twice in range(2):
        marked = await api.post(f"{path}/{action}", ben.token)
        assert marked.json[mark] is True
    assert count is None or (await api.get(path)).json[count] == 1
    assert (await api.get(path, ada.token)).json[mark] is False
    undone = await api.post(f"{path}/un{action}", ben.token)

    assert undone.json[mark] is False
    assert count is None or (await api.get(path)).json[count] == 0


async def test_a_boost_wraps_the_status_and_undoing_it_gives_the_status(api: Api, ada: Person, ben: Person) -> None:
    status = await _posted(api, ada)

    boosted = (await api.post(f"/api/v1/statuses/{status['id']}/reblog", ben.token)).json

    assert boosted["id"] != status["id"]
    assert boosted["account"]["acct"] == "ben"
    assert boosted["reblog"]["id"] == status["id"]
    assert boosted["reblog"]["reblog"] is None
    assert boosted["reblog"]["reblogs_count"] == 1
    assert (boosted["reblogged"], boosted["reblog"]["reblogged"]) == (True, True)
    assert boosted["content"] == status["content"]
    favourited = (await api.post(f"/api/v1/statuses/{boosted['id']}/favourite", ada.token)).json
    assert (favourited["id"], favourited["favourites_count"]) == (status["id"], 1)
    who = (await api.get(f"/api/v1/statuses/{status['id']}/reblogged_by")).json
    assert [one["acct"] for one in who] == ["ben"]
    undone = (await api.post(f"/api/v1/statuses/{status['id']}/unreblog", ben.token)).json
    assert (undone["id"], undone["reblogged"], undone["reblogs_count"]) == (status["id"], False, 0)


async def test_a_thread_is_shown_in_order(api: Api, ada: Person, ben: Person) -> None:
    root = (await _posted(api, ada, "Root"))["id"]
    first = (await _posted(api, ben, "First", in_reply_to_id=root))["id"]
    second = (await _posted(api, ada, "Second", in_reply_to_id=root))["id"]
    nested = (await _posted(api, ada, "Nested", in_reply_to_id=first))["id"]
    secret = (await _posted(api, ada, "Secret", in_reply_to_id=first, visibility="direct"))["id"]

    seen = (await api.get(f"/api/v1/statuses/{first}/context", ben.token)).json
    whole = (await api.get(f"/api/v1/statuses/{root}/context", ada.token)).json

    assert [one["id"] for one in seen["ancestors"]] == [root]
    assert [one["id"] for one in seen["descendants"]] == [nested]
    assert [one["id"] for one in whole["descendants"]] == [first, nested, secret, second]


async def test_several_statuses_come_in_the_order_asked_for(api: Api, ada: Person, ben: Person) -> None:
    one, two = (await _posted(api, ada, "One"))["id"], (await _posted(api, ada, "Two"))["id"]
    hidden = (await _posted(api, ada, "Hidden", visibility="direct"))["id"]

    seen = await api.get(f"/api/v1/statuses?id[]={two}&id[]={hidden}&id[]={one}", ben.token)

    assert [status["id"] for status in seen.json] == [two, one]


async def test_what_a_client_changes_elsewhere_is_not_shown_stale(api: Api, ada: Person, ben: Person) -> None:
    """The rendered copy is kept by version: whatever changes what is shown must change the version."""
    post_id = a_post(api.db, ada.member.actor)
    wrapper = api.db.write_now(boost, ben.member.actor, post_id)
    before = (await api.get(f"/api/v1/statuses/{wrapper}", ben.token)).json

    api.db.write_now(edit, ada.member.actor, post_id, Draft(text="Changed"))
    api.db.write_now(publish, ben.member.actor, Draft(text="Answer", in_reply_to_id=post_id))
    await api.ask(
        "PATCH", "/api/v1/accounts/update_credentials", token=ada.token, json={"display_name": "Ada Lovelace"}
    )

    after = (await api.get(f"/api/v1/statuses/{wrapper}", ben.token)).json
    assert before["reblog"]["content"] == "<p>Hello</p>"
    assert (after["content"], after["reblog"]["content"]) == ("<p>Changed</p>", "<p>Changed</p>")
    assert (after["replies_count"], after["reblog"]["replies_count"]) == (1, 1)
    assert after["reblog"]["account"]["display_name"] == "Ada Lovelace"


async def test_a_page_of_twenty_costs_a_fixed_number_of_statements(api: Api, ada: Person) -> None:
    for number in range(25):
        a_post(api.db, ada.member.actor, f"Post {number}")

    async def counted(limit: int) -> int:
        with statements(api.db) as ran:
            await api.get(f"/api/v1/timelines/home?limit={limit}", ada.token)
        return len(ran)

    await counted(25)
    assert await counted(5) == await counted(20) <= 4
    await counted(25)  # from now on it is known for how long it may be kept
    assert await counted(25) <= 1


async def test_a_remote_author_is_written_with_their_host(api: Api, ada: Person) -> None:
    far = a_remote_actor(api.db, "zoe")

    seen = (await api.get(f"/api/v1/accounts/{far.id}", ada.token)).json

    assert (seen["username"], seen["acct"], seen["url"]) == ("zoe", "zoe@far.example", "https://far.example/@zoe")


async def test_a_quote_that_nobody_made_cannot_be_taken_back(api: Api, ada: Person) -> None:
    first, second = await _posted(api, ada), await _posted(api, ada)

    for quoting in (second["id"], "99", "x"):
        answer = await api.post(f"/api/v1/statuses/{first['id']}/quotes/{quoting}/revoke", ada.token)

        assert (answer.status, answer.json) == (404, {"error": "Record not found"})


async def test_a_status_may_quote_another(api: Api, ada: Person, ben: Person) -> None:
    quoted = await _posted(api, ada, "The first word")

    status = await _posted(api, ben, "Hear, hear", quoted_status_id=quoted["id"])

    assert status["quote"]["state"] == "accepted"
    assert status["quote"]["quoted_status"]["id"] == quoted["id"]
    taken = await api.post(f"/api/v1/statuses/{quoted['id']}/quotes/{status['id']}/revoke", ada.token)
    assert taken.json["quote"] == {"state": "revoked", "quoted_status": None}


async def test_what_is_not_there_cannot_be_quoted(api: Api, ada: Person) -> None:
    answer = await api.post("/api/v1/statuses", ada.token, json={"status": "x", "quoted_status_id": "99"})

    assert (answer.status, answer.json) == (404, {"error": "Record not found"})
