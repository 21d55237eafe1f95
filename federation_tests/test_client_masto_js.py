# SPDX-License-Identifier: AGPL-3.0-or-later
"""masto.js, the library of Elk and Phanpy: one walk through every method of its types, on both databases."""

from typing import Final

import pytest

from federation_tests.harness import walks
from federation_tests.harness.node import Node

_COLLECTIONS: Final = (
    "v1.accounts.$select.collections.list",
    "v1.accounts.$select.inCollections.list",
    "v1.collections.$select.fetch",
    "v1.collections.$select.items.$select.remove",
    "v1.collections.$select.items.$select.revoke",
    "v1.collections.$select.items.create",
    "v1.collections.$select.remove",
    "v1.collections.$select.update",
    "v1.collections.create",
)
_REPORTS_OF_YEARS: Final = (
    "v1.annualReports.$select.fetch",
    "v1.annualReports.$select.generate",
    "v1.annualReports.$select.read",
    "v1.annualReports.$select.state.fetch",
    "v1.annualReports.list",
)

LEFT_OUT: Final[dict[str, str]] = {
    **dict.fromkeys(_COLLECTIONS, "collections came with API version 10, which is not announced"),
    **dict.fromkeys(_REPORTS_OF_YEARS, "no year is summed up for anybody"),
    "v1.accounts.$select.identityProofs.list": "gone from Mastodon since 3.5",
    "v1.statuses.$select.card.fetch": "gone from Mastodon since 3.0",
    "v1.accounts.create": "newcomers need an invitation here; tests of the sign-up open it",
    "v1.emails.confirmations.create": "the walker's address is confirmed already",
}
"""Methods that the walk does not call, and why. The staff's are not counted: it has pages and commands, and no API."""


@pytest.fixture(scope="module", params=["tilleuls", "harbour"], ids=["sqlite", "postgresql"])
def walked(request: pytest.FixtureRequest, png: bytes) -> walks.Walked:
    node: Node = request.getfixturevalue(request.param)
    return walks.walk("masto.mjs", node, png)


def test_every_method_works_or_is_named_with_its_reason(walked: walks.Walked) -> None:
    walked.check("masto.js", LEFT_OUT)
