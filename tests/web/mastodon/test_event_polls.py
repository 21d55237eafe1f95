# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events as apps answer them: a poll whose vote says whether one comes."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from node import events, members, posts, relationships
from node.events import State
from node.events.tables import events as events_table
from node.kernel import clock
from node.kernel.db import Tx
from node.posts import boost
from tests.support.builders import a_member, a_remote_actor, an_event_draft
from tests.support.outgoing import said
from tests.support.statements import statements
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

GOING, NOT_GOING = {"choices": [0]}, {"choices": [1]}


def _planned(api: Api, who: Person, **values: Any) -> int:
    return api.db.write_now(events.publish, who.member.actor, an_event_draft(**values))


async def _shown(api: Api, post_id: int, who: Person | None) -> Any:
    return (await api.get(f"/api/v1/statuses/{post_id}", who.token if who else None)).json


async def _vote(api: Api, post_id: int, who: Person, choice: dict[str, Any]) -> Any:
    return await api.post(f"/api/v1/polls/{post_id}/votes", who.token, json=choice)


def _state(api: Api, post_id: int, who: Person) -> State | None:
    found = api.db.read_now(events.participation, post_id, who.member.id)
    return found.state if found is not None else None


def _post(api: Api, post_id: int) -> posts.Post:
    found = api.db.read_now(posts.find, post_id)
    assert found is not None
    return found


def _set(api: Api, post_id: int, **values: Any) -> None:
    def write(tx: Tx) -> None:
        tx.conn.execute(update(events_table).where(events_table.c.post_id == post_id).values(**values))

    api.db.write_now(write)


def _elsewhere(api: Api, who: Person, **values: Any) -> int:
    """An event of somebody on another server whom `who` follows."""
    there = a_remote_actor(api.db, "organiser")

    def write(tx: Tx) -> int:
        relationships.actions.begin(tx, who.member.actor, there, f"{there.uri}#f", accepted=True)
        post = posts.write(
            tx,
            posts.NewPost(
                uri=f"{there.uri}/events/1",
                url=f"{there.uri}/events/1",
                author=there,
                kind=posts.Kind.EVENT,
                visibility=an_event_draft().visibility,
                created_at=tx.now,
                title="Concert",
                content="<p>Concert</p>",
            ),
        )
        assert post is not None
        starts = tx.now + timedelta(days=3)
        row = {
            "post_id": post.id,
            "title": "Concert",
            "start_local": starts.isoformat()[:19],
            "timezone": "UTC",
            "starts_at": starts,
            "going_count": 7,
            **values,
        }
        tx.conn.execute(events_table.insert(), row)
        return post.id

    return api.db.write_now(write)


async def test_an_event_is_a_poll_of_two_answers_that_ends_with_it(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada)

    status = await _shown(api, post_id, ben)

    assert status["poll"] == {
        "id": str(post_id),
        "expires_at": status["alumnode"]["start_time"],
        "expired": False,
        "multiple": False,
        "votes_count": 0,
        "voters_count": None,
        "options": [{"title": "Going", "votes_count": 0}, {"title": "Not going", "votes_count": None}],
        "emojis": [],
        "voted": False,
        "own_votes": [],
    }
    assert (await api.get(f"/api/v1/polls/{post_id}", ben.token)).json == status["poll"]
    assert (await api.get(f"/api/v1/polls/{post_id}")).json == status["poll"]


async def test_the_answers_are_in_the_readers_language(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada)
    await api.db.write(members.set_preferences, ben.member.id, members.Preferences(locale="fr"))

    theirs, nobodys = (await _shown(api, post_id, ben))["poll"], (await _shown(api, post_id, None))["poll"]

    assert [option["title"] for option in theirs["options"]] == ["Je viens", "Je ne viens pas"]
    assert [option["title"] for option in nobodys["options"]] == ["Going", "Not going"]


async def test_a_vote_is_an_answer_and_an_answer_is_a_vote(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada, capacity=3)
    await api.db.write(events.join, ada.member.actor, post_id)

    answer = await _vote(api, post_id, ben, {"choices": ["0"]})

    assert answer.status == 200
    poll = answer.json
    assert (poll["voted"], poll["own_votes"], poll["votes_count"]) == (True, [0], 2)
    assert _state(api, post_id, ben) is State.GOING
    assert (await _shown(api, post_id, ben))["poll"] == poll
    assert (await _shown(api, post_id, ada))["poll"]["own_votes"] == [0]
    assert (await _shown(api, post_id, ben))["alumnode"]["seats_left"] == 1


