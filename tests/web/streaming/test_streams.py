# SPDX-License-Identifier: AGPL-3.0-or-later
"""Streams: what comes, to whom, and when they end. Over both transports."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from node import access, moderation, relationships
from node.actors import get
from node.members import Member
from node.posts import Draft, delete_post, edit
from tests.support.builders import a_member
from tests.web.asking import HOST, Api

PATIENCE = 30.0


class Socket:
    """An open socket, and what has come over it."""

    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self.ws = ws

    async def next(self) -> tuple[list[str], str, Any]:
        """(stream, event, payload)"""
        frame = json.loads(await asyncio.wait_for(self.ws.receive_str(), PATIENCE))
        payload = frame["payload"]
        assert isinstance(payload, str)
        return frame["stream"], frame["event"], json.loads(payload)

    async def raw(self) -> Any:
        return json.loads(await asyncio.wait_for(self.ws.receive_str(), PATIENCE))

    async def say(self, **frame: str) -> None:
        await self.ws.send_str(json.dumps(frame))

    async def ended(self) -> bool:
        message = await asyncio.wait_for(self.ws.receive(), PATIENCE)
        return message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING)


async def opened(api: Api, query: str = "", *, token: str | None = None, **more: Any) -> Socket:
    headers = {"Host": HOST, **({"Authorization": f"Bearer {token}"} if token else {})}
    return Socket(await api.client.ws_connect(f"/api/v1/streaming{query}", headers=headers, **more))


@pytest.fixture
def ada(api: Api) -> Member:
    return a_member(api.db, "ada")


@pytest.fixture
def ben(api: Api, ada: Member) -> Member:
    """Ada follows Ben."""
    ben = a_member(api.db, "ben")
    api.db.write_now(lambda tx: relationships.follow(tx, ada.actor, get(tx.conn, ben.id)))
    return ben


async def _post(api: Api, who: Member, text: str = "Hello", **more: Any) -> int:
    answer = await api.post("/api/v1/statuses", api.token(who), json={"status": text, **more})
    assert answer.status == 200, answer.text
    return int(answer.json["id"])


async def test_a_new_post_comes_to_whoever_follows(api: Api, ada: Member, ben: Member) -> None:
    socket = await opened(api, "?stream=user", token=api.token(ada))

    post_id = await _post(api, ben)

    stream, event, status = await socket.next()
    assert (stream, event, status["id"]) == (["user"], "update", str(post_id))
    assert status["favourited"] is False


async def test_an_edit_and_a_deletion_follow(api: Api, ada: Member, ben: Member) -> None:
    socket = await opened(api, "?stream=user", token=api.token(ada))
    post_id = await _post(api, ben)
    await socket.next()

    await api.db.write(edit, ben.actor, post_id, Draft(text="Changed"))
    _, event, status = await socket.next()
    await api.db.write(delete_post, ben.actor, post_id)
    _, gone, payload = await socket.next()

    assert (event, status["content"]) == ("status.update", "<p>Changed</p>")
    assert (gone, payload) == ("delete", post_id)


async def test_a_notification_comes_with_its_status(api: Api, ada: Member) -> None:
    ben = a_member(api.db, "ben")
    socket = await opened(api, "?stream=user:notification", token=api.token(ada))

    await _post(api, ben, "Ahoy @ada", visibility="direct")

    stream, event, told = await socket.next()
    assert (stream, event, told["type"]) == (["user:notification"], "notification", "mention")
    assert told["status"]["visibility"] == "direct"


async def test_streams_are_joined_and_left_over_the_socket(api: Api, ada: Member, ben: Member) -> None:
    socket = await opened(api, token=api.token(ada))
    await socket.say(type="subscribe", stream="public:local")
    await socket.say(type="subscribe", stream="hashtag", tag="Quay")
    await socket.say(type="subscribe", stream="local")
    assert await socket.raw() == {"error": "Unknown stream type", "status": 400}

    await _post(api, ben, "On the #quay")
    first, second = await socket.next(), await socket.next()
    await socket.say(type="unsubscribe", stream="public:local")
    await socket.say(type="nonsense")
    assert (await socket.raw())["status"] == 400
    await _post(api, ben, "Not there")
    await _post(api, ben, "Again #QUAY")
    third = await socket.next()

    assert {tuple(first[0]), tuple(second[0])} == {("public:local",), ("hashtag", "Quay")}
    assert third[0] == ["hashtag", "Quay"]
    assert "Again" in third[2]["content"]


async def test_nothing_comes_that_one_may_not_see(api: Api, ada: Member, ben: Member) -> None:
    stranger = a_member(api.db, "cid")
    blocked = a_member(api.db, "dan")
    api.db.write_now(lambda tx: relationships.block(tx, ben.actor, get(tx.conn, blocked.id)))
    sockets = [await opened(api, "?stream=public", token=api.token(who)) for who in (stranger, blocked)]
    user = await opened(api, "?stream=user", token=api.token(stranger))

    await _post(api, ben, "For followers", visibility="private")
    await _post(api, ben, "For all")
    await _post(api, ada, "The last")

    assert "For all" in (await sockets[0].next())[2]["content"]
    assert "The last" in (await sockets[0].next())[2]["content"]
    assert "The last" in (await sockets[1].next())[2]["content"]
    assert user.ws._reader.is_eof() is False


@pytest.mark.parametrize("way", ["header", "address", "protocol"])
async def test_the_token_comes_in_three_ways(api: Api, ada: Member, way: str) -> None:
    token = api.token(ada)
    match way:
        case "header":
            socket = await opened(api, token=token)
        case "address":
            socket = await opened(api, f"?access_token={token}")
        case _:
            socket = await opened(api, protocols=[token])
            assert socket.ws.protocol == token

    await socket.say(type="subscribe", stream="user")
    await _post(api, ada, "Mine")

    assert (await socket.next())[1] == "update"


@pytest.mark.parametrize("token", [None, "alm_wrong"])
async def test_a_bad_token_opens_no_socket(api: Api, token: str | None) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await opened(api, "?stream=user", token=token)

    assert refused.value.status == 401


async def test_a_scope_opens_its_streams_alone(api: Api, ada: Member, ben: Member) -> None:
    socket = await opened(api, token=api.token(ada, scopes=("read:statuses",)))
    await socket.say(type="subscribe", stream="user:notification")
    assert (await socket.raw())["status"] == 403

    await socket.say(type="subscribe", stream="user")
    await _post(api, ben, "Ahoy @ada")

    assert (await socket.next())[1] == "update"
    await _post(api, ben, "Again")
    assert (await socket.next())[1] == "update"


async def _revoke_token(api: Api, who: Member) -> None:
    [granted] = api.db.read_now(access.tokens_of, who.id)
    await api.db.write(access.revoke_by_number, who.id, granted.id)


async def _revoke_member(api: Api, who: Member) -> None:
    await api.db.write(access.revoke_of_member, who.id)


async def _suspend(api: Api, who: Member) -> None:
    await api.db.write(moderation.decide, None, who.actor, moderation.Sanction.SUSPEND, "Spam")


@pytest.mark.parametrize("end", [_revoke_token, _revoke_member, _suspend])
async def test_a_stream_ends_with_its_token(api: Api, ada: Member, end: Any) -> None:
    token = api.token(ada)
    socket = await opened(api, "?stream=user", token=token)
    events = await api.client.get("/api/v1/streaming/user", headers={"Host": HOST, "Authorization": f"Bearer {token}"})
    await events.content.readline()

    await end(api, ada)

    assert await socket.ended()
    assert await asyncio.wait_for(events.content.read(), PATIENCE) is not None
    with pytest.raises(WSServerHandshakeError):
        await opened(api, "?stream=user", token=token)


async def _lines(content: Any) -> list[str]:
    found: list[str] = []
    while line := (await asyncio.wait_for(content.readline(), PATIENCE)).decode().strip():
        found.append(line)
    return found


async def test_events_come_as_lines(api: Api, ada: Member, ben: Member) -> None:
    headers = {"Host": HOST, "Authorization": f"Bearer {api.token(ada)}"}
    async with api.client.get("/api/v1/streaming/user", headers=headers) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert await _lines(answer.content) == [":)"]

        post_id = await _post(api, ben)

        name, data = await _lines(answer.content)
        assert name == "event: update"
        assert json.loads(data.removeprefix("data: "))["id"] == str(post_id)


async def test_a_quiet_line_is_kept_open(api: Api, ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.streaming.events.THUMP_SECONDS", 0.01)
    headers = {"Host": HOST, "Authorization": f"Bearer {api.token(ada)}"}
    async with api.client.get("/api/v1/streaming/public", headers=headers) as answer:
        await _lines(answer.content)

        assert await _lines(answer.content) == [":thump"]


async def test_a_hashtag_stream_needs_its_hashtag(api: Api, ada: Member) -> None:
    answer = await api.get("/api/v1/streaming/hashtag", api.token(ada))

    assert (answer.status, answer.json) == (400, {"error": "Missing tag name parameter"})
    assert (await api.get("/api/v1/streaming/health")).text == "OK"


async def test_who_does_not_keep_up_is_let_go(api: Api, ada: Member) -> None:
    from web.auth import CALLERS
    from web.streaming import Event, Listener
    from web.streaming.channels import channel
    from web.streaming.hub import MAX_BEHIND

    caller = await api.app[CALLERS].of(api.token(ada))
    assert caller is not None
    listener = Listener(caller)

    for _ in range(MAX_BEHIND + 1):
        listener.send(Event(channel("user"), "update", b"{}"))

    assert listener.is_over
    assert listener.queue.qsize() == MAX_BEHIND
