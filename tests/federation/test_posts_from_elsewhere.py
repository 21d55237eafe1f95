# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: ARG005  # every row of a table takes what the table hands out
"""Posts of other servers: whose word counts on what, what is fetched instead of believed, and in which order it comes."""

import itertools
from datetime import timedelta

import orjson
import pytest
from aiohttp import web

from activitypub.addressing import PUBLIC, Visibility
from node import actors, members, notifications, posts, relationships, timelines
from node.actors.tables import actors as actors_table
from node.kernel import clock
from node.kernel.paging import Page
from node.posts.tables import posts as posts_table
from tests.support.builders import a_post, an_actor
from tests.support.peers import AS2, Peers, moment


@pytest.fixture
async def met(node, peers: Peers):
    """(the node, the peers, our Bob, Ann elsewhere whom he follows)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    peers.seen.clear()
    return node, peers, bob, ann


def home(node, actor):
    return list(node.read(timelines.home, actor.id, Page()))


def found(node, uri):
    return node.read(posts.by_uri, uri)


# -- new ones ---------------------------------------------------------------------------------------------------------


async def test_a_post_comes_home_to_those_who_follow_its_author(met):
    node, peers, bob, ann = met
    note = ann.note("<p>Good <b>morning</b><script>alert(1)</script></p>")

    await node.hear(peers, ann.create(note), by=ann)

    post = found(node, note["id"])
    assert home(node, bob) == [post.id]
    assert "script" not in post.content
    assert "morning" in post.content
    assert (post.visibility, post.local, post.url) == (Visibility.PUBLIC, False, note["url"])
    assert peers.seen == []


AUDIENCES = {
    "public": (lambda ann, bob: ([PUBLIC], [ann.followers]), Visibility.PUBLIC),
    "as:Public": (lambda ann, bob: (["as:Public"], [ann.followers]), Visibility.PUBLIC),
    "unlisted": (lambda ann, bob: ([ann.followers], [PUBLIC]), Visibility.UNLISTED),
    "followers": (lambda ann, bob: ([ann.followers], []), Visibility.PRIVATE),
    "direct": (lambda ann, bob: ([bob.uri], []), Visibility.DIRECT),
    "a single text": (lambda ann, bob: (PUBLIC, ann.followers), Visibility.PUBLIC),
}


@pytest.mark.parametrize(("audience", "expected"), AUDIENCES.values(), ids=AUDIENCES)
async def test_the_audience_says_who_may_see_it(met, audience, expected):
    node, peers, bob, ann = met
    to, cc = audience(ann, bob)
    note = ann.note(to=to, cc=cc)

    await node.hear(peers, ann.create(note), by=ann)

    assert found(node, note["id"]).visibility is expected


async def test_a_direct_post_reaches_the_one_who_is_named_and_nobody_else(met):
    node, peers, bob, ann = met
    carol = an_actor(node.db, "carol")
    node.follows(carol, ann.uri)
    note = ann.note(to=[bob.uri], cc=[], tag=[{"type": "Mention", "href": bob.uri, "name": "@bob"}])

    await node.hear(peers, ann.create(note), by=ann)

    number = found(node, note["id"]).id
    assert [item.type for item in node.read(notifications.page, bob.id, Page())] == ["mention"]
    assert node.read(posts.versions, [number], bob.id) != []
    assert node.read(posts.versions, [number], carol.id) == []
    assert home(node, carol) == []


async def test_a_direct_post_from_elsewhere_does_not_reach_whoever_is_not_of_age(met):
    node, peers, bob, ann = met
    young = an_actor(node.db, "young")
    node.db.write_now(members.set_adult_on, young.id, clock.now().date() + timedelta(days=400))
    tags = [{"type": "Mention", "href": one.uri, "name": f"@{one.username}"} for one in (bob, young)]
    note = ann.note(to=[bob.uri, young.uri], cc=[], tag=tags)

    await node.hear(peers, ann.create(note), by=ann)

    number = found(node, note["id"]).id
    assert node.read(notifications.page, young.id, Page()) == []
    assert node.read(posts.versions, [number], young.id) == []
    assert [item.type for item in node.read(notifications.page, bob.id, Page())] == ["mention"]


async def test_a_post_that_concerns_nobody_here_is_not_kept(node, peers):
    ann = peers.person("ann")
    note = ann.note()

    await node.hear(peers, ann.create(note), by=ann)

    assert found(node, note["id"]) is None


async def test_a_stranger_who_names_one_of_us_is_heard(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    note = ann.note(cc=[bob.uri], tag=[{"type": "Mention", "href": bob.uri, "name": "@bob"}])

    await node.hear(peers, ann.create(note), by=ann)

    assert [item.post_id for item in node.read(notifications.page, bob.id, Page())] == [found(node, note["id"]).id]


async def test_one_who_is_blocked_reaches_nobody_who_blocks_them(met):
    node, peers, bob, ann = met
    node.write(relationships.block, bob, node.actor(ann.uri))
    note = ann.note(cc=[bob.uri], tag=[{"type": "Mention", "href": bob.uri, "name": "@bob"}])

    await node.hear(peers, ann.create(note), by=ann)

    assert node.read(notifications.page, bob.id, Page()) == []
    assert home(node, bob) == []


async def test_a_reply_to_a_post_of_ours_joins_its_thread(met):
    node, peers, bob, ann = met
    first = a_post(node.db, bob, "A question")
    uri = node.read(posts.find, first).uri
    note = ann.note(inReplyTo=uri, cc=[bob.uri], tag=[{"type": "Mention", "href": bob.uri, "name": "@bob"}])

    await node.hear(peers, ann.create(note), by=ann)

    assert node.read(posts.thread, first, None).descendants == (found(node, note["id"]).id,)
    assert node.read(posts.find, first).replies_count == 1


async def test_a_reply_to_a_post_we_lack_brings_that_post_too(met):
    node, peers, _bob, ann = met
    carla = peers.person("carla", "other", key=1)
    parent = peers.serve(carla.note("<p>First</p>"))
    reply = ann.note("<p>Second</p>", inReplyTo=parent["id"])

    await node.hear(peers, ann.create(reply), by=ann)

    assert found(node, reply["id"]).in_reply_to_id == found(node, parent["id"]).id


async def test_a_reply_whose_parent_cannot_be_had_is_kept_and_tied_when_the_parent_comes(met):
    node, peers, bob, ann = met
    parent = ann.note("<p>First</p>")
    reply = ann.note("<p>Second</p>", inReplyTo=parent["id"])

    await node.hear(peers, ann.create(reply), by=ann)
    assert found(node, reply["id"]).in_reply_to_id is None
    await node.hear(peers, ann.create(parent), by=ann)

    assert found(node, reply["id"]).in_reply_to_id == found(node, parent["id"]).id
    assert found(node, parent["id"]).replies_count == 1
    assert node.read(posts.thread, found(node, parent["id"]).id, bob.id).descendants == (found(node, reply["id"]).id,)


async def test_an_endless_chain_of_parents_is_followed_within_a_budget(met):
    node, peers, _bob, ann = met
    carla = peers.person("carla", "other", key=1)
    served = []

    async def another(request: web.Request) -> web.StreamResponse:
        number = int(request.path.rsplit("/", 1)[1])
        served.append(number)
        note = carla.note(note_id=f"{carla.uri}/chain/{number}", inReplyTo=f"{carla.uri}/chain/{number + 1}")
        return web.Response(body=orjson.dumps(note), content_type=AS2)

    for number in range(100):
        peers.handlers[f"{carla.uri}/chain/{number}"] = another

    await node.hear(peers, ann.create(ann.note(inReplyTo=f"{carla.uri}/chain/0")), by=ann)

    assert len(served) == 40


# -- whose word counts ------------------------------------------------------------------------------------------------


def _neighbours(peers, ann):
    return peers.person("nina", key=1)


def _of_elsewhere(peers, ann):
    return peers.person("carla", "other", key=1)


@pytest.mark.parametrize("author_of", [_neighbours, _of_elsewhere])
async def test_a_post_shown_as_somebody_elses_is_not_believed(met, author_of):
    node, peers, _bob, ann = met
    author = author_of(peers, ann)
    genuine = peers.serve(author.note("<p>What I said</p>"))
    forged = {**genuine, "content": "<p>What I never said</p>"}

    await node.hear(peers, ann.says("Create", forged, to=[PUBLIC]), by=ann)

    post = found(node, genuine["id"])
    assert post is None or post.content == "<p>What I said</p>"
    if post is not None:
        assert node.read(actors.find, post.author_id).uri == author.uri


@pytest.mark.parametrize("author_of", [_neighbours, _of_elsewhere])
async def test_an_announced_copy_is_dropped_and_the_post_read_where_it_lives(met, author_of):
    node, peers, bob, ann = met
    author = author_of(peers, ann)
    genuine = peers.serve(author.note("<p>What I said</p>"))
    forged = {**genuine, "content": "<p>What I never said</p>"}

    await node.hear(peers, ann.says("Announce", forged, to=[PUBLIC], cc=[ann.followers]), by=ann)

    post = found(node, genuine["id"])
    assert post.content == "<p>What I said</p>"
    assert node.read(posts.find, home(node, bob)[0]).boost_of_id == post.id


async def test_an_announced_create_stands_for_its_object(met):
    node, peers, _bob, ann = met
    carla = peers.person("carla", "other", key=1)
    genuine = peers.serve(carla.note("<p>What I said</p>"))
    create = carla.create({**genuine, "content": "<p>Forged</p>"})

    await node.hear(peers, ann.says("Announce", create, to=[PUBLIC]), by=ann)

    assert found(node, genuine["id"]).content == "<p>What I said</p>"


FETCHED = {
    "under another name on its server": lambda note, peers: {**note, "id": note["id"] + "x"},
    "under a name of another server": lambda note, peers: {**note, "id": peers.at("/stolen", "evil")},
    "by somebody of another server": lambda note, peers: {**note, "attributedTo": peers.at("/users/eve", "evil")},
    "by nobody": lambda note, peers: {k: v for k, v in note.items() if k != "attributedTo"},
    "not a post at all": lambda note, peers: {"id": note["id"], "type": "Relationship"},
}


@pytest.mark.parametrize("spoil", FETCHED.values(), ids=FETCHED)
async def test_a_fetched_document_that_is_not_what_was_asked_for_is_not_kept(met, spoil):
    node, peers, _bob, ann = met
    peers.person("eve", "evil", key=2)
    carla = peers.person("carla", "other", key=1)
    note = carla.note()
    peers.documents[note["id"]] = spoil(note, peers)
    before = node.count(posts_table)

    await node.hear(peers, ann.says("Announce", note["id"], to=[PUBLIC]), by=ann)

    assert node.count(posts_table) == before


async def test_a_fetched_document_of_ours_is_not_taken_from_another_server(met):
    node, peers, bob, ann = met
    post = node.read(posts.find, a_post(node.db, bob, "Mine"))
    carla = peers.person("carla", "other", key=1)
    note = carla.note()
    peers.documents[note["id"]] = {**note, "id": post.uri, "attributedTo": bob.uri, "content": "<p>Not mine</p>"}

    await node.hear(peers, ann.says("Announce", note["id"], to=[PUBLIC]), by=ann)

    assert node.read(posts.find, post.id).content == "<p>Mine</p>"


@pytest.mark.parametrize("verb", ["Update", "Delete"])
@pytest.mark.parametrize("who", ["a neighbour", "a stranger"])
@pytest.mark.parametrize("claims", [True, False], ids=["claiming it", "as it is"])
async def test_nobody_changes_or_deletes_what_somebody_else_wrote(met, verb, who, claims):
    node, peers, _bob, ann = met
    note = ann.note("<p>Mine</p>")
    await node.hear(peers, ann.create(note), by=ann)
    other = peers.person("nina", "far" if who == "a neighbour" else "evil", key=1)
    changed = {**note, "content": "<p>Taken</p>", "updated": moment(5)}
    if claims:
        changed["attributedTo"] = other.uri

    await node.hear(peers, other.says(verb, changed), by=other)
    await node.hear(peers, other.says(verb, note["id"]), by=other)

    assert found(node, note["id"]).content == "<p>Mine</p>"


@pytest.mark.parametrize("verb", ["Update", "Delete", "Create", "Announce", "Like", "Add", "Remove", "Move", "Flag"])
async def test_no_activity_from_elsewhere_changes_a_post_of_ours(met, verb):
    node, peers, bob, ann = met
    post = node.read(posts.find, a_post(node.db, bob, "Mine"))
    forged = {
        **ann.note("<p>Taken</p>", note_id=post.uri),
        "attributedTo": bob.uri,
        "updated": moment(60),
    }

    await node.hear(peers, ann.says(verb, forged, target=bob.uri), by=ann)

    after = node.read(posts.find, post.id)
    assert (after.content, after.author_id) == ("<p>Mine</p>", bob.id)


async def test_nobody_deletes_or_changes_another_actor(met):
    node, peers, _bob, ann = met
    nina = peers.person("nina", key=1)
    for verb in ("Delete", "Update"):
        await node.hear(peers, nina.says(verb, {**ann.document, "name": "Taken"}), by=nina)

    after = node.actor(ann.uri)
    assert (after.display_name, after.deleted_at) == ("Ann", None)


async def test_an_actor_says_for_itself_what_it_is_called_but_not_where_others_get_mail(met):
    node, peers, _bob, ann = met

    await node.hear(peers, ann.says("Update", {**ann.document, "name": "Ann B."}), by=ann)
    assert node.actor(ann.uri).display_name == "Ann B."

    await node.hear(peers, ann.says("Update", {**ann.document, "inbox": peers.at("/inbox", "victim")}), by=ann)
    assert node.actor(ann.uri).inbox == ann.document["inbox"]


async def test_a_deleted_actor_leaves_nothing_but_the_name(met):
    node, peers, bob, ann = met
    note = ann.note()
    await node.hear(peers, ann.create(note), by=ann)

    await node.hear(peers, ann.says("Delete", ann.uri), by=ann)

    assert found(node, note["id"]) is None
    assert home(node, bob) == []
    assert node.actor(bob.uri).following_count == 0
    assert node.actor(ann.uri).display_name == ""


# -- changes, and their order -----------------------------------------------------------------------------------------


async def test_an_update_shows_the_newer_text_and_keeps_the_older(met):
    node, peers, bob, ann = met
    note = ann.note("<p>Frist</p>")
    await node.hear(peers, ann.create(note), by=ann)

    await node.hear(peers, ann.says("Update", {**note, "content": "<p>First</p>", "updated": moment()}), by=ann)

    number = found(node, note["id"]).id
    assert [edit.content for edit in node.read(posts.history, number, bob.id)] == ["<p>Frist</p>", "<p>First</p>"]


async def test_every_order_of_a_post_its_changes_and_its_deletion_ends_the_same(met):
    node, peers, bob, ann = met

    for order in itertools.permutations(("create", "update", "like", "delete")):
        note = ann.note("<p>One</p>")
        said = {
            "create": ann.create(note),
            "update": ann.says("Update", {**note, "content": "<p>Two</p>", "updated": moment()}),
            "like": ann.says("Like", note["id"]),
            "delete": ann.says("Delete", {"id": note["id"], "type": "Tombstone"}),
        }
        for step in order:
            await node.hear(peers, said[step], by=ann)
        assert found(node, note["id"]) is None, order

    assert home(node, bob) == []
    assert node.actor(ann.uri).statuses_count == 0


async def test_every_order_of_a_post_and_its_changes_shows_the_newest(met):
    node, peers, _bob, ann = met

    for order in itertools.permutations((0, 1, 2)):
        note = ann.note("<p>0</p>")
        said = [ann.create(note)] + [
            ann.says("Update", {**note, "content": f"<p>{number}</p>", "updated": moment(number - 10)})
            for number in (1, 2)
        ]
        for step in order:
            await node.hear(peers, said[step], by=ann)
        assert found(node, note["id"]).content == "<p>2</p>", order

    assert node.actor(ann.uri).statuses_count == 6


async def test_a_boost_and_its_undoing_in_both_orders_leave_nothing(met):
    node, peers, bob, ann = met
    number = a_post(node.db, bob, "Boost me")
    uri = node.read(posts.find, number).uri

    for order in itertools.permutations((0, 1)):
        boost = ann.says("Announce", uri, to=[PUBLIC], cc=[ann.followers])
        said = [boost, ann.says("Undo", {name: boost[name] for name in ("id", "type", "actor", "object")})]
        for step in order:
            await node.hear(peers, said[step], by=ann)
        assert node.read(posts.find, number).boosts_count == 0, order

    assert node.read(notifications.page, bob.id, Page()) == []


# -- favourites and boosts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Like", "EmojiReact"])
async def test_favourites_are_counted_once_and_taken_back(met, kind):
    node, peers, bob, ann = met
    number = a_post(node.db, bob, "Like me")
    uri = node.read(posts.find, number).uri
    like, again = ann.says(kind, uri), ann.says(kind, uri)

    await node.hear(peers, like, by=ann)
    await node.hear(peers, again, by=ann)
    assert node.read(posts.find, number).favourites_count == 1
    assert [item.type for item in node.read(notifications.page, bob.id, Page())] == ["favourite"]

    await node.hear(peers, ann.says("Undo", like["id"]), by=ann)
    assert node.read(posts.find, number).favourites_count == 0
    assert node.read(notifications.page, bob.id, Page()) == []


async def test_a_post_that_one_may_not_see_cannot_be_liked_or_boosted(node, peers):
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    number = a_post(node.db, bob, "For followers", visibility=Visibility.PRIVATE)
    uri = node.read(posts.find, number).uri

    await node.hear(peers, ann.says("Like", uri), by=ann)
    await node.hear(peers, ann.says("Announce", uri, to=[PUBLIC]), by=ann)

    post = node.read(posts.find, number)
    assert (post.favourites_count, post.boosts_count) == (0, 0)


async def test_one_who_is_blocked_neither_likes_nor_boosts(met):
    node, peers, bob, ann = met
    number = a_post(node.db, bob, "Hello")
    uri = node.read(posts.find, number).uri
    node.write(relationships.block, bob, node.actor(ann.uri))

    await node.hear(peers, ann.says("Like", uri), by=ann)
    await node.hear(peers, ann.says("Announce", uri, to=[PUBLIC]), by=ann)

    post = node.read(posts.find, number)
    assert (post.favourites_count, post.boosts_count) == (0, 0)


async def test_a_boost_for_followers_is_for_followers(met):
    node, peers, bob, ann = met
    number = a_post(node.db, bob, "Hello")
    uri = node.read(posts.find, number).uri

    await node.hear(peers, ann.says("Announce", uri, to=[ann.followers], cc=[]), by=ann)

    (boost,) = node.read(posts.of_author, node.actor(ann.uri).id, bob.id, Page())
    assert node.read(posts.find, boost).visibility is Visibility.PRIVATE
    assert node.read(posts.of_author, node.actor(ann.uri).id, None, Page()) == []


async def test_a_boost_by_somebody_whom_nobody_follows_fetches_nothing(node, peers):
    ann, carla = peers.person("ann"), peers.person("carla", "other", key=1)
    note = peers.serve(carla.note())
    await node.services.resolver.actor(ann.uri)
    peers.seen.clear()

    await node.hear(peers, ann.says("Announce", note["id"], to=[PUBLIC]), by=ann)

    assert peers.seen == []
    assert found(node, note["id"]) is None


async def test_a_boost_of_something_that_is_gone_is_dropped_for_good(met):
    node, peers, _bob, ann = met

    await node.hear(peers, ann.says("Announce", peers.at("/users/x/statuses/1", "other"), to=[PUBLIC]), by=ann)

    assert node.waiting() == []


async def test_a_boost_of_something_whose_server_is_down_is_tried_again(met):
    node, peers, bob, ann = met
    carla = peers.person("carla", "other", key=1)
    note = peers.serve(carla.note())

    async def down(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    peers.handlers[note["id"]] = down
    await node.hear(peers, ann.says("Announce", note["id"], to=[PUBLIC]), by=ann)
    assert found(node, note["id"]) is None
    assert len(node.waiting()) == 1

    del peers.handlers[note["id"]]
    node.services.resolver._failures.clear()
    node.make_due()
    await node.work()

    assert len(home(node, bob)) == 1


async def test_unknown_people_in_a_post_cost_no_look_up(met):
    node, peers, _bob, ann = met
    tags = [{"type": "Mention", "href": peers.at(f"/users/p{n}", "other"), "name": f"@p{n}@x"} for n in range(20)]
    before = node.count(actors_table)

    await node.hear(peers, ann.create(ann.note(tag=tags)), by=ann)

    assert peers.seen == []
    assert node.count(actors_table) == before
