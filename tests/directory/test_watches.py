# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members follow in the directory: who is new there is told to those who may see it, and to nobody else."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from node import actors, contacts, digests, directory, members, profiles, relationships
from node.actors import ProfileChange
from node.digests.letters import digest as letter_of
from node.digests.tables import digests as digests_table
from node.directory import MOST_WATCHES, Watchable
from node.directory.tables import directory_people, directory_values, directory_watches
from node.kernel import clock
from node.kernel.errors import Invalid, NotFound, TooMany
from node.profiles import Facts, Label, Level, Listing
from tests.support.builders import a_member

HOUR = timedelta(hours=1)


@pytest.fixture
def ana(db):
    """Who follows."""
    return a_member(db, "ana", class_year=1998, listed="school").actor


def news(db, member, since):
    return [
        (one.watch.kind.value, one.watch.label, [person.username for person in one.people])
        for one in db.read_now(directory.watched, member, since, clock.now())
    ]


def age(db):
    """All that is in the directory has been there for two hours."""

    def make_older(tx):
        for table in (directory_people, directory_values):
            tx.conn.execute(update(table).values(since=tx.now - 2 * HOUR))

    db.write_now(make_older)


def listed(db, username, listing="school", **values):
    return a_member(db, username, listed=listing, **values).actor


def says(db, person, city="", skill="", level=Level.SCHOOL):
    if city:
        db.write_now(profiles.write, person.id, Facts(city=city), {"location": level})
    if skill:
        db.write_now(profiles.add, person.id, profiles.Kind.SKILL, Label(label=skill), level)


def test_who_is_new_in_what_one_follows_is_told_once_they_are_there(db, ana):
    lately = clock.now() - HOUR
    says(db, listed(db, "early"), city="Brest")
    db.write_now(directory.watch, ana, Watchable.CITY, "  BREST ")
    db.write_now(directory.watch, ana, Watchable.SKILL, "Rowing")
    db.write_now(directory.watch_class, ana, 2001, None)
    assert news(db, ana, lately) == [("city", "BREST", ["early"])]
    age(db)
    says(db, listed(db, "bo", class_year=2001), city="Brést", skill="rowing")
    says(db, listed(db, "cy", class_year=2002), city="Lyon", skill="Chess")
    assert news(db, ana, lately) == [("city", "BREST", ["bo"]), ("skill", "Rowing", ["bo"]), ("class", "2001", ["bo"])]
    assert news(db, ana, lately - 2 * HOUR)[0] == ("city", "BREST", ["early", "bo"])
    assert news(db, ana, clock.now() + HOUR) == []
    assert news(db, listed(db, "other"), lately) == []


def test_what_is_written_anew_is_no_news_and_what_is_shown_to_more_is(db, ana):
    bo = listed(db, "bo", class_year=2001)
    says(db, bo, city="Brest", level=Level.CONTACTS)
    db.write_now(directory.watch, ana, Watchable.CITY, "Brest")
    db.write_now(directory.watch_class, ana, 2001, None)

    lately = clock.now() - HOUR
    assert news(db, ana, lately) == [("class", "2001", ["bo"])]
    age(db)
    db.write_now(relationships.update_profile, bo, ProfileChange(display_name="Bo B."))
    db.write_now(directory.refresh, [bo.id])
    assert news(db, ana, lately) == []
    says(db, bo, city="Brest", level=Level.SCHOOL)
    assert news(db, ana, lately) == [("city", "Brest", ["bo"])]
    age(db)
    says(db, bo, city="Brest", level=Level.CLASS)
    says(db, bo, city="Brest", level=Level.CONTACTS)
    assert news(db, ana, lately) == news(db, ana, lately - 2 * HOUR)[1:] == []


def test_only_who_may_be_seen_is_told_of(db, ana):
    """Every level, listing and nearness: as the ladder says."""
    start = clock.now() - HOUR
    db.write_now(directory.watch, ana, Watchable.CITY, "Brest")
    db.write_now(directory.watch_class, ana, 1998, None)
    db.write_now(directory.watch_class, ana, 2001, None)
    people = []
    for year, level, listing in itertools.product(
        (1998, 2001), (Level.ME, Level.CONTACTS, Level.CLASS, Level.SCHOOL), (Listing.NOBODY, Listing.CLASS)
    ):
        person = listed(db, None, listing, class_year=year)
        says(db, person, city="Brest", level=level)
        if level % 2:
            db.write_now(contacts.ask, ana, person)
            db.write_now(contacts.accept, person, ana)
        people.append((person, level, listing))
    distances = db.read_now(profiles.distances, ana.id, [person.id for person, *_ in people])
    told = {one.watch.label: one.people for one in db.read_now(directory.watched, ana, start, clock.now())}
    may = {
        person.id: (profiles.shown(listing.level, distances[person.id]), profiles.shown(level, distances[person.id]))
        for person, level, listing in people
    }
    assert {one.id for one in told["Brest"]} == {number for number, its in may.items() if all(its)}
    assert {one.id for label in ("1998", "2001") for one in told.get(label, ())} == {
        number for number, (is_listed, _) in may.items() if is_listed
    }


