# SPDX-License-Identifier: AGPL-3.0-or-later
"""Quotes as apps see them: who may quote, what quotes a status, and what the viewer does not want to see."""

from typing import Any

import pytest

from tests.support.builders import a_member, a_post
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person
from tests.web.mastodon.test_media import PICTURE, _form


async def _posted(api: Api, who: Person, text: str = "Hello", **more: Any) -> dict[str, Any]:
    answer = await api.post("/api/v1/statuses", who.token, json={"status": text, **more})
    assert answer.status == 200, answer.text
    return answer.json  # type: ignore[no-any-return]  # JSON


async def _approval(api: Api, status: dict[str, Any], token: str | None) -> Any:
    return (await api.get(f"/api/v1/statuses/{status['id']}", token)).json["quote_approval"]


@pytest.mark.parametrize(
    ("policy", "automatic", "stranger", "follower"),
    [
        ("public", ["public"], "automatic", "automatic"),
        ("followers", ["followers"], "denied", "automatic"),
        ("nobody", [], "denied", "denied"),
    ],
)
async def test_a_status_says_who_may_quote_it(
    api: Api, ada: Person, ben: Person, policy: str, automatic: list[str], stranger: str, follower: str
) -> None:
    status = await _posted(api, ada, quote_approval_policy=policy)

    def as_seen(consent: str) -> dict[str, Any]:
        return {"automatic": automatic, "manual": [], "current_user": consent}

    assert status["quote_approval"] == as_seen("automatic")
    assert await _approval(api, status, None) == as_seen("denied")
    assert await _approval(api, status, ben.token) == as_seen(stranger)
    await api.post(f"/api/v1/accounts/{ada.id}/follow", ben.token)
    assert await _approval(api, status, ben.token) == as_seen(follower)
    quoting = await api.post("/api/v1/statuses", ben.token, json={"status": "x", "quoted_status_id": status["id"]})
    assert quoting.status == (200 if follower == "automatic" else 403)


@pytest.mark.parametrize("visibility", ["private", "direct"])
async def test_what_is_not_open_is_for_nobody_to_quote(api: Api, ada: Person, visibility: str) -> None:
    status = await _posted(api, ada, visibility=visibility, quote_approval_policy="public")

    consent = "automatic" if visibility == "private" else "denied"
    assert status["quote_approval"] == {"automatic": [], "manual": [], "current_user": consent}


async def test_the_policy_of_a_status_can_be_changed_without_an_edit(api: Api, ada: Person, ben: Person) -> None:
    status = await _posted(api, ada)
    path = f"/api/v1/statuses/{status['id']}/interaction_policy"

    changed = await api.ask("PUT", path, token=ada.token, json={"quote_approval_policy": "nobody"})

    assert (changed.json["quote_approval"]["automatic"], changed.json["edited_at"]) == ([], None)
    for token, body, code in (
        (ben.token, {"quote_approval_policy": "public"}, 404),
        (ada.token, {"quote_approval_policy": "friends"}, 422),
        (ada.token, {}, 422),
    ):
        assert (await api.ask("PUT", path, token=token, json=body)).status == code


async def test_an_edit_may_change_the_policy(api: Api, ada: Person) -> None:
    status = await _posted(api, ada, quote_approval_policy="followers")
    path = f"/api/v1/statuses/{status['id']}"

    kept = await api.ask("PUT", path, token=ada.token, json={"status": "x"})
    changed = await api.ask("PUT", path, token=ada.token, json={"status": "x", "quote_approval_policy": "public"})

    assert kept.json["quote_approval"]["automatic"] == ["followers"]
    assert changed.json["quote_approval"]["automatic"] == ["public"]


