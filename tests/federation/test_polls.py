# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls between servers: questions of others with their counts, our votes there, and theirs here."""

from datetime import timedelta

import pytest

from activitypub.addressing import PUBLIC, Visibility
from node import notifications, posts, relationships
from node.kernel.paging import Page
from node.posts import Draft, PollDraft
from node.posts.tables import poll_votes
from node.posts.tables import posts as posts_table
from tests.support.builders import a_post, an_actor
from tests.support.peers import Peers, moment


@pytest.fixture
async def met(node, peers: Peers):
    """(the node, the peers, our Bob, Ann elsewhere whom he follows)."""
    bob, ann = an_actor(node.db, "bob"), peers.person("ann")
    await node.services.resolver.actor(ann.uri)
    node.follows(bob, ann.uri)
    peers.seen.clear()
    return node, peers, bob, ann


def a_question(ann, counts=(1, 2), **more):
    """A poll by somebody elsewhere, as Mastodon writes it."""
    options = [
        {"type": "Note", "name": title, "replies": {"type": "Collection", "totalItems": count}}
        for title, count in zip(("Old hall", "New hall"), counts, strict=True)
    ]
    return ann.note(
        "<p>Where do we meet?</p>",
        **{"type": "Question", "oneOf": options, "endTime": moment(3600), "votersCount": sum(counts), **more},
    )


def a_vote(ann, poll, title, number=1, **more):
    return {
        "id": f"{ann.uri}#votes/{number}",
        "type": "Note",
        "attributedTo": ann.uri,
        "inReplyTo": poll.uri,
        "name": title,
        "to": poll.uri,
        **more,
    }


def our_poll(node, bob, **more):
    draft = PollDraft(("Old hall", "New hall"), timedelta(days=1), multiple=more.pop("multiple", False))
    return node.read(posts.find, a_post(node.db, bob, "Where do we meet?", poll=draft, **more))


def counts(node, post_id):
    poll = node.read(posts.poll_of, post_id)
    return [option.votes for option in poll.options], poll.voters


# -- questions of others ----------------------------------------------------------------------------------------------


async def test_a_question_comes_with_its_poll(met):
    node, peers, _, ann = met
    question = a_question(ann)

    await node.hear(peers, ann.create(question), by=ann)

    post = node.read(posts.by_uri, question["id"])
    assert post.kind is posts.Kind.QUESTION
    assert counts(node, post.id) == ([1, 2], 3)


async def test_new_counts_are_no_edit(met):
    node, peers, _, ann = met
    question = a_question(ann)
    await node.hear(peers, ann.create(question), by=ann)
    before = node.read(posts.by_uri, question["id"])

    newer = a_question(ann, (4, 2), note_id=question["id"], endTime=question["endTime"])
    await node.hear(peers, ann.says("Update", newer), by=ann)

    after = node.read(posts.by_uri, question["id"])
    assert counts(node, after.id) == ([4, 2], 6)
    assert after.edited_at is None
    assert after.version > before.version


async def test_other_answers_are_taken_from_an_edit_only(met):
    node, peers, bob, ann = met
    question = a_question(ann)
    await node.hear(peers, ann.create(question), by=ann)
    post = node.read(posts.by_uri, question["id"])
    node.write(posts.vote, bob, post.id, [0])
    changed = {**question, "oneOf": [{"type": "Note", "name": "Beach"}, {"type": "Note", "name": "Park"}]}

    await node.hear(peers, ann.says("Update", changed), by=ann)
    assert [option.title for option in node.read(posts.poll_of, post.id).options] == ["Old hall", "New hall"]

    await node.hear(peers, ann.says("Update", {**changed, "updated": moment()}), by=ann)
    assert [option.title for option in node.read(posts.poll_of, post.id, bob.id).options] == ["Beach", "Park"]
    assert node.read(posts.poll_of, post.id, bob.id).own == ()


async def test_nobody_else_can_change_the_counts(met):
    node, peers, _, ann = met
    eve = peers.person("eve", "other")
    question = a_question(ann)
    await node.hear(peers, ann.create(question), by=ann)

    await node.hear(peers, eve.says("Update", {**a_question(ann, (99, 0)), "id": question["id"]}), by=eve)

    assert counts(node, node.read(posts.by_uri, question["id"]).id) == ([1, 2], 3)


async def test_our_vote_goes_to_the_asking_server_without_a_text(met):
    node, peers, bob, ann = met
    question = a_question(ann, oneOf=None, anyOf=a_question(ann)["oneOf"])
    await node.hear(peers, ann.create(question), by=ann)
    post = node.read(posts.by_uri, question["id"])

    node.write(posts.vote, bob, post.id, [0, 1])
    await node.work()

    votes = [seen["object"] for seen in peers.received()]
    assert [(one["type"], one["name"], one["inReplyTo"]) for one in votes] == [
        ("Note", "Old hall", question["id"]),
        ("Note", "New hall", question["id"]),
    ]
    assert all("content" not in one and one["to"] == [ann.uri] for one in votes)
    assert counts(node, post.id) == ([2, 3], 4)