@pytest.mark.parametrize("way", ["blocks", "blocked", "muted", "quiet contact", "suspended", "hidden", "memorial"])
def test_of_whom_one_wants_nothing_or_who_is_gone_nothing_is_told(db, ana, way):
    bo = listed(db, "bo")
    says(db, bo, city="Brest")
    db.write_now(directory.watch, ana, Watchable.CITY, "Brest")
    start = clock.now() - HOUR
    assert news(db, ana, start) == [("city", "Brest", ["bo"])]
    match way:
        case "blocks":
            db.write_now(relationships.block, bo, ana)
        case "blocked":
            db.write_now(relationships.block, ana, bo)
        case "muted":
            db.write_now(relationships.mute, ana, bo)
        case "quiet contact":
            db.write_now(contacts.ask, ana, bo)
            db.write_now(contacts.accept, bo, ana)
            assert news(db, ana, start) == [("city", "Brest", ["bo"])]
            db.write_now(contacts.mute, ana, bo.id, on=True)
        case "hidden":
            db.write_now(actors.hide, bo)
        case "suspended":
            db.write_now(actors.suspend, bo)
        case "memorial":
            db.write_now(actors.touch, bo.id, memorial=True)
    assert news(db, ana, start) == []


def test_what_is_followed_is_the_members_own_is_bounded_and_goes_with_them(db, ana):
    db.write_now(directory.watch, ana, Watchable.CITY, "Brest")
    db.write_now(directory.watch, ana, Watchable.CITY, "brest")
    for kind, text in ((Watchable.CITY, " - "), (Watchable.CLASS, "1998")):
        with pytest.raises(Invalid):
            db.write_now(directory.watch, ana, kind, text)
    for number in range(MOST_WATCHES - 1):
        db.write_now(directory.watch, ana, Watchable.SKILL, f"skill {number}")
    db.write_now(directory.watch, ana, Watchable.CITY, "Brest")
    with pytest.raises(TooMany):
        db.write_now(directory.watch_class, ana, 2001, None)
    own = db.read_now(directory.watches, ana.id)
    assert (len(own), own[0].label) == (MOST_WATCHES, "Brest")
    with pytest.raises(NotFound):
        db.write_now(directory.unwatch, listed(db, "bo"), own[0].id)
    db.write_now(directory.unwatch, ana, own[0].id)
    assert len(db.read_now(directory.watches, ana.id)) == MOST_WATCHES - 1
    db.write_now(relationships.delete_account, db.read_now(members.get, ana.id))
    left = select(func.count()).select_from(directory_watches)
    assert db.read_now(lambda conn: conn.execute(left).scalar_one()) == 0


def test_the_digest_names_each_once_and_the_classmates_first(db, ana):
    start = clock.now() - HOUR
    db.site = replace(db.site, has_mail=True)
    db.write_now(digests.plan)
    due = {"next_at": clock.now(), "seen_until": start}
    db.write_now(lambda tx: tx.conn.execute(update(digests_table).values(due)))
    for kind, text in ((Watchable.CITY, "Brest"), (Watchable.SKILL, "Rowing")):
        db.write_now(directory.watch, ana, kind, text)
    for name, year in (("mate", 1998), ("bo", 2001)):
        person = a_member(db, name, listed="school", class_year=year)
        db.write_now(members.announce, person, wished=True)
        says(db, person.actor, city="Brest", skill="Rowing")

    found = db.read_now(digests.gather, ana.id, clock.now())

    assert ([one.username for one in found.classmates], [one.username for _, one in found.followed]) == (
        ["mate"],
        ["bo"],
    )
    assert found.is_new
    (section,) = [one for one in letter_of(db.site, found).sections if one.title == "New in what you follow"]
    assert [(item.text, item.detail) for item in section.items] == [("Bo", "Brest")]


def test_a_class_is_followed_under_the_new_name_of_its_school(db, ana):
    db.write_now(directory.watch_class, ana, 2001, "Quay School")
    db.write_now(actors.rename_school, "Quay School", "Harbour School")
    (own,) = db.read_now(directory.watches, ana.id)
    assert (own.label, own.class_year, own.school) == ("2001 Harbour School", 2001, "Harbour School")
    bo = listed(db, "bo", class_year=2001)
    start = clock.now() - HOUR
    db.write_now(relationships.update_profile, bo, ProfileChange(school="Harbour School"))
    assert news(db, ana, start) == [("class", "2001 Harbour School", ["bo"])]
