# SPDX-License-Identifier: AGPL-3.0-or-later
"""The header of FEP-8fcf, and the digest in it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.errors import Malformed
from activitypub.synchronisation import Synchronisation, digest, read, write

# The example of the FEP.
TESTERS = ["https://testing.example.org/users/1", "https://testing.example.org/users/2"]


def test_a_digest_is_the_exclusive_or_of_hashes():
    assert digest(TESTERS) == "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
    assert digest([]) == "0" * 64


@given(st.lists(st.text(max_size=20), max_size=8, unique=True), st.randoms())
def test_a_digest_does_not_depend_on_the_order(uris, random):
    shuffled = list(uris)
    random.shuffle(shuffled)

    assert digest(shuffled) == digest(uris)


def test_what_is_written_is_read_back():
    said = Synchronisation("https://a.example/f", "https://a.example/f?for=b", digest(TESTERS))

    assert read(write(said)) == said


@pytest.mark.parametrize(
    "header",
    [
        "",
        'url="https://a.example/f"',
        f'collectionId="a", url="b", digest="{"g" * 64}"',
        f'collectionId="a", url="b", url="c", digest="{"0" * 64}"',
        f'collectionId="a", url="b", digest="{"0" * 63}"',
        f'collectionId="a" url="b" digest="{"0" * 64}"',
        'collectionId="' + "a" * 9000 + '"',
    ],
)
def test_what_is_not_that_form_is_refused(header):
    with pytest.raises(Malformed):
        read(header)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(header):
    with contextlib.suppress(Malformed):
        assert read(write(read(header))) == read(header)
