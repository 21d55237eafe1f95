# SPDX-License-Identifier: AGPL-3.0-or-later
"""The node's own emoji, as apps are told: which there are, where they stand, and who answers with them."""

import pytest

from node import emojis, instance
from node.instance import Wording
from tests.support.builders import a_post
from tests.support.emojis import KEEPER, a_file, an_emoji, renew
from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person

LIST = "/api/v1/custom_emojis"
ADMIN = {"admin"}


def drawn(word: str, letter: str, category: str | None = None, *, visible: bool = True) -> dict[str, object]:
    """The entity of an emoji of `an_emoji`."""
    address = f"{BASE}/media/{letter * 32}.png"
    return {
        "shortcode": word,
        "url": address,
        "static_url": address,
        "visible_in_picker": visible,
        "category": category,
    }


async def test_those_that_are_offered_are_listed_to_everybody(api: Api) -> None:
    assert (await api.get(LIST)).json == []
    an_emoji(api.db, "zebra", "z", category="Animals")
    an_emoji(api.db, "hidden", "h", visible_in_picker=False)
    api.db.write_now(emojis.add, KEEPER, "dance", a_file("d", "image/gif"))

    answer = await api.get(LIST)

    moving = {**drawn("dance", "d"), "url": f"{BASE}/media/{'d' * 32}.gif"}
    assert answer.json == [moving, drawn("zebra", "z", "Animals")]
    assert answer.headers["Cache-Control"].startswith("public, max-age=180")


async def test_who_has_the_list_is_told_so_until_it_changes(api: Api) -> None:
    emoji = an_emoji(api.db)
    tag = (await api.get(LIST)).headers["ETag"]

    assert (await api.get(LIST, headers={"If-None-Match": tag})).status == 304
    api.db.write_now(emojis.change, KEEPER, emoji.id, category="School")
    assert (await api.get(LIST, headers={"If-None-Match": tag})).status == 200


async def test_they_stand_in_a_status_and_in_who_wrote_it(api: Api, ada: Person) -> None:
    an_emoji(api.db, "cap", "c", category="School")
    an_emoji(api.db, "quiet", "q", visible_in_picker=False)
    await api.ask("PATCH", "/api/v1/accounts/update_credentials", token=ada.token, json={"display_name": "Ada :quiet:"})

    status = (await api.post("/api/v1/statuses", ada.token, json={"status": "Hats off :cap:"})).json

    assert status["content"] == "<p>Hats off :cap:</p>"
    assert status["emojis"] == [drawn("cap", "c", "School")]
    assert status["account"]["emojis"] == [drawn("quiet", "q", visible=False)]


async def test_a_status_that_was_kept_rendered_is_shown_with_another_picture(
    api: Api, ada: Person, ben: Person
) -> None:
    emoji = an_emoji(api.db, "cap", "c")
    number = a_post(api.db, ada.member.actor, ":cap:")
    boost = (await api.post(f"/api/v1/statuses/{number}/reblog", ben.token)).json["id"]
    for path in (number, boost):
        assert (await api.get(f"/api/v1/statuses/{path}")).json["emojis"] == [drawn("cap", "c")]

    api.db.write_now(emojis.replace_picture, KEEPER, emoji.id, a_file("d"))
    renew(api.db)

    shown = (await api.get(f"/api/v1/statuses/{number}")).json
    boosted = (await api.get(f"/api/v1/statuses/{boost}")).json
    assert shown["emojis"] == boosted["emojis"] == boosted["reblog"]["emojis"] == [drawn("cap", "d")]
    assert shown["edited_at"] is None

    api.db.write_now(emojis.remove, KEEPER, emoji.id)
    renew(api.db)
    assert (await api.get(f"/api/v1/statuses/{number}")).json["emojis"] == []


