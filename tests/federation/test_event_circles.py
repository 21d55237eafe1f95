# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events to a circle between nodes: what partner schools get and answer, what nobody else does, and events of theirs."""

from datetime import UTC, timedelta

import orjson
import pytest

from activitypub.addressing import PUBLIC, Visibility
from node import actors, events, posts, relationships
from node.events import State
from node.kernel import clock
from node.kernel.errors import NotFound
from node.relationships import Circle
from tests.support.builders import an_actor, an_event_draft
from tests.support.peers import moment

CIRCLE = "alumnode:circle"


@pytest.fixture
async def partners(node, peers):
    """(node, peers, the partner's association, somebody there, somebody at a school that is no partner)."""
    theirs = peers.person("association", "quays", kind="Organization")
    friend, other = peers.person("friend", "quays"), peers.person("other", "far", key=1)
    for person in (theirs, friend, other):
        await node.services.resolver.actor(person.uri)
    ours = node.read(actors.association)
    node.write(relationships.want_partner, node.actor(theirs.uri))
    node.follows(ours, theirs.uri)
    node.followed_by(theirs.uri, ours)
    # The servers of calendars follow the node itself.
    node.followed_by(other.uri, node.read(actors.node_actor))
    await node.work()
    peers.seen.clear()
    return node, peers, theirs, friend, other


def planned(node, organiser, circle, **more):
    draft = an_event_draft(visibility=Visibility.PRIVATE, circle=circle, **more)
    return node.read(posts.find, node.write(events.publish, organiser, draft))


def their_event(person, **more):
    """An Event to the partners' circle of its own node."""
    circle = f"{person.uri.partition('/users/')[0]}/circles/partners"
    return {
        "id": f"{person.uri}/events/1",
        "type": "Event",
        "name": "Regatta",
        "attributedTo": person.uri,
        "content": "<p>Among schools</p>",
        "published": moment(),
        "startTime": (clock.now().astimezone(UTC) + timedelta(days=9)).isoformat(timespec="seconds"),
        "joinMode": "free",
        "to": [circle],
        "cc": [],
        CIRCLE: circle,
        **more,
    }


async def asked(peers, url, **more):
    status, _, body = await peers.ask("GET", url, **more)
    return status, orjson.loads(body) if body else None


def answered(peers, server):
    return [one["type"] for one in peers.received(server) if one["type"] in ("Accept", "Reject")]


# -- ours -------------------------------------------------------------------------------------------------------------


async def test_an_event_for_the_partners_goes_to_them_and_nobody_carries_it_on(partners):
    node, peers, _, friend, other = partners
    bob = an_actor(node.db, "bob")
    for person in (friend, other):
        node.followed_by(person.uri, bob)

    post = planned(node, bob, Circle.PARTNERS)
    await node.work()
    node.write(events.change, bob, post.id, an_event_draft(title="Winter dinner"))
    node.write(events.cancel_event, bob, post.id)
    await node.work()
    node.write(posts.delete_post, bob, post.id)
    await node.work()

    assert [one["type"] for one in peers.received("quays")] == ["Create", "Update", "Update", "Delete"]
    assert peers.received("far") == []
    create = peers.received("quays")[0]
    circle = f"{node.base}/circles/partners"
    assert (create["to"], create["object"]["to"], create["object"][CIRCLE]) == ([circle], [circle], circle)
    assert create["object"]["type"] == "Event"
    assert PUBLIC not in str(create)
    assert node.stored("Announce") == []


@pytest.mark.parametrize("circle", [Circle.CLASS, Circle.SCHOOL])
async def test_an_event_for_the_class_or_the_school_leaves_the_node_by_no_way(partners, circle):
    node, peers, theirs, friend, other = partners
    bob, mate = an_actor(node.db, "bob", class_year=2004), an_actor(node.db, "mate", class_year=2004)
    for person in (theirs, friend, other):
        node.followed_by(person.uri, bob)
        node.followed_by(person.uri, mate)

    post = planned(node, bob, circle)
    node.write(events.join, mate, post.id)
    node.write(events.leave, mate, post.id)
    node.write(events.change, bob, post.id, an_event_draft(title="Winter dinner"))
    await node.work()
    node.write(events.cancel_event, bob, post.id)
    node.write(posts.delete_post, bob, post.id)
    await node.work()

    assert peers.posts == []


async def test_the_association_speaks_to_the_school_and_to_no_class(partners):
    node, peers, _, _, _ = partners
    ours, member = node.read(actors.association), an_actor(node.db, class_year=2004)

    post = planned(node, ours, Circle.SCHOOL)
    await node.work()

    assert peers.posts == []
    assert node.read(events.get, post.id, member.id).title == "Summer dinner"
    with pytest.raises(NotFound):
        node.read(events.get, post.id, None)


