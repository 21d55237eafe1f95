# SPDX-License-Identifier: AGPL-3.0-or-later
"""Conversations: served to other servers, kept whole whatever comes first, and fetched where a part is missing."""

import itertools

import orjson
import pytest

from activitypub.addressing import Visibility
from node import notifications, posts, timelines
from node.kernel.paging import Page
from tests.support.builders import a_post, an_actor
from tests.support.nodes import Node
from tests.support.peers import Peers, moment


async def read(peers: Peers, url: str):
    status, _, body = await peers.ask("GET", url)
    return status, orjson.loads(body) if status == 200 else None


async def pages_of(peers: Peers, url: str):
    """Every member of a collection, page by page."""
    _, whole = await read(peers, url)
    page, found = whole["first"], []
    while True:
        found.append(page["orderedItems"])
        if "next" not in page:
            return whole["totalItems"], found
        _, page = await read(peers, page["next"])


def uri(node: Node, number: int) -> str:
    found: str = node.read(posts.find, number).uri
    return found


# -- served -----------------------------------------------------------------------------------------------------------


async def test_replies_are_paged_with_the_authors_own_first(node, peers):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    root = a_post(node.db, bob, "Who comes?")
    others = [uri(node, a_post(node.db, eve, "I do", in_reply_to_id=root)) for _ in range(22)]
    own = [uri(node, a_post(node.db, bob, "Me too", in_reply_to_id=root)) for _ in range(2)]
    a_post(node.db, eve, "Only for some", in_reply_to_id=root, visibility=Visibility.PRIVATE)

    total, found = await pages_of(peers, f"{uri(node, root)}/replies")

    assert total == 24
    assert [len(page) for page in found] == [20, 4]
    assert found[0] + found[1] == own + others


async def test_a_thread_is_served_whole_at_the_address_that_its_posts_name(node, peers):
    bob, eve = an_actor(node.db, "bob"), an_actor(node.db, "eve")
    root = a_post(node.db, bob, "Who comes?")
    answers = [a_post(node.db, eve, f"Answer {number}", in_reply_to_id=root) for number in range(52)]
    said = [uri(node, number) for number in (root, *answers)]
    a_post(node.db, eve, "Between us", in_reply_to_id=root, visibility=Visibility.DIRECT)
    contexts = {(await read(peers, one))[1]["context"] for one in (said[0], said[-1])}

    total, found = await pages_of(peers, contexts.pop())

    assert contexts == set()
    assert total == 53
    assert [len(page) for page in found] == [50, 3]
    assert found[0] + found[1] == said


@pytest.mark.parametrize("path", ["/contexts/1", "/contexts/999999999999999999", "/contexts/0?page=true&after=x"])
async def test_a_thread_that_is_not_there_is_not_found(gate, peers, path):
    status, _ = await read(peers, f"{gate.base}{path}")

    assert status == 404


async def test_threads_that_nobody_here_takes_part_in_are_not_served(gate, peers):
    ann = peers.person("ann")
    note = peers.serve(ann.note())
    number = await gate.services.resolver.post(note["id"])

    status, _ = await read(peers, f"{gate.base}/contexts/{number}")

    assert status == 404


async def test_an_answer_takes_over_the_thread_that_it_answers(gate, peers):
    bob, ann = an_actor(gate.db, "bob"), peers.person("ann")
    context = peers.at("/contexts/7")
    note = peers.serve(ann.note(context=context))
    number = await gate.services.resolver.post(note["id"])

    answer = a_post(gate.db, bob, "Indeed", in_reply_to_id=number)

    _, document = await read(peers, uri(gate, answer))
    assert document["context"] == context


async def test_a_stranger_cannot_lead_our_thread_elsewhere(gate, peers):
    bob, ann = an_actor(gate.db, "bob"), peers.person("ann")
    root = a_post(gate.db, bob, "Who comes?")
    reply = peers.serve(ann.note(inReplyTo=uri(gate, root), context=peers.at("/contexts/7", "evil")))
    number = await gate.services.resolver.post(reply["id"])

    answer = a_post(gate.db, bob, "Good", in_reply_to_id=number)

    _, document = await read(peers, uri(gate, answer))
    assert document["context"] == f"{gate.base}/contexts/{root}"


