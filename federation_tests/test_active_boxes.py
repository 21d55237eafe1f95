# SPDX-License-Identifier: AGPL-3.0-or-later
"""A node and active-boxes, in both directions and with each form of signature: its cryptography is none that we use."""

from collections.abc import Iterator

import pytest
from mastodon import Mastodon

from federation_tests.harness.clients import follow, notified, on_home
from federation_tests.harness.network import Network
from federation_tests.harness.node import Account, Node
from federation_tests.harness.peers import Peer, start_active_boxes
from federation_tests.harness.waiting import eventually


@pytest.fixture(scope="module", params=["rfc9421", "ed25519", "cavage"])
def boxes(network: Network, request: pytest.FixtureRequest) -> Iterator[Peer]:
    """active-boxes, which knocks first with RSA or Ed25519 in the newer form, or in the older one."""
    peer = start_active_boxes(network, f"boxes-{request.param}", knock=request.param)
    yield peer
    peer.close()


@pytest.fixture
def app(harbour: Node, amara: Account) -> Mastodon:
    return harbour.app(amara.username)


def test_we_follow_it_read_it_and_leave(app: Mastodon, boxes: Peer, harbour: Node, amara: Account) -> None:
    us = harbour.actor_id(amara.username)
    account = follow(app, boxes.handle)
    assert us in boxes.followers

    note = boxes.note("<p>Unpacked at last</p>")
    assert "Unpacked" in on_home(app, note.object).content

    boxes.delete(note.object)
    eventually(
        lambda: [one.uri for one in app.timeline_home(limit=40)],
        within=10,
        until=lambda uris: note.object not in uris,
        what="the deleted note is gone",
    )
    app.account_unfollow(account.id)
    eventually(lambda: boxes.followers, within=10, until=lambda known: us not in known)


def test_it_follows_us_and_verifies_what_we_sign(app: Mastodon, boxes: Peer, harbour: Node, amara: Account) -> None:
    sent = boxes.follow(amara.handle)
    boxes.received("Accept", naming=sent.id)
    assert harbour.actor_id(amara.username) in boxes.following
    notified(app, "follow", boxes.handle)

    posted = app.status_post("The boxes are labelled")
    boxes.received("Create", naming=posted.uri)

    like = boxes.like(posted.uri, of=harbour.actor_id(amara.username))
    notified(app, "favourite", boxes.handle)
    boxes.undo(like)
    eventually(lambda: app.status(posted.id).favourites_count, within=10, until=lambda count: count == 0)
    boxes.announce(posted.uri, of=harbour.actor_id(amara.username))
    notified(app, "reblog", boxes.handle)
    boxes.undo(sent)


def test_a_signed_get_reads_our_actor(boxes: Peer, harbour: Node, amara: Account) -> None:
    assert boxes.fetch(harbour.actor_id(amara.username))["preferredUsername"] == "amara"
