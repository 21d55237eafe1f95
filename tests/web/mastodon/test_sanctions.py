# SPDX-License-Identifier: AGPL-3.0-or-later
"""What apps see of people whom the staff has suspended, limited or warned, and of connections that it has ended."""

import io

import pytest

from node import actors, moderation, relationships
from node.actors import Actor, ProfileChange
from node.kernel import queue
from node.members import Entry, NewMember, add_member
from node.moderation import Sanction, domains
from tests.media.test_images import a_picture
from tests.support.builders import a_post, a_remote_actor, keys
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person


def decide(api: Api, target: Actor, kind: Sanction, reason: str = "Too loud") -> None:
    api.db.write_now(moderation.decide, None, target, kind, reason)


def lift(api: Api, target: Actor, kind: Sanction) -> None:
    api.db.write_now(moderation.lift, None, api.db.read_now(actors.get, target.id), kind)


async def test_nobody_is_led_to_a_suspended_member_and_whoever_is_deleted_is_gone(api: Api, ben: Person) -> None:
    me = ben.member.actor
    address = f"/.well-known/webfinger?resource=acct:{me.username}@{api.db.site.domain}"
    assert (await api.get(address)).status == 200
    decide(api, me, Sanction.SUSPEND)
    assert (await api.get(address)).status == 404

    api.db.write_now(lambda tx: moderation.delete_for_good(tx, None, actors.get(tx.conn, me.id)))

    assert (await api.get(address)).status == 410


async def test_nothing_of_a_suspended_member_is_shown_until_they_are_back(api: Api, ada: Person, ben: Person) -> None:
    me = ben.member.actor
    api.db.write_now(
        relationships.update_profile, me, ProfileChange(summary="Sails", discoverable=True, fields=[("Boat", "Swift")])
    )
    await api.post(f"/api/v1/accounts/{ada.id}/follow", ben.token)
    await api.post(f"/api/v1/accounts/{ben.id}/follow", ada.token)
    post = a_post(api.db, me, "Ahoy #boat")
    await api.post(f"/api/v1/statuses/{post}/reblog", ada.token)
    await api.post(f"/api/v1/statuses/{post}/favourite", ada.token)
    await api.post(f"/api/v1/statuses/{post}/bookmark", ada.token)
    await api.post(f"/api/v1/statuses/{post}/pin", ben.token)
    doors = [
        "/api/v1/timelines/home",
        "/api/v1/timelines/public",
        "/api/v1/timelines/tag/boat",
        f"/api/v1/accounts/{ben.id}/statuses",
        f"/api/v1/accounts/{ben.id}/statuses?pinned=true",
        f"/api/v1/accounts/{ada.id}/followers",
        f"/api/v1/accounts/{ada.id}/following",
        f"/api/v1/accounts/relationships?id[]={ben.id}",
        "/api/v1/favourites",
        "/api/v1/bookmarks",
        "/api/v1/notifications",
        "/api/v1/accounts/search?q=ben",
        "/api/v1/directory",
    ]

    async def lengths() -> list[int]:
        return [len((await api.get(path, ada.token)).json) for path in doors]

    before = await lengths()
    assert all(before), dict(zip(doors, before, strict=True))

    decide(api, me, Sanction.SUSPEND)

    # Ada's own boost of the post is gone as well.
    assert [path for path, number in zip(doors, await lengths(), strict=True) if number] == []
    shown = (await api.get(f"/api/v1/accounts/{ben.id}", ada.token)).json
    assert (shown["suspended"], shown["acct"], shown["display_name"], shown["note"]) == (True, "ben", "", "")
    assert (shown["fields"], shown["discoverable"]) == ([], False)
    assert (await api.get("/api/v1/accounts/lookup?acct=ben")).json["suspended"] is True
    assert (await api.get(f"/api/v1/statuses/{post}", ada.token)).status == 404
    assert (await api.get(f"/api/v1/accounts/{ben.id}/followers", ada.token)).json == []
    asked = await api.get(f"/api/v1/accounts/relationships?id[]={ben.id}&with_suspended=true", ada.token)
    assert [(one["id"], one["following"]) for one in asked.json] == [(ben.id, True)]
    assert (await api.post(f"/api/v1/accounts/{ben.id}/follow", ada.token)).status == 404

    lift(api, me, Sanction.SUSPEND)

    assert await lengths() == before
    assert (await api.get(f"/api/v1/accounts/{ben.id}")).json["display_name"] == "Ben Pier"


async def test_a_suspension_ends_every_app_and_every_browser_at_once(api: Api, ben: Person) -> None:
    browser = api.session(ben.member)
    assert (await api.get("/settings/profile", headers=browser)).status == 200
    assert (await api.get("/api/v1/accounts/verify_credentials", ben.token)).status == 200

    decide(api, ben.member.actor, Sanction.SUSPEND)

    assert (await api.get("/api/v1/accounts/verify_credentials", ben.token)).status == 401
    assert (await api.get("/settings/profile", headers=browser)).status == 302
    lift(api, ben.member.actor, Sanction.SUSPEND)
    assert (await api.get("/api/v1/accounts/verify_credentials", ben.token)).status == 401
    assert (await api.get("/settings/profile", headers=browser)).status == 302


