# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists, conversations, and news that say nothing but their name; who is muted; tokens that end elsewhere."""

import asyncio
import json

import pytest

from node import access, lists, relationships
from node.actors import get
from node.kernel.db import Tx
from node.members import Member
from node.posts import Draft, delete_post, edit
from node.wiring.services import open_node_database
from tests.support.builders import a_member
from tests.support.contract import hold
from tests.web.asking import HOST, Api
from tests.web.streaming.test_streams import Socket, _lines, _post, ada, ben, opened
from web.mastodon.openapi.shapes import ref

__all__ = ["ada", "ben"]


def _list(api: Api, owner: Member, *people: Member) -> int:
    def make(tx: Tx) -> int:
        made = lists.create(tx, owner.actor, "Rowers")
        lists.add(tx, owner.actor, made.id, [person.id for person in people])
        return made.id

    return int(api.db.write_now(make))


async def test_a_list_has_a_stream_for_its_owner_alone(api: Api, ada: Member, ben: Member) -> None:
    number = _list(api, ada, ben)
    socket = await opened(api, f"?stream=list&list={number}", token=api.token(ada))
    stranger = await opened(api, token=api.token(ben))
    await stranger.say(type="subscribe", stream="list", list=str(number))
    assert await stranger.raw() == {"error": "Record not found", "status": 404}

    await _post(api, ada, "Not on the list")
    post_id = await _post(api, ben)
    stream, event, status = await socket.next()
    await api.db.write(edit, ben.actor, post_id, Draft(text="Changed"))
    _, changed, again = await socket.next()
    await api.db.write(delete_post, ben.actor, post_id)
    _, gone, payload = await socket.next()

    assert (stream, event, status["id"]) == (["list", str(number)], "update", str(post_id))
    hold(status, ref("Status"), "a status in a stream")
    assert (changed, again["content"]) == ("status.update", "<p>Changed</p>")
    assert (gone, payload) == ("delete", post_id)


async def test_a_list_is_streamed_as_events_too(api: Api, ada: Member, ben: Member) -> None:
    number, token = _list(api, ada, ben), api.token(ada)
    assert (await api.get("/api/v1/streaming/list", token)).json == {"error": "Missing list name parameter"}
    assert (await api.get("/api/v1/streaming/list?list=99", token)).status == 404
    assert (await api.get(f"/api/v1/streaming/list?list={number}", api.token(ben))).status == 404

    headers = {"Host": HOST, "Authorization": f"Bearer {token}"}
    async with api.client.get(f"/api/v1/streaming/list?list={number}", headers=headers) as answer:
        await _lines(answer.content)
        await _post(api, ben)
        assert (await _lines(answer.content))[0] == "event: update"


async def test_a_list_that_the_node_keeps_has_a_stream(api: Api) -> None:
    cid, dan = (a_member(api.db, name, class_year=1998) for name in ("cid", "dan"))
    socket = await opened(api, f"?stream=list&list={int(lists.BuiltIn.SCHOOL)}", token=api.token(cid))

    post_id = await _post(api, dan)

    assert (await socket.next())[2]["id"] == str(post_id)


async def test_a_conversation_comes_on_its_own_stream(api: Api, ada: Member, ben: Member) -> None:
    socket = await opened(api, "?stream=direct", token=api.token(ada))

    post_id = await _post(api, ben, "Ahoy @ada", visibility="direct")

    stream, event, said = await socket.next()
    assert (stream, event) == (["direct"], "conversation")
    hold(said, ref("Conversation"), "a conversation in a stream")
    assert said["last_status"]["id"] == str(post_id)
    assert [person["username"] for person in said["accounts"]] == ["ben"]


@pytest.mark.parametrize(
    ("topic", "name"), [("filters.changed", "filters_changed"), ("notifications.merged", "notifications_merged")]
)
async def test_news_that_are_a_name_alone(api: Api, ada: Member, ben: Member, topic: str, name: str) -> None:
    token = api.token(ada)
    socket = await opened(api, "?stream=user", token=token)
    headers = {"Host": HOST, "Authorization": f"Bearer {token}"}
    async with api.client.get("/api/v1/streaming/user", headers=headers) as answer:
        await _lines(answer.content)

        api.db.bus.publish(topic, ben.id)
        api.db.bus.publish(topic, ada.id)

        assert await socket.raw() == {"stream": ["user"], "event": name}
        assert await _lines(answer.content) == [f"event: {name}", "data: undefined"]


async def test_who_is_muted_is_in_no_public_stream(api: Api, ada: Member, ben: Member) -> None:
    socket = await opened(api, "?stream=public", token=api.token(ada))
    await socket.say(type="subscribe", stream="hashtag", tag="quay")
    api.db.write_now(lambda tx: relationships.mute(tx, ada.actor, get(tx.conn, ben.id)))

    await _post(api, ben, "On the #quay")
    await _post(api, ada, "Mine")

    assert "Mine" in (await socket.next())[2]["content"]


async def test_a_stream_ends_with_a_token_that_another_process_revoked(
    api: Api, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = api.token(ada)
    socket = await opened(api, "?stream=user", token=token)
    elsewhere = open_node_database(api.services.settings)
    try:
        await asyncio.to_thread(elsewhere.write_now, access.revoke_of_member, ada.id)
    finally:
        elsewhere.close()

    await access.Revocations(api.db).look()

    assert await socket.ended()
    assert (await api.get("/api/v1/timelines/home", token)).status == 401


async def test_a_list_stream_needs_its_scope(api: Api, ada: Member, ben: Member) -> None:
    number = _list(api, ada, ben)
    socket = await opened(api, token=api.token(ada, scopes=("read:statuses",)))

    await socket.ws.send_str(json.dumps({"type": "subscribe", "stream": "list", "list": number}))

    assert (await socket.raw())["status"] == 403
    assert isinstance(socket, Socket)
