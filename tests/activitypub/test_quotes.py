# SPDX-License-Identifier: AGPL-3.0-or-later
"""Quotes in their five spellings, consents, and whom an author lets answer."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub.addressing import PUBLIC
from activitypub.errors import Malformed, NotAuthentic, ProtocolError
from activitypub.quotes import (
    QuoteAuthorization,
    build_authorization,
    build_policy,
    read_authorization,
    read_policy,
    read_quote,
)

QUOTED = "https://here.example/objects/1"
PEER = "https://peer.example/users/alex"
REL = "https://misskey-hub.net/ns#_misskey_quote"


@pytest.mark.parametrize(
    "doc",
    [
        {"quote": QUOTED},
        {"quote": {"id": QUOTED}},
        {"_misskey_quote": QUOTED},
        {"quoteUrl": QUOTED},
        {"quoteUri": QUOTED},
        {"tag": [{"type": "Link", "rel": REL, "href": QUOTED}]},
        {"tag": {"type": "Link", "rel": ["x", REL], "href": QUOTED}},
        {"quote": QUOTED, "quoteUrl": "https://other.example/1"},
        {"_misskey_quote": QUOTED, "quoteUri": "https://other.example/1"},
    ],
)
def test_a_quote_is_read_in_each_of_its_spellings(doc: dict[str, Any]) -> None:
    assert read_quote(doc) == QUOTED


@pytest.mark.parametrize(
    "doc", [{}, {"quote": None}, {"quote": 7}, {"tag": [{"type": "Link", "href": QUOTED}]}, {"tag": "x"}]
)
def test_other_posts_quote_nothing(doc: dict[str, Any]) -> None:
    assert read_quote(doc) is None


def a_stamp(**more: Any) -> dict[str, Any]:
    return {
        "id": f"{PEER}/stamps/1",
        "type": "QuoteAuthorization",
        "attributedTo": PEER,
        "interactingObject": "https://third.example/notes/1",
        "interactionTarget": f"{PEER}/statuses/1",
        **more,
    }


def test_a_consent_names_both_posts() -> None:
    assert read_authorization(a_stamp()) == QuoteAuthorization(
        f"{PEER}/stamps/1", PEER, "https://third.example/notes/1", f"{PEER}/statuses/1"
    )


def test_ours_is_read_back() -> None:
    stamp = QuoteAuthorization(f"{PEER}/s", PEER, "https://third.example/1", f"{PEER}/1")

    assert read_authorization(build_authorization(stamp)) == stamp


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"type": "Note"}, Malformed),
        ({"attributedTo": None}, Malformed),
        ({"interactingObject": None}, Malformed),
        ({"interactionTarget": 7}, Malformed),
        ({"id": None}, Malformed),
        ({"attributedTo": "https://other.example/users/eve"}, NotAuthentic),
        ({"interactionTarget": "https://other.example/1"}, NotAuthentic),
    ],
)
def test_a_consent_that_is_none_is_refused(more: dict[str, Any], fault: type[Exception]) -> None:
    with pytest.raises(fault):
        read_authorization(a_stamp(**more))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (None, None),
        ({}, None),
        ({"canQuote": {"automaticApproval": [PUBLIC]}}, None),
        ({"canReply": {"automaticApproval": PUBLIC}}, (PUBLIC,)),
        ({"canReply": {"automaticApproval": []}}, ()),
        ({"canReply": {"automaticApproval": ["a:1"], "manualApproval": ["a:2"]}}, ("a:1", "a:2")),
        ({"canReply": {"always": ["a:1"], "approvalRequired": ["a:2"]}}, ("a:1", "a:2")),
        ("everybody", None),
    ],
)
def test_whom_an_author_lets_answer(policy: Any, expected: Any) -> None:
    assert read_policy({"interactionPolicy": policy}, "canReply") == expected


def test_our_policy_speaks_of_quotes_alone() -> None:
    assert build_policy([PEER]) == {"canQuote": {"automaticApproval": [PEER]}}
    assert read_policy({"interactionPolicy": build_policy([PEER])}, "canReply") is None


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "canReply", "automaticApproval", "href", "rel"]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(["quote", "quoteUrl", "tag", "interactionPolicy", "id", "type", "attributedTo"]), _VALUES
    )
)
def test_any_document_is_read_without_a_fault(doc: dict[str, Any]) -> None:
    read_quote(doc)
    read_policy(doc, "canReply")
    with pytest.raises(ProtocolError):
        read_authorization(doc)
