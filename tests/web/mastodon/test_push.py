# SPDX-License-Identifier: AGPL-3.0-or-later
"""Web Push, against a small push service in this process that reads what comes as a device would."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import http_ece
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid01
from sqlalchemy import Connection, select

from activitypub.addressing import Visibility
from node import access, notifications, posts, push, relationships
from node.kernel import queue
from node.kernel.config import Settings
from node.kernel.errors import Invalid
from node.kernel.queue import Task
from node.kernel.worker import RetryLater
from node.push import check_keys
from node.wiring.services import Services
from tests.support import builders
from tests.support.builders import a_post
from tests.web.asking import Api
from tests.web.mastodon.conftest import Person

PATH = "/api/v1/push/subscription"
EVERYTHING = dict.fromkeys(push.ALERTS, True)


def plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Device:
    """A device and its push service. `heard` is what came, decrypted; `status` what the service answers."""

    address: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen byte key"
    status: int = 201
    heard: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)

    @property
    def subscription(self) -> dict[str, Any]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.address, "keys": {"p256dh": plain(point), "auth": plain(self.secret)}}

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        more: dict[str, Any] = {}
        if request.headers["Content-Encoding"] == "aesgcm":
            given = dict(part.split("=", 1) for part in request.headers["Crypto-Key"].split(";"))
            more = {"salt": decoded(request.headers["Encryption"].removeprefix("salt=")), "dh": decoded(given["dh"])}
        text = http_ece.decrypt(
            body,
            private_key=self.key,
            auth_secret=self.secret,
            version=request.headers["Content-Encoding"],
            **more,
        )
        self.heard.append(json.loads(text))
        self.headers.append(request.headers.copy())
        return web.Response(status=self.status)


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    """A node that may ask this machine."""
    federation = replace(settings.federation, allow_private_addresses=True, allow_http=True)
    made = Services(replace(settings, federation=federation))
    made.db.write_now(builders.set_up)
    yield made
    await made.close()


@pytest.fixture
async def device() -> AsyncIterator[Device]:
    made = Device()
    app = web.Application()
    app.router.add_post("/device", made.hear)
    server = TestServer(app)
    await server.start_server()
    made.address = str(server.make_url("/device"))
    yield made
    await server.close()


async def subscribe(api: Api, person: Person, device: Device, **more: Any) -> Any:
    body = {"subscription": {**device.subscription, **more.pop("subscription", {})}, "data": {"alerts": EVERYTHING}}
    body["data"].update(more)
    answer = await api.post(PATH, person.token, json=body)
    assert answer.status == 200
    return answer.json


def planned(api: Api) -> list[Task]:
    def read(conn: Connection) -> list[Task]:
        rows = conn.execute(select(queue.tasks).where(queue.tasks.c.name == push.SEND).order_by(queue.tasks.c.id))
        return [Task(row.id, row.queue, row.name, row.lane, json.loads(row.payload), 1) for row in rows]

    return api.db.read_now(read)


async def send_all(api: Api) -> None:
    for task in planned(api):
        await api.services.push.run(task)
        api.db.write_now(queue.complete, task.id)


async def test_an_app_subscribes_and_sees_it(api: Api, ada: Person, ben: Person, device: Device) -> None:
    made = await subscribe(api, ada, device, policy="followed")

    assert isinstance(made["id"], int)
    assert 0 < made["id"] < 2**31
    assert made["endpoint"] == device.address
    assert made["standard"] is False
    assert made["policy"] == "followed"
    assert set(made["alerts"].values()) == {True}
    assert (await api.get(PATH, ada.token)).json == made
    assert (await api.get(PATH, ben.token)).status == 404
    assert (await api.ask("PUT", PATH, token=ben.token, json={})).status == 404


async def test_the_servers_key_is_one_everywhere(api: Api, ada: Person, device: Device) -> None:
    made = await subscribe(api, ada, device)
    instance = (await api.get("/api/v2/instance")).json
    app = await api.post("/api/v1/apps", json={"client_name": "Pier", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"})

    assert made["server_key"] == instance["configuration"]["vapid"]["public_key"] == app.json["vapid_key"]
    assert len(decoded(made["server_key"].rstrip("="))) == 65


@pytest.mark.parametrize("standard", [False, True])
async def test_a_device_can_read_what_it_is_sent(
    api: Api, ada: Person, ben: Person, device: Device, standard: bool
) -> None:
    made = await subscribe(api, ada, device, subscription={"standard": standard})

    a_post(api.db, ben.member.actor, "Ahoy @ada, a <boat>")
    await send_all(api)

    [heard], [headers] = device.heard, device.headers
    [told] = (await api.get("/api/v1/notifications", ada.token)).json
    assert heard["access_token"] == ada.token
    assert heard["notification_id"] == int(told["id"])
    assert heard["notification_type"] == "mention"
    assert heard["preferred_locale"] == "en"
    assert heard["title"] == "Ben Pier mentioned you"
    assert heard["body"] == "Ahoy @ada, a <boat>"
    assert heard["icon"].endswith("://harbour.example/avatars/original/missing.png")
    assert headers["TTL"] == "172800"
    assert headers["Urgency"] == "normal"
    assert "Topic" not in headers
    if standard:
        assert headers["Content-Encoding"] == "aes128gcm"
        assert headers["Authorization"].startswith("vapid t=")
        assert headers["Authorization"].rstrip("=").endswith(made["server_key"].rstrip("="))
        token = headers["Authorization"].split("t=")[1].split(",")[0]
    else:
        assert headers["Authorization"].startswith("WebPush ")
        assert made["server_key"].rstrip("=") in headers["Crypto-Key"]
        token = headers["Authorization"].removeprefix("WebPush ")
    claims = json.loads(decoded(token.split(".")[1]))
    assert device.address.startswith(claims["aud"])
    assert claims["sub"] == "mailto:board@harbour.example"
    assert Vapid01.verify(made["server_key"].rstrip("="), f"WebPush {token}")


async def test_it_speaks_the_members_language_and_keeps_private_words(
    api: Api, ada: Person, ben: Person, device: Device
) -> None:
    from sqlalchemy import update

    from node.members.tables import members

    await subscribe(api, ada, device)
    api.db.write_now(
        lambda tx: tx.conn.execute(update(members).where(members.c.actor_id == ada.member.id).values(locale="fr"))
    )
    a_post(api.db, ben.member.actor, "@ada the secret", visibility=Visibility.DIRECT)
    await send_all(api)
    api.db.write_now(notifications.set_policy, ada.member.id, push_private=True)
    a_post(api.db, ben.member.actor, "@ada another", visibility=Visibility.DIRECT)
    await send_all(api)

    assert [one["title"] for one in device.heard] == ["Ben Pier vous a mentionné"] * 2
    assert [one["body"] for one in device.heard] == ["Un message privé.", "@ada another"]


async def test_only_what_is_wanted_is_planned(api: Api, ada: Person, ben: Person, device: Device) -> None:
    number = a_post(api.db, ada.member.actor)
    await subscribe(api, ada, device)
    changed = await api.ask(
        "PUT",
        PATH,
        token=ada.token,
        json={"data": {"alerts": {"favourite": True, "mention": "0"}}, "policy": "follower"},
    )
    assert [kind for kind, wanted in changed.json["alerts"].items() if wanted] == ["favourite"]
    assert changed.json["policy"] == "follower"

    a_post(api.db, ben.member.actor, "Hello @ada")
    api.db.write_now(posts.favourite, ben.member.actor, number)
    assert planned(api) == []
    api.db.write_now(posts.unfavourite, ben.member.actor, number)
    api.db.write_now(relationships.follow, ben.member.actor, ada.member.actor)
    api.db.write_now(posts.favourite, ben.member.actor, number)

    assert len(planned(api)) == 1


async def test_what_is_gone_meanwhile_is_not_sent(api: Api, ada: Person, ben: Person, device: Device) -> None:
    await subscribe(api, ada, device)
    number = a_post(api.db, ben.member.actor, "Hello @ada")
    a_post(api.db, ben.member.actor, "Hello again @ada")

    api.db.write_now(posts.delete_post, ben.member.actor, number)
    api.db.write_now(relationships.block, ada.member.actor, ben.member.actor)
    await send_all(api)

    assert device.heard == []


async def test_a_revoked_token_ends_it(api: Api, ada: Person, ben: Person, device: Device) -> None:
    await subscribe(api, ada, device)
    a_post(api.db, ben.member.actor, "Hello @ada")

    api.db.write_now(access.revoke_of_member, ada.member.id)
    await send_all(api)
    a_post(api.db, ben.member.actor, "Hello @ada")

    assert device.heard == []
    assert planned(api) == []


async def test_it_can_be_ended(api: Api, ada: Person, ben: Person, device: Device) -> None:
    await subscribe(api, ada, device)

    assert (await api.ask("DELETE", PATH, token=ada.token)).json == {}
    assert (await api.ask("DELETE", PATH, token=ada.token)).json == {}

    assert (await api.get(PATH, ada.token)).status == 404


@pytest.mark.parametrize("status", [400, 403, 404, 410])
async def test_a_device_that_is_gone_is_forgotten(
    api: Api, ada: Person, ben: Person, device: Device, status: int
) -> None:
    await subscribe(api, ada, device)
    device.status = status
    a_post(api.db, ben.member.actor, "Hello @ada")

    await send_all(api)

    assert (await api.get(PATH, ada.token)).status == 404


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_service_that_cannot_now_is_asked_again(
    api: Api, ada: Person, ben: Person, device: Device, status: int
) -> None:
    await subscribe(api, ada, device)
    device.status = status
    a_post(api.db, ben.member.actor, "Hello @ada")
    [task] = planned(api)

    with pytest.raises(RetryLater):
        await api.services.push.run(task)
    await api.services.push.run(replace(task, attempt=push.ATTEMPTS))

    assert (await api.get(PATH, ada.token)).status == 200
    assert push.pause(1) == timedelta(minutes=1)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "https://10.0.0.1/x"},
        {"endpoint": "ftp://push.example/x"},
        {"endpoint": "https://user@push.example/x"},
        {"endpoint": "https://push.internal/x"},
        {"endpoint": ""},
        {"endpoint": "https://push.example/" + "x" * 3000},
        {"keys": {"p256dh": "AAAA", "auth": plain(b"x" * 16)}},
        {"keys": {"p256dh": plain(b"\x04" + b"\x01" * 64), "auth": plain(b"x" * 16)}},
        {"keys": {}},
    ],
)
async def test_what_cannot_be_sent_to_is_refused(api: Api, ada: Person, device: Device, change: dict[str, Any]) -> None:
    body = {"subscription": {**device.subscription, **change}}

    assert (await api.post(PATH, ada.token, json=body)).status == 422
    assert (await api.get(PATH, ada.token)).status == 404


async def test_a_policy_that_is_none_is_refused(api: Api, ada: Person, device: Device) -> None:
    answer = await api.post(PATH, ada.token, json={"subscription": device.subscription, "data": {"policy": "friends"}})

    assert answer.status == 422


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(Invalid):
        check_keys(Device().subscription["keys"]["p256dh"], "AAAA")