async def test_likes_and_shares_are_numbers(gate, peers):
    bob, eve = an_actor(gate.db, "bob"), an_actor(gate.db, "eve")
    root = a_post(gate.db, bob, "Who comes?")
    gate.write(posts.favourite, eve, root)
    gate.write(posts.boost, eve, root)

    _, document = await read(peers, uri(gate, root))
    likes = await read(peers, document["likes"]["id"])
    shares = await read(peers, document["shares"]["id"])

    assert document["likes"]["totalItems"] == document["shares"]["totalItems"] == 1
    assert [status for status, _ in (likes, shares)] == [200, 200]
    assert "orderedItems" not in likes[1]


@pytest.mark.parametrize("collection", ["replies", "likes", "shares"])
async def test_what_hangs_on_a_hidden_post_is_hidden_too(gate, peers, collection):
    bob = an_actor(gate.db, "bob")
    hidden = a_post(gate.db, bob, "For some", visibility=Visibility.PRIVATE)

    status, _ = await read(peers, f"{uri(gate, hidden)}/{collection}")

    assert status == 404


# -- kept whole -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_a_thread_is_whole_whatever_comes_first(gate, peers, order):
    bob, ann = an_actor(gate.db, "bob"), peers.person("ann")
    await gate.services.resolver.actor(ann.uri)
    gate.follows(bob, ann.uri)
    base = f"{ann.uri}/statuses/t"
    parents = {0: None, 1: 0, 2: 1, 3: 1}
    notes = [
        ann.note(
            note_id=f"{base}{number}",
            inReplyTo=None if parent is None else f"{base}{parent}",
            published=moment(number - 60),
        )
        for number, parent in parents.items()
    ]

    for number in order:
        await gate.hear(peers, ann.create(notes[number]), by=ann)

    stored = [gate.read(posts.by_uri, note["id"]) for note in notes]
    assert len({post.thread_id for post in stored}) == 1
    assert [post.replies_count for post in stored] == [1, 2, 0, 0]
    thread = gate.read(posts.thread, stored[1].id, bob.id)
    assert thread.ancestors == (stored[0].id,)
    assert set(thread.descendants) == {stored[2].id, stored[3].id}


async def test_posts_that_answer_each_other_are_shown_once(gate, peers):
    bob, ann = an_actor(gate.db, "bob"), peers.person("ann")
    await gate.services.resolver.actor(ann.uri)
    gate.follows(bob, ann.uri)
    one, two = (f"{ann.uri}/statuses/{name}" for name in ("one", "two"))

    await gate.hear(peers, ann.create(ann.note(note_id=one, inReplyTo=two)), by=ann)
    await gate.hear(peers, ann.create(ann.note(note_id=two, inReplyTo=one)), by=ann)

    first, second = gate.read(posts.by_uri, one), gate.read(posts.by_uri, two)
    thread = gate.read(posts.thread, first.id, bob.id)
    assert thread.descendants == (second.id,)
    assert len(thread.ancestors) <= 2


