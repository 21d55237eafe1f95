# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications in groups: whole, met once, and the same however one pages."""

import pytest

from node import notifications, posts, relationships
from tests.support.builders import a_member, a_post
from tests.support.statements import statements
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

PATH = "/api/v2/notifications"


@pytest.fixture
def admirers(api: Api, ada: Person) -> list[int]:
    """Ten who like the first of Ada's two posts, of whom the last two also like the second."""
    first, second = a_post(api.db, ada.member.actor, "One"), a_post(api.db, ada.member.actor, "Two")
    people = [a_member(api.db).actor for _ in range(10)]
    for person in people:
        api.db.write_now(posts.favourite, person, first)
    for person in people[-2:]:
        api.db.write_now(posts.favourite, person, second)
    api.db.write_now(posts.favourite, a_member(api.db).actor, first)
    a_post(api.db, people[0], "Hello @ada")
    return [person.id for person in people]


async def test_what_many_do_to_one_post_is_one_group(api: Api, ada: Person, admirers: list[int]) -> None:
    found = (await api.get(PATH, ada.token)).json

    groups = found["notification_groups"]
    assert [(one["type"], one["notifications_count"]) for one in groups] == [
        ("mention", 1),
        ("favourite", 11),
        ("favourite", 2),
    ]
    assert groups[0]["group_key"].startswith("ungrouped-")
    assert len(groups[1]["sample_account_ids"]) == 8
    assert all(isinstance(one["most_recent_notification_id"], int) for one in groups)
    assert {one["status_id"] for one in groups} == {one["id"] for one in found["statuses"]}
    assert {number for one in groups for number in one["sample_account_ids"]} <= {
        one["id"] for one in found["accounts"]
    }
    assert "partial_accounts" not in found


async def test_the_others_can_be_asked_for_in_part(api: Api, ada: Person, admirers: list[int]) -> None:
    found = (await api.get(f"{PATH}?expand_accounts=partial_avatars", ada.token)).json

    whole = {one["id"] for one in found["accounts"]}
    partial = {one["id"] for one in found["partial_accounts"]}
    named = {number for one in found["notification_groups"] for number in one["sample_account_ids"]}
    assert whole | partial == named
    assert not whole & partial
    assert whole == {one["sample_account_ids"][0] for one in found["notification_groups"]}


async def test_an_app_says_which_kinds_it_can_group(api: Api, ada: Person, admirers: list[int]) -> None:
    found = (await api.get(f"{PATH}?grouped_types[]=follow", ada.token)).json

    assert [one["notifications_count"] for one in found["notification_groups"]] == [1] * 14


async def test_paging_meets_every_group_once(api: Api, ada: Person, admirers: list[int]) -> None:
    everything = (await api.get(PATH, ada.token)).json["notification_groups"]

    met, path = [], f"{PATH}?limit=1"
    while True:
        answer = await api.get(path, ada.token)
        met += answer.json["notification_groups"]
        if answer.link("next") is None:
            break
        path = str(answer.link("next"))

    assert met == everything


async def test_a_group_can_be_read_and_dismissed(api: Api, ada: Person, ben: Person, admirers: list[int]) -> None:
    group = (await api.get(f"{PATH}?types[]=favourite", ada.token)).json["notification_groups"][0]
    path = f"{PATH}/{group['group_key']}"

    assert (await api.get(path, ada.token)).json["notification_groups"] == [group]
    people = await api.get(f"{path}/accounts?limit=3", ada.token)
    assert [one["id"] for one in people.json] == group["sample_account_ids"][:3]
    rest = await api.get(str(people.link("next")), ada.token)
    assert len(rest.json) == 3
    assert (await api.get(path, ben.token)).status == 404
    assert (await api.get(f"{path}/accounts", ben.token)).status == 404
    assert (await api.post(f"{path}/dismiss", ben.token)).json == {}
    assert (await api.get(path, ada.token)).status == 200

    assert (await api.post(f"{path}/dismiss", ada.token)).json == {}

    assert (await api.get(path, ada.token)).status == 404
    left = (await api.get(PATH, ada.token)).json["notification_groups"]
    assert [one["type"] for one in left] == ["mention", "favourite"]