async def test_one_may_change_ones_mind(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada, capacity=1)

    for choice, state, going in (
        (NOT_GOING, State.CANCELLED, 0),
        (GOING, State.GOING, 1),
        (GOING, State.GOING, 1),
        (NOT_GOING, State.CANCELLED, 0),
        (NOT_GOING, State.CANCELLED, 0),
    ):
        poll = (await _vote(api, post_id, ben, choice)).json
        assert (poll["own_votes"], poll["votes_count"]) == (choice["choices"], going)
        assert _state(api, post_id, ben) is state


async def test_who_never_meant_to_come_tells_no_other_server(api: Api, ada: Person) -> None:
    post_id = _elsewhere(api, ada)

    assert (await _vote(api, post_id, ada, NOT_GOING)).json["own_votes"] == [1]

    assert [one["type"] for one in said(api.db)] == []


async def test_an_event_elsewhere_is_asked_for_a_seat(api: Api, ada: Person) -> None:
    post_id = _elsewhere(api, ada)

    asked = (await _vote(api, post_id, ada, GOING)).json
    state = _state(api, post_id, ada)
    back = (await _vote(api, post_id, ada, NOT_GOING)).json

    assert (asked["voted"], asked["own_votes"], asked["votes_count"]) == (True, [0], 7)
    assert state is State.PENDING
    assert back["own_votes"] == [1]
    assert [one["type"] for one in said(api.db)] == ["Join", "Leave"]


async def test_who_was_given_no_seat_has_not_voted(api: Api, ada: Person) -> None:
    post_id = _elsewhere(api, ada)
    await _vote(api, post_id, ada, GOING)

    def refuse(tx: Tx) -> None:
        known = events.participation(tx.conn, post_id, ada.member.id)
        assert known is not None
        events.actions.set_state(tx, post_id, ada.member.actor, State.REJECTED, known.uri)

    await api.db.write(refuse)
    refused = (await _shown(api, post_id, ada))["poll"]

    assert (refused["voted"], refused["own_votes"]) == (False, [])
    assert (await _vote(api, post_id, ada, NOT_GOING)).json["own_votes"] == [1]


OVER = {"starts_at": -2, "ends_at": -1}
ENDED = "The poll has already ended"


@pytest.mark.parametrize(
    ("planned", "values", "choice", "says"),
    [
        ({}, {"status": "CANCELLED"}, GOING, ENDED),
        ({}, OVER, GOING, ENDED),
        ({}, OVER, NOT_GOING, ENDED),
        ({"capacity": 1}, {}, GOING, "All seats are taken"),
        ({}, {}, {"choices": [2]}, "does not exist"),
        ({}, {}, {"choices": [-1]}, "does not exist"),
        ({}, {}, {"choices": [0, 1]}, "does not exist"),
        ({}, {}, {"choices": []}, "does not exist"),
        ({}, {}, {}, "does not exist"),
    ],
)
async def test_an_answer_that_cannot_be_is_refused_in_words_that_apps_show(
    api: Api, ada: Person, ben: Person, planned: Any, values: Any, choice: Any, says: str
) -> None:
    post_id = _planned(api, ada, **planned)
    await api.db.write(events.join, ada.member.actor, post_id)
    moments = {}
    if values is OVER:
        at = _post(api, post_id).created_at
        moments = {name: at + timedelta(hours=hours) for name, hours in OVER.items()}
    _set(api, post_id, **{**values, **moments, "title": "Dinner"})

    answer = await _vote(api, post_id, ben, choice)

    assert answer.status == 422
    assert answer.json["error"].startswith("Validation failed: ")
    assert says in answer.json["error"]
    assert _state(api, post_id, ben) is None


async def test_it_says_that_all_seats_are_taken_to_whoever_has_none(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada, capacity=1)
    await _vote(api, post_id, ada, GOING)

    titles = [(await _shown(api, post_id, who))["poll"]["options"][0]["title"] for who in (ada, ben)]

    assert titles == ["Going", "Going (no seats left)"]


