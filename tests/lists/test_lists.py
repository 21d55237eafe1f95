# SPDX-License-Identifier: AGPL-3.0-or-later
"""The timelines of lists: what comes to whom, what goes again, and who is told."""

import pytest

from activitypub.addressing import Visibility
from node import lists, members, posts, relationships
from node.kernel.errors import Invalid
from node.kernel.paging import Page
from node.lists import ListUpdate
from node.posts import PostDeleted
from tests.support.builders import a_post, an_actor


@pytest.fixture
def crew(db):
    """(the owner of a list, a friend who is on it, somebody who is not, the list)."""
    owner, friend, stranger = an_actor(db), an_actor(db), an_actor(db)
    db.write_now(relationships.follow, owner, friend)
    made = db.write_now(lists.create, owner, "Crew")
    db.write_now(lists.add, owner, made.id, [friend.id])
    return owner, friend, stranger, made.id


def on(db, list_id):
    return list(db.read_now(lists.entries, list_id, Page(limit=40)))


@pytest.mark.parametrize("visibility", Visibility)
def test_what_its_people_write_comes_unless_it_is_direct(db, crew, visibility):
    _, friend, _, number = crew

    said = a_post(db, friend, "Hello", visibility=visibility)

    assert (said in on(db, number)) is (visibility is not Visibility.DIRECT)


def test_boosts_come_unless_they_are_hidden_or_of_somebody_muted(db, crew):
    owner, friend, stranger, number = crew
    boost = db.write_now(posts.boost, friend, a_post(db, stranger, "One"))
    assert on(db, number) == [boost]

    db.write_now(relationships.mute, owner, stranger)
    db.write_now(posts.boost, friend, a_post(db, stranger, "Two"))
    db.write_now(relationships.follow, owner, friend, show_boosts=False)
    db.write_now(posts.boost, friend, a_post(db, an_actor(db), "Three"))

    assert on(db, number) == [boost]


def test_a_mute_takes_the_posts_and_leaves_the_person(db, crew):
    owner, friend, _, number = crew
    a_post(db, friend, "Hello")

    db.write_now(relationships.mute, owner, friend)

    assert on(db, number) == []
    assert db.read_now(lists.account_ids, number) == {friend.id}


def test_a_block_takes_the_person_off(db, crew):
    owner, friend, _, number = crew
    a_post(db, friend, "Hello")

    db.write_now(relationships.block, friend, owner)

    assert on(db, number) == []
    assert db.read_now(lists.account_ids, number) == set()


def test_streams_are_told_what_comes_and_what_goes(db, crew):
    owner, friend, _, number = crew
    heard = []
    with db.bus.listening("list", heard.append), db.bus.listening("post.deleted", heard.append):
        said = a_post(db, friend, "Hello")
        db.write_now(posts.delete_post, friend, said)

    assert heard[0] == ListUpdate(said, ((number, owner.id),))
    assert isinstance(heard[1], PostDeleted)
    assert heard[1].lists == ((number, owner.id),)
    assert on(db, number) == []


def test_the_timeline_of_a_list_is_cut_to_its_length(db, crew):
    _, friend, _, number = crew
    said = [a_post(db, friend, f"Post {one}") for one in range(5)]

    assert db.write_now(lists.trim, 3) == 2
    assert on(db, number) == said[:1:-1]


def test_oneself_may_be_on_an_exclusive_list_and_stays_at_home(db, crew):
    from node import timelines

    owner, _, _, number = crew
    db.write_now(lists.add, owner, number, [owner.id])
    db.write_now(lists.change, owner, number, exclusive=True)

    mine = a_post(db, owner, "Mine")

    assert on(db, number) == [mine]
    assert db.read_now(timelines.home, owner.id, Page()) == [mine]


def test_fifty_lists_are_enough(db):
    owner = an_actor(db)
    for number in range(lists.MAX_LISTS):
        db.write_now(lists.create, owner, f"List {number}")

    with pytest.raises(Invalid, match="maximum number"):
        db.write_now(lists.create, owner, "One more")


def test_what_somebody_who_is_gone_had_goes(db, crew):
    owner, friend, _, number = crew

    db.write_now(relationships.delete_account, db.read_now(members.get, friend.id))
    assert db.read_now(lists.account_ids, number) == set()
    db.write_now(relationships.delete_account, db.read_now(members.get, owner.id))

    assert db.read_now(lists.own, owner.id) == []


def test_a_follow_in_certain_languages_counts_for_lists_too(db, crew):
    owner, friend, _, number = crew
    db.write_now(relationships.follow, owner, friend, languages=["fr"])

    said = a_post(db, friend, "Bonjour", language="fr")
    a_post(db, friend, "Hello", language="en")

    assert on(db, number) == [said]


def test_a_network_that_is_blocked_leaves_the_lists(db, crew):
    owner, friend, _, number = crew
    a_post(db, friend, "Hello")

    db.write_now(lists.forget_network, owner.id, "far.example")
    assert len(on(db, number)) == 1
    db.write_now(lists.forget_network, owner.id, friend.domain)

    assert on(db, number) == []
