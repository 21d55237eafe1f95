# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an event may be: hours that the clocks skip or repeat, zones, places; and when one may join."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub.addressing import Visibility
from activitypub.events import EventStatus, JoinMode
from node.events.rules import EventDraft, check, check_may_join, in_utc
from node.kernel.errors import Conflict, Invalid
from node.relationships import Circle

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ZONES = ("Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "UTC")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def a_draft(**values: object) -> EventDraft:
    given_values = {"title": "Summer dinner", "start": local("2027-06-12T19:00"), "place": "The hall", **values}
    return EventDraft(**given_values)  # type: ignore[arg-type]  # passed on as given


MOMENTS = {
    "in winter": ("2027-01-12T19:00", "Europe/Paris", "2027-01-12T18:00"),
    "in summer": ("2027-06-12T19:00", "Europe/Paris", "2027-06-12T17:00"),
    "just before the clocks go forward": ("2027-03-28T01:59", "Europe/Paris", "2027-03-28T00:59"),
    "just after": ("2027-03-28T03:00", "Europe/Paris", "2027-03-28T01:00"),
    "an hour that comes twice is the first": ("2027-10-31T02:30", "Europe/Paris", "2027-10-31T00:30"),
    "half an hour off": ("2027-06-12T19:00", "Asia/Kolkata", "2027-06-12T13:30"),
    "across the date line": ("2027-06-12T02:00", "Pacific/Kiritimati", "2027-06-11T12:00"),
    "on a leap day": ("2028-02-29T12:00", "UTC", "2028-02-29T12:00"),
}


@pytest.mark.parametrize(("there", "zone", "utc"), MOMENTS.values(), ids=MOMENTS)
def test_the_clock_on_the_wall_becomes_a_moment(there, zone, utc):
    assert in_utc(local(there), zone, field="start") == local(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("there", "zone"),
    [
        ("2027-03-28T02:30", "Europe/Paris"),
        ("2027-03-14T02:00", "America/New_York"),
        ("2011-12-30T12:00", "Pacific/Apia"),
        ("2027-10-03T02:15", "Australia/Lord_Howe"),
    ],
)
def test_an_hour_that_the_clocks_skip_is_no_hour(there, zone):
    with pytest.raises(Invalid) as refused:
        in_utc(local(there), zone, field="start")
    assert refused.value.field == "start"


@pytest.mark.parametrize(
    "zone", ["", "Europe", "Atlantis", "../etc/passwd", "/etc/localtime", "Europe/Paris\n", "\0", "x" * 300]
)
def test_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(Invalid) as refused:
        in_utc(local("2027-06-12T19:00"), zone, field="start")
    assert refused.value.field == "timezone"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001  # wall clocks
@settings(max_examples=150)
def test_every_hour_either_comes_back_as_it_was_or_is_refused(there, zone):
    from zoneinfo import ZoneInfo

    try:
        moment = in_utc(there, zone, field="start")
    except Invalid:
        return
    assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == there


FAULTS = {
    "no title": ({"title": "  "}, "title"),
    "a short title": ({"title": "ab"}, "title"),
    "a long title": ({"title": "x" * 121}, "title"),
    "a long text": ({"text": "x" * 10_001}, "text"),
    "an end before the start": ({"end": local("2027-06-12T18:59")}, "end"),
    "an end at the start": ({"end": local("2027-06-12T19:00")}, "end"),
    "a start that is over": ({"start": local("2026-11-25T11:59")}, "start"),
    "a start in ten years": ({"start": local("2036-06-12T19:00")}, "start"),
    "two years long": ({"end": local("2029-06-12T19:00")}, "end"),
    "nowhere": ({"place": " "}, "place"),
    "a link that is a script": ({"online_url": "javascript:alert(1)"}, "online_url"),
    "a link without a host": ({"online_url": "https://"}, "online_url"),
    "a link that cannot be read": ({"online_url": "https://[::1"}, "online_url"),
    "for one alone": ({"visibility": Visibility.DIRECT}, "visibility"),
    "for a circle and for everyone": ({"circle": Circle.SCHOOL}, "visibility"),
    "no seats": ({"capacity": 0}, "capacity"),
    "seats for a city": ({"capacity": 100_001}, "capacity"),
}


@pytest.mark.parametrize(("values", "field"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_is_refused_and_the_field_named(values, field):
    with pytest.raises(Invalid) as refused:
        check(a_draft(**values), NOW)
    assert refused.value.field == field


def test_an_event_under_way_may_still_be_published_until_it_ends():
    draft = a_draft(start=local("2026-11-25T10:00"), end=local("2026-11-25T14:00"))

    assert check(draft, NOW) == (NOW - timedelta(hours=2), NOW + timedelta(hours=2))


def test_an_event_may_be_online_alone():
    check(a_draft(place="", online_url="https://meet.example/x"), NOW)


OPEN = {
    "status": EventStatus.CONFIRMED,
    "join_mode": JoinMode.FREE,
    "starts_at": NOW + timedelta(days=1),
    "ends_at": None,
    "capacity": 2,
    "going": 1,
    "now": NOW,
}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"status": EventStatus.CANCELLED}, "cancelled"),
        ({"starts_at": NOW}, "over"),
        ({"starts_at": NOW - timedelta(days=2), "ends_at": NOW}, "over"),
        ({"join_mode": JoinMode.EXTERNAL}, "own page"),
        ({"join_mode": JoinMode.INVITE}, "own page"),
        ({"going": 2}, "full"),
        ({"going": 5}, "full"),
    ],
)
def test_a_seat_is_refused_with_the_reason(values, reason):
    with pytest.raises(Conflict, match=reason):
        check_may_join(**{**OPEN, **values})


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"capacity": None, "going": 999},
        {"starts_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=1)},
    ],
)
def test_a_seat_that_is_free_is_given(values):
    check_may_join(**{**OPEN, **values})
