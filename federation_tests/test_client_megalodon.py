# SPDX-License-Identifier: AGPL-3.0-or-later
"""megalodon, the library of Whalebird and other programs for desks: one walk through all it has, on both databases."""

from typing import Final

import pytest

from federation_tests.harness import walks
from federation_tests.harness.node import Node

_OF_OTHERS: Final = "the library refuses by itself: other programs than Mastodon have it"

LEFT_OUT: Final[dict[str, str]] = {
    "createEmojiReaction": _OF_OTHERS,
    "deleteEmojiReaction": _OF_OTHERS,
    "getAccountFavourites": _OF_OTHERS,
    "getEmojiReaction": _OF_OTHERS,
    "getEmojiReactions": _OF_OTHERS,
    "readNotifications": _OF_OTHERS,
    "getIdentityProof": "gone from Mastodon since 3.5",
    "registerAccount": "newcomers need an invitation here; tests of the sign-up open it",
    "urlToAccounts": "the library's own, called by two others",
}
"""Methods that the walk does not call, and why."""


@pytest.fixture(scope="module", params=["tilleuls", "harbour"], ids=["sqlite", "postgresql"])
def walked(request: pytest.FixtureRequest, png: bytes) -> walks.Walked:
    node: Node = request.getfixturevalue(request.param)
    return walks.walk("megalodon.mjs", node, png)


def test_every_method_works_or_is_named_with_its_reason(walked: walks.Walked) -> None:
    walked.check("megalodon", LEFT_OUT)
