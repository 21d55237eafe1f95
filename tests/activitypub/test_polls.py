# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls as other servers write them, and as we do."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub.accessors import as_int
from activitypub.objects import read_object
from activitypub.polls import MAX_OPTIONS, PollDocument, PollOption, VoteDocument, question, read_poll, read_votes, vote

PEER = "https://peer.example/users/alex"
CLOSING = datetime(2026, 5, 11, 9, 3, 36, tzinfo=UTC)


def a_question(**more: Any) -> dict[str, Any]:
    """A poll as Mastodon writes it."""
    return {
        "id": f"{PEER}/statuses/1",
        "type": "Question",
        "attributedTo": PEER,
        "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "content": "<p>Which hall?</p>",
        "published": "2026-05-10T09:03:36Z",
        "endTime": "2026-05-11T09:03:36Z",
        "votersCount": 3,
        "oneOf": [
            {"type": "Note", "name": "Old", "replies": {"type": "Collection", "totalItems": 1}},
            {"type": "Note", "name": "New", "replies": {"type": "Collection", "totalItems": 2}},
        ],
        **more,
    }


def a_vote(name: object = "Old", **more: Any) -> dict[str, Any]:
    return {
        "id": f"{PEER}#votes/1",
        "type": "Note",
        "attributedTo": PEER,
        "inReplyTo": "https://here.example/objects/1",
        "name": name,
        "to": "https://here.example/actors/a",
        **more,
    }


def test_a_question_has_answers_counts_and_an_end() -> None:
    assert read_object(a_question()).poll == PollDocument(
        options=(PollOption("Old", 1), PollOption("New", 2)), ends_at=CLOSING, voters=3
    )


def test_a_poll_of_misskey_may_have_no_end_and_counts_of_its_own() -> None:
    poll = read_poll(a_question(endTime=None, votersCount=None, oneOf=[{"name": "A", "_misskey_votes": 4}]))

    assert poll == PollDocument(options=(PollOption("A", 4),))


@pytest.mark.parametrize(
    ("more", "closed_at"),
    [
        ({"closed": "2026-05-11T09:03:36Z"}, CLOSING),
        ({"closed": True}, CLOSING),
        ({"closed": True, "endTime": None, "updated": "2026-05-11T09:03:36Z"}, CLOSING),
        ({"closed": False}, None),
        ({}, None),
    ],
)
def test_a_closed_poll_says_when_it_closed(more: dict[str, Any], closed_at: datetime | None) -> None:
    poll = read_poll(a_question(**more))

    assert poll is not None
    assert poll.closed_at == closed_at


def test_several_answers_may_be_chosen_where_it_says_any_of() -> None:
    poll = read_poll(a_question(oneOf=None, anyOf=[{"name": "A"}, {"name": "B"}]))

    assert poll == PollDocument(options=(PollOption("A"), PollOption("B")), multiple=True, ends_at=CLOSING, voters=3)


def test_of_very_many_answers_the_first_are_kept() -> None:
    poll = read_poll(a_question(oneOf=[{"name": f"Answer {number}"} for number in range(10 * MAX_OPTIONS)]))

    assert poll is not None
    assert len(poll.options) == MAX_OPTIONS


@pytest.mark.parametrize(
    "options",
    [None, [], [{"type": "Note"}], "Old", [{"name": "  "}], {"name": None}],
    ids=["none", "an empty list", "nameless", "a text", "blank", "null"],
)
def test_a_question_without_answers_has_no_poll(options: Any) -> None:
    assert read_poll(a_question(oneOf=options)) is None


def test_equal_answers_are_one() -> None:
    poll = read_poll(a_question(oneOf=[{"name": "A"}, {"name": " A "}, {"name": "B"}]))

    assert poll is not None
    assert [option.title for option in poll.options] == ["A", "B"]


@pytest.mark.parametrize("count", [-1, "many", None, 10**30, [], True])
def test_a_strange_count_is_none_or_bounded(count: Any) -> None:
    poll = read_poll(a_question(oneOf=[{"name": "A", "replies": {"totalItems": count}}], votersCount=count))

    assert poll is not None
    assert poll.options[0].votes is None
    assert poll.voters is None


# -- votes ------------------------------------------------------------------------------------------------------------


def test_a_vote_is_a_note_with_a_name_and_no_text() -> None:
    assert read_votes(a_vote()) == (VoteDocument(f"{PEER}#votes/1", "https://here.example/objects/1", "Old"),)


def test_several_votes_may_come_in_one_list() -> None:
    votes = read_votes([a_vote("Old"), a_vote("New", id=f"{PEER}#votes/2")])

    assert [one.title for one in votes] == ["Old", "New"]


@pytest.mark.parametrize(
    "thing",
    [
        a_vote(content="<p>Old</p>"),
        a_vote(contentMap={"en": "Old"}),
        a_vote(None),
        a_vote(inReplyTo=None),
        a_vote(type="Article"),
        a_vote(id=None),
        [a_vote(), a_vote(content="and this")],
        "https://peer.example/votes/1",
        None,
    ],
)
def test_anything_else_is_no_vote(thing: Any) -> None:
    assert read_votes(thing) == ()


# -- ours -------------------------------------------------------------------------------------------------------------


def test_what_we_write_is_read_back() -> None:
    poll = PollDocument(
        options=(PollOption("A", 0), PollOption("B", 7)), multiple=True, ends_at=CLOSING, closed_at=CLOSING, voters=7
    )

    written = question({"id": f"{PEER}/1", "type": "Note", "content": "<p>?</p>"}, poll)

    assert (written["type"], written["content"]) == ("Question", "<p>?</p>")
    assert read_poll(written) == poll


def test_hidden_counts_are_not_written() -> None:
    written = question({"id": "x", "type": "Note"}, PollDocument(options=(PollOption("A"), PollOption("B"))))

    assert written["oneOf"] == [{"type": "Note", "name": "A"}, {"type": "Note", "name": "B"}]


def test_our_vote_is_read_as_one() -> None:
    ours = vote("https://here.example/v/1", author=PEER, poll="https://peer.example/q", title="A", to=PEER)

    assert read_votes(ours) == (VoteDocument("https://here.example/v/1", "https://peer.example/q", "A"),)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "type", "id", "replies", "totalItems", "inReplyTo", "oneOf", "closed"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from(["oneOf", "anyOf", "endTime", "closed", "votersCount", "updated", "published"]), _VALUES
    )
)
def test_any_document_is_read_without_a_fault(doc: dict[str, Any]) -> None:
    poll = read_poll(doc)

    assert poll is None or 0 < len(poll.options) <= MAX_OPTIONS
    assert as_int(doc.get("votersCount")) is not None or poll is None or poll.voters is None


@settings(max_examples=100)
@given(_VALUES)
def test_any_object_is_looked_at_for_votes_without_a_fault(thing: Any) -> None:
    assert all(one.title and one.poll and one.id for one in read_votes(thing))
