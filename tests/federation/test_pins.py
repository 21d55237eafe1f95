# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pinned posts and shown hashtags: said to other servers, served, heard from them, and read from their collections."""

import orjson
import pytest

from activitypub.addressing import Visibility
from node import posts, relationships
from node.kernel.errors import Invalid, NotFound
from tests.support.builders import a_post, an_actor


async def read(peers, url):
    _, _, body = await peers.ask("GET", url)
    return orjson.loads(body)


async def a_follower(node, peers, member):
    ann = peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.followed_by(ann.uri, member)
    return ann


async def a_followed(node, peers, **collections):
    """(a member, somebody elsewhere whom they follow)."""
    bob = an_actor(node.db, "bob")
    uri = peers.at("/users/ann")
    ann = peers.person("ann", featured=f"{uri}/featured", featuredTags=f"{uri}/tags")
    for name, items in collections.items():
        peers.serve(
            {"id": f"{uri}/{name}", "type": "OrderedCollection", "totalItems": len(items), "orderedItems": items}
        )
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    return bob, ann


# -- ours -------------------------------------------------------------------------------------------------------------


async def test_a_pinned_post_is_announced_and_served(node, peers):
    bob = an_actor(node.db, "bob")
    await a_follower(node, peers, bob)
    post_id = a_post(node.db, bob, "Keep this")
    uri = node.read(posts.find, post_id).uri

    node.write(posts.pin, bob, post_id)
    node.write(posts.pin, bob, post_id)
    await node.work()

    [add] = [said for said in peers.received() if said["type"] == "Add"]
    assert (add["actor"], add["object"], add["target"]) == (bob.uri, uri, f"{bob.uri}/featured")
    assert add["id"].startswith(f"{node.base}/activities/")
    assert (await read(peers, f"{bob.uri}/featured"))["orderedItems"] == [uri]
    assert (await read(peers, bob.uri))["featured"] == f"{bob.uri}/featured"

    node.write(posts.unpin, bob, post_id)
    await node.work()

    assert [said["type"] for said in peers.received()][-1] == "Remove"
    assert (await read(peers, f"{bob.uri}/featured"))["orderedItems"] == []


async def test_five_posts_can_be_pinned_and_only_ones_own(node):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    numbers = [a_post(node.db, bob, f"Post {n}") for n in range(6)]
    for number in numbers[:5]:
        node.write(posts.pin, bob, number)

    with pytest.raises(Invalid):
        node.write(posts.pin, bob, numbers[5])
    with pytest.raises(NotFound):
        node.write(posts.pin, eve, numbers[5])
    boost = node.write(posts.boost, bob, a_post(node.db, eve))
    with pytest.raises(NotFound):
        node.write(posts.pin, bob, boost)
    assert sorted(node.read(posts.pinned_ids, bob.id, None)) == sorted(numbers[:5])


async def test_what_is_pinned_for_followers_is_shown_to_them_and_told_to_nobody(node, peers):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    await a_follower(node, peers, bob)
    node.write(relationships.follow, eve, bob)
    post_id = a_post(node.db, bob, "For you", visibility=Visibility.PRIVATE)

    node.write(posts.pin, bob, post_id)
    await node.work()

    assert node.read(posts.pinned_ids, bob.id, eve.id) == [post_id]
    assert node.read(posts.pinned_ids, bob.id, None) == []
    assert (await read(peers, f"{bob.uri}/featured"))["orderedItems"] == []
    assert "Add" not in [said["type"] for said in peers.received()]
    with pytest.raises(Invalid):
        node.write(posts.pin, bob, a_post(node.db, bob, "@eve hello", visibility=Visibility.DIRECT))


async def test_a_shown_hashtag_is_announced_and_served_with_its_use(node, peers):
    bob = an_actor(node.db, "bob")
    await a_follower(node, peers, bob)
    a_post(node.db, bob, "A walk #HarbourDays")

    tag = node.write(posts.feature_tag, bob, "#HarbourDays")
    await node.work()

    assert (tag.display, tag.posts_count) == ("HarbourDays", 1)
    assert node.write(posts.feature_tag, bob, "harbourdays").id == tag.id
    [add] = [said for said in peers.received() if said["type"] == "Add"]
    assert (add["object"]["type"], add["object"]["name"]) == ("Hashtag", "#HarbourDays")
    assert (await read(peers, f"{bob.uri}/featured-tags"))["orderedItems"] == [add["object"]]

    node.write(posts.unfeature_tag, bob, tag.id)

    assert node.read(posts.tags_of, bob.id) == []
    with pytest.raises(Invalid):
        node.write(posts.feature_tag, bob, "two words")


# -- theirs -----------------------------------------------------------------------------------------------------------


