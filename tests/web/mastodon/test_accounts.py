# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts, relationships and lists of people."""

from typing import Any

import pytest

from node import contacts, relationships
from tests.support.builders import a_member, a_post, a_remote_actor
from tests.web.asking import BASE, Api
from tests.web.mastodon.conftest import Person

EVERY_FIELD = {
    "id", "username", "acct", "display_name", "locked", "bot", "group", "discoverable", "indexable", "created_at", "note",
    "url", "uri", "avatar", "avatar_static", "header", "header_static", "followers_count", "following_count",
    "statuses_count", "last_status_at", "emojis", "fields", "roles", "suspended", "limited", "memorial",
}  # fmt: skip


async def test_one_sees_oneself_with_sources_and_defaults(api: Api, ada: Person) -> None:
    me = (await api.get("/api/v1/accounts/verify_credentials", ada.token)).json

    assert me.keys() >= EVERY_FIELD | {"source", "role"}
    assert (me["acct"], me["display_name"]) == ("ada", "Ada Quay")
    assert me["created_at"].endswith("T00:00:00.000Z")
    assert me["avatar"] == f"{BASE}/avatars/original/missing.png"
    assert me["source"] == {
        "note": "",
        "fields": [],
        "privacy": "public",
        "sensitive": False,
        "language": "",
        "follow_requests_count": 0,
        "hide_collections": False,
        "discoverable": False,
        "indexable": False,
        "attribution_domains": [],
        "quote_policy": "public",
    }


async def test_the_class_year_is_a_line_of_the_profile(api: Api, ada: Person) -> None:
    seen = (await api.get(f"/api/v1/accounts/{ada.id}")).json

    assert seen["fields"] == [{"name": "Class", "value": "1999", "verified_at": None}]


