# SPDX-License-Identifier: AGPL-3.0-or-later
"""Collections of other servers: read whole where they end, and left where they do not."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub.parse import JsonObject
from node.federation.client import FetchFailed
from node.federation.walk import LIMITS, Fetched, Limits, Walked, walk, walk_embedded

BASE = "https://far.example/c"


class Server:
    """Answers with documents, or with whatever a function makes up, and counts."""

    def __init__(self, documents: dict[str, JsonObject] | Callable[[str], JsonObject], size: int = 100) -> None:
        self.asked: list[str] = []
        self._documents = documents
        self._size = size

    async def __call__(self, url: str) -> Fetched:
        self.asked.append(url)
        if callable(self._documents):
            return Fetched(self._documents(url), self._size)
        if url not in self._documents:
            raise FetchFailed("HTTP 404", retryable=False, status=404)
        return Fetched(self._documents[url], self._size)


def page(number: int, count: int = 2, *, following: str | None = None) -> JsonObject:
    made: JsonObject = {
        "id": f"{BASE}?page={number}",
        "type": "CollectionPage",
        "items": [f"https://far.example/{number}/{item}" for item in range(count)],
    }
    return made | ({"next": following} if following else {})


def collection(**more: object) -> JsonObject:
    return {"id": BASE, "type": "Collection", **more}  # type: ignore[dict-item]  # as a test writes it


WHOLE = {
    "all in it": {BASE: collection(items=["a", "b"])},
    "a single member": {BASE: collection(items="a")},
    "a first page inside": {BASE: collection(first=page(1))},
    "a first page elsewhere": {BASE: collection(first=f"{BASE}?page=1"), f"{BASE}?page=1": page(1)},
    "a page that names itself last": {BASE: collection(first=page(1, following=f"{BASE}?page=1"))},
    "none": {BASE: collection(totalItems=7)},
}


@pytest.mark.parametrize("documents", WHOLE.values(), ids=WHOLE)
async def test_a_collection_is_read_to_its_end(documents):
    found = await walk(BASE, Server(documents))

    assert found.whole
    assert len(found.items) <= 2


def _loop(url: str) -> JsonObject:
    number = 2 if url == f"{BASE}?page=1" else 1
    return page(number, following=f"{BASE}?page={3 - number}")


def _endless(url: str) -> JsonObject:
    number = int(url.partition("page=")[2] or 0)
    return page(number, following=f"{BASE}?page={number + 1}")


def _empty(url: str) -> JsonObject:
    number = int(url.partition("page=")[2] or 0)
    return page(number, 0, following=f"{BASE}?page={number + 1}")


def _hop(_url: str) -> JsonObject:
    return page(1, following="https://evil.example/c?page=2")


def _huge(_url: str) -> JsonObject:
    return page(1, 10_000)


ENDLESS = {
    "pages in a circle": (_loop, 3),
    "pages without end": (_endless, LIMITS.pages + 1),
    "empty pages without end": (_empty, 2),
    "a next page of another server": (_hop, 1),
    "a page with too many members": (_huge, 1),
}


@pytest.mark.parametrize(("answer", "most"), ENDLESS.values(), ids=ENDLESS)
async def test_what_does_not_end_is_left(answer, most):
    server = Server(answer)

    found = await walk(BASE, server)

    assert not found.whole
    assert len(server.asked) <= most
    assert len(found.items) <= LIMITS.items
    assert all(url.startswith(BASE) for url in server.asked)


async def test_large_pages_use_the_bytes_up():
    server = Server(_endless, size=1024 * 1024)

    found = await walk(BASE, server)

    assert not found.whole
    assert len(server.asked) == 3


async def test_a_slow_server_keeps_what_it_gave_in_time():
    first = page(1, following=f"{BASE}?page=2")

    async def slow(url: str) -> Fetched:
        if url != BASE:
            await asyncio.Event().wait()
        return Fetched(collection(first=first), 100)

    found = await walk(BASE, slow, limits=Limits(seconds=0.05))

    assert found == Walked(tuple(first["items"]), whole=False)


async def test_a_collection_that_is_not_there_is_an_error_and_a_missing_page_is_not():
    with pytest.raises(FetchFailed):
        await walk(BASE, Server({}))

    found = await walk(BASE, Server({BASE: collection(first=page(1, following=f"{BASE}?page=2"))}))

    assert len(found.items) == 2
    assert not found.whole


async def test_a_collection_inside_a_document_is_continued_at_the_documents_server_only():
    server = Server({f"{BASE}?page=2": page(2)})
    first = page(1, following=f"{BASE}?page=2")

    ours = await walk_embedded(collection(first=first), "https://far.example/note", server)
    foreign = await walk_embedded(collection(first=first), "https://evil.example/note", server)

    assert (len(ours.items), ours.whole) == (4, True)
    assert (len(foreign.items), foreign.whole) == (2, False)


addresses = st.sampled_from([f"{BASE}?page={number}" for number in range(6)] + [BASE, "https://evil.example/p"])
pages = st.builds(
    lambda uri, items, following, first: {
        key: value
        for key, value in {"id": uri, "orderedItems": items, "next": following, "first": first}.items()
        if value is not None
    },
    st.none() | addresses,
    st.none() | st.text(max_size=3) | st.lists(st.integers() | st.text(max_size=3), max_size=200),
    st.none() | addresses,
    st.none() | addresses,
)


@given(st.dictionaries(addresses, pages))
@settings(max_examples=100, deadline=None)
def test_no_server_makes_us_ask_twice_or_more_than_the_budget(documents):
    server = Server(documents)

    async def go() -> None:
        try:
            found = await walk(BASE, server)
        except FetchFailed:
            return
        assert len(found.items) <= LIMITS.items

    asyncio.run(go())

    assert len(server.asked) == len(set(server.asked)) <= LIMITS.pages + 1
    assert not [url for url in server.asked if not url.startswith("https://far.example/")]
