# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is not of age: how it is reckoned, asked of many at once, and how it ends by itself."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from node import members
from node.actors import ActorWritten
from node.actors.tables import actors as actors_table
from node.kernel.errors import Invalid
from tests.support.builders import a_member

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("born", "minimum", "comes"),
    [
        (date(2008, 11, 25), 18, None),
        (date(2008, 11, 26), 15, date(2026, 11, 26)),
        (date(2011, 11, 25), 15, date(2029, 11, 25)),
        (date(2012, 2, 29), 13, date(2030, 3, 1)),
        (date(1950, 1, 1), 13, None),
    ],
)
def test_the_day_of_coming_of_age_is_kept_of_the_young_alone(born, minimum, comes):
    assert members.check_born(born, minimum, TODAY) == comes


@pytest.mark.parametrize(
    ("born", "minimum"), [(None, 18), (date(2008, 11, 26), 18), (date(2011, 11, 26), 15), (date(2027, 1, 1), 13)]
)
def test_the_too_young_and_a_day_that_is_none_are_refused(born, minimum):
    with pytest.raises(Invalid) as refused:
        members.check_born(born, minimum, TODAY)
    assert refused.value.field == "birth_date"


def test_it_is_known_of_many_at_once_and_ends_on_the_day(db):
    young, old = a_member(db, "young"), a_member(db, "old")
    db.write_now(members.set_adult_on, young.id, TODAY + timedelta(days=1))
    both = [young.id, old.id]

    def chosen(day):
        return db.read_now(
            lambda conn: set(
                conn.execute(
                    select(actors_table.c.id).where(members.minor(actors_table.c.id, day), actors_table.c.id.in_(both))
                ).scalars()
            )
        )

    for day, minors in ((TODAY, {young.id}), (TODAY + timedelta(days=1), set())):
        assert db.read_now(members.minors_of, both, day) == minors
        assert chosen(day) == minors
        assert members.is_minor(db.read_now(members.get, young.id), day) is bool(minors)
    assert not members.is_minor(old, TODAY)
    assert db.read_now(members.minors_of, [], TODAY) == frozenset()


def test_the_day_is_forgotten_when_it_has_come_and_what_is_made_of_the_profile_is_made_anew(db):
    young = a_member(db, "young")
    db.write_now(members.set_adult_on, young.id, TODAY)
    told = []
    db.reactions = {ActorWritten: (lambda _, happening: told.append(happening.actor_id),)}

    db.write_now(members.let_grow_up, TODAY - timedelta(days=1))
    assert told == []
    db.write_now(members.let_grow_up, TODAY)
    assert told == [young.id]
    assert db.read_now(members.get, young.id).adult_on is None
