# SPDX-License-Identifier: AGPL-3.0-or-later
"""Direct posts as conversations."""

from activitypub.addressing import Visibility
from node import posts, relationships
from tests.support.builders import a_post
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

PATH = "/api/v1/conversations"


def write(api: Api, author: Person, text: str, answered: int | None = None) -> int:
    return a_post(api.db, author.member.actor, text, visibility=Visibility.DIRECT, in_reply_to_id=answered)


async def test_a_thread_among_the_same_people_is_one(api: Api, ada: Person, ben: Person) -> None:
    news: list[object] = []
    api.db.bus.subscribe("conversation", news.append)
    first = write(api, ben, "@ada hello")
    last = write(api, ada, "@ben yes?", first)
    other = write(api, ben, "@ada something else")

    found = (await api.get(PATH, ada.token)).json

    assert [one["last_status"]["id"] for one in found] == [str(other), str(last)]
    assert [[person["id"] for person in one["accounts"]] for one in found] == [[ben.id], [ben.id]]
    assert [one["unread"] for one in found] == [True, False]
    assert len(news) == 6


async def test_they_are_marked_and_removed_by_their_owner_alone(api: Api, ada: Person, ben: Person) -> None:
    first = write(api, ben, "@ada hello")
    [found] = (await api.get(PATH, ada.token)).json
    path = f"{PATH}/{found['id']}"

    assert (await api.post(f"{path}/read", ben.token)).status == 404
    assert (await api.ask("DELETE", path, token=ben.token)).status == 404
    assert (await api.post(f"{path}/read", ada.token)).json["unread"] is False
    assert (await api.post(f"{path}/unread", ada.token)).json["unread"] is True
    assert (await api.ask("DELETE", path, token=ada.token)).json == {}
    assert (await api.get(PATH, ada.token)).json == []
    assert len((await api.get(PATH, ben.token)).json) == 1

    write(api, ben, "@ada still there?", first)

    assert len((await api.get(PATH, ada.token)).json) == 1


async def test_what_is_deleted_leaves_its_conversation(api: Api, ada: Person, ben: Person) -> None:
    first = write(api, ben, "@ada hello")
    second = write(api, ben, "@ada sorry", first)

    api.db.write_now(posts.delete_post, ben.member.actor, second)
    [found] = (await api.get(PATH, ada.token)).json
    assert found["last_status"]["id"] == str(first)
    api.db.write_now(posts.delete_post, ben.member.actor, first)

    assert (await api.get(PATH, ada.token)).json == []


async def test_those_who_are_blocked_open_none(api: Api, ada: Person, ben: Person) -> None:
    api.db.write_now(relationships.mute, ada.member.actor, ben.member.actor)

    write(api, ben, "@ada hello")

    assert (await api.get(PATH, ada.token)).json == []


async def test_a_muted_thread_does_not_become_unread(api: Api, ada: Person, ben: Person) -> None:
    first = write(api, ada, "@ben hello")
    await api.post(f"/api/v1/statuses/{first}/mute", ada.token)

    write(api, ben, "@ada yes", first)

    [found] = (await api.get(PATH, ada.token)).json
    assert found["unread"] is False


async def test_they_are_paged_by_what_was_said_last(api: Api, ada: Person, ben: Person) -> None:
    numbers = [write(api, ben, f"@ada {count}") for count in range(3)]

    first = await api.get(f"{PATH}?limit=2", ada.token)
    second = await api.get(str(first.link("next")), ada.token)

    assert [one["last_status"]["id"] for one in [*first.json, *second.json]] == [str(one) for one in reversed(numbers)]
    assert (await api.get(str(second.link("next")), ada.token)).json == []


async def test_a_note_to_oneself_shows_oneself(api: Api, ada: Person) -> None:
    write(api, ada, "remember the boat")

    [found] = (await api.get(PATH, ada.token)).json

    assert [person["id"] for person in found["accounts"]] == [ada.id]
    assert found["unread"] is False
