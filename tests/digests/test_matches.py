# SPDX-License-Identifier: AGPL-3.0-or-later
"""What others seek and offer, in a digest: that it meets, and that the ladder holds there as at every other door."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from activitypub.addressing import Visibility
from node import contacts, digests, events, members, profiles, relationships
from node.actors.tables import actors
from node.digests.letters import digest
from node.digests.matches import new_matches
from node.digests.tables import digests as table
from node.kernel import clock, ids
from node.profiles import Ask, Facts, FederationMode, Kind, Label, Level, Listing, Verb, rules
from node.profiles.tables import profile_entries
from node.relationships import Circle
from tests.support.builders import a_member, an_event_draft


@pytest.fixture
def db(db):
    """Of a node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    return db


@pytest.fixture
def ana(db):
    """A member whose digest is due, of things since yesterday; she offers a room, seeks a tutor and can sail."""
    member = a_member(db, "ana", class_year=1998)
    say(db, member, Kind.OFFER, "A room for a student", "room")
    say(db, member, Kind.SEEK, "Somebody to learn Greek with", "greek")
    db.write_now(profiles.add, member.id, Kind.SKILL, Label(label="Night sailing"), Level.ME)
    db.write_now(digests.plan)
    now = clock.now()
    values = {"next_at": now, "seen_until": now - timedelta(days=1)}
    db.write_now(lambda tx: tx.conn.execute(update(table).where(table.c.member_id == member.id).values(values)))
    return member


def say(db, member, kind, text, *tags, level=Level.SCHOOL):
    return db.write_now(profiles.add, member.id, kind, Ask(text=text, tags=tags), level)


def gathered(db, member):
    return db.read_now(digests.gather, member.id, clock.now())


def texts(db, member):
    return [one.ask.text for one in gathered(db, member).matches]


def test_what_others_seek_meets_offers_and_skills_and_what_they_offer_meets_what_is_sought(db, ana):
    bo = a_member(db, "bo", listed="school")
    say(db, bo, Kind.SEEK, "A room near the harbour", "Room")
    say(db, bo, Kind.SEEK, "Crew for the regatta", "NightSailing")
    say(db, bo, Kind.OFFER, "Greek on Tuesdays", "greek")
    cy = a_member(db, "cy", listed="school")
    say(db, cy, Kind.OFFER, "A room, too, and a sail", "room", "nightsailing")
    say(db, cy, Kind.SEEK, "A violin for a beginner", "violin")
    ended = say(db, cy, Kind.SEEK, "A room that was found", "room")
    db.write_now(profiles.act, cy.id, ended, Verb.FULFIL)

    found = gathered(db, ana)

    assert {one.ask.text for one in found.matches} == {
        "A room near the harbour",
        "Crew for the regatta",
        "Greek on Tuesdays",
    }
    assert found.is_new
    [section] = [one for one in digest(db.site, found).sections if one.title == "Perhaps something for you"]
    assert {one.text for one in section.items} == {"Bo seeks what you could give", "Bo offers what you seek"}
    assert {one.link for one in section.items} == {f"{db.site.base_url}/@bo"}
    [section] = [
        one for one in digest(db.site, replace(found, member=replace(ana, locale="fr"))).sections if "vous" in one.title
    ]
    assert section.title == "Peut-être quelque chose pour vous"


def test_what_stood_in_a_digest_once_and_what_was_never_published_is_no_news(db, ana):
    bo = a_member(db, "bo", listed="school")
    say(db, bo, Kind.SEEK, "A room near the harbour", "room")
    db.write_now(
        lambda tx: profiles.add(
            tx, bo.id, Kind.SEEK, Ask(text="A draft of a room", tags=("room",)), Level.SCHOOL, draft=True
        )
    )
    later = clock.now() + timedelta(seconds=1)

    assert texts(db, ana) == ["A room near the harbour"]
    assert db.read_now(new_matches, ana.id, later, later) == []


