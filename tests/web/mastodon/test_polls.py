# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls as apps publish, show and answer them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from node.posts import boost
from node.posts.tables import polls
from tests.support.statements import statements
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

POLL_FIELDS = {
    "id", "expires_at", "expired", "multiple", "votes_count", "voters_count", "options", "emojis", "voted", "own_votes",
}  # fmt: skip


async def _asked(api: Api, who: Person, **more: Any) -> dict[str, Any]:
    poll = {"options": ["Old hall", "New hall"], "expires_in": 3600, **more}
    answer = await api.post("/api/v1/statuses", who.token, json={"status": "Where?", "poll": poll})
    assert answer.status == 200, answer.text
    return answer.json  # type: ignore[no-any-return]  # JSON


def _end(api: Api, poll_id: str) -> None:
    api.db.write_now(
        lambda tx: tx.conn.execute(
            update(polls).where(polls.c.post_id == int(poll_id)).values(expires_at=tx.now - timedelta(seconds=1))
        )
    )


async def test_a_published_poll_has_every_field(api: Api, ada: Person) -> None:
    poll = (await _asked(api, ada))["poll"]

    assert poll.keys() == POLL_FIELDS
    assert poll["options"] == [{"title": "Old hall", "votes_count": 0}, {"title": "New hall", "votes_count": 0}]
    assert (poll["expired"], poll["multiple"], poll["voted"], poll["own_votes"]) == (False, False, True, [])


async def test_a_form_may_name_the_poll_as_apps_do(api: Api, ada: Person) -> None:
    form = [
        ("status", "Where?"),
        ("poll[options][]", "Old hall"),
        ("poll[options][]", ""),
        ("poll[options][]", "New hall"),
        ("poll[expires_in]", "86400"),
        ("poll[multiple]", "true"),
    ]

    poll = (await api.post("/api/v1/statuses", ada.token, data=form)).json["poll"]

    assert [option["title"] for option in poll["options"]] == ["Old hall", "New hall"]
    assert (poll["multiple"], poll["voters_count"]) == (True, 0)


async def test_a_vote_is_shown_to_whoever_gave_it(api: Api, ada: Person, ben: Person) -> None:
    status = await _asked(api, ada)

    answer = await api.post(f"/api/v1/polls/{status['poll']['id']}/votes", ben.token, json={"choices": ["1"]})

    assert answer.status == 200
    assert (answer.json["voted"], answer.json["own_votes"], answer.json["votes_count"]) == (True, [1], 1)
    mine = await api.get(f"/api/v1/statuses/{status['id']}", ben.token)
    theirs = await api.get(f"/api/v1/statuses/{status['id']}", ada.token)
    nobodys = await api.get(f"/api/v1/statuses/{status['id']}")
    assert mine.json["poll"] == answer.json
    assert theirs.json["poll"]["own_votes"] == []
    assert (nobodys.json["poll"]["voted"], nobodys.json["poll"]["votes_count"]) == (False, 1)


async def test_a_boost_shows_the_poll_in_what_it_boosts(api: Api, ada: Person, ben: Person) -> None:
    status = await _asked(api, ada)
    boosted = await api.db.write(boost, ben.member.actor, int(status["id"]))

    shown = (await api.get(f"/api/v1/statuses/{boosted}", ben.token)).json

    assert shown["poll"] is None
    assert shown["reblog"]["poll"]["id"] == status["poll"]["id"]


async def test_hidden_counts_appear_with_the_end(api: Api, ada: Person, ben: Person) -> None:
    poll_id = (await _asked(api, ada, hide_totals=True))["poll"]["id"]
    await api.post(f"/api/v1/polls/{poll_id}/votes", ben.token, json={"choices": [0]})

    before = (await api.get(f"/api/v1/polls/{poll_id}", ben.token)).json
    _end(api, poll_id)
    after = (await api.get(f"/api/v1/polls/{poll_id}", ben.token)).json

    assert [option["votes_count"] for option in before["options"]] == [None, None]
    assert [option["votes_count"] for option in after["options"]] == [1, 0]
    assert (before["expired"], after["expired"]) == (False, True)


@pytest.mark.parametrize(
    ("choices", "error"),
    [
        ([2], "The chosen vote option does not exist"),
        ([0, 1], "The chosen vote option does not exist"),
        ([], "The chosen vote option does not exist"),
    ],
)
async def test_a_vote_that_cannot_count_is_refused(
    api: Api, ada: Person, ben: Person, choices: list[int], error: str
) -> None:
    poll_id = (await _asked(api, ada))["poll"]["id"]

    answer = await api.post(f"/api/v1/polls/{poll_id}/votes", ben.token, json={"choices": choices})

    assert answer.status == 422
    assert error in answer.json["error"]


async def test_a_second_vote_is_refused_in_the_words_that_apps_know(api: Api, ada: Person, ben: Person) -> None:
    poll_id = (await _asked(api, ada))["poll"]["id"]
    path = f"/api/v1/polls/{poll_id}/votes"
    await api.post(path, ben.token, json={"choices": [0]})

    again = await api.post(path, ben.token, json={"choices": [0]})

    assert (again.status, again.json) == (422, {"error": "Validation failed: You have already voted on this poll"})


async def test_a_status_without_a_question_is_no_poll(api: Api, ada: Person) -> None:
    status = (await api.post("/api/v1/statuses", ada.token, json={"status": "x"})).json

    assert status["poll"] is None
    assert (await api.get(f"/api/v1/polls/{status['id']}")).status == 404


@pytest.mark.parametrize(
    ("poll", "error"),
    [
        ({"options": ["a"]}, "more than one item"),
        ({"options": list("abcde")}, "more than 4 items"),
        ({"options": ["a", "b" * 51]}, "longer than 50 characters"),
        ({"options": ["a", "a"]}, "duplicate items"),
        ({"options": ["a", "b"], "expires_in": 10}, "too soon"),
        ({"options": ["a", "b"], "expires_in": 10**18}, "too far into the future"),
    ],
)
async def test_a_poll_outside_the_advertised_limits_is_refused(
    api: Api, ada: Person, poll: dict[str, Any], error: str
) -> None:
    answer = await api.post("/api/v1/statuses", ada.token, json={"status": "x", "poll": {"expires_in": 3600, **poll}})

    assert answer.status == 422
    assert error in answer.json["error"]


async def test_what_is_advertised_is_what_holds(api: Api) -> None:
    limits = (await api.get("/api/v2/instance")).json["configuration"]["polls"]

    assert limits == {
        "max_options": 4,
        "max_characters_per_option": 50,
        "min_expiration": 300,
        "max_expiration": 2_629_746,
    }


async def test_a_page_of_posts_without_polls_asks_no_more_of_the_database(api: Api, ada: Person) -> None:
    await api.post("/api/v1/statuses", ada.token, json={"status": "x"})

    with statements(api.db) as ran:
        await api.get("/api/v1/timelines/home", ada.token)

    assert not [one for one in ran if "poll" in one]
