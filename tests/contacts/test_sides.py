# SPDX-License-Identifier: AGPL-3.0-or-later
"""What one side of a contact keeps and gives: who reads it, how long, and within which limits."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from node import contacts, notifications, relationships
from node.contacts import Grant
from node.contacts.tables import contact_sides, contact_tags
from node.kernel import clock
from node.kernel.errors import Invalid, NotFound
from node.kernel.paging import Page
from node.notifications import Kind
from tests.support.builders import a_member


@pytest.fixture
def ana(db):
    """A member who has written down what contacts can be given."""
    actor = a_member(db, "ana").actor
    db.write_now(contacts.keep_data, actor, phone="+33 1 23", address="1 Quay Road\nHarbour", birthday="14 March")
    return actor


@pytest.fixture
def bo(db):
    """Another member."""
    return a_member(db, "bo").actor


@pytest.fixture
def pair(db, ana, bo):
    """Both, as contacts: Bo has asked."""
    db.write_now(contacts.ask, bo, ana)
    db.write_now(contacts.accept, ana, bo, grants=[Grant.PHONE, Grant.EMAIL])
    return ana, bo


def left(db):
    def read(conn):
        tables = (contact_sides, contact_tags)
        return sum(conn.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)

    return db.read_now(read)


def test_each_side_gives_what_it_ticked_and_nothing_else(db, pair):
    ana, bo = pair

    assert db.read_now(contacts.granted, bo.id, [ana.id]) == {
        ana.id: {Grant.EMAIL: "ana@mail.example", Grant.PHONE: "+33 1 23"}
    }
    assert db.read_now(contacts.granted, ana.id, [bo.id]) == {}
    db.write_now(contacts.give, ana, bo.id, [Grant.ADDRESS, Grant.BIRTHDAY])
    assert db.read_now(contacts.granted, bo.id, [ana.id])[ana.id] == {
        Grant.ADDRESS: "1 Quay Road\nHarbour",
        Grant.BIRTHDAY: "14 March",
    }
    db.write_now(contacts.keep_data, ana, phone="", address="", birthday="15 March")
    assert db.read_now(contacts.granted, bo.id, [ana.id])[ana.id] == {Grant.BIRTHDAY: "15 March"}
    assert db.read_now(contacts.granted, a_member(db, "cy").id, [ana.id, bo.id]) == {}
    assert db.read_now(contacts.granted, bo.id, []) == {}


def test_who_was_asked_only_is_given_nothing(db, ana, bo):
    db.write_now(contacts.ask, ana, bo)

    for one, other in ((ana, bo), (bo, ana)):
        with pytest.raises(NotFound):
            db.write_now(contacts.give, one, other.id, [Grant.EMAIL])
        with pytest.raises(NotFound):
            db.write_now(contacts.keep_note, one, other.id, note="x", tags=[])
        with pytest.raises(NotFound):
            db.read_now(contacts.side, one.id, other.id)


@pytest.mark.parametrize("yes", [contacts.accept, contacts.ask])
def test_what_is_promised_with_the_question_is_given_with_the_yes(db, ana, bo, yes):
    db.write_now(contacts.ask, ana, bo, grants=[Grant.PHONE])
    assert db.read_now(contacts.granted, bo.id, [ana.id]) == {}
    db.write_now(yes, bo, ana, grants=[Grant.EMAIL])

    assert db.read_now(contacts.granted, bo.id, [ana.id]) == {ana.id: {Grant.PHONE: "+33 1 23"}}
    assert db.read_now(contacts.granted, ana.id, [bo.id]) == {bo.id: {Grant.EMAIL: "bo@mail.example"}}


@pytest.mark.parametrize("answer", ["withdraw", "decline"])
def test_what_was_promised_is_gone_with_a_no(db, ana, bo, answer):
    db.write_now(contacts.ask, ana, bo, grants=[Grant.PHONE])
    if answer == "withdraw":
        db.write_now(contacts.withdraw, ana, bo)
        assert left(db) == 0
    else:
        db.write_now(contacts.decline, bo, ana)
    db.write_now(contacts.ask, bo, ana)
    db.write_now(contacts.accept, ana, bo)

    assert db.read_now(contacts.granted, bo.id, [ana.id]) == {}


def test_of_whom_is_muted_one_is_told_nothing_and_they_do_not_know(db, pair):
    ana, bo = pair
    db.write_now(contacts.mute, ana, bo.id, on=True)
    for to, by in ((ana, bo), (bo, ana)):
        db.write_now(notifications.notify, to, Kind.FOLLOW, by)

    def told(to):
        return [one.from_id for one in db.read_now(notifications.page, to.id, Page()) if one.type is Kind.FOLLOW]

    assert (told(ana), told(bo)) == ([], [ana.id])
    assert db.read_now(contacts.side, ana.id, bo.id).muted
    assert not db.read_now(contacts.side, bo.id, ana.id).muted
    db.write_now(contacts.mute, ana, bo.id, on=False)
    db.write_now(notifications.notify, ana, Kind.FOLLOW, bo)
    assert told(ana) == [bo.id]
    with pytest.raises(NotFound):
        db.write_now(contacts.mute, ana, a_member(db, "cy").actor.id, on=True)


def test_whom_one_has_not_heard_of_for_the_longest_time_comes_first(db, pair):
    ana, bo = pair
    cy, di = a_member(db, "cy").actor, a_member(db, "di").actor
    for one in (cy, di):
        db.write_now(contacts.ask, one, ana)
        db.write_now(contacts.accept, ana, one)
    for one, day in ((bo, date(2026, 5, 1)), (di, date(2025, 5, 1))):
        db.write_now(contacts.keep_note, ana, one.id, note="", tags=["Choir"], last_contact=day)
    db.write_now(contacts.keep_note, bo, ana.id, note="", tags=[], last_contact=date(2020, 1, 1))

    def names(*which, limit=9, offset=0):
        found = db.read_now(contacts.longest_unheard, ana.id, *which, limit=limit, offset=offset)
        return [person.username for _, person in found]

    assert names() == ["cy", "di", "bo"]
    assert names(limit=1, offset=1) == ["di"]
    assert names(contacts.has_tag(ana.id, "choir")) == ["di", "bo"]
    number = db.read_now(contacts.side, ana.id, bo.id).contact_id
    assert db.read_now(contacts.heard_on, ana.id, [number]) == {number: date(2026, 5, 1)}
    later = clock.now().date() + timedelta(days=9)
    with pytest.raises(Invalid) as refusal:
        db.write_now(contacts.keep_note, ana, bo.id, note="", tags=[], last_contact=later)
    assert refusal.value.field == "last_contact"


def test_a_note_and_tags_are_of_one_side_alone(db, pair):
    ana, bo = pair
    db.write_now(contacts.keep_note, ana, bo.id, note="Plays the oboe", tags=["Choir", " choir ", "Lyon", ""])

    kept = db.read_now(contacts.side, ana.id, bo.id)
    assert (kept.note, kept.tags, kept.grants) == ("Plays the oboe", ("Choir", "Lyon"), {Grant.EMAIL, Grant.PHONE})
    other = db.read_now(contacts.side, bo.id, ana.id)
    assert (other.note, other.tags, other.grants) == ("", (), frozenset())
    assert db.read_now(contacts.tags_of, bo.id) == []
    assert db.read_now(contacts.tags_on, bo.id, [kept.contact_id]) == {}
    db.write_now(contacts.keep_note, ana, bo.id, note="", tags=["Lyon"])
    assert db.read_now(contacts.side, ana.id, bo.id).tags == ("Lyon",)


def test_contacts_are_found_by_tag(db, pair):
    ana, bo = pair
    cy = a_member(db, "cy").actor
    db.write_now(contacts.ask, cy, ana)
    db.write_now(contacts.accept, ana, cy)
    db.write_now(contacts.keep_note, ana, bo.id, note="", tags=["Choir"])
    db.write_now(contacts.keep_note, ana, cy.id, note="", tags=["CHOIR", "Lyon"])

    def having(tag, who=ana):
        return [one.username for _, one in db.read_now(contacts.of, who.id, Page(), contacts.has_tag(who.id, tag))]

    assert (having("choir"), having("lyon"), having("Paris"), having("Choir", bo)) == (["cy", "bo"], ["cy"], [], [])
    assert [(name.casefold(), number) for name, number in db.read_now(contacts.tags_of, ana.id)] == [
        ("choir", 2),
        ("lyon", 1),
    ]


@pytest.mark.parametrize(
    ("field", "note", "tags"),
    [("note", "x" * 2001, []), ("tags", "", ["x" * 41]), ("tags", "", [str(number) for number in range(11)])],
)
def test_notes_and_tags_have_limits(db, pair, field, note, tags):
    ana, bo = pair
    with pytest.raises(Invalid) as refusal:
        db.write_now(contacts.keep_note, ana, bo.id, note=note, tags=tags)
    assert refusal.value.field == field
    db.write_now(contacts.keep_note, ana, bo.id, note="x" * 2000, tags=[str(number) for number in range(10)])


@pytest.mark.parametrize(("field", "most"), [("phone", 120), ("address", 500), ("birthday", 40)])
def test_what_can_be_given_has_limits(db, ana, field, most):
    values = {"phone": "", "address": "", "birthday": ""}
    with pytest.raises(Invalid) as refusal:
        db.write_now(contacts.keep_data, ana, **{**values, field: "x" * (most + 1)})
    assert refusal.value.field == field
    db.write_now(contacts.keep_data, ana, **{**values, field: "x" * most})


@pytest.mark.parametrize("end", ["remove", "block", "leave"])
def test_all_of_it_ends_with_the_contact(db, pair, end):
    ana, bo = pair
    for one, other in (pair, (bo, ana)):
        db.write_now(contacts.keep_note, one, other.id, note="Plays the oboe", tags=["Choir"])
    if end == "remove":
        db.write_now(contacts.remove, bo, ana)
    elif end == "block":
        db.write_now(relationships.block, bo, ana)
    else:
        db.write_now(contacts.forget_actor, bo.id)

    assert left(db) == 0
    assert db.read_now(contacts.granted, bo.id, [ana.id]) == {}
    if end == "remove":
        db.write_now(contacts.ask, ana, bo)
        db.write_now(contacts.accept, bo, ana)
        assert db.read_now(contacts.side, ana.id, bo.id).note == ""
        assert db.read_now(contacts.granted, bo.id, [ana.id]) == {}


def test_whoever_leaves_takes_along_what_they_had_to_give(db, ana):
    db.write_now(contacts.choose, ana, contacts.Choices(link_visibility=contacts.LinkVisibility.NOBODY))
    db.write_now(contacts.forget_actor, ana.id)

    assert db.read_now(contacts.data, ana.id) == contacts.ContactData()
    assert db.read_now(contacts.choices, ana.id) == contacts.Choices()