async def test_a_profile_can_be_changed_by_form_and_by_json(api: Api, ada: Person) -> None:
    changed = await api.ask(
        "PATCH",
        "/api/v1/accounts/update_credentials",
        token=ada.token,
        data="display_name=Ada&note=Sails&locked=true&fields_attributes[0][name]=Boat&fields_attributes[0][value]=Swift"
        "&source[privacy]=private&source[sensitive]=1&source[language]=fr",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert changed.status == 200, changed.text
    assert (changed.json["display_name"], changed.json["locked"]) == ("Ada", True)
    assert changed.json["note"] == "<p>Sails</p>"
    assert changed.json["source"]["note"] == "Sails"
    assert changed.json["source"]["fields"][0]["name"] == "Boat"
    assert (changed.json["source"]["privacy"], changed.json["source"]["sensitive"]) == ("private", True)
    preferences = (await api.get("/api/v1/preferences", ada.token)).json
    assert preferences["posting:default:visibility"] == "private"
    assert preferences["posting:default:language"] == "fr"
    posted = await api.post("/api/v1/statuses", ada.token, json={"status": "For my followers"})
    assert (posted.json["visibility"], posted.json["language"]) == ("private", "fr")
    again = await api.ask(
        "PATCH", "/api/v1/accounts/update_credentials", token=ada.token, json={"note": "", "locked": False}
    )
    assert (again.json["note"], again.json["locked"], again.json["display_name"]) == ("", False, "Ada")


@pytest.mark.parametrize(
    ("handle", "found"),
    [
        ("ben", "ben"),
        ("@BEN", "ben"),
        ("ben@harbour.example", "ben"),
        ("zoe@far.example", "zoe@far.example"),
        ("zoe", None),
        ("nobody@far.example", None),
        ("", None),
    ],
)
async def test_a_handle_is_looked_up_among_those_we_know(api: Api, ben: Person, handle: str, found: str | None) -> None:
    a_remote_actor(api.db, "zoe")

    answer = await api.get("/api/v1/accounts/lookup", params={"acct": handle})

    assert answer.status == (200 if found else 404)
    assert found is None or answer.json["acct"] == found


async def test_people_are_found_by_a_part_of_their_name(api: Api, ada: Person, ben: Person) -> None:
    a_remote_actor(api.db, "benoit")

    found = await api.get("/api/v1/accounts/search?q=ben&limit=5", ada.token)

    assert [one["acct"] for one in found.json] == ["ben", "benoit@far.example"]
    assert (await api.get("/api/v1/accounts/search?q=ben&following=true", ada.token)).json == []


async def test_relationships_come_in_the_order_asked_for_without_unknown_ones(
    api: Api, ada: Person, ben: Person
) -> None:
    zoe = a_remote_actor(api.db, "zoe")
    await api.post(f"/api/v1/accounts/{ben.id}/follow", ada.token)

    found = await api.get(f"/api/v1/accounts/relationships?id[]={zoe.id}&id[]=99&id[]={ben.id}", ada.token)
    single = await api.get(f"/api/v1/accounts/relationships?id={ben.id}", ada.token)

    assert [(one["id"], one["following"]) for one in found.json] == [(str(zoe.id), False), (ben.id, True)]
    assert single.json == found.json[1:]
    assert {"requested_by", "muting_notifications", "note", "domain_blocking", "endorsed"} <= found.json[0].keys()


async def test_a_relationship_says_whether_two_are_contacts_and_never_that_one_was_declined(
    api: Api, ada: Person, ben: Person
) -> None:
    async def seen(viewer: Person, other: Person) -> tuple[object, object]:
        found = await api.get(f"/api/v1/accounts/relationships?id[]={other.id}", viewer.token)
        ours = found.json[0]["alumnode"]
        return ours["contact"], ours["contact_asks_me"]

    assert await seen(ada, ben) == ("none", False)
    api.db.write_now(contacts.ask, ada.member.actor, ben.member.actor)
    assert (await seen(ada, ben), await seen(ben, ada)) == (("requested", False), ("requested", True))
    api.db.write_now(contacts.decline, ben.member.actor, ada.member.actor)
    assert (await seen(ada, ben), await seen(ben, ada)) == (("requested", False), ("declined", False))
    followed = await api.post(f"/api/v1/accounts/{ben.id}/follow", ada.token)
    assert followed.json["alumnode"] == {"contact": "requested", "contact_asks_me": False}
    api.db.write_now(contacts.ask, ben.member.actor, ada.member.actor)
    api.db.write_now(contacts.accept, ada.member.actor, ben.member.actor)
    assert (await seen(ada, ben), await seen(ben, ada)) == (("confirmed", False), ("confirmed", False))


async def test_an_open_local_account_is_followed_at_once(api: Api, ada: Person, ben: Person) -> None:
    followed = (await api.post(f"/api/v1/accounts/{ben.id}/follow", ada.token, data={"reblogs": "false"})).json

    assert (followed["following"], followed["requested"], followed["showing_reblogs"]) == (True, False, False)
    assert (await api.get(f"/api/v1/accounts/{ben.id}")).json["followers_count"] == 1
    ended = (await api.post(f"/api/v1/accounts/{ben.id}/unfollow", ada.token)).json
    assert ended["following"] is False


async def test_a_remote_account_is_asked_first(api: Api, ada: Person) -> None:
    zoe = a_remote_actor(api.db, "zoe")

    asked = (await api.post(f"/api/v1/accounts/{zoe.id}/follow", ada.token, json={})).json

    assert (asked["following"], asked["requested"]) == (False, True)


async def test_a_locked_member_says_yes_or_no(api: Api, ada: Person, ben: Person) -> None:
    await api.ask("PATCH", "/api/v1/accounts/update_credentials", token=ada.token, json={"locked": True})
    asked = (await api.post(f"/api/v1/accounts/{ada.id}/follow", ben.token)).json
    assert asked["requested"] is True
    waiting = await api.get("/api/v1/follow_requests", ada.token)
    assert [one["id"] for one in waiting.json] == [ben.id]

    answered = (await api.post(f"/api/v1/follow_requests/{ben.id}/authorize", ada.token)).json

    assert answered["followed_by"] is True
    assert (await api.get("/api/v1/follow_requests", ada.token)).json == []
    assert (await api.post(f"/api/v1/follow_requests/{ben.id}/reject", ben.token)).status == 404
    removed = (await api.post(f"/api/v1/accounts/{ben.id}/remove_from_followers", ada.token)).json
    assert removed["followed_by"] is False


async def test_blocks_and_mutes_are_set_listed_and_ended(api: Api, ada: Person, ben: Person) -> None:
    blocked = (await api.post(f"/api/v1/accounts/{ben.id}/block", ada.token)).json
    assert blocked["blocking"] is True
    assert [one["id"] for one in (await api.get("/api/v1/blocks", ada.token)).json] == [ben.id]
    assert (await api.post(f"/api/v1/accounts/{ben.id}/unblock", ada.token)).json["blocking"] is False

    muted = (
        await api.post(f"/api/v1/accounts/{ben.id}/mute", ada.token, json={"duration": 3600, "notifications": False})
    ).json

    assert (muted["muting"], muted["muting_notifications"]) == (True, False)
    [listed] = (await api.get("/api/v1/mutes", ada.token)).json
    assert (listed["id"], listed["mute_expires_at"]) == (ben.id, muted["muting_expires_at"])
    assert (await api.post(f"/api/v1/accounts/{ben.id}/unmute", ada.token)).json["muting"] is False


@pytest.mark.parametrize("action", ["follow", "block", "mute"])
async def test_nobody_does_it_to_themselves(api: Api, ada: Person, action: str) -> None:
    answer = await api.post(f"/api/v1/accounts/{ada.id}/{action}", ada.token)

    assert answer.status in (403, 422)
    assert answer.json["error"]


async def test_followers_are_paged_by_rows_of_their_own(api: Api, ada: Person) -> None:
    names = [f"fan{number}" for number in range(5)]
    for name in names:
        api.db.write_now(relationships.follow, a_member(api.db, name).actor, ada.member.actor)

    first = await api.get(f"/api/v1/accounts/{ada.id}/followers?limit=2")
    second = await api.get(str(first.link("next")))
    third = await api.get(str(second.link("next")))
    end = await api.get(str(third.link("next")))

    pages = [[one["acct"] for one in page.json] for page in (first, second, third, end)]
    assert pages == [["fan4", "fan3"], ["fan2", "fan1"], ["fan0"], []]
    assert "limit=2" in str(first.link("next"))
    assert "Link" not in end.headers
    back = await api.get(str(third.link("prev")))
    assert [one["acct"] for one in back.json] == ["fan2", "fan1"]


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({}, ["boost", "reply", "first"]),
        ({"exclude_reblogs": "true"}, ["reply", "first"]),
        ({"exclude_replies": "1"}, ["boost", "first"]),
        ({"only_media": "true"}, []),
        ({"pinned": "true"}, []),
        ({"tagged": "Quay"}, ["first"]),
        ({"limit": "1"}, ["boost"]),
    ],
)
async def test_somebodys_posts_can_be_narrowed(
    api: Api, ada: Person, ben: Person, asked: dict[str, str], seen: list[str]
) -> None:
    from node.posts import boost

    of_ben = a_post(api.db, ben.member.actor, "Ben's")
    ids = {
        a_post(api.db, ada.member.actor, "On the #quay"): "first",
        a_post(api.db, ada.member.actor, "Answer", in_reply_to_id=of_ben): "reply",
        api.db.write_now(boost, ada.member.actor, of_ben): "boost",
    }

    answer = await api.get(f"/api/v1/accounts/{ada.id}/statuses", params=asked)

    assert [ids[int(one["id"])] for one in answer.json] == seen  # type: ignore[index]  # a post's number


