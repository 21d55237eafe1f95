# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members looked for and found, by what each lets others see; on both databases."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from node import actors, contacts, directory, members, profiles, relationships
from node.actors import ProfileChange
from node.directory import Distance, Kind, Wanted
from node.directory.tables import directory_people, directory_values, directory_words
from node.kernel import audit, clock
from node.profiles import Ask, Career, Education, Facts, Label, Level, Listing
from node.profiles.tables import profile_entries
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
    assert found(db, ana, "kim", distance=Distance.CONTACTS) == ["friend"]


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
    db.write_now(_everything, person, level)


def _everything(tx, person, level):
    profiles.write(
        tx,
        person.id,
        Facts(
            given_name="Quincey",
            family_name="Vantongeren",
            birth_family_name="Wijnants",
            other_names=("Oswald Quist", "Pip"),
            headline="Bridges",
            city="Ushuaia",
            country="AR",
            languages=(("es-AR", "fluent"),),
        ),
        dict.fromkeys(
            ("given_name", "family_name", "birth_family_name", "other_names", "headline", "location", "languages"),
            level,
        ),
    )
    for kind, details in (
        (profiles.Kind.EDUCATION, Education(school="A school", programme="Masonry", campus="Harbour")),
        (profiles.Kind.CAREER, Career(employer="Zephyr Works", title="Foundryman", sector="Metal")),
        (profiles.Kind.SKILL, Label(label="Glassblowing")),
        (profiles.Kind.SEEK, Ask(text="A cello to borrow", category="goods", tags=("music",))),
    ):
        profiles.add(tx, person.id, kind, details, level)


