# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where WebFinger is."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub import hostmeta

BASE = "https://social.school.example"
TEMPLATE = "https://social.school.example/.well-known/webfinger?resource={uri}"


def test_our_xml_is_well_formed_and_names_the_template() -> None:
    root = ElementTree.fromstring(hostmeta.xrd(BASE).encode())

    link = root.find("{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link")
    assert link is not None
    assert (link.get("rel"), link.get("template")) == ("lrdd", TEMPLATE)


def test_our_xml_reads_back_and_our_json_says_the_same() -> None:
    assert hostmeta.read_xrd(hostmeta.xrd(BASE)) == TEMPLATE
    assert hostmeta.jrd(BASE)["links"] == [{"rel": "lrdd", "type": "application/jrd+json", "template": TEMPLATE}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<xrd:Link template='https://p.example/wf?a=1&amp;r={uri}' rel='lrdd'/>", "https://p.example/wf?a=1&r={uri}"),
        ('<Link rel="other" template="https://p.example/{uri}"/>', None),
        ('<Link rel="lrdd" template="https://{uri}/x"/>', None),
        ('<Link rel="lrdd" template="file:///{uri}"/>', None),
        ('<Link rel="lrdd"/>', None),
        ('<!DOCTYPE x [<!ENTITY e "boom">]><XRD>&e;</XRD>', None),
        (" " * 65_536 + '<Link rel="lrdd" template="https://p.example/{uri}"/>', None),
        ("", None),
    ],
)
def test_the_xml_of_other_hosts(text: str, expected: str | None) -> None:
    assert hostmeta.read_xrd(text) == expected


@given(st.text(alphabet="<>/ \"'=Linkreltmpadxr:{}?&;", max_size=200))
@settings(max_examples=100)
def test_any_text_is_searched_without_harm(text: str) -> None:
    hostmeta.read_xrd(text)
