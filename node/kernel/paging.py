# SPDX-License-Identifier: AGPL-3.0-or-later
"""A page of a list that is read newest first, by id, as Mastodon's API has it (its documentation: API guidelines)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, Select


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
