# SPDX-License-Identifier: AGPL-3.0-or-later
"""Finding links, mentions and hashtags in what people write; counting it and tidying it."""

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.kernel.text import (
    MAX_MARKS,
    Handle,
    Kind,
    clean,
    clean_line,
    find_hashtags,
    find_mentions,
    fold_hashtag,
    length,
    pieces,
)


def links(text: str) -> list[str]:
    return [piece.text for piece in pieces(text) if piece.kind is Kind.LINK]


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@sam", [Handle("sam")]),
        ("Hi @sam, and @ana@Turin.example.", [Handle("sam"), Handle("ana", "turin.example")]),
        ("@sam@lyon.localhost:8001 x", [Handle("sam", "lyon.localhost:8001")]),
        ("@sam@lyon.example: hello", [Handle("sam", "lyon.example")]),
        ("(@sam_b-c.d)", [Handle("sam_b-c.d")]),
        ("@ana@münchen.example", [Handle("ana", "münchen.example")]),
        ("@Sam @sam @SAM@lyon.example", [Handle("Sam"), Handle("SAM", "lyon.example")]),
        ("@sam. @lyon", [Handle("sam"), Handle("lyon")]),
        ("sam@lyon.example", []),
        ("https://lyon.example/@sam", []),
        ("https://lyon.example/a?b=@sam", []),
        ("@ @@ @. @é @-", []),
        ("@@sam", []),
    ],
)
def test_mentions(text: str, handles: list[Handle]) -> None:
    assert find_mentions(text) == handles


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#alumni", ["alumni"]),
        ("(#Alumni2004), #alumni2004 #réseau!", ["Alumni2004", "réseau"]),
        ("#हिन्दी #日本語 #ไทย", ["हिन्दी", "日本語", "ไทย"]),
        ("\uff03wide", ["wide"]),
        ("#snake_case #l·l·", ["snake_case", "l·l"]),
        ("#1 #2026 #_ # ## x#y &#39; a/#b", []),
        ("https://a.example/#part", []),
        ("#" + "x" * 101, []),
        ("#a#b", ["a"]),
    ],
)
def test_hashtags(text: str, tags: list[str]) -> None:
    assert find_hashtags(text) == tags


@pytest.mark.parametrize(
    ("one", "other"), [("Café", "cafe\u0301".upper()), ("#ABC", "\uff21bc"), ("straße", "STRASSE")]
)
def test_one_hashtag_has_one_spelling(one: str, other: str) -> None:
    assert fold_hashtag(one) == fold_hashtag(other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.example/x?y=1#z.", ["https://a.example/x?y=1#z"]),
        ("(https://en.example/wiki/A_(b))", ["https://en.example/wiki/A_(b)"]),
        ("HTTP://A.example, and http://b.localhost:8001/x", ["HTTP://A.example", "http://b.localhost:8001/x"]),
        ("<https://a.example/x>", ["https://a.example/x"]),
        ("https://a.example…", ["https://a.example"]),
        ("https://école.example/été", ["https://école.example/été"]),
        ("https://a.example/\u202egpj.exe", ["https://a.example/"]),
        ("https://bank.example@evil.example/", []),
        ("https://bank.example:pass@evil.example/", []),
        ("https://bank.example:443@evil.example/", []),
        ("https://bank.example\\@evil.example/", []),
        ("https://nodot/x xhttps://a.example ftp://a.example https:// https://.", []),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    assert links(text) == found


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("", 0),
        ("hello", 5),
        ("https://a.example/" + "x" * 300, 23),
        ("a http://b.example c", 27),
        ("@sam@a-very-long-host.example", 4),
        ("@sam", 4),
        ("e\u0301", 1),
        ("👩‍👩‍👧‍👦", 1),
        ("👍🏽", 1),
        ("🇫🇷🇮🇹", 2),
        ("❤️", 1),
        ("日本", 2),
        ("a\nb", 3),
    ],
)
def test_length_is_what_the_apps_count(text: str, counts: int) -> None:
    assert length(text) == counts


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  a\r\nb\rc\x00\x07\x1b\x9b ", "a\nb\nc"),
        ("e\u0301", "é"),
        ("a\tb", "a\tb"),
        ("a\ud800b", "ab"),
        ("x" * 20, "x" * 10),
        ("123456789 x", "123456789"),
        ("a" + "\u0316" * 200, "a" + "\u0316" * 9),
    ],
)
def test_clean_text(text: str, cleaned: str) -> None:
    assert clean(text, 10) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" Ana \n Bell ", "Ana Bell"),
        ("admin\u200b\u202e\u2066x\ufeff", "adminx"),
        ("\u200b", ""),
        ("a\u00adb", "ab"),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(text: str, cleaned: str) -> None:
    assert clean_line(text, 30) == cleaned


@given(st.text(max_size=300) | st.text("@#ab.:/ht ps", max_size=300))
@settings(max_examples=200, deadline=None)
def test_the_pieces_are_the_whole_text(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text)) == text


@given(st.text(max_size=100))
@settings(max_examples=150, deadline=None)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    cleaned = clean(text, 50)

    assert clean(cleaned, 50) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert len(cleaned) <= 50


@given(st.text(max_size=100))
@settings(max_examples=100, deadline=None)
def test_folding_twice_is_folding_once(tag: str) -> None:
    assert fold_hashtag(fold_hashtag(tag)) == fold_hashtag(tag)


HOSTILE = [
    "@" * 100_000,
    "a@" * 50_000,
    "@a." * 33_000,
    "@" + "a" * 99_999,
    "@a@" + "." * 99_999,
    "@a@b" * 25_000,
    "http://" * 14_000,
    "https://a." * 10_000,
    "https://" + "a." * 50_000,
    "https://a.b/" + ")" * 99_000,
    "https://a.b/" + "(" * 99_000,
    "#" * 100_000,
    "#a" * 50_000,
    "#" + "a" * 99_999,
    "\u200d" * 100_000,
    "a" + "\u0301\u0316" * 50_000,
    "\u0f73" * 100_000,
    " " * 99_999 + "x",
    "\n" * 99_999 + "x",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:8]))
@pytest.mark.parametrize(
    "function",
    [
        find_mentions,
        find_hashtags,
        length,
        fold_hashtag,
        lambda text: clean(text, 500),
        lambda text: clean_line(text, 50),
    ],
    ids=["mentions", "hashtags", "length", "fold", "clean", "clean_line"],
)
def test_hostile_text_takes_linear_time(function: Callable[[str], object], text: str) -> None:
    started = time.process_time()

    function(text)

    # CPU time, whatever else the machine does: about 100 ms; anything quadratic takes minutes.
    assert time.process_time() - started < 2


def test_a_pile_of_marks_is_cut() -> None:
    assert len(clean("a" + "\u0316" * 500, 1000)) == 1 + MAX_MARKS