async def test_its_document_is_for_signed_readers_of_partners_alone(partners):
    node, peers, theirs, friend, other = partners
    bob = an_actor(node.db, "bob", class_year=2004)
    node.followed_by(other.uri, bob)
    shared = planned(node, bob, Circle.PARTNERS)
    own = [planned(node, bob, circle) for circle in (Circle.CLASS, Circle.SCHOOL)]

    for reader in (friend, theirs):
        status, document = await asked(peers, shared.uri, by=reader)
        assert (status, document["type"], document[CIRCLE]) == (200, "Event", f"{node.base}/circles/partners")
        for post in own:
            assert (await asked(peers, post.uri, by=reader))[0] == 404
    for reader in (other, None):
        for post in (shared, *own):
            for path in ("", "/replies", "/likes", "/shares"):
                assert (await asked(peers, post.uri + path, by=reader))[0] == 404
    for post in (shared, *own):
        assert (await asked(peers, post.url))[0] == 404
    _, outbox = await asked(peers, f"{bob.uri}/outbox", by=friend)
    assert outbox["totalItems"] == 0
    for create in node.stored("Create"):
        assert (await asked(peers, create["id"], by=friend))[0] == 404

    node.write(relationships.end_partnership, node.actor(theirs.uri))

    assert (await asked(peers, shared.uri, by=friend))[0] == 404


async def test_only_those_inside_are_given_a_seat(partners):
    node, peers, _, friend, other = partners
    bob = an_actor(node.db, "bob", class_year=2004)
    shared, own = planned(node, bob, Circle.PARTNERS), planned(node, bob, Circle.SCHOOL)

    for person in (friend, other):
        for post in (shared, own):
            await node.hear(peers, person.says("Join", post.uri), by=person)

    assert sorted(answered(peers, "quays")) == ["Accept", "Reject"]
    assert answered(peers, "far") == ["Reject", "Reject"]
    assert [one.uri for one in node.read(events.attendees, shared.id)] == [friend.uri]
    assert node.read(events.attendees, own.id) == []


async def test_a_guest_whose_school_is_no_partner_any_more_hears_no_more_of_it(partners):
    node, peers, theirs, friend, _ = partners
    bob = an_actor(node.db, "bob")
    post = planned(node, bob, Circle.PARTNERS)
    await node.hear(peers, friend.says("Join", post.uri), by=friend)
    node.write(relationships.end_partnership, node.actor(theirs.uri))
    await node.work()
    peers.seen.clear()

    node.write(events.cancel_event, bob, post.id)
    await node.work()

    assert peers.received("quays") == []


# -- theirs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_association", [False, True])
async def test_a_partners_event_is_for_our_members_who_answer_it(partners, by_association):
    node, peers, theirs, friend, other = partners
    organiser, member = (theirs if by_association else friend), an_actor(node.db)
    event = their_event(organiser)

    await node.hear(peers, organiser.create(event), by=organiser)

    post = node.read(posts.by_uri, event["id"])
    assert (post.kind, post.circle) == (posts.Kind.EVENT, Circle.PARTNERS)
    assert node.read(events.get, post.id, member.id).title == "Regatta"
    for viewer in (None, node.actor(other.uri).id):
        with pytest.raises(NotFound):
            node.read(events.get, post.id, viewer)
    assert [one.title for one in node.read(events.upcoming, member.id, clock.now())] == ["Regatta"]
    assert node.read(events.upcoming, None, clock.now()) == []
    assert node.stored("Announce") == []
    node.write(events.vote, member, post.id, [0])
    await node.work()
    assert [one["type"] for one in peers.received("quays")] == ["Join"]
    assert node.read(events.participation, post.id, member.id).state is State.PENDING

    node.write(relationships.end_partnership, node.actor(theirs.uri))

    with pytest.raises(NotFound):
        node.read(events.get, post.id, member.id)
    assert node.read(events.joined_by, member.id, clock.now()) == []


async def test_an_association_elsewhere_may_keep_an_event_to_its_followers(partners):
    node, peers, theirs, _, _ = partners
    event = their_event(theirs, to=[f"{theirs.uri}/followers"])
    del event[CIRCLE]

    await node.hear(peers, theirs.create(event), by=theirs)

    post = node.read(posts.by_uri, event["id"])
    assert (post.visibility, post.circle) == (Visibility.PRIVATE, None)
    assert node.stored("Announce") == []
    assert post.boosts_count == 0
