# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is there, once a run. What is not there is skipped, on every machine: only `run` says what must be."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from . import people, servers
from .people import InMastodon, Person


@pytest.fixture(scope="session")
def at() -> Iterator[Callable[[str], str]]:
    """The address of a peer; skips where it is not standing."""
    if not servers.standing():
        # Not a word to the rest of the suite: from `reached` on the whole process believes that authority alone.
        pytest.skip("nobody is standing: federation_tests/compose/run")

    def address(server: str) -> str:
        if server not in servers.standing():
            pytest.skip(f"{server} is not standing: federation_tests/compose/run {server}")
        return servers.url(server)

    with servers.reached():
        yield address


@pytest.fixture(scope="session")
def inger(at: Callable[[str], str]) -> Callable[[str], Person]:
    """The one person of a peer."""

    @cache
    def person(server: str) -> Person:
        at(server)
        return people.inger(server)

    return person


@pytest.fixture(scope="session")
def ours() -> Callable[[str], InMastodon]:
    """A member of the node under test, by name; ask for a peer first."""
    return cache(people.ours)
