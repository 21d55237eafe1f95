# SPDX-License-Identifier: AGPL-3.0-or-later
"""Follows, requests, blocks and mutes between people of one node, and partner schools."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from node import actors, notifications, posts, relationships, timelines
from node.actors import ActorType, ProfileChange
from node.kernel import clock
from node.kernel.errors import Invalid, NotAllowed, NotFound
from node.kernel.paging import Page
from node.relationships import actions
from node.relationships.tables import mutes
from tests.support.builders import a_post, a_remote_actor, an_actor
from tests.support.outgoing import deliveries, said


def numbers(db, actor):
    """(followers, following) as the actor's row says."""
    found = db.read_now(actors.get, actor.id)
    return found.followers_count, found.following_count


def between(db, viewer, other):
    return db.read_now(relationships.between, viewer.id, [other.id])[other.id]


def locked(db):
    actor = an_actor(db)
    return db.write_now(relationships.update_profile, actor, ProfileChange(locked=True))


def test_following_is_counted_once_and_taken_back(db):
    ann, bob = an_actor(db), an_actor(db)

    for _ in range(2):
        db.write_now(relationships.follow, ann, bob)
    assert (numbers(db, ann), numbers(db, bob)) == ((0, 1), (1, 0))
    assert between(db, ann, bob).following
    assert between(db, bob, ann).followed_by

    for _ in range(2):
        db.write_now(relationships.unfollow, ann, bob)
    assert (numbers(db, ann), numbers(db, bob)) == ((0, 0), (0, 0))
    assert deliveries(db) == []


def test_a_follow_keeps_its_options_when_it_is_asked_again(db):
    ann, bob = an_actor(db), an_actor(db)
    db.write_now(relationships.follow, ann, bob, notify=True, show_boosts=False, languages=["en", "fr"])

    db.write_now(relationships.follow, ann, bob)
    found = between(db, ann, bob)
    assert (found.notifying, found.showing_boosts, found.languages) == (True, False, ("en", "fr"))

    db.write_now(relationships.follow, ann, bob, notify=False)
    assert not between(db, ann, bob).notifying


def test_nobody_follows_blocks_or_mutes_themselves(db):
    ann = an_actor(db)

    for act in (relationships.follow, relationships.block, relationships.mute):
        with pytest.raises(Invalid):
            db.write_now(act, ann, ann)


def test_a_locked_account_decides(db):
    ann, bob, carol = an_actor(db), locked(db), an_actor(db)
    for person in (ann, carol):
        db.write_now(relationships.follow, person, bob)
    assert numbers(db, bob) == (0, 0)
    assert between(db, ann, bob).requested
    assert between(db, bob, ann).requested_by
    assert [actor.id for _, actor in db.read_now(relationships.requests, bob.id, Page())] == [carol.id, ann.id]

    db.write_now(relationships.accept_request, bob, ann)
    db.write_now(relationships.accept_request, bob, ann)
    db.write_now(relationships.reject_request, bob, carol)

    assert numbers(db, bob) == (1, 0)
    assert db.read_now(relationships.requests_count, bob.id) == 0
    assert [actor.id for _, actor in db.read_now(relationships.followers, bob.id, Page())] == [ann.id]
    with pytest.raises(NotFound):
        db.write_now(relationships.reject_request, bob, carol)
    with pytest.raises(NotFound):
        db.write_now(relationships.accept_request, bob, carol)


