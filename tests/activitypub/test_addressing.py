# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may read: from `to` and `cc` to a visibility and back."""

from __future__ import annotations

import pytest

from activitypub import addressing
from activitypub.addressing import PUBLIC, Visibility
from activitypub.errors import Malformed
from activitypub.parse import JsonObject, JsonValue

FOLLOWERS = "https://peer.example/users/alex/followers"
SAM = "https://our.example/actors/sam"


@pytest.mark.parametrize(
    ("to", "cc", "expected"),
    [
        ([PUBLIC], [FOLLOWERS], Visibility.PUBLIC),
        ("as:Public", FOLLOWERS, Visibility.PUBLIC),
        ("Public", None, Visibility.PUBLIC),
        ([{"id": PUBLIC}], [], Visibility.PUBLIC),
        ([FOLLOWERS], [PUBLIC], Visibility.UNLISTED),
        ([FOLLOWERS, PUBLIC], [], Visibility.PUBLIC),
        ([FOLLOWERS], [SAM], Visibility.PRIVATE),
        ([SAM], FOLLOWERS, Visibility.PRIVATE),
        (SAM, None, Visibility.DIRECT),
        ([], [], Visibility.DIRECT),
        (None, None, Visibility.DIRECT),
        ([5, {}, None], {"type": "Link"}, Visibility.DIRECT),
        (["https://peer.example/users/somebody/followers"], [], Visibility.DIRECT),
    ],
)
def test_visibility_follows_from_the_addressees(to: JsonValue, cc: JsonValue, expected: Visibility) -> None:
    assert addressing.read({"to": to, "cc": cc}, FOLLOWERS).visibility is expected


def test_followers_of_an_unknown_author_are_not_assumed() -> None:
    assert addressing.read({"to": [FOLLOWERS]}, None).visibility is Visibility.DIRECT


def test_recipients_are_those_named_one_by_one() -> None:
    audience = addressing.read({"to": ["as:Public", SAM], "cc": [FOLLOWERS, SAM]}, FOLLOWERS)

    assert audience.to == (PUBLIC, SAM)
    assert audience.recipients == frozenset({SAM})


@pytest.mark.parametrize(("count", "refused"), [(500, False), (501, True), (5000, True)])
def test_too_many_recipients_are_refused_and_not_cut(count: int, refused: bool) -> None:
    doc: JsonObject = {"to": [f"https://peer.example/{n}" for n in range(count)]}

    if refused:
        with pytest.raises(Malformed):
            addressing.read(doc, None)
    else:
        assert len(addressing.read(doc, None).recipients) == count


@pytest.mark.parametrize("visibility", list(Visibility))
def test_what_we_write_is_read_back_as_the_same_visibility(visibility: Visibility) -> None:
    to, cc = addressing.write(visibility, FOLLOWERS, [SAM, SAM])

    audience = addressing.read({"to": list(to), "cc": list(cc)}, FOLLOWERS)

    assert audience.visibility is visibility
    assert audience.recipients == frozenset({SAM})


def test_direct_posts_do_not_name_the_followers() -> None:
    assert addressing.write(Visibility.DIRECT, FOLLOWERS, [SAM]) == ((SAM,), ())


def test_hidden_recipients_never_get_out() -> None:
    doc: JsonObject = {
        "to": [SAM],
        "bto": ["https://peer.example/x"],
        "object": {"type": "Note", "bcc": "https://peer.example/y", "cc": [SAM]},
    }

    assert addressing.without_hidden(doc) == {"to": [SAM], "object": {"type": "Note", "cc": [SAM]}}
    assert "bto" in doc
