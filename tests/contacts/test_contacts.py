# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contacts as members live them: asked, answered, ended; and who learns what."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from node import actors, contacts, relationships
from node.contacts import State
from node.contacts.tables import contacts as table
from node.kernel import clock
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from node.kernel.paging import Page
from node.lists import BuiltIn, built_in
from tests.support import letters
from tests.support.builders import a_member, a_remote_actor


@pytest.fixture
def ana(db):
    """A member of a node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    return a_member(db, "ana").actor


@pytest.fixture
def bo(db):
    """Another one."""
    return a_member(db, "bo").actor


def state(db, one, other):
    return db.read_now(contacts.between, one.id, [other.id], clock.now())[other.id].state


def names(db, one):
    return [person.username for _, person in db.read_now(contacts.of, one.id, Page())]


def test_two_become_contacts_once_both_have_said_so(db, ana, bo):
    db.write_now(contacts.ask, ana, bo, message="The choir!", how_met="Choir")
    [request] = db.read_now(contacts.waiting, bo.id, clock.now())
    assert (request.person.id, request.message, request.how_met) == (ana.id, "The choir!", "Choir")
    assert names(db, ana) == []

    db.write_now(contacts.accept, bo, ana, follow=True)

    assert (names(db, ana), names(db, bo)) == (["bo"], ["ana"])
    assert db.read_now(relationships.follows_each_other, ana.id, bo.id)
    assert [(to, letter["subject"]) for to, letter in letters.in_queue(db)] == [
        ("bo@mail.example", "Ana asks to be a contact"),
        ("ana@mail.example", "Bo is a contact of yours now"),
    ]


def test_crossing_requests_make_a_contact(db, ana, bo):
    db.write_now(contacts.ask, ana, bo)

    assert db.write_now(contacts.ask, bo, ana) is State.CONFIRMED
    assert not db.read_now(relationships.follows_each_other, ana.id, bo.id)


def test_one_who_is_declined_is_told_nothing(db, ana, bo):
    db.write_now(contacts.ask, ana, bo)
    db.write_now(contacts.decline, bo, ana)

    assert state(db, ana, bo) is State.REQUESTED
    assert [one.person.id for one in db.read_now(contacts.asked, ana.id, clock.now())] == [bo.id]
    assert db.write_now(contacts.ask, ana, bo) is State.REQUESTED
    db.write_now(contacts.withdraw, ana, bo)
    assert state(db, ana, bo) is State.NONE
    assert db.read_now(contacts.asked, ana.id, clock.now()) == []
    assert db.write_now(contacts.ask, ana, bo, message="Please!") is State.REQUESTED
    assert state(db, ana, bo) is State.REQUESTED
    assert db.read_now(contacts.waiting, bo.id, clock.now()) == []
    assert len(letters.in_queue(db)) == 1

    assert db.write_now(contacts.ask, bo, ana) is State.REQUESTED
    assert [one.person.id for one in db.read_now(contacts.waiting, ana.id, clock.now())] == [bo.id]


def test_a_contact_is_ended_by_either_and_follows_stay(db, ana, bo):
    db.write_now(contacts.ask, ana, bo)
    db.write_now(contacts.accept, bo, ana, follow=True)

    db.write_now(contacts.remove, ana, bo)

    assert (state(db, ana, bo), names(db, bo)) == (State.NONE, [])
    assert db.read_now(relationships.follows_each_other, ana.id, bo.id)
    with pytest.raises(Conflict):
        db.write_now(contacts.accept, bo, ana)


def test_a_block_ends_it_and_hides_each_from_the_other(db, ana, bo):
    db.write_now(contacts.ask, ana, bo)
    db.write_now(contacts.accept, bo, ana)

    db.write_now(relationships.block, bo, ana)

    assert (names(db, ana), names(db, bo)) == ([], [])
    for one, other in ((ana, bo), (bo, ana)):
        with pytest.raises(NotFound):
            db.write_now(contacts.ask, one, other)


def test_nobody_else_can_be_asked(db, ana):
    with pytest.raises(Invalid):
        db.write_now(contacts.ask, ana, ana)
    for other in (a_remote_actor(db), db.read_now(actors.association)):
        with pytest.raises(NotFound):
            db.write_now(contacts.ask, ana, other)


@pytest.mark.parametrize(("chosen", "mate", "other"), [("school", 1, 1), ("class", 1, 0), ("nobody", 0, 0)])
def test_each_says_who_may_ask(db, chosen, mate, other):
    bo, mate_of_bo, cy = (
        a_member(db, name, class_year=year).actor for name, year in (("bo", 1998), ("mo", 1998), ("cy", 2004))
    )
    db.write_now(contacts.choose, bo, contacts.Choices(accept_from=contacts.AcceptFrom(chosen)))
    for one, may in ((mate_of_bo, mate), (cy, other)):
        if may:
            assert db.write_now(contacts.ask, one, bo) is State.REQUESTED
        else:
            with pytest.raises(NotAllowed):
                db.write_now(contacts.ask, one, bo)


def test_who_takes_no_requests_may_ask_and_answers_what_was_asked_before(db, ana, bo):
    nobody = contacts.Choices(accept_from=contacts.AcceptFrom.NOBODY)
    db.write_now(contacts.ask, ana, bo)
    db.write_now(contacts.choose, bo, nobody)
    assert db.write_now(contacts.ask, ana, bo) is State.REQUESTED
    db.write_now(contacts.decline, bo, ana)
    # As if nobody had answered.
    assert db.write_now(contacts.ask, ana, bo) is State.REQUESTED
    db.write_now(contacts.withdraw, ana, bo)
    with pytest.raises(NotAllowed):
        db.write_now(contacts.ask, ana, bo)
    db.write_now(contacts.ask, bo, ana)
    assert db.write_now(contacts.ask, ana, bo) is State.CONFIRMED


def test_there_are_limits(db, ana, bo, monkeypatch):
    with pytest.raises(Invalid):
        db.write_now(contacts.ask, ana, bo, message="x" * 501)
    monkeypatch.setattr("node.contacts.rules.PER_DAY", 1)
    db.write_now(contacts.ask, ana, bo)
    cy = a_member(db, "cy").actor
    with pytest.raises(TooMany):
        db.write_now(contacts.ask, ana, cy)
    monkeypatch.setattr("node.contacts.rules.PER_DAY", 30)
    monkeypatch.setattr("node.contacts.rules.MAX_PENDING", 1)
    with pytest.raises(TooMany):
        db.write_now(contacts.ask, ana, cy)
    monkeypatch.setattr("node.contacts.rules.MAX_CONTACTS", 0)
    with pytest.raises(Conflict):
        db.write_now(contacts.accept, bo, ana)


def test_what_is_over_is_forgotten(db, ana, bo):
    cy = a_member(db, "cy").actor
    db.write_now(contacts.ask, ana, bo)
    db.write_now(contacts.ask, ana, cy)
    db.write_now(contacts.decline, cy, ana)

    def age(days):
        past = clock.now() - timedelta(days=days)
        db.write_now(lambda tx: tx.conn.execute(update(table).values(asked_at=past)))
        db.write_now(contacts.sweep)

    age(91)
    assert db.read_now(contacts.asked, ana.id, clock.now()) == []
    for other in (bo, cy):
        with pytest.raises(Conflict):
            db.write_now(contacts.ask, ana, other)
    age(181)
    for other in (bo, cy):
        assert db.write_now(contacts.ask, ana, other) is State.REQUESTED


def test_the_list_of_contacts_holds_them_alone(db, ana, bo):
    a_member(db, "cy")
    db.write_now(contacts.ask, ana, bo)
    assert db.read_now(built_in.accounts, BuiltIn.CONTACTS, ana, Page()) == []
    db.write_now(contacts.accept, bo, ana)

    for one, other in ((ana, bo), (bo, ana)):
        found = db.read_now(built_in.accounts, BuiltIn.CONTACTS, one, Page())
        assert [person.id for _, person in found] == [other.id]
    assert BuiltIn.CONTACTS in {one.id for one in db.read_now(built_in.of, ana)}


def test_whoever_leaves_is_nobodys_contact(db, ana, bo):
    db.write_now(contacts.ask, ana, bo)
    db.write_now(contacts.accept, bo, ana)

    db.write_now(contacts.forget_actor, bo.id)

    assert names(db, ana) == []
