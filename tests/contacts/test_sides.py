# SPDX-License-Identifier: AGPL-3.0-or-later
"""What one side of a contact keeps and gives: who reads it, how long, and within which limits."""

import pytest
from sqlalchemy import func, select

from node import contacts, relationships
from node.contacts import Grant
from node.contacts.tables import contact_sides, contact_tags
from node.kernel.errors import Invalid, NotFound
from node.kernel.paging import Page
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
