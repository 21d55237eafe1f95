# SPDX-License-Identifier: AGPL-3.0-or-later
"""A page of a list that is read newest first, by id, as Mastodon's API has it (its documentation: API guidelines)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Connection, Integer, Row, Select, bindparam, delete, exists, func, select


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part: strictly older than `max_id`; newer than `since_id` (the newest of those); newer than `min_id` (the
    ones next to it). All may be given at once. The answer is newest first in every case."""

    limit: int = 20
    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None


def read(
    conn: Connection, statement: Select[*tuple[object, ...]], by: ColumnElement[int], page: Page
) -> Sequence[Row[*tuple[object, ...]]]:
    """The rows of `statement` on that page, ordered by the column `by`, newest first, in one statement."""
    if page.max_id is not None:
        statement = statement.where(by < page.max_id)
    if page.since_id is not None:
        statement = statement.where(by > page.since_id)
    if page.min_id is not None:
        statement = statement.where(by > page.min_id)
        return conn.execute(statement.order_by(by.asc()).limit(page.limit)).all()[::-1]
    return conn.execute(statement.order_by(by.desc()).limit(page.limit)).all()


def keep_newest(conn: Connection, of: "Column[int]", by: "Column[int]", length: int) -> int:
    """Cut every list in a table of entries to its newest `length` rows; how many went.

    `of` is the column that says whose list a row is on, `by` the one that lists are ordered by.
    """
    rank = func.row_number().over(partition_by=of, order_by=by.desc()).label("rank")
    ranked = select(of.label("of"), by.label("by"), rank).subquery()
    ends = select(ranked.c.of, ranked.c.by).where(ranked.c.rank == length + 1).subquery()
    beyond = exists(select(ends.c.of).where(ends.c.of == of, by <= ends.c.by))
    return conn.execute(delete(of.table).where(beyond)).rowcount


class Paged:
    """A statement that is read by pages often: each of its eight forms (which bounds are given) is built once."""

    def __init__(self, statement: Select[*tuple[object, ...]], by: ColumnElement[int]) -> None:
        """`statement` may hold bind parameters; `read` is given their values."""
        self._statement = statement
        self._by = by
        self._forms: dict[tuple[bool, bool, bool], Select[*tuple[object, ...]]] = {}

    def read(self, conn: Connection, page: Page, **values: object) -> Sequence[Row[*tuple[object, ...]]]:
        """The rows on that page, newest first."""
        form = (page.max_id is not None, page.since_id is not None, page.min_id is not None)
        statement = self._forms.get(form)
        if statement is None:
            statement = self._forms[form] = self._built(*form)
        bounds = {"max_id": page.max_id, "since_id": page.since_id, "min_id": page.min_id, "limit": page.limit}
        rows = conn.execute(
            statement, {**values, **{name: value for name, value in bounds.items() if value is not None}}
        )
        found = rows.all()
        return found[::-1] if page.min_id is not None else found

    def _built(self, has_max: bool, has_since: bool, has_min: bool) -> Select[*tuple[object, ...]]:
        statement = self._statement
        if has_max:
            statement = statement.where(self._by < bindparam("max_id"))
        if has_since:
            statement = statement.where(self._by > bindparam("since_id"))
        if has_min:
            statement = statement.where(self._by > bindparam("min_id"))
        order = self._by.asc() if has_min else self._by.desc()
        return statement.order_by(order).limit(bindparam("limit", type_=Integer))
