# SPDX-License-Identifier: AGPL-3.0-or-later
"""Structured fields: what is read is written in the one canonical form, as an independent reader has it."""

from __future__ import annotations

from decimal import Decimal

import http_sf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.errors import Malformed
from activitypub.signatures.structured import (
    InnerList,
    Item,
    Token,
    dictionary,
    serialise_inner_list,
    serialise_item,
)


def written(member: Item | InnerList) -> str:
    return serialise_inner_list(member) if isinstance(member, InnerList) else serialise_item(member)


@pytest.mark.parametrize(
    ("field", "label", "canonical"),
    [
        ('sig1=("@method" "@path");created=1', "sig1", '("@method" "@path");created=1'),
        ('sig1=(  "@method"   "@path" ); created=1;  keyid="a"', "sig1", '("@method" "@path");created=1;keyid="a"'),
        ('a=();keyid="a\\"b\\\\c"', "a", '();keyid="a\\"b\\\\c"'),
        ('a=("@query-param";name="Pet");x;y=?1;z=?0', "a", '("@query-param";name="Pet");x;y;z=?0'),
        ("a=:aGVsbG8=:;n=-12;d=1.50;e=2.0;t=tok/en:x", "a", ":aGVsbG8=:;n=-12;d=1.5;e=2.0;t=tok/en:x"),
        ("b=1 \t,\ta=2", "a", "2"),
        ("a", "a", "?1"),
        ("a;x=1", "a", "?1;x=1"),
        ("*key._-*=*token", "*key._-*", "*token"),
    ],
)
def test_a_member_is_written_canonically(field, label, canonical):
    assert written(dictionary(field)[label]) == canonical


def test_values_have_their_types():
    members = dictionary('s="x", t=x, n=1, d=1.5, b=?1, y=:AA==:, l=(1 2)')

    assert members["s"] == Item("x")
    assert not isinstance(members["s"].value, Token)
    assert isinstance(members["t"].value, Token)
    assert members["n"] == Item(1)
    assert members["d"] == Item(Decimal("1.5"))
    assert members["b"].value is True
    assert members["y"] == Item(b"\0")
    assert members["l"] == InnerList((Item(1), Item(2)))


@pytest.mark.parametrize(
    "field",
    [
        "a=1,",
        ",a=1",
        "a=1,,b=1",
        "a=1 b=1",
        "a=",
        "a=1;",
        "a=;x",
        "A=1",
        "1=1",
        "a=(",
        "a=(1",
        'a=("x""y")',
        "a=((1))",
        'a="x',
        'a="é"',
        'a="\\x"',
        'a="\t"',
        "a=:AA:",
        "a=:AA==",
        "a=:A=A=:",
        "a=?2",
        "a=-",
        "a=1.",
        "a=1.2345",
        "a=1234567890123456",
        "a=1234567890123.1",
        "a=\u0661",
        "a=@1659578233",
        'a=%"x"',
        "a=1, a=2",
        "a=1;b=1;b=2",
        "a\n=1",
        "a=1;é=1",
        "a=" + "1" * 20_000,
    ],
)
def test_what_is_no_dictionary_is_refused(field):
    with pytest.raises(Malformed):
        dictionary(field)


@given(st.text('ab=;,()" :?01-.x\\*\t', max_size=40) | st.text(max_size=30))
def test_whatever_is_read_an_independent_reader_reads_alike(field):
    try:
        members = dictionary(field)
    except Malformed:
        return
    theirs = http_sf.parse(field.encode(), tltype="dictionary")

    assert list(members) == list(theirs)
    ours = ", ".join(f"{key}={written(member)}" for key, member in members.items())
    assert http_sf.parse(ours.encode(), tltype="dictionary") == theirs
