# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fedify and bovine follow each other and talk, without any node of ours.

This proves the ground the other scenarios stand on: when one of these fails, look here before you look at the node.
"""

from datetime import timedelta

import pytest
import requests

from federation_tests.harness.network import Network
from federation_tests.harness.peers import Knock, Peer
from federation_tests.harness.stranger import Forgery, Stranger


def test_both_are_found_over_https_by_handle(network: Network, fedify: Peer, bovine: Peer) -> None:
    for peer in (fedify, bovine):
        query = {"resource": f"acct:{peer.handle}"}
        answer = requests.get(f"{peer.site.url}/.well-known/webfinger", params=query, timeout=10)

        assert answer.status_code == 200
        assert peer.actor in [link.get("href") for link in answer.json()["links"]]


def test_a_peer_without_our_authority_is_not_trusted(fedify: Peer) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(fedify.site.url, verify="/etc/ssl/certs/ca-certificates.crt", timeout=10)


def test_bovine_follows_fedify_hears_it_and_leaves(fedify: Peer, bovine: Peer) -> None:
    follow = bovine.follow(fedify.handle)
    bovine.received("Accept", naming=follow.id)
    assert bovine.following == [fedify.actor]
    assert fedify.followers == [bovine.actor]

    note = fedify.note("<p>Bonjour de Fedify</p>")
    [created] = bovine.received("Create", naming=note.object)
    assert created.activity["object"]["content"] == "<p>Bonjour de Fedify</p>"

    bovine.undo(follow)
    fedify.received("Undo", naming=follow.id)
    assert fedify.followers == []


def test_fedify_follows_bovine_hears_it_and_leaves(fedify: Peer, bovine: Peer) -> None:
    follow = fedify.follow(bovine.handle)
    fedify.received("Accept", naming=follow.id)
    assert fedify.following == [bovine.actor]

    event = bovine.event("Reunion", "<p>Class of 2004</p>", start="2027-05-08T18:00:00Z", place="Lyon")
    [created] = fedify.received("Create", naming=event.object)
    assert created.activity["object"]["type"] == "Event"

    fedify.undo(follow)
    bovine.received("Undo", naming=follow.id)
    assert bovine.followers == []


def test_fedify_knocks_twice_at_a_server_that_knows_cavage_only(fedify: Peer, bovine: Peer) -> None:
    note = fedify.note("<p>Seulement pour toi</p>", to=bovine.handle)
    bovine.received("Create", naming=note.object)

    # Fedify remembers per host what was taken, so the refused first knock may be an earlier activity's.
    knocks = {(one.signature, one.status) for one in bovine.attempts()}
    assert ("cavage", 202) in knocks
    assert ("rfc9421", 401) in knocks


def test_each_first_knock_is_what_it_was_set_to(fedify: Peer, fedify_cavage: Peer) -> None:
    first = fedify.note("<p>rfc</p>", to=fedify_cavage.actor)
    second = fedify_cavage.note("<p>cavage</p>", to=fedify.actor)

    assert [one.signature for one in fedify_cavage.received(naming=first.object)] == ["rfc9421"]
    assert [one.signature for one in fedify.received(naming=second.object)] == ["cavage"]


@pytest.mark.parametrize("signature", list(Knock))
def test_a_signed_body_of_any_shape_can_be_delivered(fedify: Peer, fedify_cavage: Peer, signature: Knock) -> None:
    activity = {"@context": "https://www.w3.org/ns/activitystreams", "type": "Note", "actor": fedify.actor}

    assert fedify.deliver(fedify_cavage.inbox, activity, signature=signature) == 400


def test_a_signed_get_reads_the_other_side(fedify: Peer, bovine: Peer) -> None:
    assert bovine.fetch(fedify.actor)["preferredUsername"] == "ada"
    assert fedify.fetch(bovine.actor)["preferredUsername"] == "bo"


def test_likes_boosts_edits_and_deletions_travel(fedify: Peer, bovine: Peer) -> None:
    follow = bovine.follow(fedify.actor)
    bovine.received("Accept", naming=follow.id)
    note = fedify.note("<p>Premier jet</p>")

    like = bovine.like(note.object, of=fedify.actor)
    bovine.announce(note.object, of=fedify.actor)
    bovine.undo(like)
    fedify.update(note.object, "<p>Au propre</p>")
    fedify.delete(note.object)

    assert fedify.received("Like", naming=note.object)[0].activity["actor"] == bovine.actor
    assert fedify.received("Announce", naming=note.object)[0].activity["actor"] == bovine.actor
    assert fedify.received("Undo", naming=like.id)[0].activity["object"]["type"] == "Like"
    assert bovine.received("Update", naming=note.object)[0].activity["object"]["content"] == "<p>Au propre</p>"
    assert bovine.received("Delete", naming=note.object)
    bovine.undo(follow)


def test_the_stranger_is_believed_by_both_when_it_forges_nothing(
    stranger: Stranger, fedify: Peer, bovine: Peer
) -> None:
    """So that a node which refuses its forgeries refuses them for the forged part."""
    for peer in (fedify, bovine):
        like = stranger.activity("Like", "https://example.org/notes/1")

        assert stranger.post(peer.inbox, like) == 202
        assert [one.signature for one in peer.received("Like", naming=like["id"])] == ["cavage"]


@pytest.mark.parametrize("forgery", [Forgery(wrong_key=True), Forgery(sent_body=b"{}"), Forgery(age=timedelta(days=1))])
def test_the_strangers_forgeries_are_refused(stranger: Stranger, fedify: Peer, forgery: Forgery) -> None:
    status = stranger.post(fedify.inbox, stranger.activity("Like", "https://example.org/notes/2"), forgery)

    assert status in (400, 401)
