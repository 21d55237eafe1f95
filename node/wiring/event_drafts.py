# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member's program posts as an Event, read into the draft of one: the same words as other servers write."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from activitypub.accessors import text_of
from activitypub.addressing import Visibility
from activitypub.events import EventDocument, read_event
from activitypub.parse import JsonObject, JsonValue
from node.events import Event, EventDraft
from node.posts import Post
from node.relationships import Circle


def new(document: JsonObject, readers: tuple[Visibility, Circle | None], text: str) -> EventDraft:
    """A new event. Raises Malformed for one without a name or a start."""
    visibility, circle = readers
    draft = _draft(read_event(document), text, visibility, text_of(document, "content")[1])
    return replace(draft, circle=circle)


def changed(before: Event, post: Post, document: JsonObject, text: str) -> EventDraft:
    """An event with what a document changes of it: what the document leaves out stays."""
    online: list[JsonValue] = [{"type": "VirtualLocation", "url": before.online_url}] if before.online_url else []
    kept: JsonObject = {
        "name": before.title,
        "startTime": _written(before.start_local, before.timezone),
        "timezone": before.timezone,
        "location": [
            {
                "type": "Place",
                "name": before.place_name,
                "address": {
                    "type": "PostalAddress",
                    "streetAddress": before.street,
                    "postalCode": before.postcode,
                    "addressLocality": before.city,
                    "addressCountry": before.country,
                },
            },
            *online,
        ],
        "maximumAttendeeCapacity": before.capacity,
    }
    if before.end_local is not None:
        kept["endTime"] = _written(before.end_local, before.timezone)
    return _draft(read_event(kept | document), text, post.visibility, text_of(document, "content")[1] or post.language)


def _draft(found: EventDocument, text: str, visibility: Visibility, language: str | None) -> EventDraft:
    zone = found.zone or "UTC"
    place = found.place
    return EventDraft(
        title=found.name,
        text=text,
        start=_wall_clock(found.start, zone),
        end=_wall_clock(found.end, zone) if found.end is not None else None,
        timezone=zone,
        place=(place.name or "") if place else "",
        street=(place.street or "") if place else "",
        postcode=(place.postcode or "") if place else "",
        city=(place.city or "") if place else "",
        country=(place.country or "") if place else "",
        online_url=found.online_url or "",
        capacity=found.capacity,
        language=language,
        visibility=visibility,
    )


def _wall_clock(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _written(local: str, zone: str) -> str:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).isoformat()