# -- fetched ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def met(node, peers):
    """(the node, the peers, our Bob, Ann elsewhere whom he follows)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    peers.seen.clear()
    return node, peers, bob, ann


def chain(peers: Peers, person, length: int, **more: object):
    """Served posts, each of which answers the one before."""
    made = []
    for number in range(length):
        parent = made[-1]["id"] if made else None
        made.append(
            peers.serve(person.note(f"<p>{number}</p>", inReplyTo=parent, published=moment(number - 999), **more))
        )
    return made


async def test_what_a_reply_answers_is_fetched_up_to_the_beginning(met):
    node, peers, bob, ann = met
    eve = peers.person("eve", "third")
    notes = chain(peers, eve, 8)

    await node.hear(peers, ann.create(ann.note(inReplyTo=notes[-1]["id"])), by=ann)

    first = node.read(posts.by_uri, notes[0]["id"])
    thread = node.read(posts.thread, first.id, bob.id)
    assert len(thread.descendants) == 8
    asked = [url for url in peers.gets if "/statuses/" in url]
    assert len(asked) == len(set(asked)) == 8


async def open_thread(node, number, viewer):
    await node.services.backfill.wish(number)
    await node.work()
    return node.read(posts.thread, number, viewer.id)


def with_replies(peers: Peers, note, answers, *, embedded: bool = True):
    """Let a served post list its replies."""
    address = f"{note['id']}/replies"
    page = {
        "type": "CollectionPage",
        "id": f"{address}?page=1",
        "partOf": address,
        "items": [one["id"] for one in answers],
    }
    note["replies"] = {"id": address, "type": "Collection", "first": page if embedded else page["id"]}
    if not embedded:
        peers.documents[page["id"]] = page
    peers.serve(note)


@pytest.mark.parametrize("embedded", [True, False])
async def test_a_member_who_opens_a_thread_has_its_replies_fetched(met, embedded):
    node, peers, bob, ann = met
    eve = peers.person("eve", "third")
    note = ann.note()
    answers = [peers.serve(eve.note(inReplyTo=note["id"])) for _ in range(3)]
    deeper = peers.serve(ann.note(inReplyTo=answers[0]["id"]))
    with_replies(peers, answers[0], [deeper], embedded=embedded)
    with_replies(peers, note, answers, embedded=embedded)
    await node.hear(peers, ann.create(note), by=ann)
    root = node.read(posts.by_uri, note["id"])

    thread = await open_thread(node, root.id, bob)
    asked = len(peers.gets)
    await open_thread(node, root.id, bob)

    assert len(thread.descendants) == 4
    assert len(peers.gets) == asked  # not again within the hour


async def test_a_threads_own_collection_is_read_first(met):
    node, peers, bob, ann = met
    eve = peers.person("eve", "third")
    context = peers.at("/contexts/1")
    note = peers.serve(ann.note(context=context))
    answers = [peers.serve(eve.note(inReplyTo=note["id"])) for _ in range(3)]
    answers.append(peers.serve(eve.note(inReplyTo=answers[0]["id"])))
    listed = [one["id"] for one in (note, *answers)]
    peers.documents[context] = {"id": context, "type": "OrderedCollection", "orderedItems": listed}
    await node.hear(peers, ann.create(note), by=ann)
    root = node.read(posts.by_uri, note["id"])

    thread = await open_thread(node, root.id, bob)

    assert len(thread.descendants) == 4
    assert f"{note['id']}/replies" not in peers.gets


def _elsewhere(eve, note):
    return eve.note(inReplyTo=f"{eve.uri}/another")


def _private(eve, note):
    return eve.note(inReplyTo=note["id"], to=[eve.followers], cc=[])


def _no_reply(eve, note):
    return eve.note()


@pytest.mark.parametrize("stranger", [_elsewhere, _private, _no_reply])
async def test_what_does_not_belong_to_a_thread_is_not_kept(met, stranger):
    node, peers, bob, ann = met
    eve = peers.person("eve", "third")
    note = ann.note()
    wrong = peers.serve(stranger(eve, note))
    with_replies(peers, note, [wrong])
    await node.hear(peers, ann.create(note), by=ann)

    thread = await open_thread(node, node.read(posts.by_uri, note["id"]).id, bob)

    assert thread.descendants == ()
    assert node.read(posts.by_uri, wrong["id"]) is None


async def test_a_look_at_a_thread_costs_a_bounded_number_of_requests(met):
    node, peers, bob, ann = met
    eve = peers.person("eve", "evil")
    note = ann.note()
    answers = [peers.serve(eve.note(inReplyTo=note["id"])) for _ in range(60)]
    for answer in answers:
        with_replies(peers, answer, [peers.serve(eve.note(inReplyTo=answer["id"])) for _ in range(2)])
    with_replies(peers, note, answers)
    await node.hear(peers, ann.create(note), by=ann)
    peers.seen.clear()

    thread = await open_thread(node, node.read(posts.by_uri, note["id"]).id, bob)

    assert len(peers.gets) <= 25
    assert 10 < len(thread.descendants) <= 50


async def test_old_posts_that_are_fetched_are_no_news(met):
    node, peers, bob, ann = met
    await node.services.resolver.actor(peers.person("eve", "third").uri)
    note = ann.note()
    mention = {"type": "Mention", "href": bob.uri, "name": "@bob"}
    old = peers.serve(
        ann.note(inReplyTo=note["id"], published=moment(-90_000), tag=[mention], cc=[ann.followers, bob.uri])
    )
    with_replies(peers, note, [old])
    await node.hear(peers, ann.create(note), by=ann)
    root = node.read(posts.by_uri, note["id"])

    await open_thread(node, root.id, bob)

    assert node.read(posts.by_uri, old["id"]) is not None
    assert list(node.read(timelines.home, bob.id, Page())) == [root.id]
    assert node.read(notifications.unread_count, bob.id, after_id=0, limit=10) == 0
