# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever others send, the parser and the readers answer with a reading or with a refusal, never with a fault of ours."""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.payloads import mutating, shapes

DOCUMENTS = [case["document"] for case in shapes.cases().values()]


@settings(max_examples=250, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_bent_document_is_read_or_refused(random: Random) -> None:
    mutating.read_all(mutating.mutated(random, DOCUMENTS))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_many_bent_documents_are_read_or_refused() -> None:
    """ALUMNODE_TEST_MUTATIONS=50000 is the number to run before a release; without it few enough for every run."""
    count = int(os.environ.get("ALUMNODE_TEST_MUTATIONS", "2000"))
    random = Random(20261125)
    taken = sum(mutating.read_all(mutating.mutated(random, DOCUMENTS)) > 0 for _ in range(count))
    print(f"{count} bent documents: {taken} read, {count - taken} refused, no unhandled exception")
    assert 0 < taken < count
