# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of people: making and filling them, what they show, what they take from home, and those that the node keeps."""

import pytest
from sqlalchemy import delete, insert

from activitypub.addressing import Visibility
from node import members
from node.kernel.db import Tx
from node.previews.queries import key
from node.previews.tables import post_previews, previews
from tests.support.builders import a_member, a_post, a_remote_actor
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person


async def ids(api: Api, path: str, token: str) -> list[str]:
    answer = await api.get(path, token)
    assert answer.status == 200, answer.text
    return [one["id"] for one in answer.json]


async def follow(api: Api, who: Person, other: str) -> None:
    answer = await api.post(f"/api/v1/accounts/{other}/follow", who.token)
    assert answer.json["following"] is True


async def a_list(api: Api, who: Person, *people: Person, **more: object) -> str:
    made = await api.post("/api/v1/lists", who.token, json={"title": "Rowers", **more})
    assert made.status == 200, made.text
    if people:
        added = await api.post(
            f"/api/v1/lists/{made.json['id']}/accounts", who.token, json={"account_ids": [one.id for one in people]}
        )
        assert (added.status, added.json) == (200, {})
    return str(made.json["id"])


async def test_a_list_is_made_read_changed_and_deleted(api: Api, ada: Person) -> None:
    made = await api.post("/api/v1/lists", ada.token, json={"title": " Rowers ", "exclusive": "true"})
    number = made.json["id"]
    assert made.json == {
        "id": number,
        "title": "Rowers",
        "replies_policy": "list",
        "exclusive": True,
        "alumnode": None,
    }

    changed = await api.ask(
        "PUT", f"/api/v1/lists/{number}", token=ada.token, json={"title": "Crew", "replies_policy": "none"}
    )
    assert (changed.json["title"], changed.json["replies_policy"]) == ("Crew", "none")
    assert (await api.get(f"/api/v1/lists/{number}", ada.token)).json == changed.json
    assert number in await ids(api, "/api/v1/lists", ada.token)

    assert (await api.ask("DELETE", f"/api/v1/lists/{number}", token=ada.token)).json == {}
    assert (await api.get(f"/api/v1/lists/{number}", ada.token)).status == 404
    assert number not in await ids(api, "/api/v1/lists", ada.token)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Title can't be blank"),
        ({"title": "  "}, "Title can't be blank"),
        ({"title": "x" * 257}, "too long"),
        ({"title": "Crew", "replies_policy": "some"}, "Replies policy is not included"),
    ],
    ids=["no title", "blank", "too long", "policy"],
)
async def test_what_is_no_list_is_refused_in_words(api: Api, ada: Person, given: dict[str, str], said: str) -> None:
    answer = await api.post("/api/v1/lists", ada.token, json=given)

    assert answer.status == 422
    assert said in answer.json["error"]


async def test_a_list_shows_what_its_people_write_and_only_whom_one_follows_can_be_on_it(
    api: Api, ada: Person, ben: Person
) -> None:
    earlier = str(a_post(api.db, ben.member.actor, "Earlier"))
    number = await a_list(api, ada)
    refused = await api.post(f"/api/v1/lists/{number}/accounts", ada.token, json={"account_ids": [ben.id]})
    assert refused.status == 404

    await follow(api, ada, ben.id)
    await api.post(f"/api/v1/lists/{number}/accounts", ada.token, json={"account_ids": [ben.id]})
    later = str(a_post(api.db, ben.member.actor, "Later"))
    a_post(api.db, ada.member.actor, "Mine")

    assert await ids(api, f"/api/v1/timelines/list/{number}", ada.token) == [later, earlier]
    first = await api.get(f"/api/v1/timelines/list/{number}?limit=1", ada.token)
    assert [one["id"] for one in first.json] == [later]
    assert await ids(api, str(first.link("next")), ada.token) == [earlier]
    assert await ids(api, f"/api/v1/lists/{number}/accounts", ada.token) == [ben.id]
    assert await ids(api, f"/api/v1/lists/{number}/accounts?limit=0", ada.token) == [ben.id]
    assert number in await ids(api, f"/api/v1/accounts/{ben.id}/lists", ada.token)
    again = await api.post(f"/api/v1/lists/{number}/accounts", ada.token, json={"account_ids": [ben.id]})
    assert (again.status, "already been taken" in again.json["error"]) == (422, True)

    taken = await api.ask("DELETE", f"/api/v1/lists/{number}/accounts", token=ada.token, json={"account_ids": [ben.id]})
    assert taken.json == {}
    assert await ids(api, f"/api/v1/timelines/list/{number}", ada.token) == []