async def test_the_quotes_of_a_status_are_counted_and_listed(api: Api, ada: Person, ben: Person) -> None:
    status = await _posted(api, ada)
    path = f"/api/v1/statuses/{status['id']}"
    numbers = [(await _posted(api, ben, str(n), quoted_status_id=status["id"]))["id"] for n in range(3)]
    await _posted(api, ben, "@ada Secret", quoted_status_id=status["id"], visibility="direct")

    first = await api.get(f"{path}/quotes?limit=2", ada.token)
    rest = await api.get(f"{path}/quotes?max_id={numbers[0]}", ada.token)

    assert [one["content"] for one in first.json][1] == "<p>2</p>"
    assert [one["id"] for one in first.json][1] == numbers[2]
    assert f"max_id={numbers[2]}" in first.headers["Link"]
    assert rest.json == []
    assert (await api.get(path)).json["quotes_count"] == 4
    hidden = await _posted(api, ben, visibility="private")
    assert (await api.get(f"/api/v1/statuses/{hidden['id']}/quotes", ada.token)).status == 404


@pytest.mark.parametrize(
    ("action", "state", "shown"), [("mute", "muted_account", True), ("block", "blocked_account", False)]
)
async def test_what_the_viewer_does_not_want_to_see_is_folded(
    api: Api, ada: Person, ben: Person, action: str, state: str, shown: bool
) -> None:
    cleo = a_member(api.db, "cleo")
    status = await _posted(api, ada)
    quoting = await _posted(api, Person(cleo, api.token(cleo)), "Hear", quoted_status_id=status["id"])

    await api.post(f"/api/v1/accounts/{ada.id}/{action}", ben.token)
    quote = (await api.get(f"/api/v1/statuses/{quoting['id']}", ben.token)).json["quote"]

    assert quote["state"] == state
    assert (quote["quoted_status"] is not None) is shown


async def test_a_history_names_what_is_quoted_and_what_a_poll_asked(api: Api, ada: Person, ben: Person) -> None:
    status = await _posted(api, ada)
    quoting = await _posted(api, ben, quoted_status_id=status["id"])
    asked = await _posted(api, ada, poll={"options": ["A", "B"], "expires_in": 3600})
    path = f"/api/v1/statuses/{asked['id']}"

    await api.ask(
        "PUT", path, token=ada.token, json={"status": "x", "poll": {"options": ["C", "D"], "expires_in": 600}}
    )
    history = (await api.get(f"{path}/history")).json
    [of_quote] = (await api.get(f"/api/v1/statuses/{quoting['id']}/history")).json

    assert [one["poll"] for one in history] == [
        {"options": [{"title": "A"}, {"title": "B"}]},
        {"options": [{"title": "C"}, {"title": "D"}]},
    ]
    assert of_quote["quote"] == {"state": "accepted", "quoted_status_id": status["id"]}
    assert "poll" not in of_quote


async def test_nothing_is_translated_here(api: Api, ada: Person) -> None:
    status = await _posted(api, ada)

    answer = await api.post(f"/api/v1/statuses/{status['id']}/translate", ada.token)

    assert (answer.status, answer.json) == (404, {"error": "Record not found"})


@pytest.mark.parametrize("whole", [True, False])
async def test_the_pictures_of_a_deleted_status_can_be_used_again(api: Api, ada: Person, whole: bool) -> None:
    upload = (await api.post("/api/v2/media", ada.token, data=_form(PICTURE))).json["id"]
    status = await _posted(api, ada, media_ids=[upload])

    gone = await api.ask("DELETE", f"/api/v1/statuses/{status['id']}?delete_media={whole}", token=ada.token)
    again = await api.post("/api/v1/statuses", ada.token, json={"status": "Again", "media_ids": [upload]})

    assert [one["id"] for one in gone.json["media_attachments"]] == [upload]
    assert again.status == (422 if whole else 200)


async def test_strangers_see_less_of_a_long_thread(api: Api, ada: Person) -> None:
    root = at = a_post(api.db, ada.member.actor)
    for _ in range(22):
        at = a_post(api.db, ada.member.actor, in_reply_to_id=at)
    for _ in range(45):
        a_post(api.db, ada.member.actor, in_reply_to_id=root)

    path = f"/api/v1/statuses/{root}/context"
    strangers = (await api.get(path)).json["descendants"]
    members = (await api.get(path, ada.token)).json["descendants"]

    assert len(strangers) == 60
    assert len(members) == 67
    assert str(at) not in [one["id"] for one in strangers]
