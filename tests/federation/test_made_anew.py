# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts elsewhere that are made anew: under the same id with other keys, or under the same handle with another id.

Whoever it is now gets nothing that was meant for whom it was.
"""

import pytest

from activitypub.addressing import Visibility
from node import actors, relationships
from node.kernel.paging import Page
from tests.support.builders import a_post, an_actor

OLD, NEW = "2019-05-01T00:00:00Z", "2026-10-01T00:00:00Z"


@pytest.fixture
async def followed(node, peers):
    """Ann, elsewhere since 2019, and Bob, here: each follows the other."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann", published=OLD)
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, bob)
    node.follows(bob, ann.uri)
    return node, peers, bob, ann


def whispered(node, bob):
    a_post(node.db, bob, "For followers", visibility=Visibility.PRIVATE)
    return node.work()


async def refreshed(node, person):
    found = await node.services.resolver.actor(person.uri, refresh=True)
    assert found is not None
    return found


async def test_whoever_lives_at_an_old_id_with_other_keys_inherits_no_follow(followed):
    node, peers, bob, ann = followed
    peers.rotate(ann, 1)
    ann.document["published"] = NEW

    await refreshed(node, ann)
    await whispered(node, bob)

    assert peers.received("far") == [] or "Create" not in [one["type"] for one in peers.received("far")]
    (request,) = node.read(relationships.requests, bob.id, Page())
    assert request[1].uri == ann.uri
    assert node.read(relationships.following, bob.id, Page()) == []
    counts = node.actor_named("bob")
    assert (counts.followers_count, counts.following_count) == (0, 0)


async def test_a_follow_that_the_member_confirms_goes_on(followed):
    node, peers, bob, ann = followed
    peers.rotate(ann, 1)
    ann.document["published"] = NEW
    await refreshed(node, ann)

    node.write(relationships.accept_request, bob, node.actor(ann.uri))
    await whispered(node, bob)

    assert "Create" in [one["type"] for one in peers.received("far")]


@pytest.mark.parametrize("changed", ["the keys", "the date"])
async def test_other_keys_or_another_date_alone_change_nothing(followed, changed):
    node, peers, bob, ann = followed
    if changed == "the keys":
        peers.rotate(ann, 1)
    else:
        ann.document["published"] = NEW

    await refreshed(node, ann)
    await whispered(node, bob)

    assert [one["type"] for one in peers.received("far")] == ["Create"]


async def test_what_the_former_key_signs_goes_on(followed):
    """An Update with everything new that is signed with the key we know is by whom we know."""
    node, peers, bob, ann = followed
    later = peers.person("ann", key=1, published=NEW).document
    update = ann.says("Update", later, to=["https://www.w3.org/ns/activitystreams#Public"])

    await node.hear(peers, update, by=ann)
    await whispered(node, bob)

    assert [one["type"] for one in peers.received("far")] == ["Create"]


async def test_the_same_handle_under_another_id_inherits_nothing(followed):
    node, peers, bob, ann = followed
    del peers.people[ann.uri]
    again = peers.person("ann", key=1, published=NEW)
    uri = f"{again.uri}-2"
    document = {**again.document, "id": uri, "inbox": f"{uri}/inbox", "endpoints": {}}
    document["publicKey"] = {**document["publicKey"], "id": f"{uri}#main-key", "owner": uri}
    del document["followers"], document["following"]
    del peers.people[again.uri]
    peers.people[uri] = type(again)(uri, again.name, again.host, again.key, document)
    peers.serve(document)

    found = await node.services.resolver.actor_by_handle(f"ann@{again.host}")
    fresh = found if found is not None and found.uri == uri else await node.services.resolver.actor(uri)

    assert fresh.uri == uri
    assert not node.read(relationships.is_following, fresh.id, bob.id)
    assert not node.read(relationships.is_following, bob.id, fresh.id)
    assert node.read(actors.by_handle, "ann", again.host).uri == uri