def test_a_block_cuts_both_ways_and_hides_each_from_the_other(db):
    ann, bob = an_actor(db), an_actor(db)
    for one, other in ((ann, bob), (bob, ann)):
        db.write_now(relationships.follow, one, other)
    anns, bobs = a_post(db, ann, "From Ann"), a_post(db, bob, "From Bob")
    db.write_now(posts.favourite, bob, anns)

    db.write_now(relationships.block, ann, bob)

    assert (numbers(db, ann), numbers(db, bob)) == ((0, 0), (0, 0))
    assert list(db.read_now(timelines.home, ann.id, Page())) == [anns]
    assert list(db.read_now(timelines.home, bob.id, Page())) == [bobs]
    assert db.read_now(notifications.page, ann.id, Page()) == []
    assert db.read_now(posts.versions, [bobs], ann.id) == []
    assert db.read_now(posts.versions, [anns], bob.id) == []
    assert between(db, ann, bob).blocking
    assert between(db, bob, ann).blocked_by
    for one, other in ((ann, bob), (bob, ann)):
        with pytest.raises(NotAllowed):
            db.write_now(relationships.follow, one, other)


def test_a_block_is_taken_back_and_the_follows_stay_gone(db):
    ann, bob = an_actor(db), an_actor(db)
    db.write_now(relationships.follow, ann, bob)
    for _ in range(2):
        db.write_now(relationships.block, ann, bob)
    assert [actor.id for _, actor in db.read_now(relationships.blocked, ann.id, Page())] == [bob.id]

    for _ in range(2):
        db.write_now(relationships.unblock, ann, bob)

    assert db.read_now(relationships.blocked, ann.id, Page()) == []
    assert not between(db, ann, bob).following
    db.write_now(relationships.follow, ann, bob)


def test_a_block_of_somebody_elsewhere_sends_the_ends_of_the_follows_and_no_block(db):
    ann, far = an_actor(db), a_remote_actor(db)
    db.write_now(actions.begin, ann, far, f"{ann.uri}#f", accepted=True)
    db.write_now(actions.begin, far, ann, f"{far.uri}#f", accepted=True)

    db.write_now(relationships.block, ann, far)

    assert [document["type"] for _, document in deliveries(db)] == ["Undo", "Reject"]


def test_a_mute_hides_without_telling(db):
    ann, bob = an_actor(db), an_actor(db)
    db.write_now(relationships.follow, ann, bob)
    first = a_post(db, bob, "Before")

    db.write_now(relationships.mute, ann, bob)
    second = a_post(db, bob, f"@{ann.username} after")

    assert list(db.read_now(timelines.home, ann.id, Page())) == []
    assert db.read_now(notifications.page, ann.id, Page()) == []
    assert between(db, ann, bob).following
    assert not between(db, bob, ann).muting
    assert {first, second} <= set(db.read_now(posts.of_author, bob.id, ann.id, Page()))
    assert not {first, second} & set(db.read_now(posts.public, ann.id, Page()))


def test_a_mute_may_leave_notifications_alone(db):
    ann, bob = an_actor(db), an_actor(db)

    db.write_now(relationships.mute, ann, bob, notifications=False)
    a_post(db, bob, f"@{ann.username} hello")

    assert len(db.read_now(notifications.page, ann.id, Page())) == 1


def test_a_mute_ends_by_itself_or_by_hand(db):
    ann, bob = an_actor(db), an_actor(db)
    db.write_now(relationships.follow, ann, bob)
    db.write_now(relationships.mute, ann, bob, duration=timedelta(hours=1))
    ((_, _, ends),) = db.read_now(relationships.muted, ann.id, Page(), clock.now())
    assert timedelta(minutes=59) < ends - clock.now() <= timedelta(hours=1)

    db.write_now(lambda tx: tx.conn.execute(update(mutes).values(expires_at=tx.now - timedelta(seconds=1))))
    number = a_post(db, bob, f"@{ann.username} again")
    assert list(db.read_now(timelines.home, ann.id, Page())) == [number]
    assert db.read_now(relationships.muted, ann.id, Page(), clock.now()) == []
    assert number in db.read_now(posts.public, ann.id, Page())
    assert not between(db, ann, bob).muting

    db.write_now(relationships.mute, ann, bob)
    db.write_now(relationships.unmute, ann, bob)
    assert not between(db, ann, bob).muting


