# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many rows came to be in each week."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, func, select, type_coerce

from node.kernel.clock import milliseconds

_WEEK = timedelta(weeks=1)


def counted(
    conn: Connection, moment: "Column[datetime]", since: datetime, *clauses: ColumnElement[bool]
) -> dict[datetime, int]:
    """How many rows have their `moment` in each week from `since` on, by the week's beginning: one statement. Weeks in
    which nothing was are left out."""
    length = _WEEK // timedelta(milliseconds=1)
    week = ((type_coerce(moment, BigInteger) - milliseconds(since)) // length).label("week")
    rows = conn.execute(select(week, func.count()).where(moment >= since, *clauses).group_by(week))
    return {since + int(number) * _WEEK: count for number, count in rows}
