# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members looked for and found, by what each lets others see; on both databases."""

import itertools

import pytest
from sqlalchemy import func, select

from node import actors, contacts, directory, members, profiles, relationships
from node.actors import ProfileChange
from node.directory import Kind, Wanted
from node.directory.tables import directory_people, directory_values, directory_words
from node.kernel import clock
from node.profiles import Ask, Career, Facts, Label, Level, Listing
from tests.support.builders import a_member


@pytest.fixture
def ana(db):
    """Who looks."""
    return a_member(db, "ana", class_year=1998, listed="school").actor


def listed(db, username, listing=Listing.SCHOOL, **values):
    return a_member(db, username, listed=listing, **values).actor


def found(db, viewer, words="", **wanted):
    return [one.username for one in db.read_now(directory.search, viewer, Wanted(words=words, **wanted)).people]


def befriend(db, one, other):
    db.write_now(contacts.ask, one, other)
    db.write_now(contacts.accept, other, one)


@pytest.mark.parametrize(
    ("names", "queries"),
    [
        (
            ["Lefèvre", "LE FÈVRE", "Lefevre", "le Fevre"],
            ["lefevre", "LEFÈVRE", "Le Fèvre", "Lefe\u0300vre", "le-fevre"],
        ),
        (["Œuvrard", "OEUVRARD"], ["oeuvrard", "Œuvrard", "œuvrard"]),
        (["Nguyễn", "NGUYEN"], ["nguyen", "Nguyễn", "nguyê\u0303n"]),
        (["d'Ormesson", "D’ORMESSON", "Dormesson"], ["dormesson", "d'Ormesson", "d’ormesson", "D ORMESSON"]),
    ],
)
def test_a_name_is_found_however_it_is_written(db, ana, names, queries):
    for number, name in enumerate(names):
        listed(db, f"p{number}", display_name=f"Lou {name}")
    listed(db, "other", display_name="Lou Marchand")
    everybody = {f"p{number}" for number in range(len(names))}
    for query in queries:
        assert set(found(db, ana, query)) == everybody, query
        assert set(found(db, ana, f"{query} lou")) == everybody, query


def test_what_is_typed_exactly_comes_first_and_what_only_sounds_alike_last(db, ana):
    listed(db, "sound", display_name="Zoé Lefaivre", class_year=1998)
    listed(db, "edit", display_name="Noé Lefèvres")
    listed(db, "typo", display_name="Bo Lefivre")
    listed(db, "whole", display_name="Ines Le Fèvre")
    assert found(db, ana, "lefevre") == ["whole", "edit", "typo", "sound"]
    assert found(db, ana, "ines lefevr") == ["whole"]
    assert found(db, ana, "lf") == []
    result = db.read_now(directory.search, ana, Wanted(words="lefaivrre"))
    assert result.similar
    assert {one.username for one in result.people} == {"sound", "whole", "edit"}


def test_a_beginning_is_enough_from_two_letters_on_and_an_edit_is_forgiven_from_five(db, ana):
    listed(db, "bo", display_name="Bo Durand")
    assert found(db, ana, "du") == ["bo"]
    assert found(db, ana, "d") == []
    assert found(db, ana, "durnad") == found(db, ana, "durxand") == found(db, ana, "dirand") == ["bo"]
    assert found(db, ana, "duxx") == found(db, ana, "bx") == []
    assert found(db, ana, "bo durand paris") == []


def test_classmates_come_before_contacts_and_those_before_others(db, ana):
    listed(db, "other", display_name="Kim Aa", class_year=2001)
    friend = listed(db, "friend", display_name="Kim Bb", class_year=2001)
    listed(db, "mate", display_name="Kim Cc", class_year=1998)
    befriend(db, ana, friend)
    assert found(db, ana, "kim") == ["mate", "friend", "other"]
    assert found(db, ana, "kim", contacts=True) == ["friend"]


