# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts of other servers, read."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub import objects
from activitypub.addressing import PUBLIC, Visibility
from activitypub.attachments import Attachment, MediaKind
from activitypub.errors import Malformed, NotAuthentic, ProtocolError
from activitypub.objects import Mention, read_object
from activitypub.parse import JsonObject, JsonValue

ALEX = "https://peer.example/users/alex"
FOLLOWERS = f"{ALEX}/followers"


def a_note(**changes: JsonValue) -> JsonObject:
    """A Note as Mastodon sends it."""
    doc: JsonObject = {
        "@context": ["https://www.w3.org/ns/activitystreams", {"sensitive": "as:sensitive"}],
        "id": f"{ALEX}/statuses/113000000000000001",
        "type": "Note",
        "summary": None,
        "inReplyTo": None,
        "published": "2026-11-20T10:00:00Z",
        "url": "https://peer.example/@alex/113000000000000001",
        "attributedTo": ALEX,
        "to": [PUBLIC],
        "cc": [FOLLOWERS, "https://our.example/actors/sam"],
        "sensitive": False,
        "conversation": "tag:peer.example,2026-11-20:objectId=1:objectType=Conversation",
        "context": "https://peer.example/contexts/1",
        "content": '<p>Hello <a href="https://peer.example/tags/reunion">#Reunion</a></p>',
        "contentMap": {"en": '<p>Hello <a href="https://peer.example/tags/reunion">#Reunion</a></p>'},
        "attachment": [
            {
                "type": "Document",
                "mediaType": "image/jpeg",
                "url": "https://files.peer.example/1.jpg",
                "name": "The hall, set for dinner",
                "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                "focalPoint": [-0.5, 0.25],
                "width": 1080,
                "height": 1350,
            }
        ],
        "tag": [
            {"type": "Mention", "href": "https://our.example/actors/sam", "name": "@sam@our.example"},
            {"type": "Hashtag", "href": "https://peer.example/tags/reunion", "name": "#Reunion"},
            {"type": "Emoji", "name": ":cap:", "icon": {"type": "Image", "url": "https://peer.example/cap.png"}},
        ],
        "replies": {
            "id": f"{ALEX}/statuses/113000000000000001/replies",
            "type": "Collection",
            "first": {"type": "CollectionPage", "items": []},
        },
    }
    return doc | changes


def test_a_note_is_read_in_full() -> None:
    note = read_object(a_note(), followers_uri=FOLLOWERS)

    assert note.id == f"{ALEX}/statuses/113000000000000001"
    assert note.attributed_to == ALEX
    assert note.audience.visibility is Visibility.PUBLIC
    assert note.audience.recipients == frozenset({"https://our.example/actors/sam"})
    assert note.language == "en"
    assert note.summary is None
    assert note.published == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert note.mentions == (Mention("https://our.example/actors/sam", "@sam@our.example"),)
    assert note.hashtags == ("reunion",)
    assert note.replies == f"{ALEX}/statuses/113000000000000001/replies"
    assert note.context == "https://peer.example/contexts/1"
    assert note.event is None
    assert note.attachments == (
        Attachment(
            type=MediaKind.IMAGE,
            url="https://files.peer.example/1.jpg",
            media_type="image/jpeg",
            description="The hall, set for dinner",
            blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
            width=1080,
            height=1350,
            focus=(-0.5, 0.25),
        ),
    )


def test_single_values_read_like_lists() -> None:
    doc = a_note(to="as:Public", cc=FOLLOWERS, tag={"type": "Hashtag", "name": "#x"}, attachment=None, replies=[])

    note = read_object(doc)

    assert note.audience.to == (PUBLIC,)
    assert note.hashtags == ("x",)
    assert note.attachments == ()
    assert note.replies is None


def test_the_page_may_be_on_another_host_than_the_id() -> None:
    note = read_object(a_note(url="https://www.peer.example/@alex/post/1"))

    assert note.url == "https://www.peer.example/@alex/post/1"
    assert note.id.startswith("https://peer.example/")


def test_a_file_may_lack_a_media_type_and_a_link_is_no_file() -> None:
    doc = a_note(
        attachment=[
            {"type": "Document", "url": "https://peer.example/m/1.jpg", "name": "class photo"},
            {"type": "Image", "url": [{"type": "Link", "href": "https://peer.example/m/2.webp"}]},
            {"type": "Link", "href": "https://peer.example/page"},
        ]
    )

    assert [(entry.type, entry.url) for entry in read_object(doc).attachments] == [
        (MediaKind.UNKNOWN, "https://peer.example/m/1.jpg"),
        (MediaKind.IMAGE, "https://peer.example/m/2.webp"),
    ]


