# SPDX-License-Identifier: AGPL-3.0-or-later
"""One's own profile and defaults as apps edit them: what is sent is kept, shown, and told to other servers."""

import io
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from node.federation.tables import activities
from node.kernel.queue import tasks
from node.members import Preferences, set_preferences
from tests.media.test_images import a_picture
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

PROFILE = "/api/v1/profile"
ACTIVITY = "application/activity+json"
CREDENTIALS = "/api/v1/accounts/update_credentials"


async def test_libraries_that_put_change_it_too(api: Api, ada: Person) -> None:
    changed = await api.ask("PUT", PROFILE, token=ada.token, json={"display_name": "Ada W."})

    assert changed.json["display_name"] == "Ada W."


async def test_a_profile_is_read_as_it_was_typed(api: Api, ada: Person) -> None:
    sent = {"note": "Sails & more", "fields_attributes": [{"name": "Boat", "value": "https://boat.example"}]}
    changed = await api.ask("PATCH", PROFILE, token=ada.token, json=sent)

    assert changed.status == 200, changed.text
    assert changed.json["note"] == "Sails & more"
    assert changed.json["fields"][0]["value"] == "https://boat.example"
    assert (changed.json["avatar"], changed.json["header"], changed.json["avatar_description"]) == (None, None, "")
    assert (await api.get(PROFILE, ada.token)).json == changed.json
    only_who = api.token(ada.member, scopes=("profile",))
    assert (await api.get(PROFILE, only_who)).json["id"] == ada.id
    assert (await api.get("/api/v1/accounts/verify_credentials", only_who)).status == 200


@pytest.mark.parametrize("name", ["show_media", "show_media_replies", "show_featured", "hide_collections"])
async def test_what_a_profile_shows_is_chosen(api: Api, ada: Person, name: str) -> None:
    wanted = name == "hide_collections"
    changed = await api.ask("PATCH", PROFILE, token=ada.token, json={name: wanted})

    assert changed.json[name] is wanted
    assert (await api.get(f"/api/v1/accounts/{ada.id}")).json[name] is wanted
    back = await api.ask("PATCH", PROFILE, token=ada.token, data={name: "0" if wanted else "1"})
    assert back.json[name] is not wanted


async def test_pages_that_may_name_one_as_author_are_told_to_everybody(api: Api, ada: Person) -> None:
    sent = {"attribution_domains": ["Blog.Example", "https://boat.example/", "", "blog.example"]}
    changed = await api.ask("PATCH", CREDENTIALS, token=ada.token, json=sent)

    assert changed.json["source"]["attribution_domains"] == ["blog.example", "boat.example"]
    document = await api.get(ada.member.actor.uri.partition("harbour.example")[2], headers={"Accept": ACTIVITY})
    assert document.json["attributionDomains"] == ["blog.example", "boat.example"]
    emptied = await api.ask("PATCH", CREDENTIALS, token=ada.token, json={"attribution_domains": []})
    assert emptied.json["source"]["attribution_domains"] == []


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"attribution_domains": ["no domain"]}, "Validation failed: Attribution domains must be domain names"),
        ({"attribution_domains": ["localhost"]}, "Validation failed: Attribution domains must be domain names"),
        ({"attribution_domains": [f"a{n}.example" for n in range(257)]}, "Validation failed: Attribution domains"),
        ({"source": {"quote_policy": "friends"}}, "Validation failed: Quote policy is not included in the list"),
    ],
)
async def test_what_cannot_be_used_is_refused(api: Api, ada: Person, sent: dict[str, Any], message: str) -> None:
    refused = await api.ask("PATCH", CREDENTIALS, token=ada.token, json=sent)

    assert refused.status == 422
    assert refused.json["error"].startswith(message)
    mine = (await api.get("/api/v1/accounts/verify_credentials", ada.token)).json["source"]
    assert (mine["attribution_domains"], mine["quote_policy"]) == ([], "public")


async def test_who_may_quote_one_by_default_is_chosen_by_an_app(api: Api, ada: Person) -> None:
    changed = await api.ask("PATCH", CREDENTIALS, token=ada.token, json={"source": {"quote_policy": "followers"}})

    assert changed.json["source"]["quote_policy"] == "followers"
    assert (await api.get("/api/v1/preferences", ada.token)).json["posting:default:quote_policy"] == "followers"
    posted = await api.post("/api/v1/statuses", ada.token, json={"status": "Ahoy"})
    assert posted.json["quote_approval"]["automatic"] == ["followers"]


