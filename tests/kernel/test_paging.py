# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages of a list, held against what a plain list would give."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, create_engine, insert, select

from node.kernel import paging
from node.kernel.paging import Page

items = Table("items", MetaData(), Column("id", BigInteger, primary_key=True, autoincrement=False))
PRESENT = [3, 5, 8, 9, 12, 20, 21, 22, 30, 31, 40]
BOUND = st.none() | st.integers(0, 45)


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    file: Path = tmp_path_factory.mktemp("paging") / "items.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as conn:
        items.create(conn)
        conn.execute(insert(items), [{"id": number} for number in PRESENT])
        yield conn
    engine.dispose()


def model(page: Page) -> list[int]:
    """What the page means, said with a list."""
    found = [
        number
        for number in PRESENT
        if (page.max_id is None or number < page.max_id)
        and (page.since_id is None or number > page.since_id)
        and (page.min_id is None or number > page.min_id)
    ]
    chosen = found[: page.limit] if page.min_id is not None else found[-page.limit :] if page.limit else []
    return chosen[::-1]


@given(limit=st.integers(1, 15), max_id=BOUND, since_id=BOUND, min_id=BOUND)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_page_is_what_a_list_would_give(conn, limit, max_id, since_id, min_id):
    page = Page(limit=limit, max_id=max_id, since_id=since_id, min_id=min_id)

    rows = paging.read(conn, select(items.c.id), items.c.id, page)
    built_once = paging.Paged(select(items.c.id), items.c.id).read(conn, page)

    assert [row.id for row in rows] == model(page)
    assert [row.id for row in built_once] == model(page)


def test_pages_older_and_newer_leave_nothing_out(conn):
    read = paging.Paged(select(items.c.id), items.c.id)
    down: list[int] = []
    page = Page(limit=3)
    while rows := read.read(conn, page):
        down += [row.id for row in rows]
        page = Page(limit=3, max_id=rows[-1].id)
    up: list[int] = []
    page = Page(limit=3, min_id=0)
    while rows := read.read(conn, page):
        up = [row.id for row in rows] + up
        page = Page(limit=3, min_id=rows[0].id)

    assert down == up == PRESENT[::-1]
