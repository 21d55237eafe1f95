# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a document of another server must be like to be read at all."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.errors import Malformed
from activitypub.parse import (
    MAX_BODY,
    MAX_DEPTH,
    MAX_NODES,
    MAX_STRING,
    clean_str,
    dump,
    parse,
)

CREATE = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "id": "https://peer.example/activities/a1",
    "type": "Create",
    "actor": "https://peer.example/users/alex",
    "to": ["https://www.w3.org/ns/activitystreams#Public"],
    "cc": ["https://peer.example/users/alex/followers"],
    "object": {
        "id": "https://peer.example/notes/n1",
        "type": "Note",
        "attributedTo": "https://peer.example/users/alex",
        "content": "<p>Réunion de la promotion 1998 à Lyon 🎓</p>\n\t",
        "published": "2026-11-20T10:00:00Z",
        "sensitive": False,
        "summary": None,
        "latitude": 45.76,
        "replies": {"type": "Collection", "totalItems": 0, "items": []},
    },
}


def test_an_activity_is_read_as_it_was_sent():
    assert parse(json.dumps(CREATE).encode()) == CREATE
    assert parse(json.dumps(CREATE, ensure_ascii=False, indent=2).encode()) == CREATE


def test_what_we_write_is_what_we_read():
    assert parse(dump(CREATE)) == CREATE


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param('{"a":1}'.encode("utf-16"), id="utf-16"),
        pytest.param('{"a":"é"}'.encode("latin-1"), id="latin-1"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', id="surrogate in utf-8"),
        pytest.param(b"[]", id="array"),
        pytest.param(b'"text"', id="string"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"a":1}{"b":2}', id="two documents"),
        pytest.param(b'{"a":1', id="cut off"),
        pytest.param(b'{"a":"b', id="cut off in a string"),
        pytest.param(b'{"a":1,}', id="comma too many"),
        pytest.param(b"{'a':1}", id="single quotes"),
        pytest.param(b'{"a":"\n"}', id="line break in a string"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":Infinity}', id="Infinity"),
        pytest.param(b'{"a":-Infinity}', id="-Infinity"),
        pytest.param(b'{"a":1e400}', id="a float beyond finite"),
        pytest.param(b'{"a":99999999999999999999}', id="an integer beyond 64 bits"),
        pytest.param(b'{"a":' + b"9" * 5000 + b"}", id="an integer of 5000 digits"),
        pytest.param(b'{"a":"\\ud800 lone"}', id="half a surrogate pair"),
        pytest.param(b'{"\\udc00":1}', id="half a surrogate pair as a key"),
        pytest.param(b'{"a":["\\ud800"]}', id="half a surrogate pair in a list"),
        pytest.param(b'{"id":"https://peer.example/1","id":"https://our.example/1"}', id="key twice"),
        pytest.param(b'{"o":{"a":1,"\\u0061":2}}', id="key twice, once escaped"),
        pytest.param(b'{"id":1,"i\\u0000d":2}', id="key twice once cleaned"),
        pytest.param(b'{"@graph":[]}', id="@graph"),
        pytest.param(b'{"@included":[]}', id="@included"),
        pytest.param(b'{"@reverse":{}}', id="@reverse"),
        pytest.param(b'{"@id":"https://peer.example/1"}', id="@id"),
        pytest.param(b'{"@type":"Create"}', id="@type"),
        pytest.param(b'{"\\u0040graph":[]}', id="@graph, escaped"),
    ],
)
def test_what_is_no_plain_json_object_is_refused(body):
    with pytest.raises(Malformed):
        parse(body)


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


def filled(nodes: int) -> bytes:
    # The object and the list are two of the values.
    return b'{"a":[' + b",".join([b"1"] * (nodes - 2)) + b"]}"


def with_string(length: int) -> bytes:
    return json.dumps({"a": "é" * length}).encode()


def sized(size: int) -> bytes:
    return b"{}" + b" " * (size - 2)


@pytest.mark.parametrize(
    ("make", "limit"),
    [
        pytest.param(nested, MAX_DEPTH, id="depth"),
        pytest.param(filled, MAX_NODES, id="values"),
        pytest.param(with_string, MAX_STRING, id="string"),
        pytest.param(sized, MAX_BODY, id="size"),
    ],
)
def test_each_limit_holds_exactly(make, limit):
    parse(make(limit))

    with pytest.raises(Malformed):
        parse(make(limit + 1))


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0, -1])
def test_integers_of_64_bits_are_read(number):
    assert parse(b'{"n":%d}' % number) == {"n": number}


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
def test_integers_one_beyond_64_bits_are_refused(number):
    with pytest.raises(Malformed):
        parse(b'{"n":%d}' % number)


def test_brackets_and_commas_inside_strings_do_not_count():
    text = '[{,"' * 10_000

    assert parse(json.dumps({"content": text}).encode()) == {"content": text}


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(b'{"a":' + b"[" * 500_000, id="depth"),
        pytest.param(b'{"a":' * 200_000, id="objects"),
        pytest.param(b'{"a":[' + b"[]," * 340_000, id="empty lists"),
        pytest.param(b'{"a":"' + b'\\"' * 500_000, id="escapes without an end"),
        pytest.param(b'"' * 1_000_000, id="quotes"),
        pytest.param(b'"" ' * 340_000, id="keys or values without an end"),
        pytest.param(b" " * 1_000_000, id="nothing"),
        pytest.param(b"]" * 1_000_000, id="closing brackets"),
    ],
)
def test_a_bomb_costs_little_before_it_is_refused(bomb):
    started = time.process_time()

    with pytest.raises(Malformed):
        parse(bomb)

    assert time.process_time() - started < 1


def test_control_characters_are_dropped_from_every_string():
    body = b'{"na\\u0000me":"a\\u0000b\\r\\n\\tc\\u001b","list":["\\u0007",{"x":"\\b"}],"c1":"\\u0085"}'

    assert parse(body) == {"name": "ab\n\tc", "list": ["", {"x": ""}], "c1": "\u0085"}


def test_clean_str_refuses_what_cannot_be_stored():
    assert clean_str("Zoë\x00 & Ståle") == "Zoë & Ståle"
    with pytest.raises(Malformed):
        clean_str("\ud83c")
    with pytest.raises(Malformed):
        clean_str("x" * (MAX_STRING + 1))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_any_json_is_read_or_refused(value):
    try:
        parsed = parse(json.dumps(value).encode())
    except Malformed:
        return
    assert parse(dump(parsed)) == parsed


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0d8ntf1e+-. ', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(body):
    try:
        parse(body)
    except Malformed:
        return
    json.loads(body)
