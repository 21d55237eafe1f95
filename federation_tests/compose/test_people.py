# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member and somebody on another program get to know each other, and talk; told once from either side."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from federation_tests.harness.waiting import eventually

from .people import InMastodon, Person

WITHIN = 90.0
PROGRAMS = ("mastodon", "gotosocial", "akkoma", "misskey")


@dataclass(frozen=True, slots=True)
class Pair:
    """Who writes, and who hears of it on the other server."""

    author: Person
    reader: Person
    program: str

    def says(self, text: str) -> str:
        """A post of the author that the reader has before them."""
        post = self.author.post(text)
        eventually(lambda: self.reader.has(post), within=WITHIN, what=f"{post} for {self.reader.handle}")
        return post


@pytest.fixture(scope="module", params=PROGRAMS)
def friends(
    request: pytest.FixtureRequest, inger: Callable[[str], Person], ours: Callable[[str], InMastodon]
) -> tuple[Person, Person, str]:
    """A member and the peer's person, who follow each other."""
    program = str(request.param)
    theirs = inger(program)
    member = ours(f"friend_of_{program}")
    for one, other in ((member, theirs), (theirs, member)):
        assert one.finds(other.handle) == other.handle
        one.follow(other.handle)
        eventually(partial(one.follows, other.handle), within=WITHIN, what=f"{one.handle} follows {other.handle}")
    return member, theirs, program


@pytest.fixture(params=["from us", "to us"])
def pair(request: pytest.FixtureRequest, friends: tuple[Person, Person, str]) -> Pair:
    member, theirs, program = friends
    return Pair(member, theirs, program) if request.param == "from us" else Pair(theirs, member, program)


def test_a_post_arrives(pair: Pair) -> None:
    pair.says("The yard has lime trees again")


def test_a_favourite_comes_back(pair: Pair) -> None:
    post = pair.says("They have repaired the clock")

    pair.reader.favourite(post)

    eventually(lambda: pair.author.echo(post).favourites, within=WITHIN, until=lambda count: count == 1)


def test_a_boost_comes_back(pair: Pair) -> None:
    post = pair.says("The canteen is open to all of us on Fridays")

    pair.reader.boost(post)

    eventually(lambda: pair.author.echo(post).boosts, within=WITHIN, until=lambda count: count == 1)


def test_an_answer_comes_back(pair: Pair) -> None:
    post = pair.says("Who has a picture of the old gymnasium?")

    answer = pair.reader.post(f"{pair.author.handle} I have one", answering=post)

    eventually(lambda: pair.author.echo(post).replies, within=WITHIN, until=lambda count: count == 1)
    eventually(lambda: pair.author.has(answer), within=WITHIN)


def test_what_is_taken_back_is_gone(pair: Pair) -> None:
    post = pair.says("We meet at eight, no, at nine")

    pair.author.delete(post)

    eventually(lambda: not pair.reader.has(post), within=WITHIN)
