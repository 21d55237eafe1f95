# SPDX-License-Identifier: AGPL-3.0-or-later
"""When a digest is due, and how much stands in it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from node.digests import rules
from node.digests.rules import Frequency

PARIS = ZoneInfo("Europe/Paris")
# A Wednesday.
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize("member_id", [0, 1, 719, 720, 2**62 + 5])
@pytest.mark.parametrize("zone", [PARIS, UTC, ZoneInfo("Pacific/Auckland"), ZoneInfo("America/New_York")])
def test_each_comes_on_its_day_by_the_members_clock(member_id: int, zone: ZoneInfo) -> None:
    for frequency, longest in ((Frequency.DAILY, 1), (Frequency.WEEKLY, 7), (Frequency.MONTHLY, 31)):
        moment = rules.next_at(NOW, frequency, zone, member_id)
        assert moment is not None
        local = moment.astimezone(zone)
        assert NOW < moment <= NOW + timedelta(days=longest, hours=2)
        assert 7 <= local.hour < 19
        assert frequency is not Frequency.WEEKLY or local.weekday() == 0
        assert frequency is not Frequency.MONTHLY or local.day == 1


def test_the_next_is_a_period_later_also_when_the_clocks_change() -> None:
    moment = datetime(2027, 3, 20, tzinfo=UTC)
    found = []
    for _ in range(3):
        moment = rules.next_at(moment, Frequency.WEEKLY, PARIS, 30) or moment
        found.append(moment.astimezone(PARIS).strftime("%d %b %H:%M"))

    assert found == ["22 Mar 07:30", "29 Mar 07:30", "05 Apr 07:30"]


def test_members_are_spread_over_the_day() -> None:
    assert len({rules.next_at(NOW, Frequency.WEEKLY, UTC, number) for number in range(720)}) == 720


def test_who_wants_none_gets_none() -> None:
    assert rules.next_at(NOW, Frequency.NONE, UTC, 1) is None


def test_what_waits_comes_before_what_is_new() -> None:
    assert rules.room([2, 3]) == [2, 3]
    assert rules.room([20, 10, 4]) == [20, 5, 0]
