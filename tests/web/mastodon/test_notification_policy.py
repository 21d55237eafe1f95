# SPDX-License-Identifier: AGPL-3.0-or-later
"""The policy about strangers, and those who wait because of it."""

import pytest

from node import notifications, posts, relationships
from node.notifications import Verdict
from tests.support.builders import a_member, a_post
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

POLICY = "/api/v2/notifications/policy"
REQUESTS = "/api/v1/notifications/requests"


@pytest.fixture
async def waiting(api: Api, ada: Person, ben: Person) -> str:
    """The number of Ben's request: Ada hears only whom she follows, and he mentions her twice and follows her."""
    await api.ask("PATCH", POLICY, token=ada.token, json={"for_not_following": "filter"})
    api.db.write_now(relationships.follow, ben.member.actor, ada.member.actor)
    for _ in range(2):
        a_post(api.db, ben.member.actor, "Hello @ada")
    [found] = (await api.get(REQUESTS, ada.token)).json
    return str(found["id"])


async def test_everybody_is_heard_at_first(api: Api, ada: Person) -> None:
    found = (await api.get(POLICY, ada.token)).json

    assert found == {
        "for_not_following": "accept",
        "for_not_followers": "accept",
        "for_new_accounts": "accept",
        "for_private_mentions": "accept",
        "for_limited_accounts": "filter",
        "summary": {"pending_requests_count": 0, "pending_notifications_count": 0},
    }


async def test_a_rule_can_be_changed_alone(api: Api, ada: Person) -> None:
    await api.ask("PATCH", POLICY, token=ada.token, json={"for_new_accounts": "drop"})
    answer = await api.ask("PATCH", POLICY, token=ada.token, json={"for_not_followers": "filter"})

    assert answer.json["for_new_accounts"] == "drop"
    assert answer.json["for_not_followers"] == "filter"
    assert answer.json["for_not_following"] == "accept"


async def test_libraries_that_put_change_it_too(api: Api, ada: Person) -> None:
    answer = await api.ask("PUT", POLICY, token=ada.token, json={"for_new_accounts": "filter"})

    assert answer.json["for_new_accounts"] == "filter"
    assert answer.json["for_not_following"] == "accept"


async def test_another_word_is_refused(api: Api, ada: Person) -> None:
    answer = await api.ask("PATCH", POLICY, token=ada.token, json={"for_new_accounts": "maybe"})

    assert answer.status == 422
    assert (await api.get(POLICY, ada.token)).json["for_new_accounts"] == "accept"


async def test_old_apps_have_yes_and_no(api: Api, ada: Person) -> None:
    path = "/api/v1/notifications/policy"
    await api.ask("PATCH", POLICY, token=ada.token, json={"for_new_accounts": "drop"})

    answer = await api.ask(
        "PUT", path, token=ada.token, json={"filter_not_following": True, "filter_new_accounts": True}
    )

    assert answer.json["filter_not_following"] is True
    now = (await api.get(POLICY, ada.token)).json
    assert (now["for_not_following"], now["for_new_accounts"]) == ("filter", "drop")
    await api.ask("PATCH", path, token=ada.token, json={"filter_not_following": False})
    assert (await api.get(path, ada.token)).json["filter_not_following"] is False


async def test_what_is_kept_apart_is_not_among_the_others(api: Api, ada: Person, waiting: str) -> None:
    assert (await api.get("/api/v1/notifications", ada.token)).json == []
    assert (await api.get("/api/v2/notifications", ada.token)).json["notification_groups"] == []
    assert (await api.get("/api/v1/notifications/unread_count", ada.token)).json == {"count": 0}
    everything = (await api.get("/api/v1/notifications?include_filtered=true", ada.token)).json
    assert [one["filtered"] for one in everything] == [True] * 3
    assert (await api.get(POLICY, ada.token)).json["summary"] == {
        "pending_requests_count": 1,
        "pending_notifications_count": 3,
    }


async def test_a_request_says_who_and_how_much(api: Api, ada: Person, ben: Person, waiting: str) -> None:
    found = (await api.get(f"{REQUESTS}/{waiting}", ada.token)).json

    assert found["account"]["id"] == ben.id
    assert found["notifications_count"] == "3"
    assert "Hello" in found["last_status"]["content"]
    assert (await api.get(f"{REQUESTS}/{waiting}", ben.token)).status == 404


