# SPDX-License-Identifier: AGPL-3.0-or-later
"""A node and pubby, in both directions. pubby signs and checks draft-cavage alone, and has one actor."""

from collections.abc import Iterator

import pytest
from mastodon import Mastodon

from federation_tests.harness.clients import follow, notified, on_home
from federation_tests.harness.network import Network
from federation_tests.harness.node import Account, Node
from federation_tests.harness.peers import Peer, start_pubby
from federation_tests.harness.waiting import eventually


@pytest.fixture(scope="module")
def pubby(network: Network) -> Iterator[Peer]:
    peer = start_pubby(network, "pubby")
    yield peer
    peer.close()


@pytest.fixture
def app(harbour: Node, amara: Account) -> Mastodon:
    return harbour.app(amara.username)


def test_we_follow_it_read_it_and_leave(app: Mastodon, pubby: Peer, harbour: Node, amara: Account) -> None:
    us = harbour.actor_id(amara.username)
    account = follow(app, pubby.handle)
    assert us in pubby.followers

    note = pubby.note("<p>Quiz night on Thursday</p>")
    assert "Quiz night" in on_home(app, note.object).content

    pubby.delete(note.object)
    eventually(
        lambda: [one.uri for one in app.timeline_home(limit=40)],
        within=10,
        until=lambda uris: note.object not in uris,
        what="the deleted note is gone",
    )
    app.account_unfollow(account.id)
    eventually(lambda: pubby.followers, within=10, until=lambda known: us not in known)


def test_it_follows_us_hears_us_and_answers(app: Mastodon, pubby: Peer, harbour: Node, amara: Account) -> None:
    us = harbour.actor_id(amara.username)
    sent = pubby.follow(amara.handle)
    pubby.received("Accept", naming=sent.id)
    eventually(lambda: pubby.following, within=10, until=lambda known: us in known)
    notified(app, "follow", pubby.handle)

    posted = app.status_post("The bar opens at six")
    [created] = pubby.received("Create", naming=posted.uri)
    assert created.signature == "cavage"

    like = pubby.like(posted.uri, of=us)
    notified(app, "favourite", pubby.handle)
    pubby.undo(like)
    eventually(lambda: app.status(posted.id).favourites_count, within=10, until=lambda count: count == 0)
    pubby.announce(posted.uri, of=us)
    notified(app, "reblog", pubby.handle)
    pubby.undo(sent)
