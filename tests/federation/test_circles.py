# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts to a circle between nodes: what goes to partner schools and to nobody else, and what is shown of theirs."""

import orjson
import pytest

from activitypub.addressing import PUBLIC, Visibility
from node import actors, posts, relationships, timelines
from node.kernel.errors import NotFound
from node.kernel.paging import Page
from node.relationships import Circle
from tests.support.builders import a_post, an_actor

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
    await node.work()
    peers.seen.clear()
    return node, peers, theirs, friend, other


def written(node, author, circle, **more):
    return node.read(posts.find, a_post(node.db, author, "Ours", visibility=Visibility.PRIVATE, circle=circle, **more))


def to_circle(person, **more):
    """A Note to the partners' circle of its own node."""
    circle = f"{person.uri.partition('/users/')[0]}/circles/partners"
    return person.note("<p>Among schools</p>", **{"to": [circle], "cc": [], CIRCLE: circle, **more})


def kept(node, note):
    return node.read(posts.by_uri, note["id"])


def reads(node, post, member):
    try:
        node.read(posts.visible, post.id, member.id)
    except NotFound:
        return False
    return True


async def asked(peers, url, **more):
    status, _, body = await peers.ask("GET", url, **more)
    return status, orjson.loads(body) if body else None


# -- ours -------------------------------------------------------------------------------------------------------------


async def test_a_post_to_the_partners_goes_to_them_and_to_no_follower_elsewhere(partners):
    node, peers, _, friend, other = partners
    bob = an_actor(node.db, "bob")
    for person in (friend, other):
        node.followed_by(person.uri, bob)

    post = written(node, bob, Circle.PARTNERS)
    await node.work()
    node.write(posts.edit, bob, post.id, posts.Draft(text="Ours, changed", visibility=Visibility.PRIVATE))
    await node.work()
    node.write(posts.delete_post, bob, post.id)
    await node.work()

    assert [activity["type"] for activity in peers.received("quays")] == ["Create", "Update", "Delete"]
    assert peers.received("far") == []
    create = peers.received("quays")[0]
    circle = f"{node.base}/circles/partners"
    assert (create["to"], create["object"]["to"], create["object"][CIRCLE]) == ([circle], [circle], circle)
    assert PUBLIC not in str(create)
    assert [seen.url for seen in peers.posts] == [peers.at("/inbox", "quays")] * 3
    assert all("Collection-Synchronization" not in seen.headers for seen in peers.posts)


@pytest.mark.parametrize("circle", [Circle.CLASS, Circle.SCHOOL])
async def test_a_post_to_the_class_or_the_school_leaves_the_node_by_no_way(partners, circle):
    node, peers, theirs, friend, other = partners
    bob, mate = an_actor(node.db, "bob", class_year=2004), an_actor(node.db, "mate", class_year=2004)
    for person in (theirs, friend, other):
        node.followed_by(person.uri, bob)
        node.followed_by(person.uri, mate)

    post = written(node, bob, circle)
    answer = a_post(node.db, mate, f"@{friend.handle} look", in_reply_to_id=post.id, visibility=Visibility.PRIVATE)
    node.write(posts.favourite, mate, post.id)
    boost = node.write(posts.boost, bob, post.id)
    node.write(posts.edit, bob, post.id, posts.Draft(text="Changed", visibility=Visibility.PRIVATE))
    await node.work()
    node.write(posts.unboost, bob, post.id)
    for number, author in ((answer, mate), (post.id, bob)):
        node.write(posts.delete_post, author, number)
    await node.work()

    assert boost != post.id
    assert peers.posts == []


async def test_the_document_is_for_signed_readers_of_partners_alone(partners):
    node, peers, theirs, friend, other = partners
    bob = an_actor(node.db, "bob", class_year=2004)
    node.followed_by(other.uri, bob)
    shared = written(node, bob, Circle.PARTNERS)
    own = [written(node, bob, circle) for circle in (Circle.CLASS, Circle.SCHOOL)]

    for reader in (friend, theirs):
        status, note = await asked(peers, shared.uri, by=reader)
        assert (status, note[CIRCLE]) == (200, f"{node.base}/circles/partners")
        assert (await asked(peers, f"{node.base}/circles/partners", by=reader))[0] == 200
        for post in own:
            assert (await asked(peers, post.uri, by=reader))[0] == 404
        assert (await asked(peers, f"{node.base}/circles/school", by=reader))[0] == 404
    for reader in (other, None):
        for post in (shared, *own):
            for path in ("", "/replies", "/likes", "/shares"):
                assert (await asked(peers, post.uri + path, by=reader))[0] == 404
        assert (await asked(peers, f"{node.base}/circles/partners", by=reader))[0] == 404
    _, outbox = await asked(peers, f"{bob.uri}/outbox", by=friend)
    assert outbox["totalItems"] == 0
    for create in node.stored("Create"):
        assert (await asked(peers, create["id"], by=friend))[0] == 404

    node.write(relationships.end_partnership, node.actor(theirs.uri))

    assert (await asked(peers, shared.uri, by=friend))[0] == 404


