# SPDX-License-Identifier: AGPL-3.0-or-later
"""Handles, user names, and names that must not mislead."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub import handles
from activitypub.errors import Malformed, ProtocolError
from activitypub.handles import Handle, clean_display_name, is_reserved, is_valid_username, shown_host


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("@alex@Peer.Example", Handle("alex", "peer.example")),
        ("alex@peer.example", Handle("alex", "peer.example")),
        ("alex", Handle("alex")),
        ("@alex", Handle("alex")),
        (" acct:Alex.B@peer.example ", Handle("Alex.B", "peer.example")),
        ("alex@école.example", Handle("alex", "xn--cole-9oa.example")),
        ("alex@lyon.localhost:8001", Handle("alex", "lyon.localhost:8001")),
        ("alex@127.0.0.1:9001", Handle("alex", "127.0.0.1:9001")),
        ("alex@peer.example.", Handle("alex", "peer.example")),
    ],
)
def test_handles_are_read_as_people_type_them(typed: str, expected: Handle) -> None:
    assert handles.parse(typed) == expected


@pytest.mark.parametrize(
    "typed",
    ["", "@", "@@", "alex@", "@peer@", "a b@peer.example", "alex@a..example", "alex@peer@x.example", "al/ex@p.example",
     "alex@p.example:0", "alex@p.example:70000", "alex@p.example/x", "élise@p.example", "alex\n@p.example",
     "alex@10.0.0.1"],
)  # fmt: skip
def test_what_is_no_handle_is_refused(typed: str) -> None:
    with pytest.raises(Malformed):
        handles.parse(typed)


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("ab", True),
        ("a_9", True),
        ("a" * 30, True),
        ("a", False),
        ("a" * 31, False),
        ("Alex", False),
        ("alex\n", False),
        ("al-ex", False),
        ("al.ex", False),
        ("élise", False),
        ("alex٣", False),
        ("", False),
    ],
)
def test_local_user_names_are_of_few_characters(name: str, valid: bool) -> None:
    assert is_valid_username(name) is valid


@pytest.mark.parametrize(
    ("name", "reserved"), [("admin", True), ("ad_min", True), ("ADMIN", True), ("lyon", True), ("alex", False)]
)
def test_names_of_offices_are_kept_back(name: str, reserved: bool) -> None:
    assert is_reserved(name, also=["Lyon"]) is reserved


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Alex Example", "Alex Example"),
        ("  Alex \n Example ", "Alex Example"),
        ("Alex \u202eelpmaxE", "Alex elpmaxE"),
        ("\u2067x\u2069", "x"),
        ("\u200f\u200fAlex", "Alex"),
        ("Alex\u00ad\u00ad", "Alex"),
        ("A\u200dlex", "Alex"),
        ("Ale\u0000x\u0085", "Alex"),
        ("A\u0301\u0302\u0303\u0304\u0305\u0306lex", "Á\u0302\u0303lex"),
        ("\u0301Alex", "Alex"),
        ("\U0001f469\u200d\U0001f393 Alex", "\U0001f469\u200d\U0001f393 Alex"),
        ("\U0001f469\U0001f3fd\u200d\U0001f393", "\U0001f469\U0001f3fd\u200d\U0001f393"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
        ("\u200b\u200b", ""),
        ("\u2800", ""),
        ("\u3164", ""),
        ("   ", ""),
        ("محمد", "محمد"),
        ("Nguyễn Thị Ánh", "Nguyễn Thị Ánh"),
        ("René", "René"),
        ("x" * 500, "x" * 200),
    ],
)
def test_display_names_keep_what_is_a_name(written: str, shown: str) -> None:
    assert clean_display_name(written) == shown


@given(st.text(alphabet=st.characters() | st.sampled_from("\u200d\u202e\u0301\ufe0f\U0001f469 a"), max_size=60))
@settings(max_examples=200)
def test_cleaning_a_name_twice_changes_nothing(written: str) -> None:
    once = clean_display_name(written, limit=20)

    assert clean_display_name(once, limit=20) == once
    assert len(once) <= 20
    assert not any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in once)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("peer.example", "peer.example"),
        ("xn--cole-9oa.example", "école.example"),
        ("xn--cole-9oa.example:8443", "école.example:8443"),
        ("xn--80ak6aa92e.example", "xn--80ak6aa92e.example"),
        ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
        ("xn--r8jz45g.example", "例え.example"),
        ("xn--a", "xn--a"),
    ],
)
def test_hosts_are_shown_in_unicode_only_when_they_cannot_mislead(host: str, shown: str) -> None:
    assert shown_host(host) == shown


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_any_text_is_a_handle_or_refused(typed: str) -> None:
    for text in (typed, f"alex@{typed}", f"{typed}@peer.example"):
        try:
            handle = handles.parse(text)
        except ProtocolError:
            continue
        shown_host(handle.host or "x")
    shown_host(typed)
