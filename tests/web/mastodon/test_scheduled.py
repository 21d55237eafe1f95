# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts set for later: set, seen, moved, called off, and published once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from node import posts
from node.kernel import clock, queue
from node.kernel.queue import Task
from node.posts import scheduled
from node.posts.tables import posts as posts_table
from node.posts.tables import scheduled_posts
from tests.support.builders import a_member
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person
from tests.web.mastodon.test_media import PICTURE, _form

LIST = "/api/v1/scheduled_statuses"


def _in(span: timedelta) -> str:
    return (clock.now() + span).isoformat()


async def _set(api: Api, who: Person, text: str = "Later", *, headers: Any = None, **more: Any) -> dict[str, Any]:
    body = {"status": text, "scheduled_at": _in(timedelta(hours=1)), **more}
    answer = await api.post("/api/v1/statuses", who.token, json=body, headers=headers)
    assert answer.status == 200, answer.text
    return answer.json  # type: ignore[no-any-return]  # JSON


def _now_is_the_time(api: Api, number: str) -> None:
    past = clock.now() - timedelta(seconds=1)
    api.db.write_now(
        lambda tx: tx.conn.execute(
            update(scheduled_posts).where(scheduled_posts.c.id == int(number)).values(scheduled_at=past)
        )
    )


def _tasks(api: Api) -> list[Task]:
    rows = api.db.read_now(
        lambda conn: conn.execute(select(queue.tasks).where(queue.tasks.c.name == scheduled.PUBLISH)).all()
    )
    return [Task(row.id, row.queue, row.name, row.lane, orjson.loads(row.payload), 1) for row in rows]


async def _run(api: Api) -> None:
    publisher = scheduled.Publisher(api.db, api.services.resolver)
    for task in _tasks(api):
        await publisher.run(task)


async def _home(api: Api, who: Person) -> list[Any]:
    return (await api.get("/api/v1/timelines/home", who.token)).json  # type: ignore[no-any-return]  # JSON


async def test_what_is_set_for_later_is_kept_as_it_was_written(api: Api, ada: Person) -> None:
    poll = {"options": ["Old hall", "New hall"], "expires_in": 3600, "multiple": True}

    made = await _set(
        api, ada, "Where?", poll=poll, spoiler_text="Ships", visibility="unlisted", language="fr",
        quote_approval_policy="followers",
    )  # fmt: skip

    assert made["params"]["text"] == "Where?"
    assert made["params"]["poll"] == {**poll, "hide_totals": False}
    assert made["params"]["quote_approval_policy"] == "followers"
    assert (made["params"]["visibility"], made["params"]["language"]) == ("unlisted", "fr")
    assert (await api.get(LIST, ada.token)).json == [made]
    assert (await api.get(f"{LIST}/{made['id']}", ada.token)).json == made
    assert await _home(api, ada) == []


async def test_it_is_published_once_at_its_time(api: Api, ada: Person) -> None:
    upload = await api.post("/api/v2/media", ada.token, data=_form(PICTURE))
    made = await _set(api, ada, "Now", media_ids=[upload.json["id"]], quote_approval_policy="nobody")
    assert [one["id"] for one in made["media_attachments"]] == [upload.json["id"]]
    [task] = _tasks(api)

    await _run(api)
    assert await _home(api, ada) == []  # it was not its time
    _now_is_the_time(api, made["id"])
    publisher = scheduled.Publisher(api.db, api.services.resolver)
    for _twice in range(2):
        await publisher.run(task)

    [status] = await _home(api, ada)
    assert (status["content"], status["application"]["name"]) == ("<p>Now</p>", "Pier")
    assert [one["id"] for one in status["media_attachments"]] == [upload.json["id"]]
    assert status["quote_approval"]["automatic"] == []
    assert (await api.get(LIST, ada.token)).json == []
    assert (await api.get(f"{LIST}/{made['id']}", ada.token)).status == 404


async def test_a_crash_before_the_end_leaves_it_waiting(api: Api, ada: Person) -> None:
    made = await _set(api, ada)
    _now_is_the_time(api, made["id"])
    [task] = _tasks(api)

    def crashing(tx: Any) -> None:
        scheduled.publish_due(tx, int(made["id"]), task.id)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        api.db.write_now(crashing)
    assert await _home(api, ada) == []
    await _run(api)

    assert len(await _home(api, ada)) == 1


async def test_the_same_request_twice_sets_one_and_is_told_of_what_became_of_it(api: Api, ada: Person) -> None:
    key, at = {"Idempotency-Key": "once"}, _in(timedelta(hours=1))

    made = [await _set(api, ada, scheduled_at=at, headers=key) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0]["params"]["idempotency"] == "once"
    _now_is_the_time(api, made[0]["id"])
    await _run(api)
    again = await api.post("/api/v1/statuses", ada.token, json={"status": "Later", "scheduled_at": at}, headers=key)

    [status] = await _home(api, ada)
    assert (again.status, again.json["id"]) == (200, status["id"])


async def test_another_time_may_be_earlier_or_later(api: Api, ada: Person) -> None:
    made = await _set(api, ada)
    path, at = f"{LIST}/{made['id']}", datetime(2100, 3, 1, 12, tzinfo=UTC)

    moved = await api.ask("PUT", path, token=ada.token, json={"scheduled_at": at.isoformat()})
    assert moved.json["scheduled_at"] == "2100-03-01T12:00:00.000Z"
    sooner = await api.ask("PUT", path, token=ada.token, json={"scheduled_at": _in(timedelta(minutes=6))})

    assert sooner.status == 200
    assert len(_tasks(api)) == 3