async def test_who_is_limited_is_seen_by_followers_alone_where_all_posts_are_gathered(
    api: Api, ada: Person, ben: Person
) -> None:
    post = str(a_post(api.db, ben.member.actor, "Ahoy #boat"))
    gathered = ["/api/v1/timelines/public?local=true", "/api/v1/timelines/tag/boat"]

    decide(api, ben.member.actor, Sanction.LIMIT)

    for path in gathered:
        assert [(await api.get(path, token)).json for token in (ada.token, None)] == [[], []]
        assert [one["id"] for one in (await api.get(path, ben.token)).json] == [post]
    assert (await api.get(f"/api/v1/statuses/{post}")).json["account"]["limited"] is True
    assert [one["id"] for one in (await api.get(f"/api/v1/accounts/{ben.id}/statuses")).json] == [post]
    await api.post("/api/v1/statuses", ben.token, json={"status": "@ada Ahoy"})
    assert (await api.get("/api/v1/notifications", ada.token)).json == []
    assert len((await api.get("/api/v1/notifications/requests", ada.token)).json) == 1
    await api.post(f"/api/v1/accounts/{ben.id}/follow", ada.token)
    for path in gathered:
        assert [one["id"] for one in (await api.get(path, ada.token)).json][-1] == post
    lift(api, ben.member.actor, Sanction.LIMIT)
    assert [one["id"] for one in (await api.get(gathered[1])).json] == [post]


async def test_a_warning_is_a_notification_with_its_reason_and_its_appeal(api: Api, ben: Person) -> None:
    decide(api, ben.member.actor, Sanction.WARN, "Please be kind")
    decide(api, ben.member.actor, Sanction.WARN, "Once more")

    found = (await api.get("/api/v1/notifications", ben.token)).json

    assert [one["type"] for one in found] == ["moderation_warning"] * 2
    warning = found[1]["moderation_warning"]
    assert (warning["action"], warning["text"], warning["appeal"]) == ("none", "Please be kind", None)
    assert warning["target_account"]["id"] == ben.id
    api.db.write_now(moderation.appeal, ben.member, int(warning["id"]), "I was kind")
    answered = (await api.get(f"/api/v1/notifications/{found[1]['id']}", ben.token)).json["moderation_warning"]
    assert answered["appeal"] == {"text": "I was kind", "state": "pending"}
    grouped = (await api.get("/api/v2/notifications", ben.token)).json["notification_groups"]
    assert [group["moderation_warning"]["text"] for group in grouped] == ["Once more", "Please be kind"]


async def test_connections_that_a_blocked_domain_ended_are_a_notification(api: Api, ben: Person) -> None:
    zoe = a_remote_actor(api.db, "zoe")
    api.db.write_now(lambda tx: relationships.actions.begin(tx, zoe, ben.member.actor, f"{zoe.uri}#f", accepted=True))

    api.db.write_now(domains.block, None, "far.example")

    [told] = (await api.get("/api/v1/notifications", ben.token)).json
    assert told["type"] == "severed_relationships"
    event = told["event"]
    assert (event["type"], event["target_name"], event["purged"]) == ("domain_block", "far.example", False)
    assert (event["followers_count"], event["following_count"]) == (1, 0)


@pytest.mark.parametrize("path", ["/api/v1/accounts/{}", "/api/v1/accounts/lookup?acct=pat"])
async def test_who_is_not_let_in_yet_is_not_there(api: Api, path: str) -> None:
    new = NewMember(username="pat", email="pat@mail.example", password_hash="", display_name="Pat")
    pat = api.db.write_now(add_member, new, keys(), entry=Entry(approved=False))
    token = api.token(pat)

    assert (await api.get(path.format(pat.id))).status == 404
    assert (await api.get(f"/api/v1/accounts?id[]={pat.id}")).json == []
    mine = await api.get("/api/v1/accounts/verify_credentials", token)
    assert (mine.json["display_name"], mine.json["suspended"]) == ("Pat", False)


async def test_the_files_of_a_suspended_member_are_given_to_nobody(api: Api, ada: Person, ben: Person) -> None:
    upload = await api.post("/api/v2/media", ben.token, data={"file": io.BytesIO(a_picture())})
    posted = await api.post("/api/v1/statuses", ben.token, json={"status": "Look", "media_ids": [upload.json["id"]]})
    portrait = await api.ask("PATCH", "/api/v1/profile", token=ben.token, data={"avatar": io.BytesIO(a_picture())})
    [shown] = posted.json["media_attachments"]
    files = [
        address.removeprefix("https://harbour.example")
        for address in (shown["url"], shown["preview_url"], portrait.json["avatar"])
    ]

    async def answers() -> set[int]:
        await hide_files(api, ben.member.id)
        return {(await api.get(file)).status for file in files}

    assert await answers() == {200}
    decide(api, ben.member.actor, Sanction.SUSPEND)
    assert await answers() == {404}
    lift(api, ben.member.actor, Sanction.SUSPEND)
    assert await answers() == {200}


async def hide_files(api: Api, owner_id: int) -> None:
    """Do what the task does that a decision leaves."""
    left = api.db.read_now(queue.listing, queue.Chosen(name="media.hide"))
    for entry in left:
        assert entry.payload == {"owner": owner_id}
        task = queue.Task(entry.id, entry.queue, entry.name, entry.lane, entry.payload, 1)
        await api.services._hide_files(task)


async def test_what_a_suspended_member_features_is_shown_to_nobody(api: Api, ada: Person, ben: Person) -> None:
    await api.post("/api/v1/featured_tags", ben.token, data={"name": "boats"})
    await api.post(f"/api/v1/accounts/{ada.id}/follow", ben.token)
    await api.post(f"/api/v1/accounts/{ada.id}/endorse", ben.token)
    paths = [f"/api/v1/accounts/{ben.id}/{what}" for what in ("featured_tags", "endorsements")]
    assert [len((await api.get(path)).json) for path in paths] == [1, 1]

    decide(api, ben.member.actor, Sanction.SUSPEND)

    assert [(await api.get(path)).json for path in paths] == [[], []]
