# SPDX-License-Identifier: AGPL-3.0-or-later
"""Follows and blocks between a node and other servers, in both directions, asked twice, answered by the wrong people."""

import pytest

from node import actors, events, notifications, posts, relationships
from node.actors import ProfileChange
from node.kernel.paging import Page
from node.relationships import queries as rows
from tests.support.builders import a_post, an_actor, an_event_draft


def follow_of(node, follower, followee_uri):
    return node.read(rows.find, follower.id, node.actor(followee_uri).id)


# -- they follow us ---------------------------------------------------------------------------------------------------


async def test_a_follow_is_answered_with_the_whole_follow_inside(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    follow = ann.says("Follow", bob.uri)

    await node.hear(peers, follow, by=ann)

    assert node.read(relationships.is_following, node.actor(ann.uri).id, bob.id)
    (accept,) = peers.received()
    assert (accept["type"], accept["actor"], accept["to"]) == ("Accept", bob.uri, [ann.uri])
    assert {name: accept["object"][name] for name in ("id", "type", "actor", "object")} == {
        "id": follow["id"],
        "type": "Follow",
        "actor": ann.uri,
        "object": bob.uri,
    }
    assert [item.type for item in node.read(notifications.page, bob.id, Page())] == ["follow"]
    assert node.actor(bob.uri).followers_count == 1


async def test_a_second_follow_is_answered_again_under_its_new_id_and_counts_once(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")

    first, second = ann.says("Follow", bob.uri), ann.says("Follow", bob.uri)
    await node.hear(peers, first, by=ann)
    await node.hear(peers, second, by=ann)

    assert [accept["object"]["id"] for accept in peers.received()] == [first["id"], second["id"]]
    assert node.actor(bob.uri).followers_count == 1
    await node.hear(peers, ann.says("Undo", second["id"]), by=ann)
    assert node.actor(bob.uri).followers_count == 0


@pytest.mark.parametrize("form", ["by id", "with the Follow inside", "with a Follow that has no id"])
async def test_an_undone_follow_ends(node, peers, form):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    follow = ann.says("Follow", bob.uri)
    await node.hear(peers, follow, by=ann)

    bare = {"type": "Follow", "actor": ann.uri, "object": bob.uri}
    inner = {"by id": follow["id"], "with the Follow inside": {**bare, "id": follow["id"]}}.get(form, bare)
    await node.hear(peers, ann.says("Undo", inner), by=ann)

    assert follow_of(node, node.actor(ann.uri), bob.uri) is None
    assert node.actor(bob.uri).followers_count == 0


async def test_nobody_ends_somebody_elses_follow(node, peers):
    bob, ann, mallory = an_actor(node.db, "bob"), peers.person("ann"), peers.person("mallory", key=1)
    follow = ann.says("Follow", bob.uri)
    await node.hear(peers, follow, by=ann)

    for inner in (follow["id"], {**follow}, {"type": "Follow", "actor": ann.uri, "object": bob.uri}):
        await node.hear(peers, mallory.says("Undo", inner), by=mallory)

    assert node.actor(bob.uri).followers_count == 1


async def test_an_account_that_decides_by_hand_answers_when_it_has_decided(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    node.write(relationships.update_profile, bob, ProfileChange(locked=True))
    bob = node.actor(bob.uri)

    await node.hear(peers, ann.says("Follow", bob.uri), by=ann)
    remote = node.actor(ann.uri)
    assert peers.received() == []
    assert not node.read(relationships.is_following, remote.id, bob.id)
    assert [item.type for item in node.read(notifications.page, bob.id, Page())] == ["follow_request"]

    node.write(relationships.accept_request, bob, remote)
    await node.work()

    assert [answer["type"] for answer in peers.received()] == ["Accept"]
    assert node.read(relationships.is_following, remote.id, bob.id)
    assert [item.type for item in node.read(notifications.page, bob.id, Page())] == ["follow"]


async def test_a_request_that_is_declined_is_answered_and_leaves_nothing(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    node.write(relationships.update_profile, bob, ProfileChange(locked=True))
    follow = ann.says("Follow", bob.uri)
    await node.hear(peers, follow, by=ann)

    node.write(relationships.reject_request, node.actor(bob.uri), node.actor(ann.uri))
    await node.work()

    (answer,) = peers.received()
    assert (answer["type"], answer["object"]["id"]) == ("Reject", follow["id"])
    assert node.read(relationships.requests_count, bob.id) == 0
    assert node.read(notifications.page, bob.id, Page()) == []


async def test_a_removed_follower_is_told_and_gets_nothing_more(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.hear(peers, ann.says("Follow", bob.uri), by=ann)

    node.write(relationships.remove_follower, bob, node.actor(ann.uri))
    a_post(node.db, bob, "Only for those who follow")
    await node.work()

    assert [activity["type"] for activity in peers.received()] == ["Accept", "Reject"]


async def test_other_nodes_follow_the_nodes_own_actor_to_hear_of_events(node, peers):
    # Mobilizon and Gancio follow nodes, not people.
    relay = peers.person("relay", kind="Application")
    uri = node.read(actors.node_actor).uri

    await node.hear(peers, relay.says("Follow", uri), by=relay)
    node.write(events.publish, node.read(actors.association), an_event_draft())
    await node.work()

    accept, announce = peers.received()
    assert (accept["type"], accept["actor"]) == ("Accept", uri)
    assert (announce["type"], announce["actor"]) == ("Announce", uri)
    assert (announce["object"]["type"], announce["object"]["object"]["type"]) == ("Create", "Event")


# -- we follow them ---------------------------------------------------------------------------------------------------


async def following(node, peers):
    """Our Bob asks to follow Ann; (Bob, Ann, the Follow that she got)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    remote = await node.services.resolver.actor(ann.uri)
    node.write(relationships.follow, bob, remote)
    await node.work()
    return bob, ann, peers.received()[0]


async def test_a_follow_of_ours_waits_for_their_yes(node, peers):
    bob, ann, follow = await following(node, peers)

    assert (follow["type"], follow["actor"], follow["object"]) == ("Follow", bob.uri, ann.uri)
    assert not follow_of(node, bob, ann.uri).is_accepted
    assert node.actor(bob.uri).following_count == 0


@pytest.mark.parametrize(
    "form", ["by id", "with the Follow inside", "with a Follow that has another id", "without an id"]
)
async def test_a_yes_is_understood_in_every_form(node, peers, form):
    bob, ann, follow = await following(node, peers)
    bare = {"type": "Follow", "actor": bob.uri, "object": ann.uri}
    inner = {
        "by id": follow["id"],
        "with the Follow inside": {**bare, "id": follow["id"]},
        "with a Follow that has another id": {**bare, "id": 12},
    }.get(form, bare)
    accept = ann.says("Accept", inner)
    if form == "without an id":
        del accept["id"]

    await node.hear(peers, accept, by=ann)

    assert follow_of(node, bob, ann.uri).is_accepted
    assert node.actor(bob.uri).following_count == 1


async def test_a_yes_from_a_third_party_is_ignored(node, peers):
    bob, ann, follow = await following(node, peers)
    neighbour, stranger = peers.person("nina", key=1), peers.person("sam", "evil", key=1)

    for other in (neighbour, stranger):
        for inner in (
            follow["id"],
            {"id": follow["id"], "type": "Follow", "actor": bob.uri, "object": ann.uri},
            {"type": "Follow", "actor": bob.uri, "object": other.uri},
        ):
            await node.hear(peers, other.says("Accept", inner), by=other)

    assert not follow_of(node, bob, ann.uri).is_accepted
    assert node.actor(bob.uri).following_count == 0


async def test_a_no_ends_the_request_and_a_later_no_ends_the_follow(node, peers):
    bob, ann, follow = await following(node, peers)
    await node.hear(peers, ann.says("Accept", follow["id"]), by=ann)
    assert node.actor(bob.uri).following_count == 1

    await node.hear(peers, ann.says("Reject", follow["id"]), by=ann)

    assert follow_of(node, bob, ann.uri) is None
    assert node.actor(bob.uri).following_count == 0


async def test_an_unfollow_is_sent_with_the_follow_inside(node, peers):
    bob, ann, follow = await following(node, peers)

    node.write(relationships.unfollow, bob, node.actor(ann.uri))
    await node.work()

    undo = peers.received()[-1]
    assert (undo["type"], undo["object"]["type"], undo["object"]["id"]) == ("Undo", "Follow", follow["id"])


async def test_a_late_yes_to_what_was_taken_back_changes_nothing(node, peers):
    bob, ann, follow = await following(node, peers)
    node.write(relationships.unfollow, bob, node.actor(ann.uri))

    await node.hear(peers, ann.says("Accept", follow["id"]), by=ann)

    assert follow_of(node, bob, ann.uri) is None


# -- blocks -----------------------------------------------------------------------------------------------------------


async def test_a_block_from_elsewhere_ends_both_follows_and_is_told_to_nobody(node, peers):
    bob, ann, follow = await following(node, peers)
    await node.hear(peers, ann.says("Accept", follow["id"]), by=ann)
    await node.hear(peers, ann.says("Follow", bob.uri), by=ann)
    block = ann.says("Block", bob.uri)

    await node.hear(peers, block, by=ann)

    remote = node.actor(ann.uri)
    assert node.read(rows.find, bob.id, remote.id) is None
    assert node.read(rows.find, remote.id, bob.id) is None
    assert node.read(notifications.page, bob.id, Page()) == []
    await node.hear(peers, ann.says("Undo", {"id": block["id"], "type": "Block", "object": bob.uri}), by=ann)
    assert not node.read(relationships.is_blocked_between, bob.id, remote.id)


async def test_one_who_is_blocked_here_cannot_follow(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    remote = await node.services.resolver.actor(ann.uri)
    node.write(relationships.block, bob, remote)

    await node.hear(peers, ann.says("Follow", bob.uri), by=ann)

    assert [answer["type"] for answer in peers.received()] == ["Reject"]
    assert follow_of(node, remote, bob.uri) is None


async def test_an_undo_that_overtakes_what_it_undoes_wins(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    post_id = a_post(node.db, bob, "Hello")
    uri = node.read(posts.find, post_id).uri
    for kind, thing in (("Follow", bob.uri), ("Like", uri), ("Announce", uri), ("Block", bob.uri)):
        said = ann.says(kind, thing)
        await node.hear(peers, ann.says("Undo", said if kind != "Like" else said["id"]), by=ann)
        await node.hear(peers, said, by=ann)

    post = node.read(posts.find, post_id)
    assert (post.favourites_count, post.boosts_count) == (0, 0)
    assert node.actor(bob.uri).followers_count == 0
    assert not node.read(relationships.is_blocked_between, bob.id, node.actor(ann.uri).id)
