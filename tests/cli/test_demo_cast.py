# SPDX-License-Identifier: AGPL-3.0-or-later
"""The people of the demo could all sign up; the story itself is played by `make demo DEMO_ARGS=--check`."""

import pytest

from node.cli.demo import cast
from node.cli.demo.cast import SCHOOLS, Person, School
from node.kernel import clock
from node.members import rules
from node.profiles.rules import check

PEOPLE = [person for school in SCHOOLS for person in school.people]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.username)
def test_everybody_has_a_name_that_the_rules_take(person: Person) -> None:
    assert rules.check_username(person.username) == person.username
    assert rules.check_class_year(person.class_year, clock.now()) == person.class_year


def test_there_are_forty_over_half_a_century() -> None:
    years = [person.class_year for person in PEOPLE]

    assert len(PEOPLE) == 40
    assert (min(years), max(years)) == (1976, 2024)


@pytest.mark.parametrize("school", SCHOOLS, ids=lambda school: school.key)
def test_nobody_is_twice_at_a_school_and_everybody_has_something_to_say(school: School) -> None:
    assert len({person.username for person in school.people}) == len(school.people)
    assert cast.REPLIES[school.locale]
    assert len(school.chatter) < len(school.people)


def test_the_password_that_is_shown_is_one_that_the_rules_take() -> None:
    rules.check_new_password(cast.PASSWORD)


def test_what_they_say_of_themselves_is_what_the_rules_take() -> None:
    assert set(cast.LINES) <= {person.username for person in PEOPLE}
    for lines in cast.LINES.values():
        for kind, details in lines:
            assert check(kind, details, clock.now()) == details