async def test_how_things_are_shown_is_told_to_apps(api: Api, ada: Person) -> None:
    chosen = Preferences(expand_media="hide_all", expand_spoilers=True, autoplay_gifs=True)
    api.db.write_now(set_preferences, ada.member.id, chosen)

    found = (await api.get("/api/v1/preferences", ada.token)).json

    assert found["reading:expand:media"] == "hide_all"
    assert (found["reading:expand:spoilers"], found["reading:autoplay:gifs"]) == (True, True)


async def test_a_picture_is_described_replaced_and_removed(api: Api, ada: Person) -> None:
    for name in ("avatar", "header"):
        sent = await api.ask(
            "PATCH", PROFILE, token=ada.token, data={name: io.BytesIO(a_picture()), f"{name}_description": "A quay"}
        )
        assert sent.json[f"{name}_description"] == "A quay"
        first = sent.json[name]
        described = await api.ask("PATCH", PROFILE, token=ada.token, json={f"{name}_description": "A pier"})
        assert (described.json[name], described.json[f"{name}_description"]) == (first, "A pier")
        replaced = await api.ask("PATCH", PROFILE, token=ada.token, data={name: io.BytesIO(a_picture())})
        assert (replaced.json[name] != first, replaced.json[f"{name}_description"]) == (True, "")

        removed = await api.ask("DELETE", f"{PROFILE}/{name}", token=ada.token)

        assert removed.json[name].endswith("missing.png")
        assert (await api.get(PROFILE, ada.token)).json[name] is None
        again = await api.ask("DELETE", f"{PROFILE}/{name}", token=ada.token)
        assert again.status == 200
        dropped = {file for files in api.db.read_now(_dropped) for file in files}
        assert {one.rpartition("/")[2] for one in (first, replaced.json[name])} <= dropped


def _dropped(conn: Any) -> list[list[str]]:
    rows = conn.execute(select(tasks.c.payload).where(tasks.c.name == "media.remove")).scalars()
    return [orjson.loads(row)["files"] for row in rows]


async def test_a_changed_profile_is_told_and_one_that_stays_is_not(api: Api, ada: Person) -> None:
    await api.ask("PATCH", PROFILE, token=ada.token, json={})
    assert api.db.read_now(lambda conn: conn.execute(select(activities.c.type)).all()) == []

    await api.ask("PATCH", PROFILE, token=ada.token, json={"display_name": "Ada"})

    assert api.db.read_now(lambda conn: conn.execute(select(activities.c.type)).scalars().all()) == ["Update"]


async def test_who_hides_connections_shows_them_to_nobody_else(api: Api, ada: Person, ben: Person) -> None:
    await api.post(f"/api/v1/accounts/{ada.id}/follow", ben.token)
    await api.post(f"/api/v1/accounts/{ben.id}/follow", ada.token)
    lists = [f"/api/v1/accounts/{ada.id}/{name}" for name in ("followers", "following")]
    assert [len((await api.get(path, ben.token)).json) for path in lists] == [1, 1]

    await api.ask("PATCH", PROFILE, token=ada.token, json={"hide_collections": True})

    assert [(await api.get(path, token)).json for path in lists for token in (ben.token, None)] == [[]] * 4
    assert [len((await api.get(path, ada.token)).json) for path in lists] == [1, 1]
    shown = (await api.get(f"/api/v1/accounts/{ada.id}")).json
    assert (shown["followers_count"], shown["following_count"]) == (1, 1)
    for name in ("followers", "following"):
        page = await api.get(f"/@ada/{name}", headers=api.session(ben.member))
        assert "This person shows nobody" in page.text
        assert 'href="/@ben"' not in page.text.partition("<main")[2].partition("</main>")[0]
        assert 'href="/@ben"' in (await api.get(f"/@ada/{name}", headers=api.session(ada.member))).text
    told = await api.get(f"/actors/{ada.member.actor.uri.rpartition('/')[2]}/followers", headers={"Accept": ACTIVITY})
    assert (told.json["totalItems"], "items" in told.json, "orderedItems" in told.json) == (1, False, False)
