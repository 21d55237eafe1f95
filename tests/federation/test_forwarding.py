# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: ARG005  # every row of a table takes what the table hands out
"""What somebody else passes on, and what we pass on: verified where it comes from, and never spread further than it was
meant to go."""

from contextlib import AsyncExitStack

import orjson
import pytest

from activitypub.addressing import PUBLIC, Visibility
from node import posts, timelines
from node.kernel.paging import Page
from node.kernel.queue import tasks
from tests.support import nodes
from tests.support.builders import a_post, an_actor
from tests.support.peers import Forgery, key_pair, moment


@pytest.fixture
async def met(node, peers):
    """(the node, the peers, our Bob, Ann of another server who follows Bob, and whom he follows)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    node.followed_by(ann.uri, bob)
    peers.seen.clear()
    return node, peers, bob, ann


def home(node, actor):
    return list(node.read(timelines.home, actor.id, Page()))


# -- passed on by us --------------------------------------------------------------------------------------------------


def answer_to(node, person, number, **more):
    """A reply from elsewhere to a post of ours, and its Create."""
    post = node.read(posts.find, number)
    author = node.read(lambda conn: posts.view(conn, number, post.author_id).author)
    return person.note(inReplyTo=post.uri, **{"cc": [author.followers, author.uri], **more})


async def test_a_reply_addressed_to_our_members_followers_is_passed_on_to_them_as_it_came(met):
    node, peers, bob, _ = met
    eve = peers.person("eve", "third", key=1)
    create = eve.create(answer_to(node, eve, a_post(node.db, bob, "Who comes?")))
    await node.work()
    peers.seen.clear()

    await node.hear(peers, create, by=eve)
    await node.hear(peers, create, by=eve)

    assert peers.received("far") == [create]
    assert peers.received("third") == []
    assert peers.posts[0].body == orjson.dumps(create)
    assert bob.uri in peers.posts[0].headers["Signature"]


async def test_a_deleted_reply_is_passed_on_too(met):
    node, peers, bob, _ = met
    eve = peers.person("eve", "third", key=1)
    create = eve.create(answer_to(node, eve, a_post(node.db, bob, "Who comes?")))
    await node.hear(peers, create, by=eve)
    peers.seen.clear()
    delete = eve.says("Delete", {"id": create["object"]["id"], "type": "Tombstone"}, to=create["to"], cc=create["cc"])

    await node.hear(peers, delete, by=eve)

    assert peers.received("far") == [delete]


KEPT_HERE = {
    "not addressed to the followers": lambda bob, eve: {"to": [PUBLIC], "cc": [bob.uri]},
    "for the writer's followers only": lambda bob, eve: {"to": [eve.followers], "cc": [bob.followers, bob.uri]},
    "for one": lambda bob, eve: {"to": [bob.uri], "cc": []},
}


@pytest.mark.parametrize("audience", KEPT_HERE.values(), ids=KEPT_HERE)
async def test_what_was_not_meant_for_the_followers_of_both_goes_nowhere(met, audience):
    node, peers, bob, _ = met
    eve = peers.person("eve", "third", key=1)
    note = answer_to(node, eve, a_post(node.db, bob, "Who comes?"), **audience(bob, eve))
    await node.work()
    peers.seen.clear()

    await node.hear(peers, eve.create(note), by=eve)

    assert node.read(posts.by_uri, note["id"]) is not None
    assert peers.received("far") == []


async def test_our_own_answers_may_be_passed_on_by_the_server_of_whom_they_answer(met):
    node, peers, bob, ann = met
    note = ann.note()
    await node.hear(peers, ann.create(note), by=ann)
    root = node.read(posts.by_uri, note["id"])
    answer = a_post(node.db, bob, "Indeed", in_reply_to_id=root.id)
    hidden = a_post(node.db, bob, "Between us", in_reply_to_id=root.id, visibility=Visibility.PRIVATE)
    created = node.stored("Create")
    node.write(posts.delete_post, bob, answer)
    node.write(posts.delete_post, bob, hidden)

    addressed = [ann.followers in said.get("cc", []) for said in (*created, *node.stored("Delete"))]

    assert addressed == [True, False, True, False]


async def test_a_post_that_answers_nobody_here_is_not_passed_on(met):
    node, peers, bob, ann = met
    eve = peers.person("eve", "third", key=1)
    root = peers.serve(ann.note())

    await node.hear(peers, eve.create(eve.note(inReplyTo=root["id"], cc=[bob.followers, bob.uri])), by=eve)

    assert peers.received("far") == []


async def test_passing_on_ends_with_three_nodes(tmp_path, sqlite_template, peers):
    async with AsyncExitStack() as stack:
        three = []
        for name in ("one", "two", "three"):
            folder = tmp_path / name
            folder.mkdir()
            three.append(await stack.enter_async_context(nodes.running(folder, sqlite_template, None)))
        people = [an_actor(node.db, f"member{number}") for number, node in enumerate(three)]
        for node, person in zip(three, people, strict=True):
            for other, follower in zip(three, people, strict=True):
                if other is not node:
                    await node.services.resolver.actor(follower.uri)
                    node.followed_by(follower.uri, person)
                    await other.services.resolver.actor(person.uri)
                    other.follows(follower, person.uri)
        eve = peers.person("eve", "third", key=1)
        root = three[0].read(posts.find, a_post(three[0].db, people[0], "Who comes?"))

        async def settle():
            for _ in range(4):
                for node in three:
                    await node.work()

        await settle()
        note = peers.serve(eve.note(inReplyTo=root.uri, cc=[person.followers for person in people]))
        await three[0].hear(peers, eve.create(note), by=eve)
        await settle()

        assert [node.read(posts.by_uri, note["id"]) is not None for node in three] == [True] * 3
        assert [node.count(tasks) for node in three] == [0, 0, 0]
        assert peers.gets.count(note["id"]) == 2


# -- passed on to us --------------------------------------------------------------------------------------------------


@pytest.fixture
async def told(met):
    """(node, peers, bob, ann, eve, a post of Ann's that we hold): Eve answers Ann, and Ann's server tells us."""
    node, peers, bob, ann = met
    eve = peers.person("eve", "third", key=1)
    root = ann.note()
    await node.hear(peers, ann.create(root), by=ann)
    peers.seen.clear()
    return node, peers, bob, ann, eve, root


async def test_a_forwarded_reply_is_read_where_it_lives(told):
    node, peers, _, ann, eve, root = told
    note = peers.serve(eve.note("<p>The truth</p>", inReplyTo=root["id"]))
    forged = {**eve.create(note), "object": {**note, "content": "<p>A lie</p>"}}

    await node.hear(peers, forged, by=ann)

    post = node.read(posts.by_uri, note["id"])
    assert "The truth" in post.content
    assert post.in_reply_to_id == node.read(posts.by_uri, root["id"]).id


def _never_was(peers, eve, note):
    pass


def _of_another(peers, eve, note):
    peers.serve({**note, "attributedTo": f"{eve.uri}-twin"})


def _other_id(peers, eve, note):
    peers.documents[note["id"]] = {**note, "id": f"{note['id']}x"}


@pytest.mark.parametrize("prepare", [_never_was, _of_another, _other_id])
async def test_a_forwarded_post_that_its_server_does_not_confirm_is_dropped(told, prepare):
    node, peers, _, ann, eve, root = told
    note = eve.note(inReplyTo=root["id"])
    prepare(peers, eve, note)

    await node.hear(peers, eve.create(note), by=ann)

    assert node.read(posts.by_uri, note["id"]) is None
    assert node.count(tasks) == 0


async def test_a_forwarded_post_that_is_nobodys_business_here_is_dropped(told):
    node, peers, _, ann, eve, _ = told
    note = peers.serve(eve.note())

    await node.hear(peers, eve.create(note), by=ann)

    assert node.read(posts.by_uri, note["id"]) is None


async def hold(told):
    """Eve's reply, known here."""
    node, peers, _, ann, eve, root = told
    note = peers.serve(eve.note(inReplyTo=root["id"], published=moment(-300)))
    await node.hear(peers, eve.create(note), by=ann)
    peers.seen.clear()
    return note


async def test_a_forwarded_edit_is_read_where_it_lives(told):
    node, peers, _, ann, eve, _ = told
    note = await hold(told)
    changed = peers.serve({**note, "content": "<p>Better</p>", "updated": moment(-10)})

    await node.hear(peers, eve.says("Update", {**changed, "content": "<p>A lie</p>"}), by=ann)

    assert "Better" in node.read(posts.by_uri, note["id"]).content


@pytest.mark.parametrize("left", ["nothing", "tombstone"])
async def test_a_forwarded_delete_is_believed_when_the_post_is_gone(told, left):
    node, peers, _, ann, eve, _ = told
    note = await hold(told)
    del peers.documents[note["id"]]
    if left == "tombstone":
        peers.serve({"id": note["id"], "type": "Tombstone"})

    await node.hear(peers, eve.says("Delete", note["id"], activity_id=f"{note['id']}#delete"), by=ann)

    assert node.read(posts.by_uri, note["id"]) is None


async def test_a_forwarded_delete_of_what_is_still_there_is_dropped(told):
    node, peers, _, ann, eve, _ = told
    note = await hold(told)

    await node.hear(peers, eve.says("Delete", note["id"]), by=ann)

    assert node.read(posts.by_uri, note["id"]) is not None


async def test_a_post_for_followers_is_not_deleted_because_strangers_cannot_read_it(told):
    node, peers, bob, ann, _, _ = told
    mallory = peers.person("mallory", "evil", key=1)
    await node.services.resolver.actor(mallory.uri)
    private = ann.note(to=[ann.followers], cc=[])
    await node.hear(peers, ann.create(private), by=ann)

    await node.hear(peers, ann.says("Delete", private["id"]), by=mallory)

    assert node.read(posts.by_uri, private["id"]).visibility is Visibility.PRIVATE
    assert node.read(posts.by_uri, private["id"]).id in home(node, bob)


@pytest.mark.parametrize("kind", ["Follow", "Announce", "Undo", "Like", "Move"])
async def test_other_activities_that_are_passed_on_are_dropped_without_a_question(told, kind):
    node, peers, bob, ann, eve, _ = told

    await node.hear(peers, eve.says(kind, bob.uri, activity_id=f"{eve.uri}#{kind}"), by=ann)

    assert peers.gets == []
    assert node.count(tasks) == 0


async def test_the_signature_of_who_passes_something_on_must_be_right(told):
    node, peers, _, ann, eve, root = told
    note = peers.serve(eve.note(inReplyTo=root["id"]))

    status, _ = await peers.send(eve.create(note), by=ann, to=node.inbox, forgery=Forgery(key=key_pair(2)))

    assert status == 401
    assert peers.gets == []


async def test_a_server_that_tells_ever_more_is_not_listened_to(told, monkeypatch):
    node, peers, _, ann, eve, root = told
    monkeypatch.setattr(node.services.inbox, "_told", node.services.inbox._told.__class__(3))

    for number in range(6):
        note = eve.note(note_id=f"{eve.uri}/statuses/x{number}", inReplyTo=root["id"])
        await node.hear(peers, eve.create(note), by=ann)

    assert len([url for url in peers.gets if "/x" in url]) == 3


# -- groups -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def group(met):
    """(node, peers, bob, a forum that he follows, eve who writes in it)."""
    node, peers, bob, _ = met
    forum = peers.person("forum", "lemmy", kind="Group")
    await node.services.resolver.actor(forum.uri)
    node.follows(bob, forum.uri)
    eve = peers.person("eve", "third", key=1)
    peers.seen.clear()
    return node, peers, bob, forum, eve


def page(eve, forum, **more):
    """The first post of a thread as Lemmy writes it."""
    return eve.note(type="Page", name="Pensions", audience=forum.uri, cc=[forum.uri], **more)


def tells(forum, *activities, **more):
    wrapped = [{key: value for key, value in one.items() if key != "@context"} for one in activities]
    return forum.says(
        "Announce", wrapped[0] if len(wrapped) == 1 else wrapped, to=[PUBLIC], cc=[forum.followers], **more
    )


@pytest.mark.parametrize("kind", ["Page", "Article", "Note"])
async def test_a_new_thread_of_a_group_comes_home_and_its_comments_do_not(group, kind):
    node, peers, bob, forum, eve = group
    start = peers.serve({**page(eve, forum), "type": kind})
    comment = peers.serve(eve.note("<p>I agree</p>", inReplyTo=start["id"], audience=forum.uri))

    await node.hear(peers, tells(forum, eve.create(start)), by=forum)
    await node.hear(peers, tells(forum, eve.create(comment)), by=forum)

    [boost] = home(node, bob)
    first = node.read(posts.by_uri, start["id"])
    assert node.read(posts.find, boost).boost_of_id == first.id
    assert ("Pensions" in first.content) is (kind != "Note")
    thread = node.read(posts.thread, first.id, bob.id)
    assert thread.descendants == (node.read(posts.by_uri, comment["id"]).id,)


async def test_a_thread_about_a_link_shows_the_link(group):
    node, peers, _, forum, eve = group
    link = {"type": "Link", "href": "https://news.example/pensions"}
    start = peers.serve(page(eve, forum, content=None, contentMap=None, attachment=[link, {"type": "Link"}, "x"]))

    await node.hear(peers, tells(forum, eve.create(start)), by=forum)

    assert 'href="https://news.example/pensions"' in node.read(posts.by_uri, start["id"]).content


async def started(group):
    node, peers, _, forum, eve = group
    start = peers.serve(page(eve, forum, published=moment(-300)))
    await node.hear(peers, tells(forum, eve.create(start)), by=forum)
    peers.seen.clear()
    return start


async def test_an_edit_that_a_group_announces_is_read_where_it_lives(group):
    node, peers, bob, forum, eve = group
    start = await started(group)
    changed = peers.serve({**start, "name": "Pensions at 60", "content": "<p>New</p>", "updated": moment(-5)})

    await node.hear(peers, tells(forum, eve.says("Update", {**changed, "content": "<p>Forged</p>"})), by=forum)

    post = node.read(posts.by_uri, start["id"])
    assert "New" in post.content
    assert len(home(node, bob)) == 1


async def test_a_deletion_that_a_group_announces_is_believed_when_the_post_is_gone(group):
    node, peers, bob, forum, eve = group
    start = await started(group)
    del peers.documents[start["id"]]

    await node.hear(peers, tells(forum, eve.says("Delete", start["id"])), by=forum)

    assert node.read(posts.by_uri, start["id"]) is None
    assert home(node, bob) == []


async def test_what_a_moderator_takes_out_of_a_group_is_no_longer_shown_for_it(group):
    node, peers, bob, forum, _ = group
    moderator = peers.person("mod", "lemmy", key=2)
    start = await started(group)

    await node.hear(peers, tells(forum, moderator.says("Delete", start["id"])), by=forum)

    assert node.read(posts.by_uri, start["id"]) is not None
    assert home(node, bob) == []


@pytest.mark.parametrize("batched", ["list", "collection"])
async def test_votes_in_a_batch_are_verified_one_by_one(group, batched):
    node, peers, bob, forum, eve = group
    dan = peers.person("dan", "third", key=1)
    uri = node.read(posts.find, a_post(node.db, bob, "A thought")).uri
    true, forged = eve.says("Like", uri), dan.says("Like", uri)
    peers.serve(true)
    announce = tells(forum, true, forged)
    if batched == "collection":
        announce["object"] = {"type": "OrderedCollection", "totalItems": 2, "orderedItems": announce["object"]}

    await node.hear(peers, announce, by=forum)

    assert node.read(posts.by_uri, uri).favourites_count == 1


async def test_a_group_that_nobody_follows_has_nothing_looked_up(group):
    node, peers, _, _, eve = group
    other = peers.person("other", "lemmy", kind="Group")
    await node.services.resolver.actor(other.uri)
    peers.seen.clear()

    await node.hear(peers, tells(other, eve.says("Update", eve.note())), by=other)

    assert peers.gets == []
