# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two servers that disagree about who follows whom find out, and agree (FEP-8fcf)."""

import orjson
import pytest

from activitypub.addressing import Visibility
from activitypub.synchronisation import HEADER, Synchronisation, digest, read, write
from node import relationships
from node.kernel.queue import tasks
from node.relationships.queries import find
from tests.support.builders import a_post, an_actor
from tests.support.peers import Forgery

COVERED = ("(request-target)", "host", "date", "digest", HEADER.lower())


@pytest.fixture
async def met(node, peers):
    """(the node, the peers, our Bob, Ann elsewhere, each of whom follows the other)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    node.followed_by(ann.uri, bob)
    peers.seen.clear()
    return node, peers, bob, ann


# -- what we say ------------------------------------------------------------------------------------------------------


async def test_a_post_for_followers_says_which_of_a_servers_people_follow(met):
    node, peers, bob, ann = met
    eve = peers.person("eve", "third", key=1)
    await node.services.resolver.actor(eve.uri)
    node.followed_by(eve.uri, bob)

    a_post(node.db, bob, "For you", visibility=Visibility.PRIVATE)
    await node.work()

    [post] = [seen for seen in peers.posts if "far." in seen.url]
    said = read(post.headers[HEADER])
    assert said.collection == bob.followers
    assert said.digest == digest([ann.uri])
    assert HEADER.lower() in post.headers["Signature"]

    status, _, body = await peers.ask("GET", said.url, by=ann)
    assert status == 200
    assert orjson.loads(body)["orderedItems"] == [ann.uri]


async def test_a_post_for_everybody_says_nothing_of_followers(met):
    node, peers, bob, _ = met

    a_post(node.db, bob, "For all")
    await node.work()

    assert [HEADER in seen.headers for seen in peers.posts] == [False]


async def test_the_list_is_for_signed_requests(met):
    _, peers, bob, _ = met

    status, _ = await peers.request("GET", f"{bob.uri}/followers_synchronization")

    assert status == 401


# -- what we hear -----------------------------------------------------------------------------------------------------


async def hears(met, listed, *, said=None, covered=COVERED, url=None, collection=None):
    """Ann posts something; her server says that these people of ours follow her."""
    node, peers, _, ann = met
    address = url or f"{ann.uri}/followers_synchronization"
    peers.documents[address] = {"id": address, "type": "OrderedCollection", "orderedItems": listed}
    header = write(Synchronisation(collection or ann.followers, address, said or digest(listed)))
    status, _ = await peers.send(
        ann.create(ann.note()), by=ann, to=node.inbox, forgery=Forgery(covered=covered, early={HEADER: header})
    )
    assert status == 202
    await node.work()
    node.make_due()
    await node.work()


def follow_of(node, member, person):
    return node.read(find, member.id, node.actor(person.uri).id)


async def test_lists_that_agree_cost_no_question(met):
    node, peers, bob, ann = met

    await hears(met, [bob.uri])

    assert peers.gets == []
    assert follow_of(node, bob, ann).is_accepted


async def test_a_follow_that_the_other_server_does_not_know_ends(met):
    node, _, bob, ann = met

    await hears(met, [])

    assert follow_of(node, bob, ann) is None
    assert node.actor_named("bob").following_count == 0
    assert node.stored("Undo") == []


async def test_a_follow_that_only_the_other_server_knows_is_undone_again(met):
    node, peers, bob, ann = met
    carl = an_actor(node.db, "carl")

    await hears(met, [bob.uri, carl.uri])

    [undo] = node.stored("Undo")
    assert (undo["actor"], undo["object"]["object"]) == (carl.uri, ann.uri)
    assert undo in peers.received()


async def test_a_follow_whose_accept_was_lost_is_accepted(met):
    node, _, bob, ann = met
    carl = an_actor(node.db, "carl")
    node.write(relationships.follow, carl, node.actor(ann.uri))

    await hears(met, [bob.uri, carl.uri])

    assert follow_of(node, carl, ann).is_accepted
    assert node.stored("Undo") == []


async def test_a_list_that_is_not_what_was_said_of_it_changes_nothing(met):
    node, _, bob, ann = met

    await hears(met, [], said=digest(["https://another.example/x"]))

    assert follow_of(node, bob, ann).is_accepted
    assert node.count(tasks) == 0


@pytest.mark.parametrize("fault", ["not signed", "another collection", "another server"])
async def test_a_header_that_proves_nothing_is_not_heeded(met, fault):
    node, peers, bob, ann = met
    more = {
        "not signed": {"covered": COVERED[:-1]},
        "another collection": {"collection": f"{ann.uri}/following"},
        "another server": {"url": peers.at("/list", "evil")},
    }[fault]

    await hears(met, [], **more)

    assert peers.gets == []
    assert follow_of(node, bob, ann).is_accepted


async def test_a_list_without_end_changes_nothing(met):
    node, peers, bob, ann = met
    address = f"{ann.uri}/followers_synchronization"
    members = [f"{node.base}/actors/{number}" for number in range(600)]

    await hears(met, members)

    assert address in peers.gets
    assert follow_of(node, bob, ann).is_accepted
