# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two members, each with an app that may do everything."""

from dataclasses import dataclass

import pytest

from node.members import Member
from tests.support.builders import a_member
from tests.web.asking import Api


@dataclass(frozen=True)
class Person:
    """A member and the token of their app."""

    member: Member
    token: str

    @property
    def id(self) -> str:
        """The number as the API writes it."""
        return str(self.member.id)


@pytest.fixture
def ada(api: Api) -> Person:
    member = a_member(api.db, "ada", display_name="Ada Quay", class_year=1999)
    return Person(member, api.token(member))


@pytest.fixture
def ben(api: Api) -> Person:
    member = a_member(api.db, "ben", display_name="Ben Pier", class_year=2004)
    return Person(member, api.token(member))
