# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts to the class, the school and its partners: how apps and pages choose them, and every door they stay behind."""

from typing import Any

import pytest

from node import actors, relationships
from node.actors import get
from node.kernel.db import Tx
from node.relationships import Circle
from node.relationships.actions import begin
from tests.support.builders import a_member, a_remote_actor
from tests.web.asking import HOST, Api
from tests.web.mastodon.conftest import Person

SECRET = "Only among ourselves"
WORDS = f"{SECRET} #reunion"


async def _posted(api: Api, who: Person, text: str = WORDS, **more: Any) -> dict[str, Any]:
    answer = await api.post("/api/v1/statuses", who.token, json={"status": text, **more})
    assert answer.status == 200, answer.text
    return answer.json  # type: ignore[no-any-return]  # JSON


@pytest.fixture
def mate(api: Api) -> Person:
    """Of Ada's class."""
    member = a_member(api.db, "mate", class_year=1999)
    return Person(member, api.token(member))


WAYS: dict[str, dict[str, Any]] = {
    "its name for a visibility": {"visibility": "class"},
    "beside the visibility": {"visibility": "private", "circle": "class"},
    "in our own table": {"visibility": "private", "alumnode": {"circle": "class"}},
    "alone": {"circle": "class"},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_a_circle_is_chosen_in_any_of_these_ways(api: Api, ada: Person, way: dict[str, Any]) -> None:
    status = await _posted(api, ada, **way)

    assert status["visibility"] == "private"
    assert status["alumnode"] == {"circle": "class"}


async def test_a_form_chooses_it_too(api: Api, ada: Person) -> None:
    answer = await api.post(
        "/api/v1/statuses", ada.token, data={"status": "x", "visibility": "private", "alumnode[circle]": "school"}
    )

    assert answer.json["alumnode"] == {"circle": "school"}


@pytest.mark.parametrize("circle", ["class", "school", "partners"])
async def test_each_circle_is_one_of_them(api: Api, ada: Person, circle: str) -> None:
    assert (await _posted(api, ada, circle=circle))["alumnode"] == {"circle": circle}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"visibility": "private", "circle": "everybody"}, "class, school or partners"),
        ({"visibility": "public", "circle": "school"}, "Please send the visibility private"),
        ({"visibility": "school", "circle": "class"}, "Please send the visibility private"),
        ({"visibility": "friends"}, "Visibility is not included in the list"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_word_of_help(
    api: Api, ada: Person, given: dict[str, str], says: str
) -> None:
    answer = await api.post("/api/v1/statuses", ada.token, json={"status": "x", **given})

    assert answer.status == 422
    assert says in answer.json["error"]


async def test_without_a_class_year_it_says_what_to_do(api: Api) -> None:
    member = a_member(api.db)

    answer = await api.post("/api/v1/statuses", api.token(member), json={"status": "x", "visibility": "class"})

    assert (answer.status, answer.json["error"].partition(".")[0]) == (422, "Your profile does not say your class year")


async def test_an_edit_keeps_the_circle_and_cannot_change_it(api: Api, ada: Person) -> None:
    number = (await _posted(api, ada, circle="class"))["id"]
    path = f"/api/v1/statuses/{number}"

    edited = await api.ask("PUT", path, token=ada.token, json={"status": "Changed", "visibility": "private"})
    same = await api.ask("PUT", path, token=ada.token, json={"status": "Again", "circle": "class"})
    wider = await api.ask("PUT", path, token=ada.token, json={"status": "Again", "circle": "school"})

    assert edited.json["alumnode"] == same.json["alumnode"] == {"circle": "class"}
    assert wider.status == 422
    assert "cannot be changed" in wider.json["error"]


async def test_an_answer_is_to_the_same_circle(api: Api, ada: Person, mate: Person) -> None:
    number = (await _posted(api, ada, circle="class"))["id"]

    answer = await _posted(api, mate, "Me too", in_reply_to_id=number, visibility="public")

    assert (answer["visibility"], answer["alumnode"]) == ("private", {"circle": "class"})


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
    "/api/v1/notifications",
    "/api/v2/search?q=ourselves",
    "/api/v2/search?q={uri}&resolve=true",
    "/@ada",
    "/@ada/{id}",
    "/tags/reunion",
    "/local",
    "/",
    "/actors/{slug}/outbox?page=true",
    "/objects/{object}",
    "/objects/{object}/replies",
    "/contexts/{id}",
)


async def _seen(api: Api, path: str, headers: dict[str, str], token: str | None) -> bool:
    answer = await api.get(path, token, headers=headers)
    return SECRET in answer.text


