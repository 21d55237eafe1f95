# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each shape is read as its case says, by the protocol package alone."""

import json

import pytest

from activitypub.parse import parse
from tests.payloads import shapes

CASES = shapes.cases()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_document_is_read_as_it_is_meant(case: shapes.Json) -> None:
    document = parse(json.dumps(case["document"]).encode())

    found = shapes.told(shapes.kind_of(case), document, case.get("envelope"))

    assert shapes.differences(case["reads"], found) == []
    assert "refused" in case["reads"] or "refused" not in found


def test_there_is_a_case_for_each_of_the_software_that_we_know() -> None:
    assert len(CASES) == 115
    assert len({name.partition("/")[0] for name in CASES}) == 29
