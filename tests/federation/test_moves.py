# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moves of accounts, theirs and ours: both ends must agree, everybody follows anew, once, whatever breaks in between."""

from collections import Counter
from datetime import timedelta

import pytest

from node import relationships
from node.kernel import clock, queue
from node.kernel.errors import Conflict, Invalid
from node.kernel.queue import tasks
from node.relationships import actions, moves
from node.relationships import queries as follows
from tests.support.builders import an_actor


async def a_mover(node, peers, *, followers=1, **more):
    """(members here, who they follow, where that one goes): both ends agree unless told otherwise."""
    old = peers.person("ann", **more)
    new = peers.person("ann", "new", key=1, alsoKnownAs=[old.uri])
    await node.services.resolver.actor(old.uri)
    members = [an_actor(node.db) for _ in range(followers)]
    for member in members:
        node.follows(member, old.uri)
    old.document["movedTo"] = new.uri
    return members, old, new


def a_move(old, new):
    return old.says("Move", old.uri, target=new.uri, to=[old.followers])


def asked(peers, server="new"):
    """Who asked to follow at a server, and how often."""
    return Counter(said["actor"] for said in peers.received(server) if said["type"] == "Follow")


# -- theirs -----------------------------------------------------------------------------------------------------------


async def test_followers_here_follow_the_new_account(node, peers):
    [bob], old, new = await a_mover(node, peers)
    node.write(actions.follow, bob, node.actor(old.uri), notify=True)

    await node.hear(peers, a_move(old, new), by=old)

    assert asked(peers) == {bob.uri: 1}
    assert [said["type"] for said in peers.received("far")] == ["Undo"]
    followed = node.read(follows.find, bob.id, node.actor(new.uri).id)
    assert followed.notify
    assert node.read(follows.find, bob.id, node.actor(old.uri).id) is None
    assert node.actor(old.uri).moved_to == new.uri


