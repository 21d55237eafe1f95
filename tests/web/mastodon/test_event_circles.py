# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events to the class, the school and its partners: how they are published, and every door they stay behind."""

from dataclasses import replace
from datetime import UTC
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import update

from activitypub.addressing import Visibility
from node import events, posts, relationships
from node.actors import Actor, get
from node.actors.tables import actors as actors_table
from node.kernel.db import Tx
from node.posts import Post
from node.relationships import Circle
from tests.support.builders import a_member, a_post, an_event_draft
from tests.web.asking import HOST, Api
from tests.web.mastodon.conftest import Person

SECRET = "A dinner among ourselves"
ACTIVITY = {"Accept": "application/activity+json"}


@pytest.fixture
def mate(api: Api) -> Person:
    """Of Ada's class."""
    member = a_member(api.db, "mate", class_year=1999)
    return Person(member, api.token(member))


def _planned(api: Api, organiser: Actor, circle: Circle, **values: Any) -> Post:
    draft = an_event_draft(title=SECRET, text="Come all #reunion @ben", visibility=Visibility.PRIVATE, circle=circle)

    def write(tx: Tx) -> Post:
        post = posts.find(tx.conn, events.publish(tx, organiser, replace(draft, **values)))
        assert post is not None
        return post

    return api.db.write_now(write)


DOORS = (
    "/api/v1/statuses/{id}",
    "/api/v1/statuses?id[]={id}",
    "/api/v1/statuses/{id}/context",
    "/api/v1/statuses/{reply}/context",
    "/api/v1/statuses/{id}/history",
    "/api/v1/statuses/{id}/source",
    "/api/v1/statuses/{id}/favourited_by",
    "/api/v1/statuses/{id}/reblogged_by",
    "/api/v1/accounts/{ada}/statuses",
    "/api/v1/accounts/{ada}/statuses?pinned=true",
    "/api/v1/accounts/{ada}/statuses?tagged=reunion",
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/timelines/public?local=true",
    "/api/v1/timelines/tag/reunion",
    "/api/v1/timelines/link?url={url}",
    "/api/v1/notifications",
    "/api/v2/notifications",
    "/api/v2/search?q=ourselves",
    "/api/v2/search?q={url}&resolve=true",
    "/api/v2/search?q={uri}&resolve=true",
    "/api/oembed?url={url}",
    "/events",
    "/events/past",
    "/events/{id}",
    "/@ada",
    "/@ada/{id}",
    "/@ada/{reply}",
    "/@ada/{id}/embed",
    "/tags/reunion",
    "/local",
    "/",
    "/actors/{slug}/outbox?page=true",
    "/actors/{slug}/collections/featured",
    "/objects/{object}",
    "/objects/{object}/replies",
    "/contexts/{id}",
)


async def _events_list(api: Api, token: str) -> str:
    """The timeline of the list of events that the node keeps for a member."""
    lists = (await api.get("/api/v1/lists", token)).json
    [number] = [one["id"] for one in lists if one["title"] == "Events"]
    return f"/api/v1/timelines/list/{number}"


async def _seen(api: Api, path: str, headers: dict[str, str], token: str | None) -> bool:
    accept = ACTIVITY if path.startswith(("/actors", "/objects", "/contexts")) else {}
    return SECRET in (await api.get(path, token, headers={**accept, **headers})).text


@pytest.mark.parametrize("circle", list(Circle))
async def test_no_door_lets_it_out(api: Api, ada: Person, ben: Person, mate: Person, circle: Circle) -> None:
    """Ben follows Ada, is named by her, and is of another class; a visitor is nobody; an app has no member."""

    def follow(tx: Tx) -> None:
        relationships.follow(tx, ben.member.actor, get(tx.conn, ada.member.id), notify=True)

    await api.db.write(follow)
    post = _planned(api, ada.member.actor, circle)
    said = {"status": "I shall be there", "in_reply_to_id": str(post.id)}
    reply = (await api.post("/api/v1/statuses", mate.token, json=said)).json
    assert reply["alumnode"] == {"circle": circle}
    assert (await api.post(f"/api/v1/statuses/{post.id}/pin", ada.token)).status == 200
    values = {
        "id": post.id,
        "reply": reply["id"],
        "ada": ada.id,
        "uri": quote(post.uri, safe=""),
        "url": quote(post.url, safe=""),
        "slug": ada.member.actor.uri.rpartition("/")[2],
        "object": post.uri.rpartition("/")[2],
    }
    outsiders: list[tuple[dict[str, str], str | None]] = [({}, None), ({}, api.token(None))]
    if circle is Circle.CLASS:
        outsiders += [({}, ben.token), (api.session(ben.member), None)]
        assert not await _seen(api, await _events_list(api, ben.token), {}, ben.token)

    for door in DOORS:
        for headers, token in outsiders:
            assert not await _seen(api, door.format(**values), headers, token), door
    for door in ("/@ada/{id}", "/events/{id}", "/@ada/{id}/embed"):
        for headers, _ in outsiders:
            assert (await api.get(door.format(**values), headers=headers)).status == 404, door
    inside = ("/api/v1/statuses/{id}", "/api/v1/accounts/{ada}/statuses", "/api/v1/statuses/{reply}/context")
    for path in (*(one.format(**values) for one in inside), await _events_list(api, mate.token)):
        assert await _seen(api, path, {}, mate.token), path
    session = api.session(mate.member)
    for path in ("/events", f"/events/{post.id}", "/@ada"):
        assert await _seen(api, path, session, None), path