def test_whoever_is_unwanted_blocked_dead_or_shut_out_stands_in_no_digest(db, ana):
    others = {
        name: a_member(db, name, listed="school") for name in ("muted", "blocking", "dead", "out", "quiet", "fine")
    }
    for one in others.values():
        say(db, one, Kind.SEEK, f"A room for {one.actor.username}", "room")
    db.write_now(relationships.mute, ana.actor, others["muted"].actor)
    db.write_now(relationships.block, others["blocking"].actor, ana.actor)
    db.write_now(
        lambda tx: tx.conn.execute(update(actors).where(actors.c.id == others["dead"].id).values(memorial=True))
    )
    db.write_now(members.shut_out, others["out"].id, out=True)
    db.write_now(contacts.ask, others["quiet"].actor, ana.actor)
    db.write_now(contacts.accept, ana.actor, others["quiet"].actor)
    db.write_now(contacts.mute, ana.actor, others["quiet"].id, on=True)

    assert texts(db, ana) == ["A room for fine"]


def test_the_ladder_holds_for_every_distance_level_listing_and_mode(db, ana):
    """Invariant 1 of the directory at this door, for all combinations rather than for some."""
    subjects = {
        1: a_member(db, "conny", class_year=1970),
        2: a_member(db, "mate", class_year=1998),
        3: a_member(db, "other", class_year=1970),
        5: a_member(db, "blocked", class_year=1998),
    }
    db.write_now(contacts.ask, subjects[1].actor, ana.actor)
    db.write_now(contacts.accept, ana.actor, subjects[1].actor)
    db.write_now(relationships.block, ana.actor, subjects[5].actor)
    now = clock.now()
    db.write_now(members.announce, subjects[2], wished=True)
    rows = [
        {
            "id": ids.new_id(now),
            "actor_id": one.id,
            "kind": Kind.SEEK,
            "details": rules.to_json(Ask(text=f"{distance} {level.value} seeks a room", tags=("room",))),
            "level": level,
            "position": level,
            "state": "open",
            "valid_until": now + timedelta(days=9),
            "published_at": now,
            "created_at": now,
            "updated_at": now,
        }
        for distance, one in subjects.items()
        for level in Level
    ]
    db.write_now(lambda tx: tx.conn.execute(profile_entries.insert(), rows))

    for listing, mode in itertools.product(Listing, FederationMode):
        for one in subjects.values():
            db.write_now(profiles.answer, one.id, listed_to=listing, federation_mode=mode)
        assert set(texts(db, ana)) == {
            f"{distance} {level.value} seeks a room"
            for distance in subjects
            for level in Level
            if profiles.shown(rules.effective(level, mode), distance) and profiles.shown(listing.level, distance)
        }
        mates = [one.username for one in gathered(db, ana).classmates]
        assert mates == (["mate"] if listing.level >= 2 else [])


def test_what_meets_takes_as_many_statements_for_many_as_for_one(db, ana):
    def ask(count):
        for number in range(count):
            say(db, a_member(db, listed="school"), Kind.SEEK, f"A room, number {number}", "room")

    def read(conn):
        seen = []
        event.listen(conn, "before_cursor_execute", lambda *given: seen.append(given[2]))
        return len(new_matches(conn, ana.id, since, clock.now() + timedelta(minutes=1))), len(seen)

    since = clock.now() - timedelta(hours=1)
    ask(1)
    few = db.read_now(read)
    ask(7)

    assert few[0] == 1
    assert db.read_now(read) == (8, few[1])


def test_events_of_the_city_and_of_the_class_stand_first(db, ana):
    db.write_now(profiles.write, ana.id, Facts(city="Orléans"), {})
    bo = a_member(db, "bo", class_year=1998)
    for title, days, more in (
        ("Far away", 1, {"city": "Lyon"}),
        ("Of the class", 3, {"visibility": Visibility.PRIVATE, "circle": Circle.CLASS}),
        ("At home", 2, {"city": "ORLEANS"}),
    ):
        start = (clock.now() + timedelta(days=days)).replace(tzinfo=None, microsecond=0)
        db.write_now(events.publish, bo.actor, an_event_draft(title=title, start=start, **more))

    assert [one.title for one in gathered(db, ana).events] == ["At home", "Of the class", "Far away"]
