# SPDX-License-Identifier: AGPL-3.0-or-later
"""An Event as another server describes it, whichever of the five dialects it speaks.

Read are Mobilizon (the fullest), Gancio (several locations, no joining), the WordPress Event Bridge, Friendica and
(streams) (UTC, no zone), and FEP-8a8e. Where and how to join is kept as said; whether we join is not decided here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from activitypub import attachments
from activitypub.accessors import (
    as_bool,
    as_float,
    as_int,
    as_list,
    as_local_time,
    as_object,
    as_text,
    as_time,
    as_url,
    is_date_only,
    is_web_address,
    media_type_of,
    text_of,
    types,
)
from activitypub.errors import Malformed
from activitypub.parse import JsonObject, JsonValue

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
MAX_NAME: Final = 2_048
MAX_PLACE: Final = 500
_MAX_LOCATIONS: Final = 20
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}")


class EventStatus(StrEnum):
    """The three words of iCalendar (RFC 5545 3.8.1.11)."""

    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    TENTATIVE = "TENTATIVE"


class JoinMode(StrEnum):
    """How one takes part: at once, after approval, elsewhere, when invited, or not through the server at all."""

    FREE = "free"
    RESTRICTED = "restricted"
    EXTERNAL = "external"
    INVITE = "invite"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Any part may be missing; both coordinates are there or neither, in degrees."""

    name: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDocument:
    """`start` and `end` are in UTC; `zone` is an IANA name this machine knows.

    Without a zone `offset` is the distance from UTC that was written, good for display only. An `all_day` event has a
    civil date: its start is that date's midnight in UTC and is not to be shown as an hour. A `capacity` of None means
    no limit was given. `summary` is HTML or plain text, not sanitised.
    """

    name: str
    start: datetime
    end: datetime | None = None
    zone: str | None = None
    offset: timedelta | None = None
    all_day: bool = False
    place: Place | None = None
    online_url: str | None = None
    capacity: int | None = None
    remaining: int | None = None
    participants: int | None = None
    join_mode: JoinMode = JoinMode.FREE
    external_url: str | None = None
    status: EventStatus = EventStatus.CONFIRMED
    summary: str | None = None
    image: str | None = None


def read_event(doc: JsonObject) -> EventDocument:
    """The event in an object of type Event.

    An end that does not come after the start is left out. A postponed event without a start keeps its former one.

    Raises:
        Malformed: no name, or no start between the years 1900 and 2200.
    """
    name = (text_of(doc, "name")[0] or "").strip()[:MAX_NAME]
    if not name:
        raise Malformed("event without a name")
    written = doc.get("startTime") or doc.get("previousStartTime")
    start = as_time(written)
    if start is None or not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise Malformed("event without a start")
    end = as_time(doc.get("endTime"))
    if end is not None and (end <= start or end.year > LAST_YEAR):
        end = None
    place, virtual = _where(doc.get("location"))
    capacity = _count(doc.get("maximumAttendeeCapacity")) or None
    external_url = as_url(doc.get("externalParticipationUrl"))
    return EventDocument(
        name=name,
        start=start,
        end=end,
        zone=known_zone(as_text(doc.get("timezone"))),
        offset=_offset(written),
        all_day=is_date_only(written),
        place=place,
        online_url=virtual or _online(doc),
        capacity=capacity,
        remaining=_count(doc.get("remainingAttendeeCapacity")) if capacity is not None else None,
        participants=_participants(doc),
        join_mode=_join_mode(as_text(doc.get("joinMode")), external_url),
        external_url=external_url,
        status=_status(doc),
        summary=text_of(doc, "summary")[0],
        image=_image(doc),
    )


def known_zone(name: str | None) -> str | None:
    """`name` if it is a zone of the IANA database here, else None."""
    if name is None or _ZONE.fullmatch(name) is None or name.lower() in {"localtime", "factory", "posixrules"}:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return name


def _offset(written: JsonValue) -> timedelta | None:
    moment = as_local_time(written)
    if moment is None or moment.tzinfo is UTC:
        return None
    return moment.utcoffset()


