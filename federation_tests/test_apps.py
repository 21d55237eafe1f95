# SPDX-License-Identifier: AGPL-3.0-or-later
"""Real clients, from the login page to the stream: Mastodon.py and toot, each the way its makers mean it."""

import asyncio
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests
from aiohttp.resolver import ThreadedResolver
from mastodon import Mastodon, MastodonUnauthorizedError, StreamListener

from federation_tests.harness.clients import Toot, found, notified, on_home, signed_in
from federation_tests.harness.node import Account, Node
from federation_tests.harness.waiting import eventually


@pytest.fixture(scope="module")
def nadia(tilleuls: Node) -> Account:
    return tilleuls.add_member("nadia", class_year=1987)


@pytest.fixture(scope="module")
def app(tilleuls: Node, nadia: Account) -> Mastodon:
    """Mastodon.py, signed in through the login and the authorisation page."""
    return signed_in(tilleuls, nadia)


class Heard(StreamListener):
    """Keeps what a stream says, and hangs up after a post that says so.

    Only the thread that reads can end a stream at once; anybody else waits for the next byte, which may take 15 seconds.
    """

    LAST = "That is all"

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []
        self.handle: Any = None

    def on_update(self, status: Any) -> None:
        self.events.append(("update", status))
        if self.LAST in status.content:
            self.handle.close()

    def on_notification(self, notification: Any) -> None:
        self.events.append(("notification", notification))

    def on_delete(self, status_id: Any) -> None:
        self.events.append(("delete", str(status_id)))

    def of(self, kind: str) -> list[Any]:
        return [what for name, what in self.events if name == kind]


@pytest.fixture
def stream(app: Mastodon) -> Iterator[Heard]:
    """Nadia's user stream over server-sent events, open."""
    heard = Heard()
    heard.handle = app.stream_user(heard, run_async=True, timeout=30)
    eventually(heard.handle.is_receiving, within=10, what="the stream is open")
    yield heard
    app.status_post(Heard.LAST)
    eventually(heard.handle.is_alive, within=10, until=lambda alive: not alive, what="the stream is over")


def test_mastodon_py_signs_in_and_knows_whose_account_it_is(app: Mastodon, nadia: Account) -> None:
    me = app.me()

    assert me.username == nadia.username
    assert me.acct == nadia.username
    assert app.app_verify_credentials().name == "Scenario"


def test_it_reads_the_instance_before_anything_else(app: Mastodon, tilleuls: Node) -> None:
    assert app.instance_v1().uri == tilleuls.site.authority
    instance = app.instance_v2()
    assert instance.domain == tilleuls.site.authority
    assert instance.title == "Anciens du lycée des Tilleuls"
    assert instance.configuration.statuses.max_characters >= 500


