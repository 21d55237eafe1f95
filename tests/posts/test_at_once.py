# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same thing asked for many times at the same moment (two devices, a double click, a retry) is done once, and nobody
is told of a fault."""

import asyncio

import pytest

from activitypub.addressing import PUBLIC
from activitypub.objects import read_object
from node import actors, notifications, posts, relationships, timelines
from node.kernel.errors import NotFound
from node.kernel.paging import Page
from tests.support.builders import a_post, a_remote_actor, an_actor
from tests.support.outgoing import said

TIMES = 8


async def at_once(db, fn, *args, **more):
    return await asyncio.gather(*(db.write(fn, *args, **more) for _ in range(TIMES)))


@pytest.fixture
def two(db):
    """(Ann, Bob, a post of Ann's)."""
    ann, bob = an_actor(db), an_actor(db)
    return ann, bob, a_post(db, ann, "Hello")


async def test_a_boost(db, two):
    ann, bob, number = two

    answers = await at_once(db, posts.boost, bob, number)

    assert len(set(answers)) == 1
    assert db.read_now(posts.find, number).boosts_count == 1
    assert [document["type"] for document in said(db)].count("Announce") == 1
    assert len(db.read_now(notifications.page, ann.id, Page())) == 1


async def test_a_favourite_and_a_bookmark(db, two):
    _ann, bob, number = two

    await at_once(db, posts.favourite, bob, number)
    await at_once(db, posts.bookmark, bob, number)

    assert db.read_now(posts.find, number).favourites_count == 1
    assert [document["type"] for document in said(db)].count("Like") == 1
    assert len(db.read_now(posts.bookmark_ids, bob.id, Page())) == 1


async def test_taking_back(db, two):
    _, bob, number = two
    db.write_now(posts.favourite, bob, number)
    db.write_now(posts.boost, bob, number)

    await at_once(db, posts.unfavourite, bob, number)
    await at_once(db, posts.unboost, bob, number)

    post = db.read_now(posts.find, number)
    assert (post.favourites_count, post.boosts_count) == (0, 0)


async def test_a_follow_and_its_end(db, two):
    ann, bob, _ = two

    await at_once(db, relationships.follow, bob, ann)
    followed = db.read_now(relationships.between, bob.id, [ann.id])[ann.id].following
    await at_once(db, relationships.unfollow, bob, ann)

    assert followed
    assert db.read_now(actors.get, ann.id).followers_count == 0
    assert db.read_now(actors.get, bob.id).following_count == 0


@pytest.mark.parametrize("act", [relationships.mute, relationships.block])
async def test_a_mute_or_a_block(db, two, act):
    ann, bob, _ = two

    await at_once(db, act, bob, ann)

    found = db.read_now(relationships.between, bob.id, [ann.id])[ann.id]
    assert found.muting or found.blocking


async def test_a_marker_of_several_devices_stands_where_the_furthest_has_read(db, two):
    _, bob, _ = two

    await asyncio.gather(*(db.write(timelines.set_marker, bob.id, "home", number) for number in (3, 9, 1, 7, 5)))

    assert db.read_now(timelines.markers, bob.id, ["home"])["home"].last_read_id == 9


async def test_a_post_from_elsewhere_that_several_bring(db):
    author = a_remote_actor(db)
    document = read_object(
        {
            "id": f"{author.uri}/1",
            "type": "Note",
            "attributedTo": author.uri,
            "content": "<p>Hello</p>",
            "to": [PUBLIC],
            "published": "2026-11-01T10:00:00Z",
        }
    )

    answers = await at_once(db, posts.keep, document, author)

    assert answers == [db.read_now(posts.by_uri, document.id).id] * TIMES


async def test_a_deletion(db, two):
    ann, _, number = two

    answers = await asyncio.gather(
        *(db.write(posts.delete_post, ann, number) for _ in range(TIMES)), return_exceptions=True
    )

    assert {type(answer) for answer in answers} <= {type(None), NotFound}
    assert db.read_now(actors.get, ann.id).statuses_count == 0
    assert [document["type"] for document in said(db)].count("Delete") == 1
