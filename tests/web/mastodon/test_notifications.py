# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications as apps read them."""

import pytest

from tests.support.builders import a_post
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person


@pytest.fixture
async def told(api: Api, ada: Person, ben: Person) -> list[str]:
    """What Ben does, which Ada is told of; newest first."""
    post_id = a_post(api.db, ada.member.actor)
    await api.post(f"/api/v1/accounts/{ada.id}/follow", ben.token)
    await api.post(f"/api/v1/statuses/{post_id}/favourite", ben.token)
    await api.post(f"/api/v1/statuses/{post_id}/reblog", ben.token)
    await api.post("/api/v1/statuses", ben.token, json={"status": "Ahoy @ada", "visibility": "direct"})
    return ["mention", "reblog", "favourite", "follow"]


async def test_they_come_newest_first_with_who_and_what(api: Api, ada: Person, told: list[str]) -> None:
    found = (await api.get("/api/v1/notifications", ada.token)).json

    assert [one["type"] for one in found] == told
    assert {one["account"]["acct"] for one in found} == {"ben"}
    assert ["status" in one for one in found] == [True, True, True, False]
    assert found[0]["status"]["visibility"] == "direct"
    assert found[2]["status"]["favourites_count"] == 1
    assert all(one["id"].isdigit() and int(one["id"]) < 2**53 for one in found)
    assert found[0]["group_key"] == f"ungrouped-{found[0]['id']}"


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("types[]=follow", ["follow"]),
        ("types[]=follow&types[]=reblog", ["reblog", "follow"]),
        ("exclude_types[]=mention&exclude_types[]=follow", ["reblog", "favourite"]),
        ("limit=1", ["mention"]),
        ("account_id=99", []),
    ],
)
async def test_they_can_be_narrowed(api: Api, ada: Person, told: list[str], query: str, seen: list[str]) -> None:
    answer = await api.get(f"/api/v1/notifications?{query}", ada.token)

    assert [one["type"] for one in answer.json] == seen


async def test_they_are_paged(api: Api, ada: Person, told: list[str]) -> None:
    first = await api.get("/api/v1/notifications?limit=3", ada.token)
    second = await api.get(str(first.link("next")), ada.token)

    assert [one["type"] for one in [*first.json, *second.json]] == told
    assert (await api.get(str(second.link("next")), ada.token)).json == []


async def test_one_can_be_read_and_dismissed_by_its_owner_alone(
    api: Api, ada: Person, ben: Person, told: list[str]
) -> None:
    [first, *_] = (await api.get("/api/v1/notifications", ada.token)).json
    path = f"/api/v1/notifications/{first['id']}"

    assert (await api.get(path, ada.token)).json == first
    assert (await api.get(path, ben.token)).status == 404
    assert (await api.post(f"{path}/dismiss", ben.token)).status == 404
    assert (await api.post(f"{path}/dismiss", ada.token)).json == {}
    assert (await api.get(path, ada.token)).status == 404


async def test_all_can_be_cleared(api: Api, ada: Person, told: list[str]) -> None:
    assert (await api.post("/api/v1/notifications/clear", ada.token)).json == {}

    assert (await api.get("/api/v1/notifications", ada.token)).json == []


async def test_the_unread_are_those_after_the_marker(api: Api, ada: Person, told: list[str]) -> None:
    assert (await api.get("/api/v1/notifications/unread_count", ada.token)).json == {"count": 4}
    second = (await api.get("/api/v1/notifications", ada.token)).json[1]

    await api.post("/api/v1/markers", ada.token, json={"notifications": {"last_read_id": second["id"]}})

    assert (await api.get("/api/v1/notifications/unread_count", ada.token)).json == {"count": 1}


async def test_one_about_a_post_that_is_gone_is_not_shown(api: Api, ada: Person, ben: Person, told: list[str]) -> None:
    mention = (await api.get("/api/v1/notifications?types[]=mention", ada.token)).json[0]

    await api.ask("DELETE", f"/api/v1/statuses/{mention['status']['id']}", token=ben.token)

    assert (await api.get("/api/v1/notifications?types[]=mention", ada.token)).json == []