def test_lists_of_people_are_read_page_by_page(db):
    ann = an_actor(db)
    people = [an_actor(db) for _ in range(5)]
    for person in people:
        db.write_now(relationships.follow, person, ann)

    first = db.read_now(relationships.followers, ann.id, Page(limit=3))
    rest = db.read_now(relationships.followers, ann.id, Page(limit=3, max_id=first[-1][0]))

    assert [actor.id for _, actor in [*first, *rest]] == [person.id for person in reversed(people)]


def test_relations_to_many_are_asked_for_at_once(db):
    ann = an_actor(db)
    people = [an_actor(db) for _ in range(3)]
    db.write_now(relationships.follow, ann, people[0])
    db.write_now(relationships.follow, people[1], ann)
    db.write_now(relationships.block, ann, people[2])

    found = db.read_now(relationships.between, ann.id, [person.id for person in people])

    assert [found[person.id].following for person in people] == [True, False, False]
    assert [found[person.id].followed_by for person in people] == [False, True, False]
    assert [found[person.id].blocking for person in people] == [False, False, True]
    assert db.read_now(relationships.between, ann.id, []) == {}


def test_each_server_with_followers_has_one_inbox(db):
    ann = an_actor(db)
    for name, host in (("a", "far.example"), ("b", "far.example"), ("c", "other.example")):
        follower = a_remote_actor(db, name, host=host)
        db.write_now(actions.begin, follower, ann, f"{follower.uri}#f", accepted=True)
    waiting = a_remote_actor(db, "d", host="waiting.example")
    db.write_now(actions.begin, waiting, ann, f"{waiting.uri}#f", accepted=False)

    assert sorted(db.read_now(relationships.follower_inboxes, ann.id)) == [
        "https://far.example/inbox",
        "https://other.example/inbox",
    ]


def test_a_changed_profile_is_told_to_the_followers_servers(db):
    ann, far = an_actor(db), a_remote_actor(db)
    db.write_now(actions.begin, far, ann, f"{far.uri}#f", accepted=True)

    db.write_now(relationships.update_profile, ann, ProfileChange(display_name="Ann B.", class_year=1998))

    ((inbox, document),) = deliveries(db)
    assert (inbox, document["type"], document["object"]["name"]) == (far.shared_inbox, "Update", "Ann B.")
    with pytest.raises(Invalid):
        db.write_now(relationships.update_profile, ann, ProfileChange(class_year=1776))


# -- partner schools --------------------------------------------------------------------------------------------------


def test_a_partnership_is_in_force_while_both_follow_each_other(db):
    ours = db.read_now(actors.association)
    theirs = a_remote_actor(db, "association", host="quays.example", kind=ActorType.ORGANIZATION)

    def state():
        return [partner.active for partner in db.read_now(relationships.partners)]

    db.write_now(relationships.want_partner, theirs)
    db.write_now(relationships.want_partner, theirs)
    assert state() == [False]
    assert not db.read_now(relationships.is_partner, theirs.id)
    assert [document["type"] for document in said(db)] == ["Follow"]

    db.write_now(actions.begin, theirs, ours, f"{theirs.uri}#f", accepted=True)
    assert state() == [False]
    db.write_now(actions.begin, ours, theirs, f"{ours.uri}#f2", accepted=True)
    assert state() == [True]
    assert db.read_now(relationships.is_partner, theirs.id)

    db.write_now(actions.end, theirs, ours)
    assert state() == [False]
    db.write_now(actions.begin, theirs, ours, f"{theirs.uri}#f", accepted=True)
    db.write_now(relationships.end_partnership, theirs)
    assert state() == []
    assert not db.read_now(relationships.is_partner, theirs.id)
    assert said(db)[-1]["type"] == "Undo"


def test_only_the_association_of_another_node_can_be_a_partner(db):
    person, own = a_remote_actor(db), db.read_now(actors.association)

    for other in (person, own):
        with pytest.raises(Invalid):
            db.write_now(relationships.want_partner, other)
