# SPDX-License-Identifier: AGPL-3.0-or-later
"""Class year and school in an actor document."""

from __future__ import annotations

import pytest

from activitypub import alumni
from activitypub.alumni import AlumniClaims
from activitypub.parse import JsonValue

SCHOOL = "https://social.school.example/actors/school"


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2009, 2009),
        ("2009", 2009),
        (2009.0, 2009),
        (1849, None),
        (2151, None),
        ("MMIX", None),
        (None, None),
        ([], None),
    ],
)
def test_a_class_year_is_a_year(year: JsonValue, expected: int | None) -> None:
    assert alumni.read({"alumnode:classYear": year}).class_year == expected


def test_a_school_is_an_actor() -> None:
    assert alumni.read({"alumnode:school": {"id": SCHOOL, "name": "School"}}).school == SCHOOL


def test_only_open_claims_are_written() -> None:
    assert alumni.terms(AlumniClaims()) == {}
    assert alumni.terms(AlumniClaims(class_year=2009)) == {"alumnode:classYear": 2009}


def test_claims_read_back_as_written() -> None:
    claims = AlumniClaims(class_year=2009, school=SCHOOL)

    assert alumni.read(alumni.terms(claims)) == claims