@pytest.mark.parametrize("bulk", [False, True])
async def test_accepting_brings_what_waited_and_what_comes(
    api: Api, ada: Person, ben: Person, waiting: str, bulk: bool
) -> None:
    news: list[object] = []
    api.db.bus.subscribe("notifications.merged", news.append)
    path, body = (f"{REQUESTS}/accept", {"id": [waiting]}) if bulk else (f"{REQUESTS}/{waiting}/accept", {})

    assert (await api.post(path, ada.token, json=body)).json == {}

    a_post(api.db, ben.member.actor, "Again @ada")
    assert len((await api.get("/api/v1/notifications", ada.token)).json) == 4
    assert (await api.get(REQUESTS, ada.token)).json == []
    assert (await api.get(f"{REQUESTS}/merged", ada.token)).json == {"merged": True}
    assert news == [ada.member.id]


@pytest.mark.parametrize("bulk", [False, True])
async def test_dismissing_throws_away_and_lets_wait_again(
    api: Api, ada: Person, ben: Person, waiting: str, bulk: bool
) -> None:
    path, body = (f"{REQUESTS}/dismiss", {"id": [waiting]}) if bulk else (f"{REQUESTS}/{waiting}/dismiss", {})

    assert (await api.post(path, ada.token, json=body)).json == {}

    assert (await api.get("/api/v1/notifications?include_filtered=1", ada.token)).json == []
    a_post(api.db, ben.member.actor, "Again @ada")
    [again] = (await api.get(REQUESTS, ada.token)).json
    assert again["notifications_count"] == "1"


async def test_nobody_answers_the_requests_of_others(api: Api, ada: Person, ben: Person, waiting: str) -> None:
    for act in ("accept", "dismiss"):
        assert (await api.post(f"{REQUESTS}/{waiting}/{act}", ben.token)).status == 404
        assert (await api.post(f"{REQUESTS}/{act}", ben.token, json={"id": [waiting]})).json == {}

    assert len((await api.get(REQUESTS, ada.token)).json) == 1


async def test_requests_are_paged(api: Api, ada: Person, waiting: str) -> None:
    a_post(api.db, a_member(api.db).actor, "Hello @ada")

    first = await api.get(f"{REQUESTS}?limit=1", ada.token)
    second = await api.get(str(first.link("next")), ada.token)

    assert [one["id"] for one in second.json] == [waiting]


async def test_what_is_dropped_is_never_told(api: Api, ada: Person, ben: Person) -> None:
    api.db.write_now(notifications.set_policy, ada.member.id, not_following=Verdict.DROP)

    a_post(api.db, ben.member.actor, "Hello @ada")

    assert (await api.get("/api/v1/notifications?include_filtered=1", ada.token)).json == []


async def test_the_staff_is_always_heard(api: Api, ada: Person) -> None:
    head = a_member(api.db, roles=("member", "admin"))
    api.db.write_now(notifications.set_policy, ada.member.id, not_following=Verdict.DROP)

    a_post(api.db, head.actor, "Hello @ada")

    assert len((await api.get("/api/v1/notifications", ada.token)).json) == 1


async def test_a_muted_thread_is_quiet_for_good(api: Api, ada: Person, ben: Person) -> None:
    number = a_post(api.db, ada.member.actor, "Hello")
    path = f"/api/v1/statuses/{number}"

    assert (await api.post(f"{path}/mute", ada.token)).json["muted"] is True
    a_post(api.db, ben.member.actor, "@ada yes", in_reply_to_id=number)
    api.db.write_now(posts.favourite, ben.member.actor, number)

    assert (await api.get("/api/v1/notifications", ada.token)).json == []
    assert (await api.get(path, ben.token)).json["muted"] is False
    assert (await api.post(f"{path}/unmute", ada.token)).json["muted"] is False
    a_post(api.db, ben.member.actor, "@ada again", in_reply_to_id=number)
    assert len((await api.get("/api/v1/notifications", ada.token)).json) == 1