async def test_a_former_partner_is_told_of_a_deletion(partners):
    node, peers, theirs, _, _ = partners
    bob = an_actor(node.db, "bob")
    post = written(node, bob, Circle.PARTNERS)
    node.write(relationships.end_partnership, node.actor(theirs.uri))

    node.write(posts.delete_post, bob, post.id)
    await node.work()

    assert "Delete" in [activity["type"] for activity in peers.received("quays")]


async def test_likes_and_answers_of_partners_are_taken_and_those_of_others_are_not(partners):
    node, peers, _, friend, other = partners
    bob = an_actor(node.db, "bob")
    post = written(node, bob, Circle.PARTNERS)

    await node.hear(peers, friend.says("Like", post.uri), by=friend)
    await node.hear(peers, other.says("Like", post.uri), by=other)
    await node.hear(peers, friend.says("Announce", post.uri, to=[PUBLIC]), by=friend)
    await node.hear(peers, friend.create(to_circle(friend, inReplyTo=post.uri)), by=friend)

    after = node.read(posts.find, post.id)
    assert (after.favourites_count, after.boosts_count, after.replies_count) == (1, 0, 1)


# -- theirs -----------------------------------------------------------------------------------------------------------


async def test_a_partners_post_is_for_our_members(partners):
    node, peers, _, friend, other = partners
    fan, member = an_actor(node.db), an_actor(node.db)
    node.follows(fan, friend.uri)
    note = to_circle(friend)

    await node.hear(peers, friend.create(note), by=friend)

    post = kept(node, note)
    assert (post.visibility, post.circle) == (Visibility.PRIVATE, Circle.PARTNERS)
    assert reads(node, post, fan)
    assert reads(node, post, member)
    assert not reads(node, post, node.actor(other.uri))
    assert list(node.read(timelines.home, fan.id, Page())) == [post.id]
    assert node.read(posts.versions, [post.id], None) == []


async def test_it_is_kept_though_nobody_follows_its_author_and_hidden_after_the_partnership(partners):
    node, peers, theirs, friend, _ = partners
    member, note = an_actor(node.db), to_circle(friend)
    await node.hear(peers, friend.create(note), by=friend)
    post = kept(node, note)
    assert reads(node, post, member)

    node.write(relationships.end_partnership, node.actor(theirs.uri))

    assert not reads(node, post, member)


async def test_what_calls_itself_a_circle_elsewhere_is_for_followers(partners):
    node, peers, _, _, other = partners
    fan, member = an_actor(node.db), an_actor(node.db)
    node.follows(fan, other.uri)
    note = to_circle(other)

    await node.hear(peers, other.create(note), by=other)

    post = kept(node, note)
    assert (post.visibility, post.circle) == (Visibility.PRIVATE, None)
    assert reads(node, post, fan)
    assert not reads(node, post, member)


async def test_a_circle_of_another_server_or_one_that_is_not_addressed_is_none(partners):
    node, peers, _, friend, _ = partners
    fan, member = an_actor(node.db), an_actor(node.db)
    node.follows(fan, friend.uri)
    foreign = to_circle(friend, to=[f"{node.base}/circles/school"], **{CIRCLE: f"{node.base}/circles/school"})
    silent = to_circle(friend, to=[fan.uri])

    for note in (foreign, silent):
        await node.hear(peers, friend.create(note), by=friend)

        assert kept(node, note).circle is None
        assert not reads(node, kept(node, note), member)


async def test_a_public_post_that_names_a_circle_stays_public(partners):
    node, peers, _, friend, _ = partners
    node.follows(an_actor(node.db), friend.uri)
    note = to_circle(friend)
    note |= {"to": [PUBLIC], "cc": note["to"]}

    await node.hear(peers, friend.create(note), by=friend)

    assert (kept(node, note).visibility, kept(node, note).circle) == (Visibility.PUBLIC, None)