def test_without_words_all_who_are_listed_stand_by_class_and_name(db, ana):
    listed(db, "cc", display_name="Éve", class_year=2001)
    listed(db, "bb", display_name="Zoé", class_year=1990)
    listed(db, "aa", display_name="Fay", class_year=2001)
    assert found(db, ana) == ["bb", "ana", "cc", "aa"]
    assert found(db, ana, class_from=1995, class_to=2001) == ["ana", "cc", "aa"]
    assert db.read_now(directory.class_years, ana) == {1990: 1, 1998: 1, 2001: 2}
    assert db.read_now(directory.count, ana) == 4


def test_who_has_not_answered_is_found_by_contacts_alone(db, ana):
    silent = a_member(db, "silent", class_year=1998, listed=None).actor
    assert found(db, ana, "silent") == []
    befriend(db, ana, silent)
    assert found(db, ana, "silent") == ["silent"]
    db.write_now(profiles.answer, silent.id, listed_to=Listing.NOBODY)
    assert found(db, ana, "silent") == ["silent"]


def test_a_class_is_found_by_the_class(db, ana):
    listed(db, "mate", Listing.CLASS, class_year=1998)
    listed(db, "far", Listing.CLASS, class_year=1999)
    assert found(db, ana) == ["ana", "mate"]
    assert db.read_now(directory.class_years, ana) == {1998: 2}


def test_nobody_is_found_across_a_block(db, ana):
    bo, eve = listed(db, "bo"), listed(db, "eve")
    befriend(db, ana, bo)
    db.write_now(relationships.block, ana, bo)
    db.write_now(relationships.block, eve, ana)
    assert found(db, ana, "bo") == found(db, ana, "eve") == []
    assert found(db, ana) == ["ana"]


def everything(db, person, level):
    """Say all that one can be found by, at a level."""
    db.write_now(
        profiles.write,
        person.id,
        Facts(given_name="Quincey", family_name="Vantongeren", headline="Bridges", city="Ushuaia"),
        dict.fromkeys(("given_name", "family_name", "headline", "location"), level),
    )
    for kind, details in (
        (profiles.Kind.CAREER, Career(employer="Zephyr Works", title="Foundryman")),
        (profiles.Kind.SKILL, Label(label="Glassblowing")),
        (profiles.Kind.SEEK, Ask(text="A cello to borrow", category="goods", tags=("music",))),
    ):
        db.write_now(profiles.add, person.id, kind, details, level)


_QUERIES = (
    Wanted(words="quincey"),
    Wanted(words="vantongeren"),
    Wanted(words="vantongerem"),
    Wanted(words="bridges"),
    Wanted(words="ushu"),
    Wanted(words="zephyr works"),
    Wanted(words="foundryman"),
    Wanted(words="glasblowing"),
    Wanted(words="cello music"),
    Wanted(city="Ushuaia"),
    Wanted(employer="zephyr works"),
    Wanted(skill="GLASSBLOWING"),
    Wanted(seek="goods"),
)


def test_nobody_is_found_by_what_the_reader_may_not_see(db, ana):
    """The reader, the level of the values, to whom the member is listed: found iff the ladder shows both."""
    people = []
    for class_year, level, listing in itertools.product((1998, 2001), Level, (Listing.CLASS, Listing.SCHOOL)):
        for is_contact in (False, True):
            person = listed(db, None, listing, class_year=class_year)
            everything(db, person, level)
            if is_contact:
                befriend(db, ana, person)
            people.append((person, level, listing))
    distances = db.read_now(profiles.distances, ana.id, [person.id for person, _, _ in people])
    assert set(distances.values()) == {1, 2, 3}
    expected = {
        person.id
        for person, level, listing in people
        if profiles.shown(level, distances[person.id]) and profiles.shown(listing.level, distances[person.id])
    }
    shown = {person.id for person, _, listing in people if profiles.shown(listing.level, distances[person.id])}
    for wanted in _QUERIES:
        result = db.read_now(directory.search, ana, wanted)
        pages = [db.read_now(directory.search, ana, wanted, page).people for page in (1, 2, 3)]
        assert {one.id for page in pages for one in page} == expected, wanted
        assert result.count == len(expected)
        counted = {facet.label: facet.count for facet in result.facets}
        if not wanted.city:
            assert counted["Ushuaia"] == len(expected)
    every = [db.read_now(directory.search, ana, Wanted(), page).people for page in (1, 2, 3)]
    assert {one.id for page in every for one in page} - {ana.id} == shown