async def test_one_that_stands_alone_is_a_group_too(api: Api, ada: Person, admirers: list[int]) -> None:
    alone = (await api.get(PATH, ada.token)).json["notification_groups"][0]
    path = f"{PATH}/{alone['group_key']}"

    assert (await api.get(path, ada.token)).json["notification_groups"] == [alone]
    await api.post(f"{path}/dismiss", ada.token)
    assert (await api.get(path, ada.token)).status == 404
    assert (await api.get(f"{PATH}/ungrouped-x", ada.token)).status == 404


async def test_groups_are_counted_as_groups(api: Api, ada: Person, admirers: list[int]) -> None:
    assert (await api.get(f"{PATH}/unread_count", ada.token)).json == {"count": 3}
    assert (await api.get(f"{PATH}/unread_count?types[]=favourite", ada.token)).json == {"count": 2}
    assert (await api.get(f"{PATH}/unread_count?limit=1", ada.token)).json == {"count": 1}
    newest = (await api.get(PATH, ada.token)).json["notification_groups"][0]["most_recent_notification_id"]

    await api.post("/api/v1/markers", ada.token, json={"notifications": {"last_read_id": newest}})

    assert (await api.get(f"{PATH}/unread_count", ada.token)).json == {"count": 0}


async def test_a_group_whose_post_is_gone_is_gone(api: Api, ada: Person, admirers: list[int]) -> None:
    group = (await api.get(f"{PATH}?types[]=favourite", ada.token)).json["notification_groups"][0]

    api.db.write_now(posts.delete_post, ada.member.actor, int(group["status_id"]))

    assert (await api.get(f"{PATH}/{group['group_key']}", ada.token)).status == 404


async def test_a_page_takes_a_fixed_number_of_statements(api: Api, ada: Person, admirers: list[int]) -> None:
    counts = []
    for limit in (1, 3, 3):
        with statements(api.db) as ran:
            await api.get(f"{PATH}?limit={limit}", ada.token)
        counts.append(len(ran))

    assert counts[2] <= counts[0] + 1
    assert counts[2] <= 12


async def test_followers_are_one_group(api: Api, ada: Person, ben: Person) -> None:
    for _ in range(3):
        api.db.write_now(relationships.follow, a_member(api.db).actor, ada.member.actor)

    [group] = (await api.get(PATH, ada.token)).json["notification_groups"]

    assert (group["type"], group["notifications_count"]) == ("follow", 3)
    assert "status_id" not in group


async def test_the_staff_is_told_of_a_report(api: Api, ada: Person, ben: Person) -> None:
    head = a_member(api.db, roles=("member", "moderator"))
    token = api.token(head)
    post_id = a_post(api.db, ben.member.actor, "Buy boats")
    await api.post(
        "/api/v1/reports", ada.token, json={"account_id": ben.id, "status_ids": [str(post_id)], "comment": "Spam"}
    )

    [told] = (await api.get("/api/v1/notifications", token)).json
    grouped = (await api.get(PATH, token)).json

    assert told["type"] == "admin.report"
    assert told["account"]["id"] == ada.id
    assert told["report"]["target_account"]["id"] == ben.id
    assert told["report"]["comment"] == "Spam"
    assert grouped["notification_groups"][0]["report"] == told["report"]
    assert (await api.get("/api/v1/notifications", ada.token)).json == []


async def test_what_ended_and_warnings_are_about_oneself(api: Api, ada: Person) -> None:
    actor = ada.member.actor
    severed = {"type": "domain_block", "purged": False, "target_name": "x.example", "followers_count": 1}
    details = {**severed, "following_count": 2}
    api.db.write_now(notifications.notify, actor, notifications.Kind.SEVERED, actor, details=details)

    [told] = (await api.get("/api/v1/notifications", ada.token)).json

    assert told["type"] == "severed_relationships"
    assert told["event"]["target_name"] == "x.example"
