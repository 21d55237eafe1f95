# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one reader of parameters, through a handler that says what it read."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from web import params
from web.params import Params


async def _echo(request: web.Request) -> web.Response:
    found = await params.read(request)
    return web.json_response(
        {
            "text": found.text("text"),
            "media_ids": found.texts("media_ids"),
            "privacy": found.table("source").text("privacy"),
            "fields": [[one.text("name"), one.text("value")] for one in found.tables("fields_attributes")],
        }
    )


@pytest.fixture
async def client() -> AsyncIterator[Any]:
    app = web.Application()
    app.router.add_route("*", "/", _echo)
    async with TestClient(TestServer(app)) as made:
        yield made


FIELDS = [["Job", "Pilot"], ["Town", "Quay"]]


@pytest.mark.parametrize(
    "sent",
    [
        {"params": [("text", "Hello"), ("media_ids[]", "1"), ("media_ids[]", "2"), ("source[privacy]", "private")]},
        {
            "data": "text=Hello&media_ids[]=1&media_ids[]=2&source[privacy]=private",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        },
        {
            "data": "text=Hello&media_ids=1&media_ids=2&source%5Bprivacy%5D=private",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        },
        {
            "data": "text=Hello&media_ids[0]=1&media_ids[1]=2&source[privacy]=private",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        },
        {"json": {"text": "Hello", "media_ids": ["1", 2], "source": {"privacy": "private"}, "language": None}},
        {"json": {"text": "Hello", "media_ids[]": ["1", "2"], "source[privacy]": "private"}},
        {"params": {"text": "Hello"}, "json": {"media_ids": [1, 2], "source": {"privacy": "private"}}},
    ],
    ids=["query", "form", "form-plain", "form-indexed", "json", "json-with-brackets", "query-and-json"],
)
async def test_parameters_are_read_however_they_are_sent(client: Any, sent: dict[str, Any]) -> None:
    async with client.post("/", **sent) as answer:
        read = await answer.json()

    assert read["text"] == "Hello"
    assert read["media_ids"] == ["1", "2"]
    assert read["privacy"] == "private"


@pytest.mark.parametrize(
    "body",
    [
        "fields_attributes[0][name]=Job&fields_attributes[0][value]=Pilot&fields_attributes[1][name]=Town&fields_attributes[1][value]=Quay",
        "fields_attributes[][name]=Job&fields_attributes[][value]=Pilot&fields_attributes[][name]=Town&fields_attributes[][value]=Quay",
    ],
)
async def test_a_list_of_tables_is_read_in_both_spellings(client: Any, body: str) -> None:
    async with client.post("/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}) as answer:
        assert (await answer.json())["fields"] == FIELDS


@pytest.mark.parametrize(
    "given_fields",
    [
        {"0": {"name": "Job", "value": "Pilot"}, "1": {"name": "Town", "value": "Quay"}},
        [{"name": "Job", "value": "Pilot"}, {"name": "Town", "value": "Quay"}],
    ],
)
async def test_a_list_of_tables_is_read_from_json(client: Any, given_fields: Any) -> None:
    async with client.post("/", json={"fields_attributes": given_fields}) as answer:
        assert (await answer.json())["fields"] == FIELDS


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("0", False),
        ("f", False),
        ("FALSE", False),
        ("off", False),
        ("", None),
        ("1", True),
        ("true", True),
        ("yes", True),
    ],
)
def test_booleans_are_read_as_apps_write_them(text: str, read: bool | None) -> None:
    assert Params({"locked": text}).boolean("locked") is read


@pytest.mark.parametrize(
    ("value", "read"),
    [("20", 20), (20, 20), (" 7 ", 7), ("-1", -1), ("abc", None), ("", None), ("9" * 30, None), ("١٢", None), ([1], 1)],
)
def test_numbers_are_read_or_not_given(value: Any, read: int | None) -> None:
    assert Params({"limit": value}).integer("limit") == read


@pytest.mark.parametrize("body", ["{", "[1]", '"text"', '{"a":' * 40 + "1" + "}" * 40])
async def test_json_that_cannot_be_read_is_refused(client: Any, body: str) -> None:
    from web.errors import BadRequest

    with pytest.raises(BadRequest):
        params._merge_json({}, body.encode())


def test_the_same_parameters_have_the_same_fingerprint_in_any_order() -> None:
    one = Params({"status": "Hello", "media_ids": ["1"]})
    other = Params({"media_ids": ["1"], "status": "Hello"})

    assert one.fingerprint() == other.fingerprint()
    assert one.fingerprint() != Params({"status": "Hello?", "media_ids": ["1"]}).fingerprint()


_KEYS = st.text(alphabet="ab[]0", min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_KEYS, st.text(max_size=5)), max_size=12))
def test_no_key_whatever_breaks_the_reader(pairs: list[tuple[str, str]]) -> None:
    tree: dict[str, params.Value] = {}

    params._merge(tree, pairs)

    read = Params(tree)
    for name in ("a", "b", "a[", "0"):
        read.text(name), read.texts(name), read.integer(name), read.table(name).text("a"), read.tables(name)
    assert isinstance(read.fingerprint(), bytes)