# What is wrong, and who says what instead: (whose document, changed words); None is one that is not there.
FAULTS = {
    "the new account does not name the old one": ("new", {"alsoKnownAs": []}),
    "the new account names another": ("new", {"alsoKnownAs": ["http://far.localhost/users/annx"]}),
    "the old account names no new one": ("old", {"movedTo": None}),
    "the old account names another": ("old", {"movedTo": "http://new.localhost/users/annx"}),
    "the new account is not there": ("new", None),
    "the new account is not where it says": ("new", {"id": "http://far.localhost/users/ann"}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_move_on_which_the_two_do_not_agree_is_not_believed(node, peers, fault):
    [bob], old, new = await a_mover(node, peers)
    person = {"old": old, "new": new}[fault[0]]
    if fault[1] is None:
        del peers.documents[person.uri]
    else:
        person.document.update(fault[1])

    await node.hear(peers, a_move(old, new), by=old)

    assert node.read(follows.find, bob.id, node.actor(old.uri).id) is not None
    assert asked(peers) == {}


async def test_what_was_known_of_the_two_before_counts_for_nothing(node, peers):
    [bob], old, new = await a_mover(node, peers)
    aliases = new.document.pop("alsoKnownAs")
    await node.services.resolver.actor(new.uri)
    new.document["alsoKnownAs"] = aliases

    await node.hear(peers, a_move(old, new), by=old)

    assert asked(peers) == {bob.uri: 1}


@pytest.mark.parametrize("form", ["for somebody else", "by the new account", "to itself", "to nowhere"])
async def test_a_move_is_said_by_the_one_who_moves(node, peers, form):
    _, old, new = await a_mover(node, peers)
    sam = peers.person("sam", key=1)
    activity, signer = {
        "for somebody else": (sam.says("Move", old.uri, target=new.uri), sam),
        "by the new account": (new.says("Move", old.uri, target=new.uri), new),
        "to itself": (old.says("Move", old.uri, target=old.uri), old),
        "to nowhere": (old.says("Move", old.uri), old),
    }[form]
    await node.services.resolver.actor(signer.uri)

    await node.hear(peers, activity, by=signer)

    assert asked(peers) == {}


async def test_a_second_move_within_thirty_days_is_not_followed(node, peers):
    [bob], old, new = await a_mover(node, peers)
    await node.hear(peers, a_move(old, new), by=old)
    third = peers.person("ann", "third", key=1, alsoKnownAs=[old.uri])
    node.follows(bob, old.uri)
    old.document["movedTo"] = third.uri

    await node.hear(peers, a_move(old, third), by=old)

    assert asked(peers, "third") == {}


async def test_nothing_is_asked_for_somebody_whom_nobody_follows(node, peers):
    _, old, new = await a_mover(node, peers, followers=0)
    before = len(peers.gets)

    await node.hear(peers, a_move(old, new), by=old)

    assert len(peers.gets) == before


async def test_a_move_that_is_killed_in_between_goes_on_and_moves_nobody_twice(node, peers, monkeypatch):
    monkeypatch.setattr(moves, "BATCH", 3)
    members, old, new = await a_mover(node, peers, followers=8)
    follow, calls = actions.follow, []

    def dies_now_and_then(tx, follower, target, **more):
        calls.append(follower.id)
        if len(calls) in (2, 6):
            raise RuntimeError("killed")
        return follow(tx, follower, target, **more)

    monkeypatch.setattr(actions, "follow", dies_now_and_then)
    await node.hear(peers, a_move(old, new), by=old)
    for _ in range(8):
        node.make_due()
        await node.work()

    assert asked(peers) == {member.uri: 1 for member in members}
    assert node.read(relationships.local_followers, node.actor(old.uri).id) == []
    assert len(calls) > len(members)
    assert node.waiting(queue.WORK) == []


async def test_whoever_is_blocked_there_keeps_following_the_old_account(node, peers):
    [bob, eve], old, new = await a_mover(node, peers, followers=2)
    await node.services.resolver.actor(new.uri)
    node.write(relationships.block, eve, node.actor(new.uri))

    await node.hear(peers, a_move(old, new), by=old)

    assert asked(peers) == {bob.uri: 1}
    assert node.read(relationships.local_followers, node.actor(old.uri).id) == [eve.id]


# -- ours -------------------------------------------------------------------------------------------------------------


async def test_a_member_moves_away_and_everybody_is_told(node, peers):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    ann = peers.person("ann", key=1)
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, bob)
    node.write(relationships.follow, eve, bob)
    new = peers.person("bob", "new", alsoKnownAs=[bob.uri])
    target = await node.services.resolver.actor(new.uri)

    node.write(relationships.move_away, bob, target)
    await node.work()

    update, move = peers.received("far")
    assert (update["type"], update["object"]["movedTo"]) == ("Update", new.uri)
    assert (move["type"], move["actor"], move["object"], move["target"]) == ("Move", bob.uri, bob.uri, new.uri)
    assert move["to"] == [f"{bob.uri}/followers"]
    assert asked(peers) == {eve.uri: 1}
    with pytest.raises(Conflict):
        node.write(relationships.move_away, bob, target)


async def test_after_thirty_days_the_next_move_is_possible(node, peers, monkeypatch):
    bob = an_actor(node.db, "bob")
    first, second = (peers.person("bob", host, key=1, alsoKnownAs=[bob.uri]) for host in ("new", "third"))
    node.write(relationships.move_away, bob, await node.services.resolver.actor(first.uri))
    target = await node.services.resolver.actor(second.uri)
    later = clock.now() + timedelta(days=30, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    node.write(relationships.move_away, bob, target)

    assert node.actor(bob.uri).moved_to == second.uri


async def test_an_account_that_does_not_know_us_is_no_place_to_move_to(node, peers):
    bob = an_actor(node.db, "bob")
    new = peers.person("bob", "new")

    with pytest.raises(Invalid):
        node.write(relationships.move_away, bob, await node.services.resolver.actor(new.uri))
    with pytest.raises(Invalid):
        node.write(relationships.move_away, bob, bob)
    assert node.stored("Move") == []


async def test_aliases_stand_in_the_actor_document(node, peers):
    bob = an_actor(node.db, "bob")
    old = await node.services.resolver.actor(peers.person("bobby").uri)

    node.write(relationships.add_alias, bob, old)
    bob = node.actor(bob.uri)
    assert node.stored("Update")[-1]["object"]["alsoKnownAs"] == [old.uri]
    node.write(relationships.remove_alias, bob, old.uri)
    assert "alsoKnownAs" not in node.stored("Update")[-1]["object"]
    assert node.count(tasks) == 0


async def test_somebody_moves_here(node, peers):
    """From elsewhere to a member's account: those here who followed them follow the member, at once."""
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    old = peers.person("bobby", movedTo=bob.uri)
    node.write(relationships.add_alias, bob, await node.services.resolver.actor(old.uri))
    node.follows(eve, old.uri)

    await node.hear(peers, old.says("Move", old.uri, target=bob.uri), by=old)

    assert node.read(relationships.is_following, eve.id, bob.id)
