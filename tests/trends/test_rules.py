# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much something trends."""

from datetime import UTC, datetime, timedelta

import pytest

from node.trends.rules import Kind, score

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_each_account_counts_for_half_as_much_each_half_life() -> None:
    assert score(Kind.TAG, [NOW, NOW - timedelta(hours=24), NOW - timedelta(hours=48)], NOW) == pytest.approx(1.75)
    assert score(Kind.STATUS, [NOW - timedelta(hours=12)], NOW) == pytest.approx(0.5)
    assert score(Kind.LINK, [], NOW) == 0


def test_a_clock_that_is_ahead_gains_nothing() -> None:
    assert score(Kind.LINK, [NOW + timedelta(days=300)], NOW) == 1


def test_few_who_talk_now_are_more_than_as_many_who_talked_yesterday() -> None:
    now = [NOW] * 3
    yesterday = [NOW - timedelta(days=1)] * 5

    assert score(Kind.TAG, now, NOW) > score(Kind.TAG, yesterday, NOW)
