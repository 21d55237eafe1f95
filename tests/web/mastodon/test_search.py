# SPDX-License-Identifier: AGPL-3.0-or-later
"""Search by words, by handle and by address."""

import pytest

from tests.support.builders import a_post, a_remote_actor
from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person


async def test_people_posts_and_hashtags_are_found(api: Api, ada: Person, ben: Person) -> None:
    mine = a_post(api.db, ada.member.actor, "The #harbour wall")
    a_post(api.db, ben.member.actor, "Another harbour")

    found = (await api.get("/api/v2/search?q=harbour", ada.token)).json

    assert [one["id"] for one in found["statuses"]] == [str(mine)]
    assert [one["name"] for one in found["hashtags"]] == ["harbour"]
    assert found["hashtags"][0]["url"] == f"{BASE}/tags/harbour"
    assert [one["acct"] for one in (await api.get("/api/v2/search?q=ben", ada.token)).json["accounts"]] == ["ben"]
    assert (await api.get("/api/v1/search?q=harbour", ada.token)).json["hashtags"] == ["harbour"]


async def test_strangers_find_people_but_no_posts(api: Api, ada: Person) -> None:
    a_post(api.db, ada.member.actor, "ada was here")

    found = (await api.get("/api/v2/search?q=ada&resolve=true")).json

    assert [one["acct"] for one in found["accounts"]] == ["ada"]
    assert found["statuses"] == []


@pytest.mark.parametrize("kind", ["accounts", "statuses", "hashtags"])
async def test_one_kind_can_be_asked_for(api: Api, ada: Person, kind: str) -> None:
    a_post(api.db, ada.member.actor, "ada likes #ada")

    found = (await api.get(f"/api/v2/search?q=ada&type={kind}", ada.token)).json

    assert {name for name, things in found.items() if things} == {kind}
    assert found.keys() == {"accounts", "statuses", "hashtags"}


async def test_an_address_gives_exactly_what_it_names(api: Api, ada: Person) -> None:
    post_id = a_post(api.db, ada.member.actor, "Here")
    status = (await api.get(f"/api/v1/statuses/{post_id}")).json
    zoe = a_remote_actor(api.db, "zoe")

    async def found(q: str) -> tuple[list[str], list[str]]:
        answer = await api.get("/api/v2/search", ada.token, params={"q": q, "resolve": "true"})
        return [one["acct"] for one in answer.json["accounts"]], [one["id"] for one in answer.json["statuses"]]

    assert await found(status["url"]) == ([], [status["id"]])
    assert await found(status["uri"]) == ([], [status["id"]])
    assert await found(f"{BASE}/@ada") == (["ada"], [])
    assert await found(ada.member.actor.uri) == (["ada"], [])
    assert await found(zoe.uri) == (["zoe@far.example"], [])
    assert await found(f"{BASE}/@nobody") == ([], [])
    assert await found("zoe@far.example") == (["zoe@far.example"], [])
    assert await found("@ada@harbour.example") == (["ada"], [])


async def test_what_is_hidden_is_not_found_by_its_address(api: Api, ada: Person, ben: Person) -> None:
    status = (await api.post("/api/v1/statuses", ada.token, json={"status": "x", "visibility": "private"})).json

    found = await api.get("/api/v2/search", ben.token, params={"q": status["uri"], "resolve": "true"})

    assert found.json["statuses"] == []


async def test_nothing_is_found_for_nothing(api: Api, ada: Person) -> None:
    assert (await api.get("/api/v2/search", ada.token)).json == {"accounts": [], "statuses": [], "hashtags": []}
