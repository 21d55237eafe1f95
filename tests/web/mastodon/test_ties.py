# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notes, endorsements, blocked networks, suggestions, the directory: what apps ask about other people."""

from node import profiles, relationships
from node.actors import Actor, ProfileChange
from node.profiles import Listing
from tests.support.builders import a_member, a_remote_actor
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

NOBODY = "9999999999"


def _follow(api: Api, follower: Actor, followee: Actor) -> None:
    api.db.write_now(relationships.actions.begin, follower, followee, f"{follower.uri}#f{followee.id}", accepted=True)


async def _between(api: Api, person: Person, other: str) -> dict[str, object]:
    [found] = (await api.get(f"/api/v1/accounts/relationships?id[]={other}", person.token)).json
    return dict(found)


async def test_a_note_is_for_its_writer_alone(api: Api, ada: Person, ben: Person) -> None:
    path = f"/api/v1/accounts/{ben.id}/note"

    written = await api.post(path, ada.token, data={"comment": "Met in Lyon"})

    assert (written.status, written.json["note"]) == (200, "Met in Lyon")
    assert (await api.post(path, ada.token, json={"comment": "Met in Nice"})).json["note"] == "Met in Nice"
    assert (await _between(api, ada, ben.id))["note"] == "Met in Nice"
    assert (await _between(api, ben, ada.id))["note"] == ""
    assert (await api.post(path, ada.token, json={"comment": "x" * 2001})).status == 422
    assert (await api.post(path, ada.token)).json["note"] == ""
    assert (await api.post(f"/api/v1/accounts/{NOBODY}/note", ada.token)).status == 404


async def test_whom_one_follows_can_be_shown_on_ones_profile(api: Api, ada: Person, ben: Person) -> None:
    assert (await api.post(f"/api/v1/accounts/{ben.id}/endorse", ada.token)).status == 422
    _follow(api, ada.member.actor, ben.member.actor)

    shown = await api.post(f"/api/v1/accounts/{ben.id}/endorse", ada.token)

    assert shown.json["endorsed"] is True
    for answer in (
        await api.get("/api/v1/endorsements", ada.token),
        await api.get(f"/api/v1/accounts/{ada.id}/endorsements"),
    ):
        assert [one["id"] for one in answer.json] == [ben.id]
        assert answer.link("next") is not None
    assert (await api.post(f"/api/v1/accounts/{ben.id}/unpin", ada.token)).json["endorsed"] is False
    assert (await api.get("/api/v1/endorsements", ada.token)).json == []
    assert (await api.post(f"/api/v1/accounts/{ben.id}/pin", ada.token)).json["endorsed"] is True
    await api.post(f"/api/v1/accounts/{ben.id}/unfollow", ada.token)
    assert (await api.get("/api/v1/endorsements", ada.token)).json == []


async def test_familiar_followers_are_those_whom_one_follows(api: Api, ada: Person, ben: Person) -> None:
    carla = a_member(api.db, "carla").actor
    _follow(api, ada.member.actor, ben.member.actor)
    _follow(api, ben.member.actor, carla)

    answer = await api.get(f"/api/v1/accounts/familiar_followers?id[]={carla.id}&id[]={ben.id}&id[]=5", ada.token)

    assert [one["id"] for one in answer.json] == [str(carla.id), ben.id, "5"]
    assert [[person["id"] for person in one["accounts"]] for one in answer.json] == [[ben.id], [], []]