async def test_only_those_inside_answer_it(api: Api, ada: Person, ben: Person, mate: Person) -> None:
    post = _planned(api, ada.member.actor, Circle.CLASS)
    path = f"/api/v1/polls/{post.id}"

    for who, status in ((ben, 404), (mate, 200)):
        assert (await api.get(path, who.token)).status == status
        assert (await api.post(f"{path}/votes", who.token, json={"choices": [0]})).status == status
    assert (await api.get(path)).status == 404

    assert [actor.id for actor in api.db.read_now(events.attendees, post.id)] == [mate.member.id]


async def test_whoever_has_left_the_circle_sees_and_hears_no_more_of_it(api: Api, ada: Person, mate: Person) -> None:
    post = _planned(api, ada.member.actor, Circle.CLASS)
    await api.db.write(events.join, mate.member.actor, post.id)
    session = api.session(mate.member)
    assert await _seen(api, "/", session, None)

    def move(tx: Tx) -> None:
        tx.conn.execute(update(actors_table).where(actors_table.c.id == mate.member.id).values(class_year=2000))

    api.db.write_now(move)
    await api.db.write(events.cancel_event, ada.member.actor, post.id)

    for path in ("/", "/events", "/notifications", f"/events/{post.id}"):
        assert not await _seen(api, path, session, None), path
    assert (await api.get("/api/v1/notifications", mate.token)).json == []


async def test_those_who_come_are_told_of_a_change(api: Api, ada: Person, mate: Person) -> None:
    post = _planned(api, ada.member.actor, Circle.CLASS)
    await api.db.write(events.join, mate.member.actor, post.id)

    await api.db.write(events.cancel_event, ada.member.actor, post.id)

    [told] = (await api.get("/api/v1/notifications", mate.token)).json
    assert (told["type"], told["status"]["id"]) == ("update", str(post.id))


@pytest.mark.parametrize("circle", list(Circle))
async def test_it_says_its_circle_in_apps_and_cannot_be_carried_on(
    api: Api, ada: Person, mate: Person, circle: Circle
) -> None:
    post = _planned(api, ada.member.actor, circle)

    status = (await api.get(f"/api/v1/statuses/{post.id}", mate.token)).json

    assert (status["visibility"], status["alumnode"]["circle"]) == ("private", circle)
    assert status["alumnode"]["kind"] == "event"
    assert (await api.post(f"/api/v1/statuses/{post.id}/reblog", mate.token)).status == 404


async def test_a_program_addresses_the_collection_of_a_circle(api: Api, ada: Person, mate: Person, ben: Person) -> None:
    circle = f"https://{HOST}/circles/class/1999"
    start = an_event_draft().start.replace(tzinfo=UTC).isoformat()
    event = {"type": "Event", "name": SECRET, "startTime": start, "location": {"type": "Place", "name": "The hall"}}
    outbox = f"/actors/{ada.member.actor.uri.rpartition('/')[2]}/outbox"

    answer = await api.post(
        outbox, ada.token, json={**event, "to": [circle]}, headers={"Content-Type": ACTIVITY["Accept"]}
    )
    wider = await api.post(
        outbox,
        ada.token,
        json={**event, "to": [circle, f"https://{HOST}/circles/school"]},
        headers={"Content-Type": ACTIVITY["Accept"]},
    )

    assert (answer.status, wider.status) == (201, 422)
    [status] = (await api.get(f"/api/v1/accounts/{ada.id}/statuses", mate.token)).json
    assert status["alumnode"]["circle"] == "class"
    assert (await api.get(f"/api/v1/accounts/{ada.id}/statuses", ben.token)).json == []


async def test_a_post_may_be_about_it_and_stays_as_narrow(api: Api, ada: Person, mate: Person, ben: Person) -> None:
    post = _planned(api, ada.member.actor, Circle.CLASS)

    number = a_post(api.db, mate.member.actor, "Me too", in_reply_to_id=post.id)

    assert (await api.get(f"/api/v1/statuses/{number}", ben.token)).status == 404
    assert (await api.get(f"/api/v1/statuses/{number}", mate.token)).json["alumnode"] == {"circle": "class"}
    assert api.db.read_now(events.participation, post.id, mate.member.id) is None
