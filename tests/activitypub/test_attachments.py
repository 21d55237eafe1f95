# SPDX-License-Identifier: AGPL-3.0-or-later
"""Media in documents."""

from __future__ import annotations

import pytest

from activitypub import attachments
from activitypub.attachments import Attachment, MediaKind, Picture
from activitypub.parse import JsonObject, JsonValue

URL = "https://files.peer.example/1"


def a_file(**changes: JsonValue) -> JsonObject:
    doc: JsonObject = {"type": "Document", "mediaType": "image/jpeg", "url": URL, "name": None}
    return doc | changes


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({}, "type", MediaKind.IMAGE),
        ({"mediaType": "VIDEO/mp4; codecs=x"}, "type", MediaKind.VIDEO),
        ({"mediaType": "application/pdf"}, "type", MediaKind.UNKNOWN),
        ({"type": "Audio", "mediaType": None}, "type", MediaKind.AUDIO),
        ({"mediaType": "no type"}, "media_type", None),
        ({"name": None, "summary": "The hall"}, "description", "The hall"),
        ({"name": "x" * 5000}, "description", "x" * 1500),
        ({"name": "  "}, "description", None),
        ({"focalPoint": [0, -1.0]}, "focus", (0.0, -1.0)),
        ({"focalPoint": [2, 0]}, "focus", None),
        ({"focalPoint": "0,0"}, "focus", None),
        ({"focalPoint": [None, None]}, "focus", None),
        ({"width": 640, "height": "480"}, "height", 480),
        ({"width": -1}, "width", None),
        ({"blurhash": "x"}, "blurhash", None),
        ({"blurhash": 5}, "blurhash", None),
        ({"url": [{"type": "Link", "mimeType": "text/html", "href": "https://p.example/w"},
                  {"type": "Link", "mimeType": "video/mp4", "href": "https://p.example/v"}]}, "url", "https://p.example/v"),
        ({"url": None, "href": URL}, "url", URL),
    ],
)  # fmt: skip
def test_shapes_of_other_programs(changes: JsonObject, field: str, expected: object) -> None:
    read = attachments.read_one(a_file(**changes))

    assert read is not None
    assert getattr(read, field) == expected


@pytest.mark.parametrize("changes", [{"type": "Link"}, {"type": "PropertyValue"}, {"url": "data:x"}, {"url": None}])
def test_what_is_no_file_is_passed_over(changes: JsonObject) -> None:
    assert attachments.read({"attachment": [a_file(**changes), "x", None]}) == ()


def test_a_file_without_a_known_type_still_has_one_on_the_wire() -> None:
    built = attachments.build(Attachment(type=MediaKind.UNKNOWN, url=URL))

    assert built == {"type": "Document", "mediaType": "application/octet-stream", "url": URL, "name": None}


def test_a_picture_carries_its_description_under_both_names() -> None:
    built = attachments.build_picture(Picture(url=URL, media_type="image/png", description="A tree"))

    assert (built["name"], built["summary"]) == ("A tree", "A tree")
    assert attachments.picture(built) == (URL, "A tree")


@pytest.mark.parametrize("value", [None, [], {}, "not an address", {"type": "Image", "url": {"href": 5}}, [5, True]])
def test_no_picture(value: JsonValue) -> None:
    assert attachments.picture(value) == (None, None)
