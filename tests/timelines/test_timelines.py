# SPDX-License-Identifier: AGPL-3.0-or-later
"""Home timelines: what comes to whom, what a new follow brings, what goes again."""

import pytest

from activitypub.addressing import Visibility
from node import posts, relationships, timelines
from node.actors import ProfileChange
from node.kernel.paging import Page
from node.timelines import HomeUpdate
from tests.support.builders import a_post, an_actor


def home(db, actor):
    return list(db.read_now(timelines.home, actor.id, Page(limit=40)))


@pytest.fixture
def three(db):
    """(a reader, one whom they follow, one whom they do not)."""
    reader, friend, stranger = an_actor(db), an_actor(db), an_actor(db)
    db.write_now(relationships.follow, reader, friend)
    return reader, friend, stranger


def test_a_reply_comes_to_those_who_follow_both(db, three):
    reader, friend, stranger = three
    both = an_actor(db)
    for other in (friend, stranger):
        db.write_now(relationships.follow, both, other)
    question = a_post(db, stranger, "A question")

    answer = a_post(db, friend, "An answer", in_reply_to_id=question)

    assert answer not in home(db, reader)
    assert answer in home(db, both)
    assert answer in home(db, friend)


def test_a_reply_to_oneself_and_to_the_reader_comes(db, three):
    reader, friend, _ = three
    first, mine = a_post(db, friend, "One"), a_post(db, reader, "Mine")

    thread = a_post(db, friend, "Two", in_reply_to_id=first)
    to_me = a_post(db, friend, "To you", in_reply_to_id=mine)

    assert {thread, to_me} <= set(home(db, reader))


@pytest.mark.parametrize("visibility", Visibility)
def test_a_post_comes_to_followers_unless_it_is_direct(db, three, visibility):
    reader, friend, _ = three

    number = a_post(db, friend, "Hello", visibility=visibility)

    assert (number in home(db, reader)) is (visibility is not Visibility.DIRECT)


def test_a_direct_post_comes_to_the_follower_who_is_named(db, three):
    reader, friend, _ = three
    other = an_actor(db)
    db.write_now(relationships.follow, other, friend)

    number = a_post(db, friend, f"@{reader.username} hello", visibility=Visibility.DIRECT)

    assert number in home(db, reader)
    assert number not in home(db, other)


def test_boosts_come_unless_they_are_hidden(db, three):
    reader, friend, stranger = three
    number = a_post(db, stranger, "Boost me")
    boost = db.write_now(posts.boost, friend, number)
    assert home(db, reader) == [boost]

    db.write_now(relationships.follow, reader, friend, show_boosts=False)
    again = db.write_now(posts.boost, friend, a_post(db, stranger, "Me too"))

    assert again not in home(db, reader)


@pytest.mark.parametrize("act", [relationships.mute, relationships.block])
def test_a_boost_of_somebody_who_is_not_wanted_does_not_come(db, three, act):
    reader, friend, stranger = three
    db.write_now(act, reader, stranger)

    boost = db.write_now(posts.boost, friend, a_post(db, stranger, "Boost me"))

    assert boost not in home(db, reader)


def test_ones_own_post_boosted_by_a_friend_does_not_come_back(db, three):
    reader, friend, _ = three
    number = a_post(db, reader, "Mine")

    db.write_now(posts.boost, friend, number)

    assert home(db, reader) == [number]


def test_a_new_follow_brings_the_latest_posts_and_an_end_takes_them(db):
    reader, author = an_actor(db), an_actor(db)
    open_posts = [a_post(db, author, f"Post {number}") for number in range(25)]
    hidden = a_post(db, author, "For followers", visibility=Visibility.PRIVATE)

    db.write_now(relationships.follow, reader, author)
    assert home(db, reader) == open_posts[:4:-1]
    assert hidden not in home(db, reader)

    db.write_now(relationships.unfollow, reader, author)
    assert home(db, reader) == []


def test_a_follow_that_only_waits_brings_nothing(db):
    reader, author = an_actor(db), an_actor(db)
    author = db.write_now(relationships.update_profile, author, ProfileChange(locked=True))
    a_post(db, author, "Hello")

    db.write_now(relationships.follow, reader, author)
    late = a_post(db, author, "Later")

    assert home(db, reader) == []
    db.write_now(relationships.accept_request, author, reader)
    assert late in home(db, reader)


def test_a_deleted_post_leaves_every_timeline_with_its_boosts(db, three):
    reader, friend, stranger = three
    number = a_post(db, stranger, "Oops")
    boost = db.write_now(posts.boost, friend, number)
    assert boost in home(db, reader)

    db.write_now(posts.delete_post, stranger, number)

    assert home(db, reader) == []
    assert number not in home(db, stranger)


def test_timelines_are_cut_to_their_length_each_for_itself(db, three):
    reader, friend, stranger = three
    numbers = [a_post(db, friend, f"Post {number}") for number in range(8)]
    own = a_post(db, stranger, "One")

    gone = db.write_now(timelines.trim, 5)

    assert gone == 2 * 3  # the friend's own timeline and the reader's
    assert home(db, reader) == numbers[:2:-1]
    assert home(db, stranger) == [own]
    assert db.write_now(timelines.trim, 5) == 0


def test_streams_are_told_who_got_what_after_the_commit(db, three):
    reader, friend, _ = three
    told = []
    db.bus.subscribe("home", told.append)

    number = a_post(db, friend, "Hello")

    assert [(update.post_id, set(update.owners)) for update in told] == [(number, {reader.id, friend.id})]
    assert isinstance(told[0], HomeUpdate)


def test_pages_of_a_timeline_leave_nothing_out(db, three):
    reader, friend, _ = three
    numbers = [a_post(db, friend, f"Post {number}") for number in range(7)]

    first = db.read_now(timelines.home, reader.id, Page(limit=3))
    second = db.read_now(timelines.home, reader.id, Page(limit=3, max_id=first[-1]))
    newer = db.read_now(timelines.home, reader.id, Page(limit=2, min_id=numbers[0]))

    assert [*first, *second] == numbers[:0:-1]
    assert list(newer) == [numbers[2], numbers[1]]


def test_a_marker_goes_forward_only(db):
    reader = an_actor(db)

    marks = [db.write_now(timelines.set_marker, reader.id, "home", last).last_read_id for last in (5, 9, 7)]

    assert marks == [5, 9, 9]
    marker = db.read_now(timelines.markers, reader.id, ["home", "notifications"])["home"]
    assert (marker.last_read_id, marker.version) == (9, 2)