@pytest.mark.parametrize(
    ("at", "error"),
    [
        ("tomorrow", "Record invalid"),
        ("2030-13-01T00:00:00Z", "Record invalid"),
        (timedelta(minutes=4), "Validation failed: Scheduled at The scheduled date must be in the future"),
    ],
)
async def test_a_time_that_cannot_be_is_refused(api: Api, ada: Person, at: Any, error: str) -> None:
    made = await _set(api, ada)
    moment = _in(at) if isinstance(at, timedelta) else at

    set_anew = await api.post("/api/v1/statuses", ada.token, json={"status": "x", "scheduled_at": moment})
    moved = await api.ask("PUT", f"{LIST}/{made['id']}", token=ada.token, json={"scheduled_at": moment})

    assert (set_anew.status, set_anew.json) == (422, {"error": error})
    assert (moved.status, moved.json) == (422, {"error": error})


async def test_a_time_that_has_passed_means_now(api: Api, ada: Person) -> None:
    answer = await api.post(
        "/api/v1/statuses", ada.token, json={"status": "Now", "scheduled_at": "2020-01-01T00:00:00Z"}
    )

    assert answer.json["content"] == "<p>Now</p>"


async def test_what_would_be_refused_now_is_refused_now(api: Api, ada: Person) -> None:
    at = _in(timedelta(hours=1))

    blank = await api.post("/api/v1/statuses", ada.token, json={"status": " ", "scheduled_at": at})
    unknown = await api.post(
        "/api/v1/statuses", ada.token, json={"status": "x", "in_reply_to_id": "99", "scheduled_at": at}
    )

    assert (blank.status, unknown.status) == (422, 404)


async def test_what_is_called_off_is_gone_and_its_picture_is_free(api: Api, ada: Person) -> None:
    upload = (await api.post("/api/v2/media", ada.token, data=_form(PICTURE))).json
    made = await _set(api, ada, media_ids=[upload["id"]])
    taken = await api.post("/api/v1/statuses", ada.token, json={"media_ids": [upload["id"]]})

    gone = await api.ask("DELETE", f"{LIST}/{made['id']}", token=ada.token)

    assert taken.status == 422
    assert (gone.status, gone.json) == (200, {})
    assert (await api.ask("DELETE", f"{LIST}/{made['id']}", token=ada.token)).status == 404
    assert (await api.post("/api/v1/statuses", ada.token, json={"media_ids": [upload["id"]]})).status == 200
    await _run(api)
    assert len(await _home(api, ada)) == 1


async def test_what_is_set_is_its_authors_alone(api: Api, ada: Person, ben: Person) -> None:
    path = f"{LIST}/{(await _set(api, ada))['id']}"

    for method, body in (("GET", {}), ("PUT", {"json": {"scheduled_at": _in(timedelta(hours=2))}}), ("DELETE", {})):
        answer = await api.ask(method, path, token=ben.token, **body)
        assert (answer.status, answer.json) == (404, {"error": "Record not found"})
    assert (await api.get(LIST, ben.token)).json == []


async def test_the_list_is_paged(api: Api, ada: Person) -> None:
    numbers = [(await _set(api, ada, str(n)))["id"] for n in range(3)]

    first = await api.get(f"{LIST}?limit=2", ada.token)
    rest = await api.get(f"{LIST}?limit=2&max_id={numbers[1]}", ada.token)

    assert [one["id"] for one in first.json] == [numbers[2], numbers[1]]
    assert f"max_id={numbers[1]}" in first.headers["Link"]
    assert [one["id"] for one in rest.json] == [numbers[0]]


async def test_there_is_room_for_so_many(api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduled, "MAX_IN_ALL", 3)
    monkeypatch.setattr(scheduled, "MAX_A_DAY", 2)
    day, other = "2100-01-01T10:00:00Z", "2100-01-02T10:00:00Z"
    for _ in range(2):
        await _set(api, ada, scheduled_at=day)

    full_day = await api.post("/api/v1/statuses", ada.token, json={"status": "x", "scheduled_at": day})
    await _set(api, ada, scheduled_at=other)
    full = await api.post("/api/v1/statuses", ada.token, json={"status": "x", "scheduled_at": other})

    assert full_day.json == {"error": "Validation failed: You have exceeded the limit of 2 scheduled posts for today"}
    assert full.json == {"error": "Validation failed: You have exceeded the limit of 3 scheduled posts"}


async def test_what_cannot_be_published_any_more_stays_with_the_reason(api: Api, ada: Person, ben: Person) -> None:
    asked = (await api.post("/api/v1/statuses", ben.token, json={"status": "Well?"})).json["id"]
    made = await _set(api, ada, in_reply_to_id=asked)
    await api.ask("DELETE", f"/api/v1/statuses/{asked}", token=ben.token)
    _now_is_the_time(api, made["id"])

    await _run(api)
    [kept] = (await api.get(LIST, ada.token)).json
    count = api.db.read_now(lambda conn: conn.execute(select(posts_table.c.id)).all())

    assert kept["params"]["alumnode"]["failure"]
    assert count == []
    assert _tasks(api) == []


async def test_somebody_who_leaves_takes_it_along(api: Api) -> None:
    from node.posts import erasure

    member = a_member(api.db)
    who = Person(member, api.token(member))
    await _set(api, who)

    api.db.write_now(erasure.begin, member.actor)

    assert api.db.read_now(posts.scheduled.page, member.id, posts.scheduled.Page()) == []