@pytest.mark.parametrize("kind", sorted(objects.OBJECT_TYPES - {"Event"}))
def test_everything_that_is_published_is_read(kind: str) -> None:
    note = read_object(a_note(type=[kind, "https://vocabulary.example/Other"], name=" A  title "))

    assert (note.type, note.name) == (kind, "A title")


@pytest.mark.parametrize("kind", ["GeneratedNote", "Place", "Person", None, 5, [], {"type": "Note"}])
def test_unknown_types_are_refused(kind: JsonValue) -> None:
    with pytest.raises(Malformed, match="unknown type"):
        read_object(a_note(type=kind))


@pytest.mark.parametrize(
    "uri",
    [
        None,
        5,
        "",
        "tag:peer.example,2026:1",
        "https://PEER.example/1",
        "https://peer.example:443/1",
        "https://peer.example./1",
        "https://x@peer.example/1",
        "http://peer.example/1",
        {"id": "https://peer.example/1"},
    ],
)
def test_an_object_needs_a_plain_id(uri: JsonValue) -> None:
    with pytest.raises(Malformed):
        read_object(a_note(id=uri))


@pytest.mark.parametrize(
    "author",
    [
        "https://other.example/users/eve",
        "https://peer.example:8443/users/alex",
        "https://peer.example.other.example/users/alex",
        ["https://other.example/users/eve", {"id": "https://third.example/u"}],
    ],
)
def test_an_author_on_another_server_is_not_believed(author: JsonValue) -> None:
    with pytest.raises(NotAuthentic):
        read_object(a_note(attributedTo=author))


def test_of_several_authors_the_one_on_the_same_server_counts() -> None:
    doc = a_note(attributedTo=["https://other.example/u/eve", {"type": "Person", "id": ALEX}])

    assert read_object(doc).attributed_to == ALEX


def test_an_object_needs_an_author() -> None:
    with pytest.raises(Malformed):
        read_object(a_note(attributedTo=None))


def test_http_ids_are_for_tests_only() -> None:
    doc = a_note(id="http://lyon.localhost:8001/objects/1", attributedTo="http://lyon.localhost:8001/actors/a")

    assert read_object(doc, allow_http=True).id == "http://lyon.localhost:8001/objects/1"
    with pytest.raises(Malformed):
        read_object(doc)


def test_the_envelope_says_who_may_read_when_the_object_does_not() -> None:
    doc = a_note(to=None, cc=[])
    envelope: JsonObject = {"type": "Create", "actor": ALEX, "to": [PUBLIC], "object": doc}

    assert read_object(doc, envelope=envelope).audience.visibility is Visibility.PUBLIC
    assert read_object(doc).audience.visibility is Visibility.DIRECT
    assert read_object(a_note(to=[FOLLOWERS], cc=[]), envelope=envelope).audience.visibility is Visibility.DIRECT


@pytest.mark.parametrize(
    ("summary", "expected"), [("\u200b", None), ("  ", None), ("", None), ("spoilers", "spoilers"), (None, None)]
)
def test_an_invisible_warning_is_no_warning(summary: JsonValue, expected: str | None) -> None:
    assert read_object(a_note(summary=summary)).summary == expected


def test_lists_for_display_are_cut_at_ten_times_their_limit() -> None:
    people: list[JsonValue] = [{"type": "Mention", "href": f"https://peer.example/u/{n}"} for n in range(500)]
    topics: list[JsonValue] = [{"type": "Hashtag", "name": f"#tag{n}"} for n in range(500)]
    doc = a_note(
        tag=people + topics,
        attachment=[{"type": "Image", "url": f"https://peer.example/{n}.png"} for n in range(200)],
    )

    note = read_object(doc)

    assert (len(note.mentions), len(note.hashtags), len(note.attachments)) == (50, 50, 20)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("#Reunion", "reunion"),
        ("Straße", "strasse"),
        ("#Ｐｒｏｍｏ２００９", "promo2009"),
        ("##x", "x"),
        ("#", None),
        ("#two words", None),
        ("#a\u200bb", None),
        ("#" + "x" * 101, None),
    ],
)
def test_hashtags_are_compared_folded(written: str, folded: str | None) -> None:
    assert objects.fold_hashtag(written) == folded


KNOWN = st.sampled_from([*sorted(a_note()), "startTime", "location", "actor", "name", "endTime", "source"])
SHAPES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([ALEX, PUBLIC, "Note", "Event", "Mention", "Hashtag", "Image", "2026-02-14T19:30:00+01:00"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KNOWN | st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(KNOWN, SHAPES, max_size=8), st.booleans())
@settings(max_examples=200)
def test_any_shape_is_read_or_refused(changes: dict[str, object], event: bool) -> None:
    doc = a_note(type="Event", name="Dinner", startTime="2026-02-14") if event else a_note()

    for candidate in (doc | cast(JsonObject, changes), cast(JsonObject, changes)):
        with suppress(ProtocolError):
            read_object(candidate, followers_uri=FOLLOWERS)