def test_what_fewer_than_three_share_is_not_counted(db, ana):
    for number in range(3):
        person = listed(db, f"kim{number}")
        db.write_now(profiles.add, person.id, profiles.Kind.SKILL, Label(label="Rowing"), Level.SCHOOL)
        if number:
            db.write_now(profiles.write, person.id, Facts(city="Brest"), {"location": Level.SCHOOL})
    facets = db.read_now(directory.search, ana, Wanted(words="kim")).facets
    assert [(facet.kind, facet.label, facet.count) for facet in facets] == [(Kind.SKILL, "Rowing", 3)]


def test_more_than_two_hundred_are_too_many(db, ana, monkeypatch):
    monkeypatch.setattr("node.directory.queries.MOST", 2)
    for number in range(3):
        listed(db, f"kim{number}")
    result = db.read_now(directory.search, ana, Wanted(words="kim"))
    assert (result.count, result.too_many) == (2, True)


def test_what_changes_is_found_as_it_is_now(db, ana):
    bo = listed(db, "bo", display_name="Bo Durand")
    db.write_now(relationships.update_profile, bo, ProfileChange(display_name="Bo Marchand"))
    assert found(db, ana, "durand") == []
    assert found(db, ana, "marchand") == ["bo"]
    number = db.write_now(profiles.add, bo.id, profiles.Kind.SKILL, Label(label="Rowing"), Level.SCHOOL)
    assert found(db, ana, skill="rowing") == ["bo"]
    db.write_now(profiles.remove, bo.id, number)
    assert found(db, ana, skill="rowing") == []
    db.write_now(actors.suspend, bo)
    assert found(db, ana, "marchand") == []
    db.write_now(actors.unsuspend, bo)
    assert found(db, ana, "marchand") == ["bo"]


def test_nothing_stays_of_whoever_leaves(db, ana):
    bo = listed(db, "bo")
    everything(db, bo, Level.SCHOOL)
    db.write_now(relationships.delete_account, db.read_now(members.get, bo.id))
    for table in (directory_people, directory_words, directory_values):
        rows = select(func.count()).select_from(table).where(table.c.actor_id == bo.id)
        assert db.read_now(lambda conn, rows=rows: conn.execute(rows).scalar_one()) == 0


def test_a_rebuild_makes_the_same_again(db, ana):
    bo = listed(db, "bo")
    everything(db, bo, Level.SCHOOL)

    def rows(conn):
        return [
            sorted(map(tuple, conn.execute(select(table))), key=repr)
            for table in (directory_people, directory_words, directory_values)
        ]

    before = db.read_now(rows)
    numbers = db.read_now(directory.next_after, 0)
    assert set(numbers) == {ana.id, bo.id}
    db.write_now(directory.refresh, numbers)
    assert db.read_now(rows) == before
    assert db.read_now(directory.next_after, max(numbers)) == []


def test_only_those_who_may_be_found_are_suggested(db, ana):
    listed(db, "far", class_year=1990)
    listed(db, "mate", Listing.CLASS, class_year=1998)
    a_member(db, "silent", class_year=1998)
    listed(db, "other", Listing.CLASS, class_year=1990)
    db.write_now(relationships.block, ana, listed(db, "blocked", class_year=1998))
    assert [one.username for one in db.read_now(directory.some, ana, limit=5)] == ["mate", "far"]
    suggested = db.read_now(directory.suggestions, ana, clock.now())
    assert [one.actor.username for one in suggested] == ["mate", "far"]