async def test_several_accounts_and_the_directory(api: Api, ada: Person, ben: Person) -> None:
    several = await api.get(f"/api/v1/accounts?id[]={ben.id}&id[]=99&id[]={ada.id}")
    assert [one["acct"] for one in several.json] == ["ben", "ada"]

    await api.ask("PATCH", "/api/v1/accounts/update_credentials", token=ada.token, json={"discoverable": True})

    assert [one["acct"] for one in (await api.get("/api/v1/directory")).json] == ["ada"]


async def test_one_does_not_act_with_anothers_numbers(api: Api, ada: Person, ben: Person) -> None:
    """Whatever Ada owns answers 404 to Ben when he uses its number."""
    image = _pixel()
    made = await api.post("/api/v2/media", ada.token, data=_form(image))
    media_id = made.json["id"]

    calls: list[tuple[str, str, Any]] = [
        ("GET", f"/api/v1/media/{media_id}", None),
        ("PUT", f"/api/v1/media/{media_id}", {"description": "Mine"}),
        ("POST", "/api/v1/statuses", {"status": "x", "media_ids": [media_id]}),
    ]
    for method, path, body in calls:
        answer = await api.ask(method, path, token=ben.token, **({"json": body} if body else {}))
        assert answer.status in (404, 422), path


def _pixel() -> bytes:
    from web.media import _plain_png

    return _plain_png(40, 30)


def _form(data: bytes) -> Any:
    from aiohttp import FormData

    form = FormData()
    form.add_field("file", data, filename="pixel.png")
    return form
