# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the server says about itself."""

from __future__ import annotations

import pytest

from activitypub import nodeinfo
from activitypub.nodeinfo import Links, NodeInfo
from activitypub.parse import JsonObject, JsonValue

BASE = "https://social.school.example"
INFO = NodeInfo(
    software_version="0.1.0",
    name="School alumni",
    description="Of all years",
    repository="https://code.example/alumnode",
    homepage="https://alumnode.example",
    users=120,
    local_posts=7,
    staff=(f"{BASE}/actors/abc",),
)


def test_the_schema_links_come_first_and_the_servers_actor_last() -> None:
    links = nodeinfo.well_known(BASE, f"{BASE}/actors/node")["links"]

    assert isinstance(links, list)
    assert [entry["rel"] for entry in links if isinstance(entry, dict)] == [
        "http://nodeinfo.diaspora.software/ns/schema/2.1",
        "http://nodeinfo.diaspora.software/ns/schema/2.0",
        "https://www.w3.org/ns/activitystreams#Application",
    ]


def test_the_newer_document() -> None:
    assert nodeinfo.document(INFO, "2.1") == {
        "version": "2.1",
        "software": {
            "name": "alumnode",
            "version": "0.1.0",
            "repository": "https://code.example/alumnode",
            "homepage": "https://alumnode.example",
        },
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {"users": {"total": 120}, "localPosts": 7},
        "metadata": {
            "nodeName": "School alumni",
            "nodeDescription": "Of all years",
            "staffAccounts": [f"{BASE}/actors/abc"],
            "federation": {"enabled": True},
        },
    }


def test_the_older_document_has_no_repository() -> None:
    older = nodeinfo.document(INFO, "2.0")

    assert older["software"] == {"name": "alumnode", "version": "0.1.0"}
    assert older["version"] == "2.0"


def test_numbers_that_are_not_published_are_left_out() -> None:
    assert nodeinfo.document(NodeInfo(software_version="0.1.0", name="x"), "2.1")["usage"] == {"users": {}}


def test_the_content_type_names_the_schema() -> None:
    assert nodeinfo.content_type("2.1") == (
        'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.1#"'
    )


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        (
            nodeinfo.well_known(BASE, f"{BASE}/actors/node"),
            Links(document=f"{BASE}/nodeinfo/2.1", application=f"{BASE}/actors/node"),
        ),
        (
            {"links": {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "https://p.example/n"}},
            Links(document="https://p.example/n"),
        ),
        ({"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": "file:///etc"}]}, Links()),
        ({"links": [5, None, {"rel": {}, "href": []}]}, Links()),
        ({}, Links()),
    ],
)
def test_the_links_of_another_server(doc: JsonObject, expected: Links) -> None:
    assert nodeinfo.read_links(doc) == expected


@pytest.mark.parametrize(
    ("software", "expected"),
    [
        ({"name": "mastodon", "version": "4.5.0"}, ("mastodon", "4.5.0")),
        ({"name": "x" * 500, "version": None}, ("x" * 100, None)),
        (None, (None, None)),
        ("mastodon", (None, None)),
    ],
)
def test_the_software_of_another_server(software: JsonValue, expected: tuple[str | None, str | None]) -> None:
    assert nodeinfo.read_software({"software": software}) == expected