async def test_what_is_cancelled_or_over_is_an_expired_poll(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada)
    await api.db.write(events.cancel_event, ada.member.actor, post_id)

    assert (await _shown(api, post_id, ben))["poll"]["expired"] is True


async def test_on_a_timeline_that_is_kept_it_expires_at_its_end(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    _planned(api, ada)
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)

    async def expired() -> set[bool]:
        return {(await api.get("/api/v1/timelines/home", ada.token)).json[0]["poll"]["expired"] for _ in range(3)}

    assert await expired() == {False}
    moment += timedelta(days=31)
    assert await expired() == {True}


async def test_an_event_under_way_can_still_be_answered(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada)
    at = _post(api, post_id).created_at
    _set(api, post_id, starts_at=at - timedelta(hours=1), ends_at=at + timedelta(hours=9))

    assert (await _vote(api, post_id, ben, GOING)).json["own_votes"] == [0]


async def test_an_event_that_is_answered_elsewhere_is_no_poll(api: Api, ada: Person) -> None:
    post_id = _elsewhere(api, ada, join_mode="external")

    assert (await _shown(api, post_id, ada))["poll"] is None
    assert (await api.get(f"/api/v1/polls/{post_id}", ada.token)).status == 404
    assert (await _vote(api, post_id, ada, GOING)).status == 404


async def test_an_event_that_one_may_not_see_is_no_poll(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada, visibility="private")

    assert (await api.get(f"/api/v1/polls/{post_id}", ben.token)).status == 404
    assert (await api.get(f"/api/v1/polls/{post_id}")).status == 404
    assert (await _vote(api, post_id, ben, GOING)).status == 404
    assert (await _vote(api, post_id, ada, GOING)).status == 200


async def test_a_boost_shows_it_in_what_it_boosts_and_is_answered_there(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada)
    boosted = await api.db.write(boost, ben.member.actor, post_id)

    answer = await _vote(api, boosted, ben, GOING)
    shown = await _shown(api, boosted, ben)

    assert answer.json["id"] == str(post_id)
    assert shown["poll"] is None
    assert shown["reblog"]["poll"]["own_votes"] == [0]


async def test_a_quoted_event_is_a_poll_too(api: Api, ada: Person, ben: Person) -> None:
    post_id = _planned(api, ada)
    given = {"status": "Come!", "quoted_status_id": str(post_id)}

    status = (await api.post("/api/v1/statuses", ada.token, json=given)).json

    assert status["quote"]["quoted_status"]["poll"]["id"] == str(post_id)


async def test_an_app_can_make_no_other_poll_of_it(api: Api, ada: Person) -> None:
    post_id = _planned(api, ada)
    poll = {"options": ["A", "B"], "expires_in": 3600}

    answer = await api.ask("PUT", f"/api/v1/statuses/{post_id}", token=ada.token, json={"status": "Else", "poll": poll})

    assert answer.status == 403
    assert (await _shown(api, post_id, ada))["poll"]["options"][0]["title"] == "Going"


async def test_a_page_asks_the_same_of_the_database_for_one_event_and_for_twenty(api: Api, ada: Person) -> None:
    _planned(api, ada)

    async def asked() -> list[str]:
        await api.get("/api/v1/timelines/home", ada.token)  # what has been rendered is kept
        with statements(api.db) as ran:
            body = (await api.get("/api/v1/timelines/home?limit=30", ada.token)).json
        assert all(status["poll"] for status in body)
        return ran

    few = await asked()
    for _ in range(19):
        _planned(api, ada)

    many = await asked()
    assert len(many) == len(few)
    assert len([one for one in many if "FROM participations" in one]) == 1


async def test_no_poll_of_it_leaves_the_node(api: Api, ada: Person) -> None:
    post_id = _planned(api, ada)
    path = _post(api, post_id).uri.partition("harbour.example")[2]

    document = (await api.get(path, headers={"Accept": "application/activity+json"})).json

    assert document["type"] == "Event"
    assert not {"oneOf", "anyOf", "closed", "votersCount"} & document.keys()


async def test_members_alone_vote(api: Api, ada: Person) -> None:
    post_id = _planned(api, ada)
    reader = api.token(a_member(api.db), scopes=("read",))

    assert (await api.post(f"/api/v1/polls/{post_id}/votes", None, json=GOING)).status == 401
    assert (await api.post(f"/api/v1/polls/{post_id}/votes", reader, json=GOING)).status == 403
