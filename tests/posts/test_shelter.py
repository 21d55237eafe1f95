# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever is not of age: private posts reach them from those who know them, and their name stands on no list of guests."""

from datetime import timedelta

import pytest

from activitypub.addressing import Visibility
from node import contacts, events, members, posts
from node.kernel import clock
from node.kernel.errors import Invalid
from node.posts import Draft
from tests.support.builders import a_member, a_post, an_event_draft


@pytest.fixture
def young(db):
    member = a_member(db, "young", class_year=2030)
    db.write_now(members.set_adult_on, member.id, clock.now().date() + timedelta(days=400))
    return member


def a_contact(db, young):
    friend = a_member(db, "friend", class_year=1990)
    db.write_now(contacts.ask, young.actor, friend.actor)
    db.write_now(contacts.accept, friend.actor, young.actor)
    return friend


KNOWN = {
    "a contact": a_contact,
    "a classmate": lambda db, _: a_member(db, "mate", class_year=2030),
    "a delegate": lambda db, _: a_member(db, "dele", class_year=1990, roles=("member", "delegate")),
    "a moderator": lambda db, _: a_member(db, "mora", roles=("member", "moderator")),
}


@pytest.mark.parametrize("who", KNOWN)
def test_those_who_know_them_and_those_who_look_after_them_write_privately(db, young, who):
    author = KNOWN[who](db, young)
    number = a_post(db, author.actor, "@young Hello", visibility=Visibility.DIRECT)
    assert db.read_now(posts.versions, [number], young.id) != []


def test_anybody_else_is_told_that_it_does_not_reach_somebody(db, young):
    other = a_member(db, "other", class_year=1990)
    a_member(db, "old")
    with pytest.raises(Invalid) as refused:
        a_post(db, other.actor, "@old @young Hello", visibility=Visibility.DIRECT)
    assert (refused.value.field, "young" in refused.value.message) == ("status", False)

    number = a_post(db, other.actor, "@old Hello", visibility=Visibility.DIRECT)
    with pytest.raises(Invalid):
        db.write_now(posts.edit, other.actor, number, Draft(text="@old @young Hello", visibility=Visibility.DIRECT))
    a_post(db, other.actor, "@young Hello, in public")
    a_post(db, young.actor, "@other I may write", visibility=Visibility.DIRECT)


def test_it_ends_on_the_day_on_which_they_come_of_age(db, young):
    other = a_member(db, "other", class_year=1990)
    db.write_now(members.set_adult_on, young.id, clock.now().date())
    a_post(db, other.actor, "@young Hello", visibility=Visibility.DIRECT)


def test_their_name_is_told_to_the_organiser_of_an_event_and_to_no_other_guest(db, young):
    host, guest = a_member(db, "hana"), a_member(db, "gus")
    number = db.write_now(events.publish, host.actor, an_event_draft())
    for one in (young, guest):
        db.write_now(events.join, one.actor, number)

    def listed(**viewer):
        return [one.id for one in db.read_now(lambda conn: events.attendees(conn, number, **viewer))]

    assert listed() == [young.id, guest.id]
    assert listed(viewer=guest.id) == [guest.id]
    assert listed(viewer=young.id) == [young.id, guest.id]