async def test_whoever_is_followed_no_more_leaves_the_list(api: Api, ada: Person, ben: Person) -> None:
    await follow(api, ada, ben.id)
    number = await a_list(api, ada, ben)
    a_post(api.db, ben.member.actor, "Hello")

    await api.post(f"/api/v1/accounts/{ben.id}/unfollow", ada.token)

    assert await ids(api, f"/api/v1/lists/{number}/accounts", ada.token) == []
    assert await ids(api, f"/api/v1/timelines/list/{number}", ada.token) == []


async def test_an_exclusive_list_keeps_its_people_from_home(api: Api, ada: Person, ben: Person) -> None:
    await follow(api, ada, ben.id)
    before = str(a_post(api.db, ben.member.actor, "Before"))
    assert before in await ids(api, "/api/v1/timelines/home", ada.token)

    number = await a_list(api, ada, ben, exclusive=True)
    after = str(a_post(api.db, ben.member.actor, "After"))

    assert await ids(api, "/api/v1/timelines/home", ada.token) == []
    assert await ids(api, f"/api/v1/timelines/list/{number}", ada.token) == [after, before]
    await api.ask("PUT", f"/api/v1/lists/{number}", token=ada.token, json={"exclusive": False})
    assert await ids(api, "/api/v1/timelines/home", ada.token) == [after, before]


@pytest.mark.parametrize(("policy", "shown"), [("none", False), ("list", False), ("followed", True)])
async def test_answers_come_as_the_policy_says(api: Api, ada: Person, ben: Person, policy: str, shown: bool) -> None:
    cleo = a_member(api.db, "cleo")
    await follow(api, ada, ben.id)
    await follow(api, ada, str(cleo.id))
    number = await a_list(api, ada, ben, replies_policy=policy)
    asked = a_post(api.db, cleo.actor, "Who rows?")

    answer = str(a_post(api.db, ben.member.actor, "I do", in_reply_to_id=asked))

    assert (answer in await ids(api, f"/api/v1/timelines/list/{number}", ada.token)) is shown


async def test_a_list_is_its_owners_alone(api: Api, ada: Person, ben: Person) -> None:
    number = await a_list(api, ada)

    for method, path in (
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("GET", "/accounts"),
    ):
        assert (await api.ask(method, f"/api/v1/lists/{number}{path}", token=ben.token)).status == 404
    assert (await api.get(f"/api/v1/timelines/list/{number}", ben.token)).status == 404


async def test_the_lists_of_the_node_hold_class_and_school_and_nobody_can_change_them(
    api: Api, ada: Person, ben: Person
) -> None:
    classmate = a_member(api.db, "cleo", class_year=1999)
    theirs = str(a_post(api.db, classmate.actor, "From the class"))
    others = str(a_post(api.db, ben.member.actor, "From the school"))
    a_post(api.db, a_remote_actor(api.db, "ann"), "From elsewhere")

    found = {one["title"]: one for one in (await api.get("/api/v1/lists", ada.token)).json}

    assert set(found) == {"My class", "My school", "Events", "Contacts"}
    my_class, my_school = found["My class"]["id"], found["My school"]["id"]
    assert found["My class"]["alumnode"] == {"built_in": "class"}
    assert theirs in await ids(api, f"/api/v1/timelines/list/{my_class}", ada.token)
    assert others not in await ids(api, f"/api/v1/timelines/list/{my_class}", ada.token)
    assert {theirs, others} <= set(await ids(api, f"/api/v1/timelines/list/{my_school}", ada.token))
    assert str(classmate.id) in await ids(api, f"/api/v1/lists/{my_class}/accounts", ada.token)
    refused = await api.ask("PUT", f"/api/v1/lists/{my_class}", token=ada.token, json={"title": "Mine"})
    assert (refused.status, "cannot be changed" in refused.json["error"]) == (422, True)
    assert (await api.ask("DELETE", f"/api/v1/lists/{my_class}", token=ada.token)).status == 422


async def test_a_post_to_the_class_stands_on_the_list_of_the_class(api: Api, ada: Person) -> None:
    classmate = a_member(api.db, "cleo", class_year=1999)
    said = await api.post(
        "/api/v1/statuses",
        api.token(classmate),
        json={"status": "For us", "visibility": "private", "alumnode": {"circle": "class"}},
    )
    assert said.status == 200, said.text

    assert said.json["id"] in await ids(api, "/api/v1/timelines/list/1", ada.token)