async def test_who_voted_elsewhere_is_told_when_it_is_over(met):
    node, peers, bob, ann = met
    question = a_question(ann)
    await node.hear(peers, ann.create(question), by=ann)
    post = node.read(posts.by_uri, question["id"])
    node.write(posts.vote, bob, post.id, [0])
    await node.work()

    closed = {**a_question(ann, (2, 2), note_id=question["id"]), "closed": moment(-1), "endTime": moment(-1)}
    await node.hear(peers, ann.says("Update", closed), by=ann)
    node.make_due()
    await node.work()

    assert [(one.type, one.post_id) for one in node.read(notifications.page, bob.id, Page())] == [("poll", post.id)]


# -- votes of others --------------------------------------------------------------------------------------------------


async def test_a_vote_from_elsewhere_counts_and_is_no_post(met):
    node, peers, bob, ann = met
    poll = our_poll(node, bob)
    before = node.count(posts_table)

    await node.hear(peers, ann.says("Create", a_vote(ann, poll, "New hall")), by=ann)

    assert counts(node, poll.id) == ([0, 1], 1)
    assert node.count(posts_table) == before
    assert node.read(posts.find, poll.id).replies_count == 0
    assert node.read(notifications.page, bob.id, Page()) == []


async def test_several_votes_may_come_in_one_activity(met):
    node, peers, bob, ann = met
    poll = our_poll(node, bob, multiple=True)
    both = [a_vote(ann, poll, "Old hall", 1), a_vote(ann, poll, "New hall", 2)]

    await node.hear(peers, ann.says("Create", both), by=ann)

    assert counts(node, poll.id) == ([1, 1], 1)


@pytest.mark.parametrize("title", ["Old hall", "New hall"])
async def test_a_second_vote_in_a_single_choice_counts_for_nothing(met, title):
    node, peers, bob, ann = met
    poll = our_poll(node, bob)

    for number, one in enumerate(("Old hall", title)):
        await node.hear(peers, ann.says("Create", a_vote(ann, poll, one, number)), by=ann)

    assert counts(node, poll.id) == ([1, 0], 1)


VOID = {
    "for another": lambda ann, poll: a_vote(ann, poll, "Old hall", attributedTo="http://far.localhost/users/eve"),
    "under another's id": lambda ann, poll: a_vote(ann, poll, "Old hall") | {"id": "http://other.localhost/votes/1"},
    "for no answer of the poll": lambda ann, poll: a_vote(ann, poll, "Beach"),
}


@pytest.mark.parametrize("made", VOID.values(), ids=VOID)
async def test_a_void_vote_changes_nothing(met, made):
    node, peers, bob, ann = met
    poll = our_poll(node, bob)

    await node.hear(peers, ann.says("Create", made(ann, poll)), by=ann)

    assert counts(node, poll.id) == ([0, 0], 0)
    assert node.count(poll_votes) == 0


async def test_who_may_not_see_a_poll_has_no_vote(met):
    node, peers, bob, ann = met
    private = our_poll(node, bob, visibility=Visibility.PRIVATE)
    public = our_poll(node, bob)
    node.write(relationships.block, bob, node.actor(ann.uri))

    for number, poll in enumerate((private, public)):
        await node.hear(peers, ann.says("Create", a_vote(ann, poll, "Old hall", number)), by=ann)

    assert node.count(poll_votes) == 0


async def test_a_vote_for_a_post_that_asks_nothing_is_dropped(met):
    node, peers, bob, ann = met
    note = node.read(posts.find, a_post(node.db, bob))

    await node.hear(peers, ann.says("Create", a_vote(ann, note, "Old hall")), by=ann)

    assert node.read(posts.find, note.id).replies_count == 0


async def test_the_counts_reach_followers_and_voters_within_a_minute(met):
    node, peers, bob, ann = met
    carol = peers.person("carol", "other")
    await node.services.resolver.actor(carol.uri)
    node.followed_by(carol.uri, bob)
    poll = our_poll(node, bob)
    await node.work()

    await node.hear(peers, ann.says("Create", a_vote(ann, poll, "New hall")), by=ann)
    assert not [seen for seen in peers.received("other") if seen["type"] == "Update"]
    node.make_due()
    await node.work("work", "delivery")

    for server in ("far", "other"):
        update = next(seen for seen in peers.received(server) if seen["type"] == "Update")
        assert update["object"]["votersCount"] == 1
        assert update["to"] == [PUBLIC]


async def test_an_edited_poll_is_still_a_question_elsewhere(met):
    node, _, bob, _ = met
    poll = our_poll(node, bob)

    asked = PollDraft(("Old hall", "New hall"), timedelta(days=1), multiple=False)

    node.write(posts.edit, bob, poll.id, Draft(text="Where shall we meet?", poll=asked))

    assert [one["object"]["type"] for one in node.stored("Update")] == ["Question"]
