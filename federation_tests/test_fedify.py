# SPDX-License-Identifier: AGPL-3.0-or-later
"""A node and Fedify, in both directions, Fedify knocking with RFC 9421 first and then with draft-cavage first.

Fedify checks our signatures with code that shares no line with ours, and sends what we check.
"""

from collections.abc import Iterator

import pytest
from mastodon import Mastodon

from federation_tests.harness.clients import follow, found, here, notified, on_home
from federation_tests.harness.node import Account, Node
from federation_tests.harness.peers import Knock, Peer
from federation_tests.harness.waiting import eventually


@pytest.fixture(params=["fedify", "fedify_cavage"])
def peer(request: pytest.FixtureRequest) -> Peer:
    chosen: Peer = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def app(tilleuls: Node, camille: Account) -> Mastodon:
    return tilleuls.app(camille.username)


@pytest.fixture
def followed(app: Mastodon, peer: Peer) -> Iterator[Peer]:
    """The peer, followed by Camille for the length of a test."""
    account = follow(app, peer.handle)
    yield peer
    app.account_unfollow(account.id)


def test_it_finds_our_member_and_reads_a_whole_actor(peer: Peer, tilleuls: Node, camille: Account) -> None:
    actor = peer.fetch(tilleuls.actor_id(camille.username))

    assert actor["type"] == "Person"
    assert actor["preferredUsername"] == "camille"
    assert actor["publicKey"]["owner"] == actor["id"]
    assert actor["endpoints"]["sharedInbox"] == tilleuls.shared_inbox


def test_we_follow_it_and_read_its_note(app: Mastodon, followed: Peer, tilleuls: Node, camille: Account) -> None:
    assert tilleuls.actor_id(camille.username) in followed.followers

    note = followed.note("<p>Bonjour <strong>Angoulême</strong></p>")

    seen = on_home(app, note.object)
    assert seen.account.acct == followed.handle
    assert "Bonjour" in seen.content


def test_we_unfollow_it_and_it_knows(app: Mastodon, peer: Peer, tilleuls: Node, camille: Account) -> None:
    us = tilleuls.actor_id(camille.username)
    account = follow(app, peer.handle)
    assert us in peer.followers

    app.account_unfollow(account.id)

    eventually(lambda: peer.followers, within=10, until=lambda known: us not in known)
    assert peer.received("Undo", naming=us)


def test_it_follows_us_hears_us_and_leaves(app: Mastodon, peer: Peer, tilleuls: Node, camille: Account) -> None:
    our_id = tilleuls.actor_id(camille.username)

    sent = peer.follow(camille.handle)
    peer.received("Accept", naming=sent.id)
    assert our_id in peer.following
    notified(app, "follow", peer.handle)
    posted = app.status_post("Des nouvelles du comité")
    [created] = peer.received("Create", naming=posted.uri)
    assert created.activity["actor"] == our_id
    assert "Des nouvelles" in created.activity["object"]["content"]

    peer.undo(sent)
    account = found(app, peer.handle)
    eventually(
        lambda: app.account_relationships([account.id])[0].followed_by, within=10, until=lambda follows: not follows
    )


def test_an_event_of_its_shows_title_date_place_and_link(app: Mastodon, followed: Peer) -> None:
    event = followed.event(
        "Retrouvailles 2004",
        "<p>Vingt-trois ans déjà.</p>",
        start="2027-05-08T18:00:00Z",
        end="2027-05-08T22:00:00Z",
        place="Cloître des Tilleuls",
    )

    seen = on_home(app, event.object)
    assert "Retrouvailles 2004" in seen.content
    assert "Cloître des Tilleuls" in seen.content
    assert "2027" in seen.content


def test_its_edit_and_its_deletion_are_believed(app: Mastodon, followed: Peer) -> None:
    note = followed.note("<p>Premier jet</p>")
    on_home(app, note.object)

    followed.update(note.object, "<p>Au propre</p>")
    eventually(lambda: on_home(app, note.object).content, within=10, until=lambda text: "Au propre" in text)

    followed.delete(note.object)
    eventually(
        lambda: [one.uri for one in app.timeline_home(limit=40)],
        within=10,
        until=lambda uris: note.object not in uris,
        what="the deleted note is gone",
    )


def test_it_replies_likes_boosts_and_takes_back(app: Mastodon, peer: Peer, tilleuls: Node, camille: Account) -> None:
    our_id = tilleuls.actor_id(camille.username)
    posted = app.status_post("Qui a gardé le livre d'or ?")

    like = peer.like(posted.uri, of=our_id)
    boost = peer.announce(posted.uri, of=our_id)
    reply = peer.note("<p>Moi !</p>", to=our_id, in_reply_to=posted.uri)

    notified(app, "favourite", peer.handle)
    notified(app, "reblog", peer.handle)
    assert notified(app, "mention", peer.handle).status.uri == reply.object
    assert reply.object in [one.uri for one in app.status_context(posted.id).descendants]

    peer.undo(like)
    peer.undo(boost)
    eventually(
        lambda: app.status(posted.id),
        within=10,
        until=lambda it: (it.favourites_count, it.reblogs_count) == (0, 0),
        what="the like and the boost are taken back",
    )


def test_we_like_boost_and_take_back(app: Mastodon, followed: Peer) -> None:
    note = followed.note("<p>À partager</p>")
    seen = on_home(app, note.object)

    app.status_favourite(seen.id)
    app.status_reblog(seen.id)
    [like] = followed.received("Like", naming=note.object)
    [boost] = followed.received("Announce", naming=note.object)

    app.status_unfavourite(seen.id)
    app.status_unreblog(seen.id)
    followed.received("Undo", naming=like.activity["id"])
    followed.received("Undo", naming=boost.activity["id"])


def test_our_replies_and_our_direct_posts_reach_it(app: Mastodon, followed: Peer) -> None:
    note = followed.note("<p>Une question</p>")
    seen = on_home(app, note.object)

    reply = app.status_post(f"@{followed.handle} Une réponse", in_reply_to_id=seen.id, visibility="direct")

    [created] = followed.received("Create", naming=reply.uri)
    assert created.activity["object"]["inReplyTo"] == note.object
    assert created.activity["to"] in ([followed.actor], followed.actor)
    assert "https://www.w3.org/ns/activitystreams#Public" not in str(created.activity)


@pytest.mark.parametrize("signature", list(Knock))
def test_each_kind_of_signature_is_taken_without_a_second_knock(
    fedify: Peer, tilleuls: Node, camille: Account, app: Mastodon, signature: Knock
) -> None:
    posted = app.status_post(f"Signé {signature}")
    like = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{fedify.site.url}/likes/{signature}",
        "type": "Like",
        "actor": fedify.actor,
        "object": posted.uri,
    }

    assert fedify.deliver(tilleuls.shared_inbox, like, signature=signature) == 202

    eventually(lambda: app.status(posted.id).favourites_count, within=10, until=lambda count: count == 1)


def test_a_signed_get_reads_our_post_and_our_collections(
    fedify: Peer, tilleuls: Node, camille: Account, app: Mastodon
) -> None:
    posted = app.status_post("À lire")

    assert fedify.fetch(posted.uri)["type"] == "Note"
    actor = fedify.fetch(tilleuls.actor_id(camille.username))
    assert fedify.fetch(actor["outbox"])["type"] == "OrderedCollection"
    assert fedify.fetch(actor["followers"])["type"] == "OrderedCollection"


def test_a_post_found_by_its_address_shows_here(app: Mastodon, fedify: Peer) -> None:
    note = fedify.note("<p>Trouvez-moi</p>")

    assert "Trouvez-moi" in here(app, note.object).content
