# SPDX-License-Identifier: AGPL-3.0-or-later
"""Events in the dialects of five programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from activitypub.errors import Malformed
from activitypub.events import EventDocument, EventStatus, JoinMode, Place, known_zone, read_event
from activitypub.parse import JsonObject, JsonValue

HALL = Place(
    name="Old Library",
    street="3 Quay Street",
    postcode="69002",
    city="Lyon",
    country="France",
    latitude=45.75,
    longitude=4.85,
)


def from_mobilizon(**changes: JsonValue) -> JsonObject:
    doc: JsonObject = {
        "type": "Event",
        "id": "https://mobilizon.example/events/7b1d",
        "uuid": "7b1d",
        "name": "Careers evening",
        "content": "<p>Questions welcome.</p>",
        "actor": "https://mobilizon.example/@marie",
        "attributedTo": "https://mobilizon.example/@lyon",
        "startTime": "2026-03-20T19:00:00+01:00",
        "endTime": "2026-03-20T20:30:00+01:00",
        "timezone": "Europe/Paris",
        "category": "BUSINESS",
        "ical:status": "CONFIRMED",
        "joinMode": "restricted",
        "externalParticipationUrl": None,
        "isOnline": False,
        "draft": False,
        "maximumAttendeeCapacity": 40,
        "remainingAttendeeCapacity": 12,
        "participantCount": 28,
        "summary": None,
        "location": {
            "type": "Place",
            "id": "https://mobilizon.example/address/1",
            "name": "Old Library",
            "address": {
                "type": "PostalAddress",
                "streetAddress": "3 Quay Street",
                "postalCode": "69002",
                "addressLocality": "Lyon",
                "addressRegion": "Rhône",
                "addressCountry": "France",
            },
            "latitude": 45.75,
            "longitude": 4.85,
        },
        "attachment": [
            {"type": "PropertyValue", "propertyID": "mz:accessibility:live:subtitle", "value": True},
            {"type": "Document", "mediaType": "image/jpeg", "url": "https://mobilizon.example/a.jpg", "name": "Map"},
            {"type": "Document", "mediaType": "image/jpeg", "url": "https://mobilizon.example/b.jpg", "name": "Banner"},
            {"type": "Link", "mediaType": "text/html", "href": "https://careers.example", "name": "Website"},
        ],
    }
    return doc | changes


def from_gancio(**changes: JsonValue) -> JsonObject:
    doc: JsonObject = {
        "id": "https://gancio.example/federation/m/512",
        "type": "Event",
        "name": "Evening talk and stream",
        "startTime": "2026-02-14T19:30:00.000+01:00",
        "endTime": "2026-02-14T22:00:00.000+01:00",
        "location": [
            {"type": "VirtualLocation", "url": "https://meet.example/room-9"},
            {
                "type": "Place",
                "name": "Old Library",
                "address": "3 Quay Street, Lyon",
                "latitude": 45,
                "longitude": 4.85,
            },
        ],
        "attachment": [
            {
                "type": "Link",
                "mediaType": "text/html",
                "name": "https://meet.example/room-9",
                "href": "https://meet.example/room-9",
            },
            {
                "type": "Document",
                "mediaType": "image/jpeg",
                "url": "https://gancio.example/media/p.jpg",
                "focalPoint": [0, 0],
            },
        ],
        "summary": "Old Library, Saturday, 14 February at 19:30 CET",
    }
    return doc | changes


def test_an_event_of_mobilizon() -> None:
    assert read_event(from_mobilizon()) == EventDocument(
        name="Careers evening",
        start=datetime(2026, 3, 20, 18, tzinfo=UTC),
        end=datetime(2026, 3, 20, 19, 30, tzinfo=UTC),
        zone="Europe/Paris",
        offset=timedelta(hours=1),
        place=HALL,
        online_url="https://careers.example",
        capacity=40,
        remaining=12,
        participants=28,
        join_mode=JoinMode.RESTRICTED,
        status=EventStatus.CONFIRMED,
        image="https://mobilizon.example/b.jpg",
    )


def test_a_video_meeting_of_mobilizon() -> None:
    meeting: JsonValue = [
        {"type": "Link", "mediaType": "text/html", "href": "https://careers.example", "name": "Website"},
        {"type": "PropertyValue", "propertyID": "mz:visio:jitsi_meet", "value": "https://meet.example/careers"},
    ]

    event = read_event(from_mobilizon(isOnline=True, location=None, attachment=meeting))

    assert (event.place, event.online_url) == (None, "https://meet.example/careers")


def test_an_event_of_gancio_in_two_places() -> None:
    event = read_event(from_gancio())

    assert event.place == Place(name="Old Library", street="3 Quay Street, Lyon", latitude=45.0, longitude=4.85)
    assert event.online_url == "https://meet.example/room-9"
    assert event.image == "https://gancio.example/media/p.jpg"
    assert (event.zone, event.offset) == (None, timedelta(hours=1))
    assert event.capacity is None


@pytest.mark.parametrize(
    ("location", "place", "online"),
    [
        ({"name": "Old Library"}, Place(name="Old Library"), None),
        ("Old Library", Place(name="Old Library"), None),
        ("https://meet.example/1", None, "https://meet.example/1"),
        ({"type": "Place", "name": "Cafe", "address": "https://meet.example/1"}, None, "https://meet.example/1"),
        (
            {"type": "Place", "address": {"type": "VirtualLocation", "url": "https://meet.example/1"}},
            None,
            "https://meet.example/1",
        ),
        ({"type": "VirtualLocation", "name": "Room", "url": "javascript:1"}, None, None),
        ({"type": "Place"}, None, None),
        ({"type": "Place", "name": "Cafe", "latitude": 91, "longitude": 4}, Place(name="Cafe"), None),
        ({"type": "Place", "name": "Cafe", "latitude": 45.0}, Place(name="Cafe"), None),
        ([], None, None),
        (None, None, None),
        ([5, True], None, None),
    ],
)
def test_places_of_many_forms(location: JsonValue, place: Place | None, online: str | None) -> None:
    event = read_event(from_gancio(location=location, attachment=[]))

    assert (event.place, event.online_url) == (place, online)


def test_an_event_of_friendica_has_no_zone_and_no_capacity() -> None:
    event = read_event(
        {
            "type": "Event",
            "id": "https://friendica.example/objects/b1e5",
            "name": "Chapter brunch",
            "startTime": "2026-02-22T10:00:00+00:00",
            "endTime": "2026-02-22T13:00:00+00:00",
            "location": {"type": "Place", "name": "Example Cafe"},
            "dfrn:adjust": True,
            "summary": None,
        }
    )

    assert event == EventDocument(
        name="Chapter brunch",
        start=datetime(2026, 2, 22, 10, tzinfo=UTC),
        end=datetime(2026, 2, 22, 13, tzinfo=UTC),
        place=Place(name="Example Cafe"),
    )


def test_an_event_of_the_wordpress_bridge_is_joined_elsewhere() -> None:
    event = read_event(
        from_mobilizon(
            joinMode="external",
            externalParticipationUrl="https://wp.example/event/dinner",
            maximumAttendeeCapacity=None,
            attachment=[{"type": "Image", "url": "https://wp.example/banner.jpg", "mediaType": "image/jpeg"}],
        )
    )

    assert (event.join_mode, event.external_url) == (JoinMode.EXTERNAL, "https://wp.example/event/dinner")
    assert event.image == "https://wp.example/banner.jpg"


def test_an_all_day_event_of_streams() -> None:
    event = read_event({"type": "Event", "name": "Reunion", "startTime": "2026-06-20", "endTime": "2026-06-21"})

    assert event.all_day
    assert event.start == datetime(2026, 6, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, EventStatus.CONFIRMED),
        ({"status": "CANCELLED"}, EventStatus.CANCELLED),
        ({"ical:status": "TENTATIVE"}, EventStatus.TENTATIVE),
        ({"eventStatus": "EventCancelled"}, EventStatus.CANCELLED),
        ({"eventStatus": "https://schema.org/EventPostponed"}, EventStatus.TENTATIVE),
        ({"status": 5, "ical:status": ["cancelled"]}, EventStatus.CANCELLED),
    ],
)
def test_cancelling_is_said_under_three_names(said: JsonObject, status: EventStatus) -> None:
    doc = from_mobilizon()
    del doc["ical:status"]

    assert read_event(doc | said).status is status


@pytest.mark.parametrize(
    ("said", "url", "mode"),
    [
        (None, None, JoinMode.FREE),
        ("free", None, JoinMode.FREE),
        ("mz:invite", None, JoinMode.INVITE),
        ("none", None, JoinMode.NONE),
        (None, "https://tickets.example/1", JoinMode.EXTERNAL),
        ("lottery", None, JoinMode.NONE),
        ("lottery", "https://tickets.example/1", JoinMode.EXTERNAL),
        ({}, None, JoinMode.FREE),
    ],
)
def test_ways_to_join(said: JsonValue, url: JsonValue, mode: JoinMode) -> None:
    assert read_event(from_mobilizon(joinMode=said, externalParticipationUrl=url)).join_mode is mode


@pytest.mark.parametrize(("capacity", "expected"), [(0, None), (None, None), (-1, None), ("20", 20), (10**12, None)])
def test_no_capacity_is_no_limit(capacity: JsonValue, expected: int | None) -> None:
    event = read_event(from_mobilizon(maximumAttendeeCapacity=capacity))

    assert event.capacity == expected
    assert (event.remaining is None) is (expected is None)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"name": "  "},
        {"startTime": None},
        {"startTime": "soon"},
        {"startTime": "1899-12-31T23:00:00Z"},
        {"startTime": "2201-01-01T00:00:00Z"},
        {"startTime": {"@value": 5}},
    ],
)
def test_an_event_without_a_name_or_a_sensible_start_is_refused(changes: JsonObject) -> None:
    with pytest.raises(Malformed):
        read_event(from_mobilizon(**changes))


@pytest.mark.parametrize("end", ["2026-03-20T19:00:00+01:00", "2026-03-19T19:00:00Z", "2999-01-01", "x", None])
def test_an_end_that_is_no_end_is_left_out(end: JsonValue) -> None:
    assert read_event(from_mobilizon(endTime=end)).end is None


def test_a_postponed_event_keeps_its_former_start() -> None:
    doc = from_mobilizon(startTime=None, previousStartTime="2026-03-20T19:00:00+01:00", eventStatus="EventPostponed")
    del doc["ical:status"]

    assert read_event(doc).status is EventStatus.TENTATIVE


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Europe/Paris", True),
        ("America/Argentina/Buenos_Aires", True),
        ("UTC", True),
        ("Europe", False),
        ("Europe/Atlantis", False),
        ("../../etc/passwd", False),
        ("/etc/passwd", False),
        ("localtime", False),
        ("Europe/Paris\n", False),
        ("", False),
    ],
)
def test_only_zones_of_the_database_are_kept(name: str, known: bool) -> None:
    assert known_zone(name) == (name if known else None)
