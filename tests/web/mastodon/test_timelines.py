# SPDX-License-Identifier: AGPL-3.0-or-later
"""Timelines, pages, favourites, bookmarks and markers."""

import pytest

from node import relationships
from node.actors import get
from tests.support.builders import a_post
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person


def _posts(api: Api, who: Person, number: int) -> list[str]:
    """Oldest first."""
    return [str(a_post(api.db, who.member.actor, f"Post {n}")) for n in range(number)]


async def _ids(api: Api, path: str, token: str | None = None) -> list[str]:
    answer = await api.get(path, token)
    assert answer.status == 200, answer.text
    return [one["id"] for one in answer.json]


async def test_home_holds_ones_own_posts_and_those_one_follows(api: Api, ada: Person, ben: Person) -> None:
    api.db.write_now(lambda tx: relationships.follow(tx, ada.member.actor, get(tx.conn, ben.member.id)))
    mine, theirs = a_post(api.db, ada.member.actor), a_post(api.db, ben.member.actor)

    assert await _ids(api, "/api/v1/timelines/home", ada.token) == [str(theirs), str(mine)]
    assert await _ids(api, "/api/v1/timelines/home", ben.token) == [str(theirs)]


async def test_pages_lead_down_and_up_and_end(api: Api, ada: Person) -> None:
    old, *_, new = made = _posts(api, ada, 7)
    base = "/api/v1/timelines/home?limit=3"

    first = await api.get(base, ada.token)
    second = await api.get(str(first.link("next")), ada.token)
    third = await api.get(str(second.link("next")), ada.token)
    end = await api.get(str(third.link("next")), ada.token)

    seen = [one["id"] for page in (first, second, third) for one in page.json]
    assert seen == made[::-1]
    assert (end.json, end.headers.get("Link")) == ([], None)
    assert [one["id"] for one in (await api.get(str(third.link("prev")), ada.token)).json] == made[1:4][::-1]
    assert await _ids(api, f"{base}&since_id={old}", ada.token) == made[:-4:-1]
    assert await _ids(api, f"{base}&min_id={old}", ada.token) == made[1:4][::-1]
    assert await _ids(api, f"{base}&min_id={old}&max_id={made[3]}", ada.token) == made[1:3][::-1]
    assert await _ids(api, f"{base}&since_id={new}", ada.token) == []


@pytest.mark.parametrize(("limit", "seen"), [("0", 20), ("x", 20), ("-3", 20), ("", 20), ("999", 40), ("5", 5)])
async def test_a_limit_is_brought_within_bounds(api: Api, ada: Person, limit: str, seen: int) -> None:
    _posts(api, ada, 41)

    assert len(await _ids(api, f"/api/v1/timelines/home?limit={limit}", ada.token)) == seen


async def test_links_keep_the_other_parameters(api: Api, ada: Person) -> None:
    _posts(api, ada, 3)

    answer = await api.get(f"/api/v1/accounts/{ada.id}/statuses/?limit=2&exclude_replies=true&max_id=9999999999999999")

    assert answer.json == []
    answer = await api.get(f"/api/v1/accounts/{ada.id}/statuses/?limit=2&exclude_replies=true")
    link = str(answer.link("next"))
    assert link.startswith(f"/api/v1/accounts/{ada.id}/statuses?limit=2&exclude_replies=true&max_id=")


async def test_the_public_timeline_shows_what_is_public(api: Api, ada: Person, ben: Person) -> None:
    shown = str(a_post(api.db, ada.member.actor))
    for visibility in ("unlisted", "private", "direct"):
        await api.post("/api/v1/statuses", ada.token, json={"status": "x", "visibility": visibility})

    for query in ("", "?local=true"):
        assert await _ids(api, f"/api/v1/timelines/public{query}") == [shown]
    assert await _ids(api, "/api/v1/timelines/public?remote=true") == []
    assert await _ids(api, "/api/v1/timelines/public?only_media=true") == []


async def test_a_hashtag_finds_its_posts_whatever_the_case(api: Api, ada: Person) -> None:
    one = str(a_post(api.db, ada.member.actor, "#Quay"))
    two = str(a_post(api.db, ada.member.actor, "#quay #rope"))

    assert await _ids(api, "/api/v1/timelines/tag/QUAY") == [two, one]
    assert await _ids(api, "/api/v1/timelines/tag/quay?all[]=rope") == [two]
    assert await _ids(api, "/api/v1/timelines/tag/quay?none[]=rope") == [one]
    assert await _ids(api, "/api/v1/timelines/tag/nothing?any[]=rope") == [two]
    assert (await api.get("/api/v1/tags/quay")).json["name"] == "quay"


@pytest.mark.parametrize(("action", "path"), [("favourite", "favourites"), ("bookmark", "bookmarks")])
async def test_what_one_marked_is_listed_newest_mark_first(
    api: Api, ada: Person, ben: Person, action: str, path: str
) -> None:
    one, two, three = _posts(api, ada, 3)
    for post_id in (two, three, one):
        await api.post(f"/api/v1/statuses/{post_id}/{action}", ben.token)

    first = await api.get(f"/api/v1/{path}?limit=2", ben.token)

    assert [status["id"] for status in first.json] == [one, three]
    assert await _ids(api, str(first.link("next")), ben.token) == [two]
    assert await _ids(api, f"/api/v1/{path}", ada.token) == []


async def test_a_marker_is_kept_and_never_goes_back(api: Api, ada: Person) -> None:
    assert (await api.get("/api/v1/markers?timeline[]=home&timeline[]=notifications", ada.token)).json == {}

    noted = await api.post(
        "/api/v1/markers",
        ada.token,
        data="home[last_read_id]=100",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    again = await api.post("/api/v1/markers", ada.token, json={"home": {"last_read_id": "50"}})

    assert noted.json.keys() == {"home"}
    assert (noted.json["home"]["last_read_id"], noted.json["home"]["version"]) == ("100", 1)
    assert again.json["home"]["last_read_id"] == "100"
    assert (await api.get("/api/v1/markers?timeline[]=home", ada.token)).json == again.json
