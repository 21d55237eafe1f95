# SPDX-License-Identifier: AGPL-3.0-or-later
"""Single properties in every shape they come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub import accessors
from activitypub.accessors import (
    as_bool,
    as_float,
    as_id,
    as_int,
    as_list,
    as_text,
    as_time,
    as_url,
    ids,
    iso,
    iso_exact,
    text_of,
    types,
)
from activitypub.parse import JsonObject, JsonValue

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "type", "href", "url", "name", "@value", "@language", "en", "mediaType"])
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, []),
        ("a", ["a"]),
        ({"id": "a"}, [{"id": "a"}]),
        (["a", None, {"id": "b"}], ["a", {"id": "b"}]),
        ([], []),
        (False, [False]),
    ],
)
def test_one_value_and_a_list_of_values_read_alike(value: JsonValue, expected: list[JsonValue]) -> None:
    assert as_list(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://a.example/1", "https://a.example/1"),
        ({"id": "https://a.example/1", "type": "Note"}, "https://a.example/1"),
        ({"type": "Link", "href": "https://a.example/2"}, "https://a.example/2"),
        ({"id": None, "href": "https://a.example/2"}, "https://a.example/2"),
        ([None, {}, "https://a.example/3"], "https://a.example/3"),
        ("", None),
        (5, None),
        ({"id": 5}, None),
        ({"id": {"id": "https://a.example/1"}}, None),
        ("https://a.example/" + "x" * 2048, None),
        (None, None),
    ],
)
def test_an_id_is_found_in_whatever_stands_for_it(value: JsonValue, expected: str | None) -> None:
    assert as_id(value) == expected


def test_ids_are_listed_once_and_in_order() -> None:
    value: JsonValue = ["https://a.example/2", {"id": "https://a.example/1"}, "https://a.example/2", 7, None, ["x"]]

    assert ids(value) == ("https://a.example/2", "https://a.example/1")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Note", ("Note",)),
        (["Note", 3, "as:Event"], ("Note", "Event")),
        ("https://www.w3.org/ns/activitystreams#Person", ("Person",)),
        (None, ()),
        ({"@id": "Note"}, ()),
        ("x" * 64, ("x" * 64,)),
        (["x" * 65, "Note", "as:"], ("Note",)),
    ],
)
def test_types_lose_the_prefix_of_the_vocabulary(value: JsonValue, expected: tuple[str, ...]) -> None:
    assert types({"type": value}) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Alex", "Alex"),
        ("", None),
        (2009, "2009"),
        (True, None),
        (10**30, None),
        ({"@value": "Alex", "@language": "en"}, "Alex"),
        ({"fr": "Bonjour"}, "Bonjour"),
        ({"fr": ["Bonjour"]}, "Bonjour"),
        ({"type": "Note", "content": "no text itself"}, None),
        ([None, {"en": "first"}, "second"], "first"),
        ({"not a language": "x"}, None),
    ],
)
def test_a_text_is_found_in_whatever_stands_for_it(value: JsonValue, expected: str | None) -> None:
    assert as_text(value) == expected


@pytest.mark.parametrize(
    ("doc", "languages", "expected"),
    [
        ({"content": "<p>tag</p>", "contentMap": {"ja": "<p>tag</p>"}}, (), ("<p>tag</p>", "ja")),
        ({"content": "a", "contentMap": {"en": "b"}}, (), ("a", "en")),
        ({"content": "b", "contentMap": {"en": "a", "fr": "b"}}, (), ("b", "fr")),
        ({"content": "c", "contentMap": {"en": "a", "fr": "b"}}, (), ("c", None)),
        ({"content": "a", "contentMap": {"en": "a", "fr": "b"}}, ("de", "FR"), ("b", "fr")),
        ({"contentMap": {"en": "a", "fr": "b"}}, (), ("a", "en")),
        ({"content": {"en": "a"}}, (), ("a", "en")),
        ({"content": {"@value": "a", "@language": "pt-BR"}}, (), ("a", "pt-BR")),
        ({"content": "a", "contentMap": {"und": "a"}}, (), ("a", None)),
        ({"content": "a", "contentMap": ["x", None]}, (), ("a", None)),
        ({"content": None, "contentMap": None}, (), (None, None)),
    ],
)
def test_text_and_language_are_read_together(
    doc: JsonObject, languages: tuple[str, ...], expected: tuple[str | None, str | None]
) -> None:
    assert text_of(doc, "content", languages) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://www.peer.example/@alex", "https://www.peer.example/@alex"),
        ("HTTP://peer.example", "HTTP://peer.example"),
        ({"type": "Link", "href": "https://p.example/a", "mediaType": "text/html"}, "https://p.example/a"),
        ({"type": "Image", "url": "https://p.example/a.png"}, "https://p.example/a.png"),
        (
            [
                {"type": "Link", "mimeType": "video/mp4", "href": "https://p.example/v.mp4"},
                {"type": "Link", "mediaType": "text/html; charset=utf-8", "href": "https://p.example/w/1"},
            ],
            "https://p.example/w/1",
        ),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//p.example/x", None),
        ("/relative", None),
        ("https://", None),
        ("https:///x", None),
        ("https://our.example@p.example/", None),
        ("https://p.example\\@our.example/", None),
        ("https://p.example/a b", None),
        ("https://p.example:99999/", None),
        ("https://[::1", None),
        (None, None),
        (5, None),
    ],
)
def test_only_plain_web_addresses_are_shown_or_loaded(value: JsonValue, expected: str | None) -> None:
    assert as_url(value) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-14T19:00:00Z", datetime(2026, 3, 14, 19, tzinfo=UTC)),
        ("2026-03-14T19:00:00+01:00", datetime(2026, 3, 14, 18, tzinfo=UTC)),
        ("2026-03-14T19:00:00-0530", datetime(2026, 3, 15, 0, 30, tzinfo=UTC)),
        ("2026-03-14 19:00", datetime(2026, 3, 14, 19, tzinfo=UTC)),
        ("2026-03-14t19:00:00.123456789z", datetime(2026, 3, 14, 19, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-14T19:00:00.5+00", datetime(2026, 3, 14, 19, 0, 0, 500000, tzinfo=UTC)),
        ("2026-03-14", datetime(2026, 3, 14, tzinfo=UTC)),
        ("2026-03-14T19:00:00.5+01:00Z", datetime(2026, 3, 14, 18, 0, 0, 500000, tzinfo=UTC)),
        ("2026-03-14T24:00:00Z", datetime(2026, 3, 15, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (["2026-03-14T19:00:00Z"], datetime(2026, 3, 14, 19, tzinfo=UTC)),
        ("2026-W11-6", None),
        ("20260314T190000Z", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-03-14T25:00:00Z", None),
        ("2026-03-14T19:00:00+99:00", None),
        ("0000-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+02:00", None),
        ("9999-12-31T24:00:00Z", None),
        ("10000-01-01T00:00:00Z", None),
        ("٢٠٢٦-03-14T19:00:00Z", None),
        ("yesterday", None),
        (1773514800, None),
        (None, None),
    ],
)
def test_times_are_read_as_servers_write_them(written: JsonValue, expected: datetime | None) -> None:
    assert as_time(written) == expected


@given(st.from_regex(r"[0-9W]{4}-[0-9W]{2}-[0-9-]{2}[T ][0-2][0-9][:0][0-6][0-9]:[0-6][0-9]Z", fullmatch=True))
@settings(max_examples=50)
def test_the_usual_form_of_a_time_is_read_as_any_other(written: str) -> None:
    assert as_time(written) == as_time([written])


@given(st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=50)
def test_our_own_times_read_back_to_the_second(moment: datetime) -> None:
    assert as_time(iso(moment)) == moment.replace(microsecond=0)


@given(st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=50)
def test_times_of_edits_read_back_to_the_millisecond(moment: datetime) -> None:
    assert as_time(iso_exact(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_the_written_offset_is_kept_for_display() -> None:
    moment = accessors.as_local_time("2026-02-14T19:30:00.000+01:00")

    assert moment is not None
    assert moment.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    ("value", "whole", "fraction", "truth"),
    [
        (7, 7, 7.0, None),
        (45.0, 45, 45.0, None),
        (45.75, None, 45.75, None),
        ("12", 12, 12.0, None),
        ("12.5", None, 12.5, None),
        ("1e9", None, None, None),
        (True, None, None, True),
        ("false", None, None, False),
        (2**63, None, float(2**63), None),
        (float("nan"), None, None, None),
        (float("inf"), None, None, None),
        (10**400, None, None, None),
        ([3], 3, 3.0, None),
        (None, None, None, None),
        ({}, None, None, None),
    ],
)
def test_numbers_and_truth_values(
    value: JsonValue, whole: int | None, fraction: float | None, truth: bool | None
) -> None:
    assert (as_int(value), as_float(value), as_bool(value)) == (whole, fraction, truth)


@given(ANY_JSON)
@settings(max_examples=150)
def test_no_value_makes_an_accessor_fail(value: object) -> None:
    json_value = cast(JsonValue, value)
    read: list[Callable[[JsonValue], object]] = [
        as_list,
        as_id,
        ids,
        as_text,
        as_url,
        as_time,
        as_int,
        as_float,
        as_bool,
        accessors.as_object,
        accessors.is_date_only,
    ]

    for accessor in read:
        accessor(json_value)
    text_of({"name": json_value, "nameMap": json_value}, "name", ("en",))
    types({"type": json_value})
