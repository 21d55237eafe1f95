# SPDX-License-Identifier: AGPL-3.0-or-later
"""Collections: ours written, and one page of another server's read.

Walking from page to page costs requests, so it happens elsewhere, under a budget. Here a document is only taken apart:
Collection and OrderedCollection, whole or as pages, with members as ids or as objects, in a list or alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from activitypub import contexts
from activitypub.accessors import as_id, as_int, as_list, as_object
from activitypub.parse import JsonObject, JsonValue

MAX_TOTAL = 1_000_000_000
"""A stated number of members above this is not believed."""


def build_collection(
    id: str,  # noqa: A002  the protocol's word
    *,
    total: int | None = None,
    first: str | JsonObject | None = None,
    last: str | None = None,
    items: Sequence[JsonValue] | None = None,
    context: JsonValue = contexts.ACTIVITYSTREAMS,
) -> JsonObject:
    """An OrderedCollection: with its members in it, with its first page or the address of that, or as a mere number."""
    doc: JsonObject = {"@context": context, "id": id, "type": "OrderedCollection"}
    if total is not None:
        doc["totalItems"] = total
    if first is not None:
        doc["first"] = _bare(first)
    if last is not None:
        doc["last"] = last
    if items is not None:
        doc["orderedItems"] = [_bare(item) for item in items]
    return doc


def build_page(
    id: str,  # noqa: A002
    *,
    part_of: str,
    items: Sequence[JsonValue],
    next: str | None = None,  # noqa: A002
    prev: str | None = None,
    total: int | None = None,
    context: JsonValue = contexts.ACTIVITYSTREAMS,
) -> JsonObject:
    """One page; no `next` means that it is the last. Give `context` when the members are objects with our terms."""
    doc: JsonObject = {"@context": context, "id": id, "type": "OrderedCollectionPage", "partOf": part_of}
    if total is not None:
        doc["totalItems"] = total
    if next is not None:
        doc["next"] = next
    if prev is not None:
        doc["prev"] = prev
    doc["orderedItems"] = [_bare(item) for item in items]
    return doc


def followers(id: str, total: int) -> JsonObject:  # noqa: A002
    """A collection of people: how many, never who."""
    return build_collection(id, total=total)


def items(doc: JsonObject) -> list[JsonValue]:
    """The members on a page, or in a collection that has no pages."""
    return as_list(doc.get("orderedItems")) or as_list(doc.get("items"))


def first_page(doc: JsonObject) -> str | JsonObject | None:
    """Where a collection's members begin: the address of the first page, or that page itself if it is embedded.

    None when the members stand in the collection itself or are hidden.
    """
    embedded = as_object(doc.get("first"))
    if embedded is not None and (items(embedded) or "next" in embedded or as_id(embedded) is None):
        return embedded
    return as_id(doc.get("first"))


def next_page(doc: JsonObject) -> str | None:
    """The address of the page after this one; a page that names itself is the last."""
    following = as_id(doc.get("next"))
    return following if following != as_id(doc.get("id")) else None


def total(doc: JsonObject) -> int | None:
    """How many members there are, as claimed; an absurd claim is none."""
    claimed = as_int(doc.get("totalItems"))
    return claimed if claimed is not None and 0 <= claimed <= MAX_TOTAL else None


def _bare(item: JsonValue) -> JsonValue:
    return {name: value for name, value in item.items() if name != "@context"} if isinstance(item, dict) else item
