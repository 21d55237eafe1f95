# SPDX-License-Identifier: AGPL-3.0-or-later
"""Numbers and slugs."""

import re
import threading
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from node.kernel import ids

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the strategy adds the zone


@given(MOMENTS, MOMENTS)
@settings(max_examples=50)
def test_numbers_sort_by_the_moment(first, second):
    a, b = ids.new_id(first), ids.new_id(second)

    if second - first >= timedelta(milliseconds=1):
        assert a < b
    assert 0 <= a < 2**63
    assert ids.first_id_at(first) <= a < ids.first_id_at(first + timedelta(milliseconds=1))


def test_numbers_of_one_moment_differ_whoever_asks():
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    found: list[int] = []

    def work() -> None:
        found.extend([ids.new_id(moment) for _ in range(2000)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 16000


def test_a_moment_before_1970_is_no_fault():
    assert ids.new_id(datetime(1876, 5, 1, tzinfo=UTC)) >= 0


def test_slugs_are_long_and_fit_the_addresses_of_the_node():
    slugs = {ids.slug() for _ in range(1000)}

    assert len(slugs) == 1000
    assert all(re.fullmatch("[a-z2-7]{26}", slug) for slug in slugs)


def test_secrets_hold_256_bits():
    assert len(ids.secret()) >= 43
    assert ids.secret() != ids.secret()