def test_it_posts_with_a_picture(app: Mastodon, png: bytes, tilleuls: Node) -> None:
    picture = app.media_post(png, "image/png", description="Une ellipse", focus=(0.1, -0.4), synchronous=True)
    posted = app.status_post("Avec image", media_ids=[picture.id], language="fr")

    [attachment] = app.status(posted.id).media_attachments
    assert attachment.description == "Une ellipse"
    answer = requests.get(attachment.url, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("image/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert on_home(app, posted.uri).id == posted.id


def test_the_same_post_sent_twice_is_one_post(app: Mastodon) -> None:
    first = app.status_post("Une seule fois", idempotency_key="nadia-1")
    second = app.status_post("Une seule fois", idempotency_key="nadia-1")

    assert first.id == second.id


def test_a_thread_opens_whole_and_in_order(app: Mastodon) -> None:
    root = app.status_post("Racine")
    branch = app.status_post("Branche", in_reply_to_id=root.id)
    leaf = app.status_post("Feuille", in_reply_to_id=branch.id)

    context = app.status_context(branch.id)

    assert [one.id for one in context.ancestors] == [root.id]
    assert [one.id for one in context.descendants] == [leaf.id]


def test_it_pages_through_its_own_posts(app: Mastodon) -> None:
    posted = [app.status_post(f"Page {number}").id for number in range(5)]
    me = app.me().id

    first = app.account_statuses(me, limit=3)
    second = app.fetch_next(first) or []

    assert [one.id for one in first] == posted[:1:-1]
    assert [one.id for one in second][:2] == posted[1::-1]


def test_bookmarks_favourites_and_markers_are_kept(app: Mastodon) -> None:
    posted = app.status_post("À garder")

    app.status_bookmark(posted.id)
    app.status_favourite(posted.id)
    app.markers_set(["home"], [posted.id])

    assert posted.id in [one.id for one in app.bookmarks()]
    assert posted.id in [one.id for one in app.favourites()]
    assert str(app.markers_get(["home"])["home"].last_read_id) == str(posted.id)


def test_the_profile_can_be_changed(app: Mastodon) -> None:
    app.account_update_credentials(display_name="Nadia B.", note="Promo 1987")

    me = app.me()
    assert me.display_name == "Nadia B."
    assert "Promo 1987" in me.note


def test_the_stream_shows_a_post_a_notification_and_a_deletion(
    app: Mastodon, stream: Heard, tilleuls: Node, camille: Account, nadia: Account
) -> None:
    camilles = tilleuls.app(camille.username)
    app.account_follow(app.account_lookup(camille.username).id)

    posted = camilles.status_post(f"@{nadia.username} En direct")

    eventually(lambda: [one for one in stream.of("update") if one.id == posted.id], within=5)
    eventually(lambda: [one for one in stream.of("notification") if one.type == "mention"], within=5)

    camilles.status_delete(posted.id)
    eventually(lambda: str(posted.id) in stream.of("delete"), within=5)


async def test_the_stream_over_a_websocket(tilleuls: Node, nadia: Account, app: Mastodon) -> None:
    token = tilleuls.token(nadia.username)
    trust = ssl.create_default_context(cafile=str(tilleuls.network.ca_file))
    connector = aiohttp.TCPConnector(resolver=ThreadedResolver(), ssl=trust)
    url = f"wss://{tilleuls.site.authority}/api/v1/streaming?stream=user&access_token={token}"
    async with aiohttp.ClientSession(connector=connector) as session, session.ws_connect(url) as socket:
        posted = await asyncio.to_thread(app.status_post, "Par la prise")

        async with asyncio.timeout(30):
            while True:
                event = json.loads(await socket.receive_str())
                if event["event"] == "update" and json.loads(event["payload"])["id"] == str(posted.id):
                    break
    await asyncio.sleep(0.1)  # TLS says goodbye after the session has ended, and aiohttp does not wait for it

    assert event["stream"] == ["user"]


def test_a_revoked_token_opens_nothing_any_more(tilleuls: Node, nadia: Account) -> None:
    other = signed_in(tilleuls, nadia, app_name="Lost phone")
    assert other.me().username == nadia.username
    old = Mastodon(access_token=other.access_token, api_base_url=tilleuls.url, session=requests.Session())

    other.revoke_access_token()

    with pytest.raises(MastodonUnauthorizedError):
        old.account_verify_credentials()


def test_toot_logs_in_and_does_everything_a_member_does(
    harbour: Node, amara: Account, tilleuls: Node, camille: Account, png: bytes, tmp_path: Path
) -> None:
    yaw = harbour.add_member("yaw", class_year=2011)
    toot = Toot(harbour, yaw)
    picture = tmp_path / "cour.png"
    picture.write_bytes(png)

    toot.login()
    assert yaw.username in toot.run("whoami")
    assert harbour.site.authority in toot.run("instance")

    posted = toot.json("post", "From the terminal", "--media", picture, "--description", "A courtyard")
    assert posted["media_attachments"][0]["description"] == "A courtyard"
    assert posted["uri"] in [one["uri"] for one in toot.home()]

    toot.run("follow", camille.handle)
    toot.run("follow", amara.username)
    assert amara.username in toot.run("following", yaw.username)
    amaras = harbour.app(amara.username)
    notified(amaras, "follow", yaw.username)

    said = amaras.status_post(f"@{yaw.username} Welcome!")
    assert "mention" in [one["type"] for one in toot.json("notifications")]
    toot.run("favourite", said.id)
    toot.run("reblog", said.id)
    reply = toot.json("post", "Thank you", "--reply-to", str(said.id))
    assert reply["in_reply_to_id"] == str(said.id)
    assert reply["uri"] in [one["uri"] for one in toot.json("thread", str(said.id))["descendants"]]

    camilles = tilleuls.app(camille.username)
    far = found(camilles, yaw.handle)
    eventually(lambda: camilles.account_relationships([far.id])[0].followed_by, within=10)
    hello = camilles.status_post("Bonjour Tema")
    eventually(lambda: hello.uri in [one["uri"] for one in toot.home()], within=10)

    toot.run("delete", posted["id"])
    assert posted["uri"] not in [one["uri"] for one in toot.home()]
    toot.run("logout", f"{yaw.username}@{harbour.site.authority}")
