# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members do not want to see: making filters in both versions, and what statuses say of them."""

import pytest

from tests.support.builders import a_post
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

FILTER = {"title": "Boats", "context": ["home", "public"], "keywords_attributes": [{"keyword": "boat"}]}


async def made(api: Api, who: Person, **more: object) -> dict[str, object]:
    answer = await api.post("/api/v2/filters", who.token, json={**FILTER, **more})
    assert answer.status == 200, answer.text
    return dict(answer.json)


async def filtered(api: Api, post_id: object, who: Person) -> list[dict[str, object]]:
    return list((await api.get(f"/api/v1/statuses/{post_id}", who.token)).json["filtered"])


async def test_a_filter_is_made_read_changed_and_deleted(api: Api, ada: Person, ben: Person) -> None:
    found = await made(api, ada, filter_action="hide", expires_in=3600)
    assert (found["title"], found["context"], found["filter_action"]) == ("Boats", ["home", "public"], "hide")
    assert [word["keyword"] for word in found["keywords"]] == ["boat"]  # type: ignore[attr-defined]  # a list of tables
    assert found["expires_at"] is not None
    path = f"/api/v2/filters/{found['id']}"

    changed = await api.ask(
        "PUT",
        path,
        token=ada.token,
        json={
            "title": "Ships",
            "expires_in": "",
            "keywords_attributes": [
                {"id": found["keywords"][0]["id"], "_destroy": True},  # type: ignore[index]  # as above
                {"keyword": "ship", "whole_word": False},
            ],
        },
    )

    assert (changed.json["title"], changed.json["expires_at"]) == ("Ships", None)
    assert [(word["keyword"], word["whole_word"]) for word in changed.json["keywords"]] == [("ship", False)]
    assert (await api.get(path, ada.token)).json == changed.json
    assert (await api.get("/api/v2/filters", ada.token)).json == [changed.json]
    assert (await api.get(path, ben.token)).status == 404
    assert (await api.ask("DELETE", path, token=ada.token)).json == {}
    assert (await api.get("/api/v2/filters", ada.token)).json == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": ""}, "Title can't be blank"),
        ({"context": []}, "Context None or invalid"),
        ({"context": ["everywhere"]}, "Context None or invalid"),
        ({"filter_action": "burn"}, "Filter action is not included"),
        ({"keywords_attributes": [{"keyword": " "}]}, "Keyword can't be blank"),
        ({"keywords_attributes": [{"keyword": "x" * 513}]}, "Keyword is too long"),
    ],
    ids=["title", "nowhere", "no place", "action", "no word", "long word"],
)
async def test_what_is_no_filter_is_refused_and_leaves_nothing(
    api: Api, ada: Person, given: dict[str, object], said: str
) -> None:
    answer = await api.post("/api/v2/filters", ada.token, json={**FILTER, **given})

    assert answer.status == 422
    assert said in answer.json["error"]
    assert (await api.get("/api/v2/filters", ada.token)).json == []


async def test_a_status_says_which_filters_it_meets_to_their_owner_alone(api: Api, ada: Person, ben: Person) -> None:
    post_id = a_post(api.db, ben.member.actor, "The Boat is in")
    assert await filtered(api, post_id, ada) == []

    found = await made(api, ada)

    [result] = await filtered(api, post_id, ada)
    assert (result["filter"], result["keyword_matches"], result["status_matches"]) == (found, ["boat"], None)
    assert await filtered(api, post_id, ben) == []
    other = a_post(api.db, ben.member.actor, "The boats are in")
    assert await filtered(api, other, ada) == []
    await api.ask("DELETE", f"/api/v2/filters/{found['id']}", token=ada.token)
    assert await filtered(api, post_id, ada) == []


async def test_what_is_boosted_and_what_a_poll_asks_and_a_warning_are_held_against_filters_too(
    api: Api, ada: Person, ben: Person
) -> None:
    await made(api, ada)
    warned = a_post(api.db, ben.member.actor, "Look", spoiler_text="a boat")
    asked = await api.post(
        "/api/v1/statuses",
        ben.token,
        json={"status": "Which?", "poll": {"options": ["boat", "oar"], "expires_in": 600}},
    )
    boosted = await api.post(f"/api/v1/statuses/{warned}/reblog", ben.token)

    assert len(await filtered(api, warned, ada)) == 1
    assert len(await filtered(api, asked.json["id"], ada)) == 1
    assert len(await filtered(api, boosted.json["id"], ada)) == 1