async def test_a_network_is_blocked_and_unblocked(api: Api, ada: Person) -> None:
    far = a_remote_actor(api.db, "sam", host="far.example")
    _follow(api, ada.member.actor, far)
    preview = await api.get("/api/v1/domain_blocks/preview?domain=far.example", ada.token)
    assert preview.json == {"following_count": 1, "followers_count": 0}
    assert (await api.get("/api/v1/domain_blocks/preview?domain=FAR.example", ada.token)).json == preview.json
    assert (await api.get("/api/v1/domain_blocks/preview?domain=no%20domain", ada.token)).status == 422

    blocked = await api.post("/api/v1/domain_blocks", ada.token, data={"domain": "Far.example"})

    assert (blocked.status, blocked.json) == (200, {})
    listed = await api.get("/api/v1/domain_blocks", ada.token)
    assert listed.json == ["far.example"]
    assert listed.link("next") is not None
    between = await _between(api, ada, str(far.id))
    assert (between["domain_blocking"], between["following"]) == (True, False)
    assert (await api.get("/api/v1/accounts/search?q=sam", ada.token)).json == []
    gone = await api.ask("DELETE", "/api/v1/domain_blocks", token=ada.token, data={"domain": "far.example"})
    assert (gone.status, gone.json) == (200, {})
    assert (await api.get("/api/v1/domain_blocks", ada.token)).json == []
    assert [one["id"] for one in (await api.get("/api/v1/accounts/search?q=sam", ada.token)).json] == [str(far.id)]
    assert (await api.post("/api/v1/domain_blocks", ada.token, json={})).status == 422


async def test_classmates_are_suggested_first(api: Api, ada: Person, ben: Person) -> None:
    mate = a_member(api.db, "mia", class_year=1999, listed="school").actor
    blocked = a_member(api.db, "bob", class_year=1999, listed="school").actor
    known = a_member(api.db, "kim", class_year=1999, listed="school").actor
    a_member(api.db, "hidden", class_year=1999)
    api.db.write_now(profiles.answer, ben.member.id, listed_to=Listing.SCHOOL)
    api.db.write_now(relationships.block, ada.member.actor, blocked)
    _follow(api, ada.member.actor, known)
    friend = a_remote_actor(api.db, "sam", host="far.example", discoverable=True)
    _follow(api, known, friend)

    answer = await api.get("/api/v2/suggestions", ada.token)

    assert [one["account"]["id"] for one in answer.json] == [str(mate.id), ben.id, str(friend.id)]
    assert [one["sources"] for one in answer.json] == [["featured"], ["most_followed"], ["friends_of_friends"]]
    gone = await api.ask("DELETE", f"/api/v1/suggestions/{mate.id}", token=ada.token)
    assert (gone.status, gone.json) == (200, {})
    old = await api.get("/api/v1/suggestions?limit=1", ada.token)
    assert [one["id"] for one in old.json] == [ben.id]


async def test_the_directory_lists_those_who_want_to_be_found(api: Api, ada: Person, ben: Person) -> None:
    api.db.write_now(relationships.update_profile, ben.member.actor, ProfileChange(discoverable=True))
    far = a_remote_actor(api.db, "sam", host="far.example", discoverable=True)

    newest = await api.get("/api/v1/directory?order=new")
    local = await api.get("/api/v1/directory?local=true&limit=5", ada.token)

    assert [one["id"] for one in newest.json][:2] == [str(far.id), ben.id]
    assert ben.id in [one["id"] for one in local.json]
    assert str(far.id) not in [one["id"] for one in local.json]
    assert ada.id not in [one["id"] for one in newest.json]


async def test_whom_one_blocks_is_found_by_the_whole_name_alone(api: Api, ada: Person, ben: Person) -> None:
    api.db.write_now(relationships.block, ada.member.actor, ben.member.actor)

    async def finds(words: str, person: Person) -> bool:
        found = (await api.get(f"/api/v2/search?type=accounts&q={words}", person.token)).json["accounts"]
        return bool(found)

    assert await finds("ben", ada)
    assert await finds("@Ben", ada)
    assert not await finds("be", ada)
    assert not await finds("ada", ben)


async def test_the_search_can_be_narrowed_to_whom_one_follows(api: Api, ada: Person, ben: Person) -> None:
    a_member(api.db, "benedict")
    _follow(api, ada.member.actor, ben.member.actor)

    answer = await api.get("/api/v1/accounts/search?q=ben&following=true", ada.token)

    assert [one["id"] for one in answer.json] == [ben.id]
    assert (await api.get("/api/v1/accounts/search?q=ben&offset=2", ada.token)).json == []
