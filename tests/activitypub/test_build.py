# SPDX-License-Identifier: AGPL-3.0-or-later
"""What we publish, and that we and strict peers can read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from activitypub.addressing import PUBLIC, Visibility
from activitypub.attachments import Attachment, MediaKind
from activitypub.build import EventDraft, HashtagLink, NoteDraft, build_event, build_note, build_tombstone, local_iso
from activitypub.events import EventStatus, JoinMode, Place
from activitypub.objects import Mention, read_object
from activitypub.parse import JsonObject, dump

SAM = "https://our.example/actors/sam"
SCHOOL = "https://our.example/actors/school"
PHOTO = Attachment(
    type=MediaKind.IMAGE,
    url="https://media.our.example/1.jpg",
    media_type="image/jpeg",
    description="The hall",
    blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
    width=640,
    height=480,
    focus=(0, -1),
)
NOTE = NoteDraft(
    id="https://our.example/objects/1",
    url="https://our.example/@sam/1",
    attributed_to=SAM,
    content="<p>Hello @alex</p>",
    source="Hello @alex",
    to=(PUBLIC,),
    cc=(f"{SAM}/followers", "https://peer.example/users/alex"),
    published=datetime(2026, 11, 25, 10, 0, 0, 999_000, tzinfo=UTC),
    updated=datetime(2026, 11, 25, 11, tzinfo=UTC),
    language="en",
    summary="food",
    sensitive=True,
    in_reply_to="https://peer.example/notes/1",
    mentions=(Mention("https://peer.example/users/alex", "@alex@peer.example"),),
    hashtags=(HashtagLink("Reunion", "https://our.example/tags/reunion"),),
    attachments=(PHOTO,),
    replies="https://our.example/objects/1/replies",
)
DINNER = EventDraft(
    id="https://our.example/objects/2",
    url="https://our.example/events/2",
    name="Spring dinner",
    content="<p>All years welcome.</p>",
    summary="Fri 12 Mar 2027, 19:00 (Europe/Paris), Old Library",
    attributed_to=SCHOOL,
    to=(PUBLIC,),
    cc=(f"{SCHOOL}/followers",),
    start=datetime(2027, 3, 12, 18, tzinfo=UTC),
    end=datetime(2027, 3, 12, 21, tzinfo=UTC),
    zone="Europe/Paris",
    published=datetime(2026, 11, 25, 10, tzinfo=UTC),
    language="en",
    place=Place(name="Old Library", street="3 Quay Street", postcode="69002", city="Lyon", country="France",
                latitude=45, longitude=4.85),
    online_url="https://meet.example/1",
    capacity=40,
    participants=28,
    join_mode=JoinMode.RESTRICTED,
    image=PHOTO,
    hashtags=(HashtagLink("Reunion", "https://our.example/tags/reunion"),),
)  # fmt: skip


def test_a_note_is_read_back_as_it_was_written() -> None:
    read = read_object(build_note(NOTE), followers_uri=f"{SAM}/followers")

    assert (read.id, read.type, read.url, read.attributed_to) == (NOTE.id, "Note", NOTE.url, SAM)
    assert (read.content, read.language, read.source) == (NOTE.content, "en", NOTE.source)
    assert (read.summary, read.sensitive, read.in_reply_to) == ("food", True, NOTE.in_reply_to)
    assert (read.published, read.updated) == (NOTE.published.replace(microsecond=0), NOTE.updated)
    assert (read.mentions, read.hashtags) == (NOTE.mentions, ("reunion",))
    assert read.attachments == (PHOTO,)
    assert read.replies == NOTE.replies
    assert read.audience.visibility is Visibility.PUBLIC


def test_a_plain_note_still_has_its_lists() -> None:
    plain = build_note(
        replace(NOTE, mentions=(), hashtags=(), attachments=(), summary=None, updated=None, source=None, cc=())
    )

    assert (plain["tag"], plain["attachment"], plain["to"], plain["cc"]) == ([], [], [PUBLIC], [])
    assert plain["summary"] is None
    assert "updated" not in plain
    assert "source" not in plain


def test_an_event_is_read_back_as_it_was_written() -> None:
    read = read_object(build_event(DINNER))

    event = read.event
    assert event is not None
    assert (event.name, event.start, event.end, event.zone) == (DINNER.name, DINNER.start, DINNER.end, "Europe/Paris")
    assert event.offset == timedelta(hours=1)
    assert (event.place, event.online_url) == (DINNER.place, "https://meet.example/1")
    assert (event.capacity, event.remaining, event.participants) == (40, 12, 28)
    assert (event.join_mode, event.status) == (JoinMode.RESTRICTED, EventStatus.CONFIRMED)
    assert event.image == PHOTO.url
    assert event.summary == DINNER.summary
    assert read.attributed_to == SCHOOL
    assert read.hashtags == ("reunion",)


def test_an_event_is_written_as_peers_need_it() -> None:
    doc = build_event(DINNER)

    assert doc["startTime"] == "2027-03-12T19:00:00+01:00"
    assert doc["endTime"] == "2027-03-12T22:00:00+01:00"
    assert (doc["status"], doc["ical:status"], doc["eventStatus"]) == ("CONFIRMED", "CONFIRMED", "EventScheduled")
    assert doc["category"] == "MEETING"
    assert doc["actor"] == doc["attributedTo"] == SCHOOL
    location = doc["location"]
    assert isinstance(location, dict)
    assert b'"latitude":45.0' in dump(location)
    files = doc["attachment"]
    assert isinstance(files, list)
    assert [entry.get("mediaType") for entry in files if isinstance(entry, dict)] == ["image/jpeg", "text/html"]


@pytest.mark.parametrize(
    ("changes", "name", "expected"),
    [
        ({"status": EventStatus.CANCELLED}, "eventStatus", "EventCancelled"),
        ({"status": EventStatus.CANCELLED}, "ical:status", "CANCELLED"),
        ({"capacity": None}, "maximumAttendeeCapacity", None),
        ({"capacity": None}, "remainingAttendeeCapacity", None),
        ({"capacity": 20}, "remainingAttendeeCapacity", 0),
        ({"place": None}, "location", {"type": "VirtualLocation", "name": "Online", "url": "https://meet.example/1"}),
        ({"place": None}, "isOnline", True),
        ({"online_url": None, "image": None}, "attachment", []),
        ({"start": datetime(2027, 7, 1, 17, tzinfo=UTC)}, "startTime", "2027-07-01T19:00:00+02:00"),
    ],
)
def test_events_of_other_kinds(changes: dict[str, object], name: str, expected: object) -> None:
    assert build_event(replace(DINNER, **changes))[name] == expected  # type: ignore[arg-type]  # a table of changes


def test_an_event_without_place_or_end_does_not_invent_them() -> None:
    doc = build_event(replace(DINNER, place=None, online_url=None, end=None))

    assert not {"location", "endTime"} & doc.keys()


def test_a_tombstone_says_what_was_there() -> None:
    expected: JsonObject = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": NOTE.id,
        "type": "Tombstone",
        "formerType": "Note",
        "deleted": "2026-11-25T10:00:00Z",
    }

    assert build_tombstone(NOTE.id, "Note", datetime(2026, 11, 25, 10, tzinfo=UTC)) == expected


def test_local_times_follow_the_zone_over_the_change_of_clocks() -> None:
    before, after = datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)

    assert local_iso(before, "Europe/Paris") == "2027-03-28T01:30:00+01:00"
    assert local_iso(after, "Europe/Paris") == "2027-03-28T03:30:00+02:00"
