# SPDX-License-Identifier: AGPL-3.0-or-later
"""The schools of a node: what they may say of themselves, and that a class is a year at one school."""

import pytest
from sqlalchemy import update

from activitypub.addressing import Visibility
from node import actors, directory, posts, relationships, schools
from node.actors import ProfileChange
from node.actors.tables import actors as actors_table
from node.kernel.errors import Conflict, Invalid, NotFound
from node.kernel.paging import Page
from node.lists import BuiltIn, built_in
from node.posts import Draft
from node.profiles import Level, distance
from node.relationships import Circle
from node.schools import Programme, SchoolDraft
from tests.support.builders import a_member, an_actor

ABBEY = SchoolDraft(
    name="Abbey School of Mines", short_name="ASM", aliases=("Old Pit School",), city="Namur", country="be",
    website="https://abbey.example",
)  # fmt: skip


def of_school(db, name, year=1998):
    actor = an_actor(db, class_year=year)
    db.write_now(
        lambda tx: tx.conn.execute(update(actors_table).where(actors_table.c.id == actor.id).values(school=name))
    )
    return db.read_now(actors.get, actor.id)


def test_a_school_is_kept_as_it_was_given_and_found_by_its_address(db):
    made = db.write_now(schools.add, ABBEY)

    assert db.read_now(schools.by_slug, "abbey-school-of-mines") == made
    assert (made.country, made.aliases, made.website) == ("BE", ("Old Pit School",), "https://abbey.example")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("country", "Belgium"),
        ("country", "ZZ1"),
        ("website", "javascript:alert(1)"),
        ("website", "abbey"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(db, field, value):
    with pytest.raises(Invalid) as refusal:
        db.write_now(schools.add, SchoolDraft(**{"name": "Abbey", field: value}))

    assert refusal.value.field == field


def test_two_schools_cannot_have_one_name_but_names_can_look_alike_in_an_address(db):
    first = db.write_now(schools.add, SchoolDraft(name="École des Tilleuls"))
    second = db.write_now(schools.add, SchoolDraft(name="Ecole des tilleuls!"))

    assert (first.slug, second.slug) == ("ecole-des-tilleuls", "ecole-des-tilleuls-2")
    with pytest.raises(Invalid):
        db.write_now(schools.add, SchoolDraft(name="école des tilleuls"))
    with pytest.raises(Invalid):
        db.write_now(schools.change, second.id, SchoolDraft(name="École des Tilleuls"))


def test_a_new_name_is_that_of_its_people_too_and_the_old_one_is_remembered(db):
    made = db.write_now(schools.add, ABBEY)
    member, other = of_school(db, made.name), of_school(db, "Elsewhere")

    after = db.write_now(schools.change, made.id, SchoolDraft(name="Abbey Institute"))

    assert (after.slug, after.aliases) == (made.slug, ("Abbey School of Mines",))
    assert db.read_now(actors.get, member.id).school == "Abbey Institute"
    assert db.read_now(actors.get, other.id).school == "Elsewhere"


def test_a_school_with_people_stays_and_so_does_the_last_one(db):
    made, spare = db.write_now(schools.add, ABBEY), db.write_now(schools.add, SchoolDraft(name="Spare"))
    of_school(db, made.name)

    with pytest.raises(Conflict):
        db.write_now(schools.remove, made.id)
    db.write_now(schools.remove, spare.id)

    first = db.read_now(schools.all_of)[0]
    db.write_now(lambda tx: tx.conn.execute(update(actors_table).values(school=made.name)))
    db.write_now(schools.remove, first.id)
    assert db.read_now(schools.names) == ["Abbey School of Mines"]
    with pytest.raises(NotFound):
        db.write_now(schools.remove, spare.id)
    db.write_now(
        lambda tx: tx.conn.execute(update(actors_table).where(actors_table.c.school == made.name).values(school=None))
    )
    with pytest.raises(Conflict):
        db.write_now(schools.remove, made.id)


def test_programmes_belong_to_their_school(db):
    made, other = db.write_now(schools.add, ABBEY), db.write_now(schools.add, SchoolDraft(name="Other"))
    mining = db.write_now(schools.add_programme, Programme(school_id=made.id, name="Mining", degree="master"))

    with pytest.raises(Invalid):
        db.write_now(schools.add_programme, Programme(school_id=made.id, name="mining"))
    with pytest.raises(Invalid):
        db.write_now(schools.add_programme, Programme(school_id=made.id, name="Law", degree="wizard"))
    with pytest.raises(Invalid):
        db.write_now(schools.add_programme, Programme(school_id=made.id, name="Law", first_year=1990, last_year=1980))
    with pytest.raises(NotFound):
        db.write_now(schools.remove_programme, other.id, mining.id)
    db.write_now(
        schools.change_programme,
        Programme(id=mining.id, school_id=made.id, name="Mining and metals", degree="master", last_year=1999),
    )

    [found] = db.read_now(schools.programmes, made.id)
    assert (found.name, found.last_year) == ("Mining and metals", 1999)
    db.write_now(schools.remove, made.id)
    assert db.read_now(schools.programmes) == []


def test_classes_of_one_year_at_two_schools_are_two_classes(db):
    asked, mate, stranger = of_school(db, "Abbey"), of_school(db, "Abbey"), of_school(db, "Mill")

    post_id = db.write_now(
        posts.publish, asked, Draft(text="Dinner?", visibility=Visibility.PRIVATE, circle=Circle.CLASS)
    )

    assert db.read_now(posts.visible, post_id, mate.id).id == post_id
    with pytest.raises(NotFound):
        db.read_now(posts.visible, post_id, stranger.id)
    assert db.read_now(distance, mate.id, asked.id) == Level.CLASS
    assert db.read_now(distance, stranger.id, asked.id) == Level.SCHOOL
    on_list = db.read_now(built_in.accounts, BuiltIn.CLASS, asked, Page(limit=40))
    assert {actor.id for _, actor in on_list} == {asked.id, mate.id}


def test_a_node_serves_the_school_that_it_was_set_up_for(db):
    assert db.read_now(schools.names) == [db.read_now(actors.association).school]


def test_classmates_find_each_other_also_after_their_school_was_renamed(db):
    made = db.write_now(schools.add, ABBEY)
    members = [
        a_member(db, name, display_name=name.capitalize(), class_year=1998, listed="class") for name in ("ida", "oda")
    ]
    for one in members:
        change = ProfileChange(school=made.name)
        db.write_now(relationships.update_profile, one.actor, change)
    told = []
    leave = db.bus.subscribe("actor.changed", told.append)

    def found():
        viewer = db.read_now(actors.get, members[0].id)
        return [
            person.username for person in db.read_now(directory.search, viewer, directory.Wanted(words="oda")).people
        ]

    assert found() == ["oda"]
    db.write_now(schools.change, made.id, SchoolDraft(name="Abbey Institute"))
    leave()

    assert found() == ["oda"]
    assert {one.id for one in members} <= set(told)
