# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications: told once, not by those who are not wanted, and taken back when it is no longer so."""

import pytest
from sqlalchemy import insert

from activitypub.addressing import Visibility
from node import notifications, posts, relationships
from node.kernel.errors import NotFound
from node.kernel.paging import Page
from node.members import SignedUp
from node.posts import Draft
from node.relationships.tables import domain_blocks
from tests.support.builders import a_member, a_post, a_remote_actor, an_actor


def told(db, actor, **more):
    return [(item.type, item.from_id) for item in db.read_now(notifications.page, actor.id, Page(), **more)]


@pytest.fixture
def two(db):
    """(Ann, Bob, a post of Ann's)."""
    ann, bob = an_actor(db), an_actor(db)
    return ann, bob, a_post(db, ann, "Hello")


def test_everything_that_concerns_one_is_told_once(db, two):
    ann, bob, number = two

    for _ in range(2):
        db.write_now(posts.favourite, bob, number)
        db.write_now(posts.boost, bob, number)
        db.write_now(relationships.follow, bob, ann)
    a_post(db, bob, f"@{ann.username} @{ann.username} hello")

    assert told(db, ann) == [(kind, bob.id) for kind in ("mention", "follow", "reblog", "favourite")]


def test_what_is_taken_back_is_told_no_more(db, two):
    ann, bob, number = two
    db.write_now(posts.favourite, bob, number)
    db.write_now(posts.boost, bob, number)
    db.write_now(relationships.follow, bob, ann)
    mention = a_post(db, bob, f"@{ann.username} hello")

    db.write_now(posts.unfavourite, bob, number)
    db.write_now(posts.unboost, bob, number)
    db.write_now(relationships.unfollow, bob, ann)
    db.write_now(posts.delete_post, bob, mention)

    assert told(db, ann) == []


def test_nobody_is_told_of_what_they_do_themselves(db, two):
    ann, _, number = two

    db.write_now(posts.favourite, ann, number)
    db.write_now(posts.boost, ann, number)
    a_post(db, ann, f"@{ann.username} note to self")

    assert told(db, ann) == []


@pytest.mark.parametrize("act", [relationships.block, relationships.mute])
def test_those_who_are_blocked_or_muted_tell_nothing(db, two, act):
    ann, bob, number = two
    db.write_now(act, ann, bob)

    a_post(db, bob, f"@{ann.username} hello")
    if act is relationships.mute:
        db.write_now(posts.favourite, bob, number)
        db.write_now(relationships.follow, bob, ann)

    assert told(db, ann) == []


def test_a_block_takes_back_what_was_told(db, two):
    ann, bob, number = two
    db.write_now(posts.favourite, bob, number)

    db.write_now(relationships.block, ann, bob)

    assert told(db, ann) == []


def test_people_elsewhere_have_no_notifications_here(db, two):
    ann, _, _ = two
    far = a_remote_actor(db, "far")

    a_post(db, ann, "@far@far.example hello")

    assert told(db, far) == []


def test_one_who_asked_to_hear_of_every_post_does(db, two):
    ann, bob, _ = two
    db.write_now(relationships.follow, bob, ann, notify=True)

    a_post(db, ann, "News")
    a_post(db, ann, "A secret", visibility=Visibility.DIRECT)

    assert told(db, bob) == [("status", ann.id)]


def test_an_edit_is_told_to_those_who_boosted(db, two):
    ann, bob, number = two
    db.write_now(posts.boost, bob, number)

    db.write_now(posts.edit, ann, number, Draft(text="Hello!"))

    assert told(db, bob) == [("update", ann.id)]


def test_somebody_named_in_an_edit_is_told(db, two):
    ann, bob, number = two

    db.write_now(posts.edit, ann, number, Draft(text=f"Hello @{bob.username}"))
    db.write_now(posts.edit, ann, number, Draft(text=f"Hello again @{bob.username}"))

    assert told(db, bob) == [("mention", ann.id)]


def test_kinds_and_people_can_be_chosen(db, two):
    ann, bob, number = two
    carol = an_actor(db)
    for person in (bob, carol):
        db.write_now(posts.favourite, person, number)
        db.write_now(relationships.follow, person, ann)

    assert {kind for kind, _ in told(db, ann, types=["follow"])} == {"follow"}
    assert {kind for kind, _ in told(db, ann, exclude_types=["follow"])} == {"favourite"}
    assert {who for _, who in told(db, ann, from_id=carol.id)} == {carol.id}


def test_unread_ones_are_counted_up_to_a_limit(db, two):
    ann, _, number = two
    for _ in range(5):
        db.write_now(posts.favourite, an_actor(db), number)
    newest = db.read_now(notifications.page, ann.id, Page(limit=3))

    assert db.read_now(notifications.unread_count, ann.id) == 5
    assert db.read_now(notifications.unread_count, ann.id, after_id=newest[-1].id) == 2
    assert db.read_now(notifications.unread_count, ann.id, limit=4) == 4


def test_ones_own_can_be_dismissed_and_nobody_elses(db, two):
    ann, bob, number = two
    db.write_now(posts.favourite, bob, number)
    db.write_now(relationships.follow, bob, ann)
    newest, _ = db.read_now(notifications.page, ann.id, Page())

    for owner, which in ((bob, newest.id), (ann, newest.id + 10_000)):
        with pytest.raises(NotFound):
            db.write_now(notifications.dismiss, owner.id, which)
        with pytest.raises(NotFound):
            db.read_now(notifications.get, owner.id, which)

    db.write_now(notifications.dismiss, ann.id, newest.id)
    assert told(db, ann) == [("favourite", bob.id)]
    db.write_now(notifications.clear, ann.id)
    assert told(db, ann) == []


def test_streams_are_told_after_the_commit(db, two):
    ann, bob, number = two
    heard = []
    db.bus.subscribe("notification", heard.append)

    db.write_now(posts.favourite, bob, number)

    assert [(item.owner_id, db.read_now(notifications.get, ann.id, item.notification_id).type) for item in heard] == [
        (ann.id, "favourite")
    ]


def test_nothing_is_told_by_a_network_that_is_blocked(db, two):
    ann, _, _ = two
    far = a_remote_actor(db, host="loud.example")
    db.write_now(
        lambda tx: tx.conn.execute(
            insert(domain_blocks), {"id": 1, "owner_id": ann.id, "domain": "loud.example", "created_at": tx.now}
        )
    )

    db.write_now(notifications.notify, ann, notifications.Kind.FOLLOW, far)
    db.write_now(notifications.notify, ann, notifications.Kind.FOLLOW, a_remote_actor(db))

    assert len(told(db, ann)) == 1


def test_the_staff_hears_of_newcomers_also_while_they_wait(db):
    head = a_member(db, roles=("member", "admin")).actor
    newcomer = a_member(db).actor

    db.write_now(lambda tx: tx.tell(SignedUp(newcomer, waits=True)))

    assert told(db, head) == [("admin.sign_up", newcomer.id)]
    assert told(db, newcomer) == []
