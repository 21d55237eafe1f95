# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose events stand on the page of events: not those of people whom one does not want to hear, or whom nobody should."""

import pytest

from node import actors, events, posts, relationships
from node.kernel import clock
from tests.support.builders import a_remote_actor, an_actor, an_event_draft


@pytest.fixture
def scene(db):
    """(organiser, reader, the event's number)."""
    organiser = an_actor(db)
    return organiser, an_actor(db), db.write_now(events.publish, organiser, an_event_draft())


def shown(db, viewer, **more):
    return [one.post_id for one in db.read_now(events.upcoming, viewer and viewer.id, clock.now(), **more)]


def test_it_is_open_to_everybody(db, scene):
    organiser, reader, number = scene

    for viewer in (organiser, reader, a_remote_actor(db), None):
        assert shown(db, viewer) == [number]
    assert shown(db, reader, past=True) == []


@pytest.mark.parametrize("how", [relationships.mute, relationships.block])
def test_those_whom_one_does_not_want_to_hear_are_left_out(db, scene, how):
    organiser, reader, number = scene

    db.write_now(how, reader, organiser)

    assert shown(db, reader) == []
    assert shown(db, None) == [number]


def test_whom_the_staff_has_limited_is_heard_by_followers_alone(db, scene):
    organiser, reader, number = scene
    follower = an_actor(db)
    db.write_now(relationships.follow, follower, organiser)

    db.write_now(actors.limit, organiser, on=True)

    assert [shown(db, viewer) for viewer in (organiser, follower, reader, None)] == [[number], [number], [], []]
    assert db.read_now(events.get, number, reader.id).post_id == number


def test_the_association_carries_on_no_event_of_somebody_limited(db, scene):
    organiser = db.write_now(actors.limit, scene[0], on=True)

    number = db.write_now(events.publish, organiser, an_event_draft())

    assert db.read_now(posts.find, number).boosts_count == 0
    assert db.read_now(posts.find, scene[2]).boosts_count == 1