def nameless(activity):
    """As Mastodon sends it."""
    return {name: value for name, value in activity.items() if name != "id"}


async def test_a_post_pinned_elsewhere_is_pinned_here_as_often_as_they_change_their_mind(node, peers):
    bob, ann = await a_followed(node, peers)
    note = peers.serve(ann.note("<p>Read me first</p>"))
    target = ann.document["featured"]
    for kind, expected in (("Add", 1), ("Remove", 0), ("Add", 1), ("Remove", 0), ("Add", 1)):
        await node.hear(peers, nameless(ann.says(kind, note["id"], target=target)), by=ann)

        assert len(node.read(posts.pinned_ids, node.actor(ann.uri).id, bob.id)) == expected


@pytest.mark.parametrize("fault", ["another's collection", "another's post", "another server's post"])
async def test_nobody_pins_for_somebody_else(node, peers, fault):
    _, ann = await a_followed(node, peers)
    sam, eve = peers.person("sam", key=1), peers.person("eve", "evil", key=1)
    note = peers.serve(ann.note())
    await node.hear(peers, ann.create(note), by=ann)
    signer, thing, target = {
        "another's collection": (sam, note["id"], ann.document["featured"]),
        "another's post": (ann, peers.serve(sam.note())["id"], ann.document["featured"]),
        "another server's post": (ann, peers.serve(eve.note())["id"], ann.document["featured"]),
    }[fault]
    await node.services.resolver.actor(signer.uri)

    await node.hear(peers, signer.says("Add", thing, target=target), by=signer)

    assert node.read(posts.pinned_ids, node.actor(ann.uri).id, None) == []


async def test_a_hashtag_shown_elsewhere_is_shown_here(node, peers):
    _, ann = await a_followed(node, peers)
    for name in ("#Sailing", "#Rowing"):
        tag = {"type": "Hashtag", "href": peers.at(f"/tags/{name[1:]}"), "name": name}
        await node.hear(peers, nameless(ann.says("Add", tag, target=ann.document["featured"])), by=ann)

    remote = node.actor(ann.uri)
    assert [tag.display for tag in node.read(posts.tags_of, remote.id)] == ["Sailing", "Rowing"]
    gone = {"type": "Hashtag", "href": peers.at("/tags/Rowing"), "name": "#Rowing"}
    await node.hear(peers, nameless(ann.says("Remove", gone, target=ann.document["featured"])), by=ann)
    assert [tag.display for tag in node.read(posts.tags_of, remote.id)] == ["Sailing"]


async def test_the_collections_of_somebody_who_is_followed_are_read(node, peers):
    uri = peers.at("/users/ann")
    sam = peers.person("sam", "third", key=1)
    foreign = peers.serve(sam.note())
    _, ann = await a_followed(
        node,
        peers,
        featured=[f"{uri}/statuses/1", {"id": f"{uri}/statuses/2", "type": "Note"}, foreign["id"]],
        tags=[{"type": "Hashtag", "href": peers.at("/tags/Sailing"), "name": "#Sailing"}],
    )
    peers.serve(ann.note("<p>One</p>", note_id=f"{uri}/statuses/1"))
    peers.serve(ann.note("<p>Two</p>", note_id=f"{uri}/statuses/2"))

    await node.work()

    remote = node.actor(ann.uri)
    assert node.read(posts.pinned_uris, remote.id) == [f"{uri}/statuses/1", f"{uri}/statuses/2"]
    assert [tag.name for tag in node.read(posts.tags_of, remote.id)] == ["sailing"]
    assert foreign["id"] not in peers.gets


async def test_a_strangers_collections_are_not_read(node, peers):
    ann = peers.person("ann", featured=peers.at("/users/ann/featured"))

    await node.services.resolver.actor(ann.uri)
    await node.work()

    assert ann.document["featured"] not in peers.gets


async def test_collections_are_read_again_some_time_after_a_profile_has_changed(node, peers):
    uri = peers.at("/users/ann")
    _, ann = await a_followed(node, peers, featured=[])
    await node.work()
    peers.serve(ann.note("<p>New</p>", note_id=f"{uri}/statuses/9"))
    peers.documents[f"{uri}/featured"]["orderedItems"] = [f"{uri}/statuses/9"]
    asked = peers.gets.count(f"{uri}/featured")

    for _ in range(3):
        await node.hear(peers, ann.says("Update", ann.document), by=ann)
    assert peers.gets.count(f"{uri}/featured") == asked
    node.make_due()
    await node.work()

    assert peers.gets.count(f"{uri}/featured") == asked + 1
    assert node.read(posts.pinned_uris, node.actor(ann.uri).id) == [f"{uri}/statuses/9"]
