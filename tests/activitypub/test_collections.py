# SPDX-License-Identifier: AGPL-3.0-or-later
"""Collections and their pages."""

from __future__ import annotations

import pytest

from activitypub import collections
from activitypub.parse import JsonObject, JsonValue

BOX = "https://peer.example/users/alex/outbox"


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        ({"orderedItems": ["a", {"id": "b"}]}, ["a", {"id": "b"}]),
        ({"items": "a"}, ["a"]),
        ({"orderedItems": [], "items": ["a"]}, ["a"]),
        ({"orderedItems": None}, []),
        ({}, []),
    ],
)
def test_members_are_found_in_both_kinds(doc: JsonObject, expected: list[JsonValue]) -> None:
    assert collections.items(doc) == expected


def test_the_first_page_may_be_an_address_or_be_there() -> None:
    page: JsonObject = {"id": f"{BOX}?page=1", "type": "CollectionPage", "items": ["a"]}

    assert collections.first_page({"first": f"{BOX}?page=1"}) == f"{BOX}?page=1"
    assert collections.first_page({"first": {"type": "Link", "href": f"{BOX}?page=1"}}) == f"{BOX}?page=1"
    assert collections.first_page({"first": page}) == page
    assert collections.first_page({"first": {"id": f"{BOX}?page=1"}}) == f"{BOX}?page=1"
    assert collections.first_page({"totalItems": 3}) is None


def test_a_page_that_names_itself_is_the_last() -> None:
    assert collections.next_page({"id": f"{BOX}?page=1", "next": f"{BOX}?page=1"}) is None
    assert collections.next_page({"id": f"{BOX}?page=1", "next": {"id": f"{BOX}?page=2"}}) == f"{BOX}?page=2"
    assert collections.next_page({"id": f"{BOX}?page=1"}) is None


@pytest.mark.parametrize(("claimed", "believed"), [(3, 3), (0, 0), (-1, None), (10**15, None), ("7", 7), (None, None)])
def test_absurd_totals_are_not_believed(claimed: JsonValue, believed: int | None) -> None:
    assert collections.total({"totalItems": claimed}) == believed


def test_followers_are_counted_and_not_named() -> None:
    assert collections.followers("https://our.example/actors/sam/followers", 12) == {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://our.example/actors/sam/followers",
        "type": "OrderedCollection",
        "totalItems": 12,
    }


def test_our_pages_can_be_walked() -> None:
    whole = collections.build_collection(BOX, total=3, first=f"{BOX}?page=true", last=f"{BOX}?min_id=0")
    page = collections.build_page(
        f"{BOX}?page=true",
        part_of=BOX,
        items=["a", {"@context": "x", "id": "b"}],
        next=f"{BOX}?max_id=1",
        prev=f"{BOX}?min_id=9",
        total=3,
    )

    assert collections.total(whole) == 3
    assert collections.first_page(whole) == page["id"]
    assert collections.items(page) == ["a", {"id": "b"}]
    assert collections.next_page(page) == f"{BOX}?max_id=1"
    assert (page["type"], page["partOf"], page["prev"]) == ("OrderedCollectionPage", BOX, f"{BOX}?min_id=9")


def test_the_last_page_has_no_next() -> None:
    assert "next" not in collections.build_page(f"{BOX}?p=9", part_of=BOX, items=[])


def test_a_small_collection_holds_its_members() -> None:
    assert collections.items(collections.build_collection(BOX, items=["a"])) == ["a"]