async def test_a_filter_names_single_posts(api: Api, ada: Person, ben: Person) -> None:
    post_id = str(a_post(api.db, ben.member.actor, "Hello"))
    found = await made(api, ada)
    path = f"/api/v2/filters/{found['id']}/statuses"

    named = await api.post(path, ada.token, json={"status_id": post_id})

    assert named.json["status_id"] == post_id
    assert (await api.get(path, ada.token)).json == [named.json]
    assert (await api.get(f"/api/v2/filters/statuses/{named.json['id']}", ada.token)).json == named.json
    [result] = await filtered(api, post_id, ada)
    assert (result["keyword_matches"], result["status_matches"]) == (None, [post_id])
    assert (await api.post(path, ada.token, json={"status_id": post_id})).status == 422
    assert (await api.post(path, ada.token, json={"status_id": "12"})).status == 404
    await api.ask("DELETE", f"/api/v2/filters/statuses/{named.json['id']}", token=ada.token)
    assert await filtered(api, post_id, ada) == []


async def test_a_post_that_goes_leaves_the_filters(api: Api, ada: Person, ben: Person) -> None:
    post_id = str(a_post(api.db, ben.member.actor, "Hello"))
    found = await made(api, ada)
    await api.post(f"/api/v2/filters/{found['id']}/statuses", ada.token, json={"status_id": post_id})

    await api.ask("DELETE", f"/api/v1/statuses/{post_id}", token=ben.token)

    assert (await api.get(f"/api/v2/filters/{found['id']}/statuses", ada.token)).json == []


async def test_keywords_are_added_changed_and_removed(api: Api, ada: Person) -> None:
    found = await made(api, ada)
    path = f"/api/v2/filters/{found['id']}/keywords"

    word = await api.post(path, ada.token, json={"keyword": "oar", "whole_word": "false"})
    assert (word.json["keyword"], word.json["whole_word"]) == ("oar", False)
    one = f"/api/v2/filters/keywords/{word.json['id']}"
    changed = await api.ask("PUT", one, token=ada.token, json={"keyword": "oars"})
    assert (await api.get(one, ada.token)).json == changed.json
    assert [each["keyword"] for each in (await api.get(path, ada.token)).json] == ["boat", "oars"]
    assert (await api.ask("DELETE", one, token=ada.token)).json == {}
    assert (await api.get(one, ada.token)).status == 404


async def test_an_older_app_makes_reads_and_deletes_words(api: Api, ada: Person) -> None:
    old = await api.post("/api/v1/filters", ada.token, json={"phrase": "boat", "context": ["home"], "whole_word": True})
    assert old.status == 200, old.text
    assert (old.json["phrase"], old.json["irreversible"], old.json["whole_word"]) == ("boat", False, True)
    path = f"/api/v1/filters/{old.json['id']}"

    [new] = (await api.get("/api/v2/filters", ada.token)).json
    assert (new["title"], new["filter_action"]) == ("boat", "warn")
    changed = await api.ask("PUT", path, token=ada.token, json={"phrase": "ship", "context": ["public"]})
    assert (changed.json["phrase"], changed.json["context"]) == ("ship", ["public"])
    assert (await api.get("/api/v1/filters", ada.token)).json == [changed.json]
    assert (await api.get(path, ada.token)).json == changed.json
    assert (await api.ask("DELETE", path, token=ada.token)).json == {}
    assert (await api.get("/api/v2/filters", ada.token)).json == []


async def test_an_irreversible_filter_keeps_posts_from_home_and_from_nowhere_else(
    api: Api, ada: Person, ben: Person
) -> None:
    await api.post(f"/api/v1/accounts/{ben.id}/follow", ada.token)
    post_id = str(a_post(api.db, ben.member.actor, "A boat"))
    assert [one["id"] for one in (await api.get("/api/v1/timelines/home", ada.token)).json] == [post_id]

    await api.post("/api/v1/filters", ada.token, json={"phrase": "boat", "context": ["home"], "irreversible": "true"})

    assert (await api.get("/api/v1/timelines/home", ada.token)).json == []
    assert [one["id"] for one in (await api.get("/api/v1/timelines/public", ada.token)).json] == [post_id]