async def test_titles_are_in_the_members_language(api: Api) -> None:
    eve = a_member(api.db, "eve", class_year=2001)
    api.db.write_now(members.set_preferences, eve.id, members.Preferences(locale="fr"))

    found = await api.get("/api/v1/lists", api.token(eve))

    assert "Ma promotion" in [one["title"] for one in found.json]


async def test_direct_posts_have_a_timeline_of_their_own(api: Api, ada: Person, ben: Person) -> None:
    said = str(a_post(api.db, ben.member.actor, "@ada a word", visibility=Visibility.DIRECT))

    assert await ids(api, "/api/v1/timelines/direct", ada.token) == [said]
    assert await ids(api, "/api/v1/timelines/direct", ben.token) == [said]


async def test_a_followed_hashtag_brings_posts_home_and_takes_them_away_again(
    api: Api, ada: Person, ben: Person
) -> None:
    followed = await api.post("/api/v1/tags/Quay/follow", ada.token)
    assert (followed.json["following"], followed.json["featuring"]) == (True, False)

    said = str(a_post(api.db, ben.member.actor, "At the #quay"))

    assert await ids(api, "/api/v1/timelines/home", ada.token) == [said]
    assert [one["name"] for one in (await api.get("/api/v1/followed_tags", ada.token)).json] == ["Quay"]
    shown = await api.get("/api/v1/tags/quay", ada.token)
    assert shown.json["history"][0]["uses"] == "1"
    assert len(shown.json["history"]) == 7
    left = await api.post("/api/v1/tags/quay/unfollow", ada.token)
    assert left.json["following"] is False
    assert await ids(api, "/api/v1/timelines/home", ada.token) == []


async def test_what_is_no_hashtag_cannot_be_followed_and_a_muted_person_does_not_come_with_one(
    api: Api, ada: Person, ben: Person
) -> None:
    assert (await api.post("/api/v1/tags/not%20one/follow", ada.token)).status == 404
    await api.post("/api/v1/tags/quay/follow", ada.token)
    await api.post(f"/api/v1/accounts/{ben.id}/mute", ada.token)

    a_post(api.db, ben.member.actor, "At the #quay")

    assert await ids(api, "/api/v1/timelines/home", ada.token) == []


async def test_a_hashtag_is_shown_on_the_profile(api: Api, ada: Person) -> None:
    assert (await api.post("/api/v1/tags/rowing/feature", ada.token)).json["featuring"] is True
    assert [one["name"] for one in (await api.get("/api/v1/featured_tags", ada.token)).json] == ["rowing"]

    assert (await api.post("/api/v1/tags/rowing/unfeature", ada.token)).json["featuring"] is False
    assert (await api.get("/api/v1/featured_tags", ada.token)).json == []


async def test_posts_about_a_page_are_found_by_its_address(api: Api, ada: Person) -> None:
    said = a_post(api.db, ada.member.actor, "https://press.example/quay")
    hidden = a_post(api.db, ada.member.actor, "https://press.example/quay", visibility=Visibility.PRIVATE)
    page = "https://press.example/quay"

    def keep(tx: Tx) -> None:
        values = {"id": 7, "key": key(page), "url": page, "state": "ready", "created_at": tx.now}
        tx.conn.execute(insert(previews), values)
        tx.conn.execute(insert(post_previews), [{"post_id": number, "preview_id": 7} for number in (said, hidden)])

    api.db.write_now(lambda tx: tx.conn.execute(delete(previews)))
    api.db.write_now(keep)

    assert await ids(api, f"/api/v1/timelines/link?url={page}", ada.token) == [str(said)]
    assert (await api.get(f"/api/v1/timelines/link?url={page}")).json[0]["id"] == str(said)
    assert (await api.get("/api/v1/timelines/link?url=https://press.example/other")).json == []
    assert (await api.get("/api/v1/timelines/link")).json == []


async def test_of_many_hashtags_asked_for_at_once_four_count(api: Api, ada: Person) -> None:
    said = str(a_post(api.db, ada.member.actor, "#a"))
    many = "&".join(f"none[]=t{number}" for number in range(4))

    found = await api.get(f"/api/v1/timelines/tag/a?{many}&none[]=a")

    assert [one["id"] for one in found.json] == [said]
