# SPDX-License-Identifier: AGPL-3.0-or-later
"""Times, in code and in the database."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.kernel import clock
from node.kernel.clock import Moment

MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  # the strategy adds the zone


def test_now_is_in_utc_and_cut_to_the_millisecond():
    moment = clock.now()

    assert moment.tzinfo is UTC
    assert moment.microsecond % 1000 == 0


@given(MOMENTS)
@settings(max_examples=100)
def test_what_is_stored_comes_back_to_the_millisecond(moment):
    kept = clock.from_milliseconds(clock.milliseconds(moment))

    assert timedelta() <= moment - kept < timedelta(milliseconds=1)
    assert kept.tzinfo is UTC


def test_other_zones_are_stored_as_the_same_moment():
    there = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    assert clock.from_milliseconds(clock.milliseconds(there)) == datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


def test_a_time_without_a_zone_is_a_fault_of_the_programmer():
    with pytest.raises(TypeError):
        Moment().process_bind_param(datetime(2026, 3, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001  # no dialect


def test_nothing_stays_nothing():
    assert Moment().process_bind_param(None, None) is None  # type: ignore[arg-type]  # as above
    assert Moment().process_result_value(None, None) is None  # type: ignore[arg-type]  # as above