def _where(value: JsonValue) -> tuple[Place | None, str | None]:
    """The first physical place and the first online address among the locations.

    A Place whose address is a VirtualLocation or an address on the web is online too (Gancio).
    """
    place: Place | None = None
    online: str | None = None
    for entry in as_list(value)[:_MAX_LOCATIONS]:
        found: Place | None = None
        address: str | None = None
        if isinstance(entry, str):
            address = entry if is_web_address(entry) else None
            found = Place(name=_line(entry)) if address is None and _line(entry) else None
        elif isinstance(entry, dict):
            address = _virtual(entry)
            found = _place(entry) if address is None and "VirtualLocation" not in types(entry) else None
        place = place or found
        online = online or address
    return place, online


def _virtual(entry: JsonObject) -> str | None:
    inside = as_object(entry.get("address"))
    if "VirtualLocation" in types(entry):
        return as_url(entry.get("url")) or as_url(inside)
    if inside is not None and "VirtualLocation" in types(inside):
        return as_url(inside.get("url"))
    return as_url(entry.get("address"))


def _place(entry: JsonObject) -> Place | None:
    address = entry.get("address")
    parts = as_object(address) or {}
    latitude, longitude = as_float(entry.get("latitude")), as_float(entry.get("longitude"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        latitude = longitude = None
    place = Place(
        name=_line(as_text(entry.get("name"))),
        street=_line(as_text(parts.get("streetAddress")) or as_text(address)),
        postcode=_line(as_text(parts.get("postalCode"))),
        city=_line(as_text(parts.get("addressLocality"))),
        country=_line(as_text(parts.get("addressCountry"))),
        latitude=latitude,
        longitude=longitude,
    )
    return place if place != Place() else None


def _line(text: str | None) -> str | None:
    return " ".join(text.split())[:MAX_PLACE] or None if text else None


def _online(doc: JsonObject) -> str | None:
    """Where an event takes place online, from its attachments.

    Mobilizon keeps it in a Link named "Website" or, for video meetings, in a PropertyValue; Gancio in a Link that is
    named by its own address.
    """
    website: str | None = None
    for entry in as_list(doc.get("attachment"))[:50]:
        if not isinstance(entry, dict):
            continue
        if "PropertyValue" in types(entry) and (as_text(entry.get("propertyID")) or "").startswith("mz:visio:"):
            meeting = as_url(entry.get("value"))
            if meeting is not None:
                return meeting
        if "Link" in types(entry) and media_type_of(entry) in {"text/html", None}:
            href, name = as_url(entry.get("href")), as_text(entry.get("name"))
            if href is not None and name in {"Website", href}:
                website = website or href
    return website


def _count(value: JsonValue) -> int | None:
    number = as_int(value)
    return number if number is not None and 0 <= number <= 10_000_000 else None


def _participants(doc: JsonObject) -> int | None:
    attendees = as_object(doc.get("attendees")) or {}
    stated = _count(doc.get("participantCount"))
    return stated if stated is not None else _count(attendees.get("totalItems"))


def _join_mode(said: str | None, external_url: str | None) -> JoinMode:
    """Silence means free, as at Mobilizon; a word we do not know means that we do not know how."""
    if said is None:
        return JoinMode.EXTERNAL if external_url else JoinMode.FREE
    word = said.rpartition(":")[2].lower()
    if word in set(JoinMode):
        return JoinMode(word)
    return JoinMode.EXTERNAL if external_url else JoinMode.NONE


def _status(doc: JsonObject) -> EventStatus:
    for name in ("status", "ical:status", "eventStatus"):
        said = (as_text(doc.get(name)) or "").lower()
        if "cancel" in said:
            return EventStatus.CANCELLED
        if "tentative" in said or "postponed" in said:
            return EventStatus.TENTATIVE
        if "confirmed" in said:
            return EventStatus.CONFIRMED
    return EventStatus.CONFIRMED


def _image(doc: JsonObject) -> str | None:
    """The banner: the attachment marked as such, else the first picture, else the event's `image`."""
    first: str | None = None
    for entry in as_list(doc.get("attachment"))[:50]:
        attachment = attachments.read_one(entry) if isinstance(entry, dict) else None
        if attachment is None or not isinstance(entry, dict):
            continue
        if as_bool(entry.get("isBannerImage")) or as_text(entry.get("name")) == "Banner":
            return attachment.url
        if attachment.type is attachments.MediaKind.IMAGE:
            first = first or attachment.url
    return first or attachments.picture(doc.get("image"))[0]
