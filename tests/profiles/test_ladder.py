# SPDX-License-Identifier: AGPL-3.0-or-later
"""The visibility ladder: how far everybody stands from everybody, and what is shown at that distance."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from activitypub.actor import ActorType
from node import actors, contacts, profiles, relationships
from node.actors.tables import actors as actors_table
from node.kernel.clock import now
from node.members.tables import members as members_table
from node.profiles import Ask, Entry, Facts, FederationMode, Kind, Level, Own, State, ladder, rules
from node.relationships.actions import begin, end, store_block
from tests.support.builders import a_member, a_remote_actor

PARTNER = "quays.example"


def are_contacts(db, one, other):
    db.write_now(contacts.ask, one, other)
    db.write_now(contacts.accept, other, one)


def stand(db, viewer, subject):
    return db.read_now(profiles.distance, viewer.id if viewer else None, subject.id)


def set_on(db, table, column, actor, **values):
    db.write_now(lambda tx: tx.conn.execute(update(table).where(column == actor.id).values(**values)))


@pytest.fixture
def partner(db):
    """The association of a school with which a partnership is in force."""
    ours = db.read_now(actors.association)
    theirs = a_remote_actor(db, "association", host=PARTNER, kind=ActorType.ORGANIZATION)
    db.write_now(relationships.want_partner, theirs)
    for one, other in ((ours, theirs), (theirs, ours)):
        db.write_now(begin, one, other, f"{one.uri}#f{other.id}", accepted=True)
    return theirs


@pytest.fixture
def ana(db):
    """A member of the class of 2004."""
    return a_member(db, "ana", class_year=2004).actor


def test_a_value_is_shown_from_its_level_inwards():
    for level, distance in itertools.product(Level, range(6)):
        assert profiles.shown(level, distance) == (level >= distance)


def test_everybody_stands_where_the_rule_says(db, ana, partner):
    viewers = {
        "ana": (ana, 0),
        "contact": (a_member(db, "conny", class_year=1990).actor, 1),
        "classmate": (a_member(db, "classmate", class_year=2004).actor, 2),
        "schoolmate": (a_member(db, "schoolmate", class_year=2005).actor, 3),
        "without a class": (a_member(db, "classless").actor, 3),
        "at a partner": (a_remote_actor(db, "pia", host=PARTNER, class_year=2004), 4),
        "elsewhere": (a_remote_actor(db, "rem", class_year=2004), 5),
        "suspended": (a_member(db, "sus", class_year=2004).actor, 5),
        "locked out": (a_member(db, "locked", class_year=2004).actor, 5),
        "blocking": (a_member(db, "blocking", class_year=2004).actor, 5),
        "blocked": (a_member(db, "blocked", class_year=2004).actor, 5),
        "asked": (a_member(db, "asked", class_year=2001).actor, 3),
    }
    are_contacts(db, ana, viewers["contact"][0])
    db.write_now(contacts.ask, ana, viewers["asked"][0])
    set_on(db, actors_table, actors_table.c.id, viewers["suspended"][0], suspended_at=now())
    set_on(db, members_table, members_table.c.actor_id, viewers["locked out"][0], suspended_at=now())
    db.write_now(relationships.block, viewers["blocking"][0], ana)
    db.write_now(relationships.block, ana, viewers["blocked"][0])

    assert {name: stand(db, viewer, ana) for name, (viewer, _) in viewers.items()} == {
        name: distance for name, (_, distance) in viewers.items()
    }
    assert stand(db, None, ana) == 5
    # The distance is the same the other way round, and many are looked up as one is.
    others = [viewer.id for viewer, _ in viewers.values()]
    assert db.read_now(profiles.distances, ana.id, others) == {
        viewer.id: distance for viewer, distance in viewers.values()
    }


def test_two_without_a_class_are_no_classmates(db):
    assert stand(db, a_member(db, "one").actor, a_member(db, "two").actor) == 3


def test_a_block_counts_more_than_a_contact(db, ana):
    friend = a_member(db, "friend").actor
    are_contacts(db, ana, friend)
    db.write_now(store_block, friend, ana, "https://harbour.example/blocks/1")
    assert (stand(db, ana, friend), stand(db, friend, ana)) == (5, 5)


def test_the_end_of_a_partnership_counts_at_once(db, ana, partner):
    pia = a_remote_actor(db, "pia", host=PARTNER)
    assert (stand(db, pia, ana), stand(db, ana, pia)) == (4, 4)
    db.write_now(end, partner, db.read_now(actors.association))
    assert (stand(db, pia, ana), stand(db, ana, pia)) == (5, 5)


def test_nobody_is_a_stranger_to_all(db, ana):
    people = [a_member(db, f"m{number}").actor.id for number in range(5)]
    assert set(db.read_now(profiles.distances, ana.id, people).values()) == {3}
    assert db.read_now(profiles.distances, None, people) == dict.fromkeys(people, 5)


def test_the_clause_says_what_the_function_says(db, ana, partner):
    people = [ana, a_member(db, "bo", class_year=2004).actor, a_remote_actor(db, "pia", host=PARTNER)]
    for viewer in (None, *people):
        number = viewer.id if viewer else None
        clause = select(actors_table.c.id, ladder.distance_to(actors_table.c.id, number)).where(
            actors_table.c.id.in_([one.id for one in people])
        )
        found = db.read_now(lambda conn, asked=clause: {row[0]: row[1] for row in conn.execute(asked)})
        assert found == db.read_now(profiles.distances, number, [one.id for one in people])


LEVELS = st.sampled_from(list(Level))


@given(
    fields=st.fixed_dictionaries(dict.fromkeys(rules.FIELDS, LEVELS)),
    entries=st.lists(st.tuples(LEVELS, st.sampled_from([None, *State])), max_size=6),
    mode=st.sampled_from([None, *FederationMode]),
    distance=st.integers(0, 5),
)
def test_whatever_the_levels_a_reader_is_shown_what_is_for_them_and_nothing_else(fields, entries, mode, distance):
    facts = Facts(**{name: name for name in rules.FIELDS if name not in ("languages", "location")})
    facts = replace(facts, languages=(("fr", "native"),), city="city", country="FR")
    own = Own(
        facts=facts,
        levels=fields,
        listed_to=None,
        federation_mode=mode,
        entries=tuple(
            Entry(id=number, kind=Kind.SEEK, details=Ask(text="A flat"), level=level, position=number, state=state)
            for number, (level, state) in enumerate(entries)
        ),
    )

    seen = own.at(distance)

    for name, level in fields.items():
        for part in ("city", "country") if name == "location" else (name,):
            is_seen = getattr(seen.facts, part) == getattr(facts, part)
            assert is_seen == (rules.effective(level, mode) >= distance)
            assert is_seen or not getattr(seen.facts, part)
    assert [entry.id for entry in seen.entries] == [
        number
        for number, (level, state) in enumerate(entries)
        if rules.effective(level, mode) >= distance and (distance == 0 or state in (None, State.OPEN))
    ]