async def test_each_state_of_a_status_has_its_own(api: Api, ada: Person) -> None:
    an_emoji(api.db, "cap", "c")
    an_emoji(api.db, "hat", "h")
    number = a_post(api.db, ada.member.actor, ":cap:")

    await api.ask("PUT", f"/api/v1/statuses/{number}", token=ada.token, json={"status": ":hat:"})

    states = (await api.get(f"/api/v1/statuses/{number}/history")).json
    assert [state["emojis"] for state in states] == [[drawn("cap", "c")], [drawn("hat", "h")]]


async def test_they_stand_in_a_poll(api: Api, ada: Person) -> None:
    an_emoji(api.db, "cap", "c")
    poll = {"options": [":cap:", "none"], "expires_in": 3600}

    status = (await api.post("/api/v1/statuses", ada.token, json={"status": "Which?", "poll": poll})).json

    assert status["poll"]["emojis"] == [drawn("cap", "c")]


async def test_they_stand_in_announcements(api: Api, ada: Person) -> None:
    an_emoji(api.db, "cap", "c")
    off = an_emoji(api.db, "off", "o")
    api.db.write_now(emojis.change, KEEPER, off.id, disabled=True)
    api.db.write_now(instance.announce, ADMIN, Wording(text="Hats off :cap: :off: :none:"))

    [shown] = (await api.get("/api/v1/announcements", ada.token)).json

    assert shown["emojis"] == [drawn("cap", "c")]


async def test_members_answer_announcements_with_them(api: Api, ada: Person) -> None:
    emoji = an_emoji(api.db, "cap", "c")
    number = api.db.write_now(instance.announce, ADMIN, Wording(text="We won."))
    path = f"/api/v1/announcements/{number}/reactions"
    news: list[object] = []
    api.db.bus.subscribe(instance.ANNOUNCED, news.append)

    assert (await api.ask("PUT", f"{path}/none", token=ada.token)).status == 422
    assert (await api.ask("PUT", f"{path}/cap", token=ada.token)).status == 200

    [shown] = (await api.get("/api/v1/announcements", ada.token)).json
    address = f"{BASE}/media/{'c' * 32}.png"
    assert shown["reactions"] == [{"name": "cap", "count": 1, "me": True, "url": address, "static_url": address}]
    assert news == [instance.AnnouncementAnswered(number, "cap", 1, emoji)]

    api.db.write_now(emojis.change, KEEPER, emoji.id, disabled=True)
    [shown] = (await api.get("/api/v1/announcements", ada.token)).json
    assert shown["reactions"] == []
    assert (await api.ask("PUT", f"{path}/cap", token=ada.token)).status == 422
    assert (await api.ask("DELETE", f"{path}/cap", token=ada.token)).status == 200


ACTIVITY = {"Accept": "application/activity+json"}


async def test_each_has_its_own_address(api: Api) -> None:
    emoji = an_emoji(api.db, "cap", "c")

    answer = await api.get(f"/emojis/{emoji.id}", headers=ACTIVITY)

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/activity+json")
    document = answer.json
    assert document.pop("@context")
    assert document == {
        "id": f"{BASE}/emojis/{emoji.id}",
        "type": "Emoji",
        "name": ":cap:",
        "updated": f"{emoji.updated_at:%Y-%m-%dT%H:%M:%SZ}",
        "icon": {"type": "Image", "mediaType": "image/png", "url": f"{BASE}/media/{'c' * 32}.png"},
    }
    shown = await api.get(f"/emojis/{emoji.id}", headers={"Accept": "text/html"})
    assert (shown.status, shown.headers["Location"]) == (303, f"{BASE}/media/{'c' * 32}.png")


@pytest.mark.parametrize("accept", ["application/activity+json", "text/html"])
async def test_one_that_is_shown_nowhere_is_not_there(api: Api, accept: str) -> None:
    emoji = an_emoji(api.db, "cap", "c")
    api.db.write_now(emojis.change, KEEPER, emoji.id, disabled=True)

    for number in (str(emoji.id), "12", "cap", "9" * 19):
        assert (await api.get(f"/emojis/{number}", headers={"Accept": accept})).status == 404
