# SPDX-License-Identifier: AGPL-3.0-or-later
"""A Fedify server starts again with new keys: same actor, other key. Our cached key must give way, once."""

from mastodon import Mastodon

from federation_tests.harness.clients import follow, notified, on_home
from federation_tests.harness.network import Network
from federation_tests.harness.node import Account, Node
from federation_tests.harness.peers import Knock, start_fedify


def test_a_new_key_is_fetched_when_the_old_one_no_longer_fits(
    network: Network, tilleuls: Node, camille: Account
) -> None:
    app: Mastodon = tilleuls.app(camille.username)
    peer = start_fedify(network, "forgetful", knock=Knock.CAVAGE)
    try:
        account = follow(app, peer.handle)
        first = peer.note("<p>Avant</p>")
        on_home(app, first.object)

        peer.server.stop()
        peer.server.start()
        our_id = tilleuls.actor_id(camille.username)
        second = peer.note("<p>Après</p>", to=our_id)

        assert notified(app, "mention", peer.handle).status.uri == second.object
        app.account_unfollow(account.id)
    finally:
        peer.close()