_QUERIES = (
    Wanted(words="quincey"),
    Wanted(words="vantongeren"),
    Wanted(words="vantongerem"),
    Wanted(words="wijnants"),
    Wanted(words="pip oswald"),
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
    Wanted(country="ar"),
    Wanted(language="es"),
    Wanted(sector="METAL"),
    Wanted(programme="masonry"),
    Wanted(campus="harbour"),
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
        more = [db.read_now(directory.search, ana, wanted, page).people for page in range(2, result.count // 20 + 2)]
        assert {one.id for page in (result.people, *more) for one in page} == expected, wanted
        assert result.count == len(expected)
        counted = {facet.label: facet.count for facet in result.facets}
        if not wanted.city:
            assert counted["Ushuaia"] == len(expected)
    every = [db.read_now(directory.search, ana, Wanted(), page).people for page in (1, 2, 3)]
    assert {one.id for page in every for one in page} - {ana.id} == shown


_SAID = {
    "city": ("Brest", "Ushuaia"),
    "country": ("FR", "AR"),
    "language": ("fr", "es"),
    "employer": ("Zephyr Works", "Alma"),
    "sector": ("Metal", "Paper"),
    "skill": ("Rowing", "Glassblowing"),
    "programme": ("Masonry", "Weaving"),
    "campus": ("Harbour", "Hill"),
    "seek": ("goods", "job"),
    "offer": ("advice", "housing"),
}
_LEVELS = st.sampled_from(list(Level))


def say(tx, person, said, levels, listing):
    """Say the first or second word of each kind, at a level each, in place of what was said before."""
    tx.conn.execute(delete(profile_entries).where(profile_entries.c.actor_id == person.id))
    facts = Facts(city=said["city"], country=said["country"], languages=((said["language"], "native"),))
    profiles.write(tx, person.id, facts, {"location": levels["city"], "languages": levels["language"]})
    for kind, details, level in (
        (profiles.Kind.CAREER, Career(employer=said["employer"], sector=said["sector"]), levels["employer"]),
        (profiles.Kind.SKILL, Label(label=said["skill"]), levels["skill"]),
        (
            profiles.Kind.EDUCATION,
            Education(school="A school", programme=said["programme"], campus=said["campus"]),
            levels["programme"],
        ),
        (profiles.Kind.SEEK, Ask(text="Who has one for me?", category=said["seek"]), levels["seek"]),
        (profiles.Kind.OFFER, Ask(text="I have one for you.", category=said["offer"]), levels["offer"]),
    ):
        # Three a day can be published; here it is what is found of them that counts.
        tx.conn.execute(delete(audit.audit).where(audit.audit.c.verb == "ask"))
        profiles.add(tx, person.id, kind, details, level)
    profiles.answer(tx, person.id, listed_to=listing)


def seen_of(profile):
    """What can be read on a page, by kind of value."""
    seen = {
        "city": {profile.facts.city},
        "country": {profile.facts.country},
        "language": {tag for tag, _ in profile.facts.languages},
    }
    for entry in profile.entries:
        match entry.details:
            case Career() as work:
                seen |= {"employer": {work.employer}, "sector": {work.sector}}
            case Education() as learnt:
                seen |= {"programme": {learnt.programme}, "campus": {learnt.campus}}
            case Label() as skill:
                seen["skill"] = {skill.label}
            case Ask() as ask:
                seen[entry.kind.value] = {ask.category}
    return seen


def test_a_filter_reveals_nothing_that_the_page_does_not(db, ana):
    """Whoever asks for values, one or several at once, finds those on whose page they may read them all."""
    people = [listed(db, None, class_year=year) for year in (1998, 1998, 2001, 2001)]
    befriend(db, ana, people[1])
    befriend(db, people[3], ana)
    one_person = st.fixed_dictionaries(
        {
            "said": st.fixed_dictionaries({name: st.sampled_from(words) for name, words in _SAID.items()}),
            "levels": st.fixed_dictionaries(dict.fromkeys(_SAID, _LEVELS)),
            "listing": st.sampled_from(list(Listing)),
        }
    )
    asked = st.dictionaries(st.sampled_from(sorted(_SAID)), st.sampled_from((0, 1)), min_size=1, max_size=3)

    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(everybody=st.tuples(*[one_person] * len(people)), filters=st.lists(asked, min_size=6, max_size=6))
    def holds(everybody, filters):
        def write(tx):
            for person, its in zip(people, everybody, strict=True):
                say(tx, person, **its)

        db.write_now(write)
        numbers = [person.id for person in people]
        distances = db.read_now(profiles.distances, ana.id, numbers)
        pages = db.read_now(profiles.get_many, numbers, ana.id, clock.now())
        for its in filters:
            wanted = {name: _SAID[name][place] for name, place in its.items()}
            expected = {
                person.id
                for person, said in zip(people, everybody, strict=True)
                if profiles.shown(said["listing"].level, distances[person.id])
                and all(word in seen_of(pages[person.id]).get(name, ()) for name, word in wanted.items())
            }
            result = db.read_now(directory.search, ana, Wanted(**wanted))
            assert ({one.id for one in result.people}, result.count) == (expected, len(expected)), wanted

    holds()


def test_contacts_of_contacts_are_as_near_as_the_way_to_them_says(db, ana):
    friend, far, hidden = (listed(db, name, class_year=2001) for name in ("friend", "far", "hidden"))
    befriend(db, ana, friend)
    befriend(db, friend, far)
    befriend(db, friend, hidden)
    db.write_now(contacts.choose, hidden, contacts.Choices(show_path_to_me=contacts.PathTo.NOBODY))
    listed(db, "other", class_year=2001)
    assert found(db, ana, distance=Distance.CONTACTS) == ["friend"]
    assert found(db, ana, distance=Distance.THEIRS) == ["far", "friend"]
    assert found(db, far, "ana", distance=Distance.THEIRS) == ["ana"]
    db.write_now(relationships.block, far, ana)
    assert found(db, ana, distance=Distance.THEIRS) == ["friend"]


def test_who_posted_since_a_day_is_active(db, ana):
    now = clock.now()
    for name, days in (("bo", 1), ("cy", 400), ("di", None)):
        person = listed(db, name)
        if days:
            db.write_now(actors.count_post, person.id, now - timedelta(days=days))
    year_ago = now - timedelta(days=365)
    assert found(db, ana, active_since=year_ago) == found(db, ana, "bo", active_since=year_ago) == ["bo"]
    assert found(db, ana, "cy", active_since=year_ago) == []


def test_a_school_can_be_asked_for_and_keeps_its_people_when_it_is_renamed(db, ana):
    person = listed(db, "bo", class_year=1998)
    db.write_now(relationships.update_profile, person, ProfileChange(school="Quay School"))
    assert found(db, ana, school="quay school") == ["bo"]
    db.write_now(actors.rename_school, "Quay School", "Harbour School")
    assert found(db, ana, school="quay school") == []
    assert found(db, ana, school="Harbour school") == ["bo"]


def test_what_fewer_than_three_share_is_not_counted(db, ana):
    for number in range(3):
        person = listed(db, f"kim{number}")
        db.write_now(profiles.add, person.id, profiles.Kind.SKILL, Label(label="Rowing"), Level.SCHOOL)
        if number:
            db.write_now(profiles.write, person.id, Facts(city="Brest"), {"location": Level.SCHOOL})
    facets = db.read_now(directory.search, ana, Wanted(words="kim")).facets
    assert [(facet.kind, facet.label, facet.count) for facet in facets] == [(Kind.SKILL, "Rowing", 3)]


def test_of_very_many_the_frequent_values_are_named_and_not_counted(db, ana, monkeypatch):
    monkeypatch.setattr("node.directory.queries._COUNTED", 8)
    for number in range(12):
        person = listed(db, f"kim{number:02}")
        level = Level.SCHOOL if number % 4 else Level.CONTACTS
        for skill in ("Rowing", "Chess") if number % 4 else ("Chess", "Diving"):
            db.write_now(profiles.add, person.id, profiles.Kind.SKILL, Label(label=skill), level)
    facets = db.read_now(directory.search, ana, Wanted(words="kim")).facets
    assert {(facet.label, facet.count) for facet in facets} == {("Rowing", None), ("Chess", None)}
    facets = db.read_now(directory.search, ana, Wanted(words="kim", class_to=0)).facets
    assert facets == []


def test_who_is_shown_of_very_many_are_the_best(db, ana, monkeypatch):
    monkeypatch.setattr("node.directory.queries.MOST", 3)
    now = clock.now()
    db.write_now(profiles.write, ana.id, Facts(city="Brest"), {"location": Level.ME})
    for name, days in (("kim0", None), ("kim1", 9), ("kim2", 1), ("kim3", 5)):
        person = listed(db, name, class_year=2001)
        if days:
            db.write_now(actors.count_post, person.id, now - timedelta(days=days))
    assert found(db, ana, "kim") == ["kim2", "kim3", "kim1"]
    friend = listed(db, "kim4", class_year=2001)
    befriend(db, ana, friend)
    listed(db, "kim5", class_year=1998)
    assert found(db, ana, "kim") == ["kim5", "kim4", "kim2"]
    listed(db, "kimmy", class_year=2001, display_name="Kim Kim")
    assert found(db, ana, "kim") == ["kimmy", "kim5", "kim4"]
    db.write_now(relationships.block, friend, ana)
    assert found(db, ana, "kim") == ["kimmy", "kim5", "kim2"]


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
    for away, back in ((actors.suspend, actors.unsuspend), (actors.hide, actors.show)):
        db.write_now(away, bo)
        assert found(db, ana, "marchand") == []
        db.write_now(back, bo)
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
