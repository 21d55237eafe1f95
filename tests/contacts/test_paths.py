# SPDX-License-Identifier: AGPL-3.0-or-later
"""How one member is connected to another: the shortest way, over whom, and over whom never."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, select, update

from node import actors, contacts, relationships
from node.actors.tables import actors as actors_table
from node.contacts import NO_WAY, Choices, LinkVisibility, PathTo
from node.contacts.tables import contact_choices
from node.contacts.tables import contacts as table
from node.kernel import clock
from node.members.tables import members as members_table
from node.relationships.tables import blocks
from tests.support.builders import a_member, a_remote_actor

YEARS = (1998, 1998, 2004, None, 1998, 2004, None)


@pytest.fixture
def people(db):
    """Seven members; the first looks for the last."""
    return [a_member(db, f"m{number}", class_year=year).actor for number, year in enumerate(YEARS)]


def connect(db, *pairs):
    """Make contacts, the first the oldest."""
    for one, other in pairs:
        db.write_now(contacts.ask, one, other)
        db.write_now(contacts.accept, other, one)


def shown(db, reader, target):
    """(how many between, [(who, class year of the second)])."""
    found = db.read_now(contacts.ways, db.read_now(actors.get, reader.id), db.read_now(actors.get, target.id))
    return found.between, [(step.person.username, step.then_class) for step in found.first_steps]


def test_over_somebody_whom_both_know(db, people):
    a, m, *_, x = people
    assert shown(db, a, x) == (0, [])
    connect(db, (a, m), (m, x))

    assert shown(db, a, x) == (1, [("m1", None)])
    assert shown(db, x, a) == (1, [("m1", None)])
    assert (shown(db, a, a), shown(db, a, m)) == ((0, []), (0, []))


def test_over_two_the_second_is_not_named(db, people):
    a, m, n, *_, x = people
    connect(db, (a, m), (m, n), (n, x))
    assert shown(db, a, x) == (2, [("m1", None)])

    db.write_now(contacts.choose, n, Choices(link_visibility=LinkVisibility.SCHOOL))
    assert shown(db, a, x) == (2, [("m1", 2004)])
    assert shown(db, x, a) == (2, [("m2", None)])


def test_no_further_than_three_links(db, people):
    a, m, n, o, *_, x = people
    connect(db, (a, m), (m, n), (n, o), (o, x))

    assert shown(db, a, x) == (0, [])


def test_the_own_class_comes_first_then_the_latest_contact_and_three_at_most(db, people):
    a, *between, x = people
    connect(db, *((a, one) for one in between), *((one, x) for one in between))

    assert shown(db, a, x) == (1, [("m4", None), ("m1", None), ("m5", None)])


def test_who_does_not_want_to_be_a_link_is_none(db, people):
    a, m, n, *_, x = people
    connect(db, (a, m), (m, x), (m, n), (n, x), (a, n))
    db.write_now(contacts.choose, m, Choices(link_visibility=LinkVisibility.NOBODY))
    assert shown(db, a, x) == (1, [("m2", None)])

    db.write_now(contacts.remove, a, n)
    assert shown(db, a, x) == (0, [])
    # Whoever is none finds ways all the same, and is found.
    assert shown(db, m, people[3]) == (0, [])
    connect(db, (x, people[3]))
    assert shown(db, m, people[3]) == (1, [("m6", None)])


@pytest.mark.parametrize(
    "gone", ["suspended", "memorial", "not a member", "blocks the target", "blocked by the reader"]
)
def test_nobody_is_shown_who_is_not_there_or_parted_from_one_of_the_two(db, people, gone):
    a, m, n, *_, x = people
    connect(db, (a, m), (m, x), (a, n), (n, people[3]), (people[3], x))
    if gone == "suspended":
        db.write_now(_set, actors_table, actors_table.c.id == m.id, suspended_at=clock.now())
    elif gone == "memorial":
        db.write_now(_set, actors_table, actors_table.c.id == m.id, memorial=True)
    elif gone == "not a member":
        db.write_now(_set, members_table, members_table.c.actor_id == m.id, suspended_at=clock.now())
    elif gone == "blocks the target":
        db.write_now(relationships.block, m, x)
    else:
        db.write_now(relationships.block, a, m)

    assert shown(db, a, x) == (2, [("m2", None)])


def _set(tx, where, which, **values):
    tx.conn.execute(update(where).where(which).values(**values))


@pytest.mark.parametrize(
    ("chosen", "classmate", "schoolmate"), [(PathTo.SCHOOL, 1, 1), (PathTo.CLASS, 1, 0), (PathTo.NOBODY, 0, 0)]
)
def test_whoever_is_looked_for_says_who_is_shown_a_way(db, people, chosen, classmate, schoolmate):
    mate, m, other, _, x, *_ = people
    connect(db, (mate, m), (other, m), (m, x))
    db.write_now(contacts.choose, x, Choices(show_path_to_me=chosen))

    assert (shown(db, mate, x)[0], shown(db, other, x)[0]) == (classmate, schoolmate)
    assert [x.id in db.read_now(_led_to, one) for one in (mate, other)] == [classmate, schoolmate]


def test_nothing_is_shown_between_two_of_whom_one_blocks_the_other_nor_to_strangers(db, people):
    a, m, *_, x = people
    connect(db, (a, m), (m, x))
    for other in (a_remote_actor(db), db.read_now(actors.association)):
        assert db.read_now(contacts.ways, a, other) == NO_WAY
    assert db.read_now(contacts.ways, a, replace(x, memorial=True)) == NO_WAY
    db.write_now(relationships.block, x, a)

    assert shown(db, a, x) == shown(db, x, a) == (0, [])


def test_however_many_contacts_the_statements_are_the_same(db, people):
    a, *between, x = people

    def statements():
        seen = []

        def note(conn, cursor, statement, *_):
            seen.append(statement)

        def read(conn):
            event.listen(conn, "before_cursor_execute", note)
            contacts.ways(conn, a, x)
            event.remove(conn, "before_cursor_execute", note)

        db.read_now(read)
        return len(seen)

    connect(db, (a, between[0]), (between[0], between[1]), (between[1], x))
    few = statements()
    connect(db, (a, between[2]), (a, between[3]), (between[2], between[4]), (between[3], between[4]), (between[4], x))

    assert shown(db, a, x)[0] == 2
    assert (few, statements()) == (6, 6)


PAIRS = list(combinations(range(7), 2))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    links=st.sets(st.sampled_from(PAIRS), max_size=14),
    parted=st.sets(st.sampled_from(PAIRS), max_size=3),
    hidden=st.sets(st.integers(1, 5), max_size=3),
    gone=st.sets(st.integers(1, 5), max_size=2),
)
def test_a_way_is_the_shortest_there_is_and_shows_nobody_who_must_not_be_shown(db, people, links, parted, hidden, gone):
    links -= parted  # a block ends the contact

    def write(tx):
        for old in (table, blocks, contact_choices):
            tx.conn.execute(delete(old))
        numbers = [one.id for one in people]
        _set(tx, actors_table, actors_table.c.id.in_(numbers), memorial=False)
        _set(tx, actors_table, actors_table.c.id.in_([numbers[one] for one in gone]), memorial=True)
        for place, (one, other) in enumerate(sorted(links), start=1):
            low, high = sorted((numbers[one], numbers[other]))
            row = {"id": place, "low_id": low, "high_id": high, "state": "confirmed", "requested_by": low}
            tx.conn.execute(
                insert(table).values(
                    **row, withdrawn=False, message="", how_met="", asked_at=tx.now - timedelta(days=1)
                )
            )
        for place, (one, other) in enumerate(sorted(parted), start=1):
            row = {"id": place, "blocker_id": numbers[one], "blocked_id": numbers[other], "uri": f"b{place}"}
            tx.conn.execute(insert(blocks).values(**row, created_at=tx.now))
        for one in hidden:
            contacts.choose(tx, people[one], Choices(link_visibility=LinkVisibility.NOBODY))

    db.write_now(write)
    between, steps = shown(db, people[0], people[6])
    ends = {0, 6}
    never = hidden | gone | {one for pair in parted if ends & set(pair) for one in pair} - ends
    known = {frozenset(pair) for pair in links}
    usable = set(range(1, 6)) - never
    over_one = {m for m in usable if {0, m} in known and {m, 6} in known}
    over_two = {m for m in usable for n in usable if m != n and {0, m} in known and {m, n} in known and {n, 6} in known}
    if {0, 6} in known or (0, 6) in parted:
        expected = (0, set())
    else:
        expected = (1, over_one) if over_one else (2, over_two) if over_two else (0, set())

    assert between == expected[0]
    named = {int(name[1:]) for name, _ in steps}
    assert named <= expected[1]
    assert len(named) == min(len(expected[1]), 3)

    # As a filter of people it says the same.
    others = {place for place in range(1, 7) if {0, place} not in known and (0, place) not in parted}
    led_to = db.read_now(_led_to, db.read_now(actors.get, people[0].id))
    told = {place for place in others if shown(db, people[0], people[place])[0] == 1}
    assert {place for place in others if people[place].id in led_to} == told


def _led_to(conn, reader):
    number = actors_table.c.id
    statement = select(number).where(contacts.leads_to(number, reader))
    return set(conn.execute(statement, contacts.links_of(conn, reader)).scalars())
