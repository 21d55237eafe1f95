# SPDX-License-Identifier: AGPL-3.0-or-later
"""A node and bovine, in both directions. bovine signs and checks draft-cavage, and refuses RFC 9421 with 401."""

import pytest
from mastodon import Mastodon

from federation_tests.harness.clients import follow, found, notified, on_home
from federation_tests.harness.node import Account, Node
from federation_tests.harness.peers import Peer
from federation_tests.harness.waiting import eventually


@pytest.fixture
def app(harbour: Node, amara: Account) -> Mastodon:
    return harbour.app(amara.username)


def test_we_follow_it_read_it_and_leave(app: Mastodon, bovine: Peer, harbour: Node, amara: Account) -> None:
    us = harbour.actor_id(amara.username)
    account = follow(app, bovine.handle)
    assert us in bovine.followers

    note = bovine.note("<p>Moo from the meadow</p>")
    seen = on_home(app, note.object)
    assert seen.account.acct == bovine.handle
    assert "Moo" in seen.content

    bovine.update(note.object, "<p>Moo, corrected</p>")
    eventually(lambda: on_home(app, note.object).content, within=10, until=lambda text: "corrected" in text)

    app.account_unfollow(account.id)
    eventually(lambda: bovine.followers, within=10, until=lambda known: us not in known)


def test_it_follows_us_hears_us_and_leaves(app: Mastodon, bovine: Peer, harbour: Node, amara: Account) -> None:
    our_id = harbour.actor_id(amara.username)

    sent = bovine.follow(amara.handle)
    bovine.received("Accept", naming=sent.id)
    assert our_id in bovine.following
    notified(app, "follow", bovine.handle)
    posted = app.status_post("The choir sings on Friday")
    [created] = bovine.received("Create", naming=posted.uri)
    assert created.signature == "cavage"

    bovine.undo(sent)
    account = found(app, bovine.handle)
    eventually(
        lambda: app.account_relationships([account.id])[0].followed_by, within=10, until=lambda follows: not follows
    )


def test_its_event_shows_and_its_like_counts(app: Mastodon, bovine: Peer, harbour: Node, amara: Account) -> None:
    account = follow(app, bovine.handle)
    event = bovine.event("Barn dance", "<p>Bring boots.</p>", start="2027-06-12T19:00:00+00:00", place="Old barn")
    assert "Barn dance" in on_home(app, event.object).content

    posted = app.status_post("Old photographs")
    like = bovine.like(posted.uri, of=harbour.actor_id(amara.username))
    notified(app, "favourite", bovine.handle)
    bovine.undo(like)
    eventually(lambda: app.status(posted.id).favourites_count, within=10, until=lambda count: count == 0)
    app.account_unfollow(account.id)


def test_its_note_is_gone_when_it_says_so(app: Mastodon, bovine: Peer) -> None:
    account = follow(app, bovine.handle)
    note = bovine.note("<p>Soon gone</p>")
    on_home(app, note.object)

    bovine.delete(note.object)

    eventually(
        lambda: [one.uri for one in app.timeline_home(limit=40)],
        within=10,
        until=lambda uris: note.object not in uris,
        what="the deleted note is gone",
    )
    app.account_unfollow(account.id)


def test_a_signed_get_reads_our_actor(bovine: Peer, harbour: Node, amara: Account) -> None:
    assert bovine.fetch(harbour.actor_id(amara.username))["preferredUsername"] == "amara"


def test_no_activity_of_ours_was_refused_for_its_first_signature(app: Mastodon, bovine: Peer) -> None:
    """We begin with draft-cavage where we know nothing, so bovine never had to say no to us."""
    refused = [one for one in bovine.attempts() if not one.accepted and "harbour.localhost" in str(one.activity)]

    assert refused == []
