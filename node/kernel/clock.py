# SPDX-License-Identifier: AGPL-3.0-or-later
"""The time, and how it is stored: aware UTC datetimes in code, integer milliseconds since 1970 in the database."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def now() -> datetime:
    """This moment in UTC, cut to the millisecond so that what is stored equals what was given."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware datetime."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(value: int) -> datetime:
    """The aware UTC datetime of that many milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=value)


class Moment(TypeDecorator[datetime]):
    """A column type: an aware datetime, kept as BIGINT milliseconds so that both databases sort and compare alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Into the database; a naive datetime is a programming error and raises TypeError."""
        return None if value is None else milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Out of the database."""
        return None if value is None else from_milliseconds(value)