@pytest.mark.parametrize("circle", ["class", "school", "partners"])
async def test_no_door_lets_it_out(api: Api, ada: Person, ben: Person, circle: str) -> None:
    """Ben follows Ada, is named by her, and is of another class; a visitor is nobody; an app has no member."""
    mate = a_member(api.db, "mate", class_year=1999)
    inside = Person(mate, api.token(mate))

    def follow(tx: Tx) -> None:
        relationships.follow(tx, ben.member.actor, get(tx.conn, ada.member.id), notify=True)

    await api.db.write(follow)
    posted = await _posted(api, ada, f"{WORDS} @ben", circle=circle)
    reply = await _posted(api, inside, f"{SECRET} too", in_reply_to_id=posted["id"])
    assert (await api.post(f"/api/v1/statuses/{posted['id']}/pin", ada.token)).status == 200
    values = {
        "id": posted["id"],
        "reply": reply["id"],
        "ada": ada.id,
        "uri": posted["uri"],
        "slug": ada.member.actor.uri.rpartition("/")[2],
        "object": posted["uri"].rpartition("/")[2],
    }
    outsiders: list[tuple[dict[str, str], str | None]] = [({}, None), ({}, api.token(None))]
    if circle == "class":
        outsiders += [({}, ben.token), (api.session(ben.member), None)]

    for door in DOORS:
        path = door.format(**values)
        accept = (
            {"Accept": "application/activity+json"} if path.startswith(("/actors", "/objects", "/contexts")) else {}
        )
        for headers, token in outsiders:
            assert not await _seen(api, path, {**accept, **headers}, token), path
    for path in ("/api/v1/statuses/{id}", "/api/v1/accounts/{ada}/statuses", "/api/v1/statuses/{reply}/context"):
        assert await _seen(api, path.format(**values), {}, inside.token), path
    assert await _seen(api, f"/@ada/{posted['id']}", api.session(mate), None)
    for action in ("favourite", "reblog", "bookmark"):
        path = f"/api/v1/statuses/{posted['id']}/{action}"
        assert (await api.post(path, inside.token)).status == (404 if action == "reblog" else 200)
        if circle == "class":
            assert (await api.post(path, ben.token)).status == 404


# -- pages ------------------------------------------------------------------------------------------------------------


def _partner(tx: Tx) -> None:
    ours = actors.association(tx.conn)
    theirs = actors.by_uri(tx.conn, "https://quays.example/users/association")
    assert theirs is not None
    relationships.want_partner(tx, theirs)
    begin(tx, theirs, ours, f"{theirs.uri}#f", accepted=True)
    begin(tx, ours, theirs, f"{ours.uri}#f", accepted=True)


async def test_the_composer_offers_the_circles_that_make_sense(api: Api, ada: Person) -> None:
    nobodys = a_member(api.db)

    async def offered(member: Any) -> list[str]:
        page = (await api.get("/", headers=api.session(member))).text
        return [name for name in ("class", "school", "partners") if f'<option value="{name}"' in page]

    assert await offered(ada.member) == ["class", "school"]
    assert await offered(nobodys) == ["school"]
    a_remote_actor(api.db, "association", host="quays.example", kind=actors.ActorType.ORGANIZATION)
    await api.db.write(_partner)
    assert await offered(ada.member) == ["class", "school", "partners"]


async def test_an_answer_on_the_page_of_a_post_to_a_circle_goes_no_further(api: Api, ada: Person, mate: Person) -> None:
    number = (await _posted(api, ada, circle="school"))["id"]

    page = (await api.get(f"/@ada/{number}", headers=api.session(mate.member))).text

    assert 'class="chip"' in page
    assert "To the school" in page
    page = page.partition('name="visibility"')[2].partition("</select>")[0]
    assert '<option value="school" selected>' in page
    assert '<option value="class">' in page
    for wider in ("public", "unlisted", "private", "partners"):
        assert f'<option value="{wider}"' not in page


async def test_a_circle_has_an_address_for_those_inside(api: Api, ada: Person, ben: Person) -> None:
    headers = {"Accept": "application/activity+json"}

    async def status(path: str, token: str | None) -> int:
        return (await api.get(path, token, headers=headers)).status

    assert await status("/circles/school", ada.token) == 200
    assert await status("/circles/class/1999", ada.token) == 200
    assert await status("/circles/class/1999", ben.token) == 404
    assert await status("/circles/school", None) == 404
    assert await status("/circles/partners", None) == 404
    assert await status("/circles/everybody", ada.token) == 404
    found = await api.get("/circles/partners", ada.token, headers=headers)
    assert found.json.keys() == {"@context", "id", "type"}
    assert found.json["id"] == f"https://{HOST}/circles/partners"
    assert set(Circle) == {"class", "school", "partners"}


# -- programs ---------------------------------------------------------------------------------------------------------


async def _said(api: Api, who: Person, to: list[str], cc: list[str] | None = None) -> tuple[int, str]:
    note = {"type": "Note", "content": "Hello", "to": to, "cc": cc or []}
    answer = await api.post(
        f"/actors/{who.member.actor.uri.rpartition('/')[2]}/outbox",
        who.token,
        json=note,
        headers={"Content-Type": "application/activity+json"},
    )
    return answer.status, answer.text


async def test_a_program_addresses_the_collection_of_a_circle(api: Api, ada: Person, mate: Person, ben: Person) -> None:
    circle = f"https://{HOST}/circles/class/1999"

    assert (await _said(api, ada, [circle]))[0] == 201

    async def latest(token: str) -> list[Any]:
        return list((await api.get(f"/api/v1/accounts/{ada.id}/statuses", token)).json)

    [status] = await latest(mate.token)
    assert status["alumnode"] == {"circle": "class"}
    assert await latest(ben.token) == []


@pytest.mark.parametrize(
    "to",
    [
        ["/circles/class/2004"],
        ["/circles/class/1999", "/circles/school"],
    ],
)
async def test_a_program_cannot_address_another_class_or_two_circles(api: Api, ada: Person, to: list[str]) -> None:
    assert (await _said(api, ada, [f"https://{HOST}{path}" for path in to]))[0] == 422
    assert (await _said(api, ada, [f"https://{HOST}{to[-1]}"], [str(ada.member.actor.followers)]))[0] == 422
