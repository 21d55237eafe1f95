# SPDX-License-Identifier: AGPL-3.0-or-later
"""The objects we publish: notes, events, and what is left of deleted ones.

Everything that may be a list is a list, since single values have made peers drop posts, and empty ones are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from activitypub import alumni, attachments, contexts, emojis, quotes
from activitypub.accessors import iso, iso_exact
from activitypub.attachments import Attachment
from activitypub.emojis import OwnEmoji
from activitypub.events import EventStatus, JoinMode, Place
from activitypub.objects import Mention
from activitypub.parse import JsonObject, JsonValue

_EVENT_STATUS: Final = {
    EventStatus.CONFIRMED: "EventScheduled",
    EventStatus.CANCELLED: "EventCancelled",
    EventStatus.TENTATIVE: "EventTentative",
}


@dataclass(frozen=True, slots=True)
class HashtagLink:
    """`name` without `#`, as the author wrote it; `href` is the page of the tag."""

    name: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDraft:
    """A post to be written. `content` is sanitised HTML, `source` the text the author typed.

    `summary` is a content warning, never an abstract. `replies` is the id of the collection of replies, `context` that of
    the whole thread (FEP-7888); `likes` and `shares` are how many there are. `quotable_by` are those who may quote without
    asking: everybody, the author's followers, or the author's own id for nobody else. `quote` is what it quotes, written
    in each word that is read. `circle` is the collection of the circle that it is to, which then stands in `to`.
    """

    id: str
    url: str
    attributed_to: str
    content: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    published: datetime
    updated: datetime | None = None
    language: str | None = None
    summary: str | None = None
    sensitive: bool = False
    in_reply_to: str | None = None
    mentions: tuple[Mention, ...] = ()
    hashtags: tuple[HashtagLink, ...] = ()
    emojis: tuple[OwnEmoji, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    replies: str | None = None
    context: str | None = None
    likes: int | None = None
    shares: int | None = None
    quotable_by: tuple[str, ...] | None = None
    quote: str | None = None
    quote_authorization: str | None = None
    source: str | None = None
    source_media_type: str = "text/plain"
    circle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """An event to be written.

    `summary` is one plain line that begins with day, hour, zone and place ("Thu 12 Mar 2027, 19:00 (Europe/Paris),
    Example Hall"): a server that knows no events shows only the name, this line and the link. `content` is sanitised
    HTML. `start` and `end` are in UTC and written at the offset that `zone` has on that day. `circle` is the collection of
    the circle that it is to, which then stands in `to`.
    """

    id: str
    url: str
    name: str
    content: str
    summary: str
    attributed_to: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    start: datetime
    end: datetime | None = None
    zone: str
    published: datetime
    updated: datetime | None = None
    language: str | None = None
    place: Place | None = None
    online_url: str | None = None
    capacity: int | None = None
    participants: int = 0
    join_mode: JoinMode = JoinMode.FREE
    external_url: str | None = None
    status: EventStatus = EventStatus.CONFIRMED
    category: str = "MEETING"
    image: Attachment | None = None
    mentions: tuple[Mention, ...] = ()
    hashtags: tuple[HashtagLink, ...] = ()
    emojis: tuple[OwnEmoji, ...] = ()
    replies: str | None = None
    circle: str | None = None


def build_note(draft: NoteDraft) -> JsonObject:
    """A Note in the shape Mastodon writes, which is the one that everybody reads."""
    doc: JsonObject = {
        "@context": contexts.OBJECT,
        "id": draft.id,
        "type": "Note",
        "attributedTo": draft.attributed_to,
        "summary": draft.summary,
        "content": draft.content,
        "sensitive": draft.sensitive,
        "inReplyTo": draft.in_reply_to,
        "url": draft.url,
        "to": list(draft.to),
        "cc": list(draft.cc),
        "published": iso(draft.published),
        "tag": _tags(draft.mentions, draft.hashtags, draft.emojis),
        "attachment": [attachments.build(attachment) for attachment in draft.attachments],
    }
    if draft.language is not None:
        doc["contentMap"] = {draft.language: draft.content}
    if draft.quotable_by is not None:
        doc["interactionPolicy"] = quotes.build_policy(draft.quotable_by)
    if draft.quote is not None:
        doc |= {"quote": draft.quote, "quoteUri": draft.quote, "_misskey_quote": draft.quote}
        if draft.quote_authorization is not None:
            doc["quoteAuthorization"] = draft.quote_authorization
    if draft.source is not None:
        doc["source"] = {"content": draft.source, "mediaType": draft.source_media_type}
    if draft.context is not None:
        doc["context"] = draft.context
    if draft.circle is not None:
        doc[alumni.CIRCLE] = draft.circle
    for name, total in (("likes", draft.likes), ("shares", draft.shares)):
        if total is not None:
            doc[name] = {"id": f"{draft.id}/{name}", "type": "Collection", "totalItems": total}
    return _finished(doc, draft.updated, draft.replies)


def build_event(draft: EventDraft) -> JsonObject:
    """An Event that Mobilizon, Gancio, the Event Bridge and Friendica all read.

    Each oddity answers one of them: one location, never a list (Gancio, on Update); the banner first and every
    attachment with a media type (Gancio refuses the event otherwise); coordinates as floats (Mobilizon drops whole
    numbers); the online address as a Link named "Website" (where Mobilizon looks); the status under two names.
    """
    full = draft.capacity is not None
    doc: JsonObject = {
        "@context": contexts.EVENT,
        "id": draft.id,
        "type": "Event",
        "name": draft.name,
        "summary": draft.summary,
        "content": draft.content,
        "mediaType": "text/html",
        "url": draft.url,
        "attributedTo": draft.attributed_to,
        "actor": draft.attributed_to,
        "organizers": {"type": "Collection", "totalItems": 1, "items": [draft.attributed_to]},
        "to": list(draft.to),
        "cc": list(draft.cc),
        "published": iso(draft.published),
        "startTime": local_iso(draft.start, draft.zone),
        "timezone": draft.zone,
        "isOnline": draft.place is None and draft.online_url is not None,
        "category": draft.category,
        "status": draft.status.value,
        "ical:status": draft.status.value,
        "eventStatus": _EVENT_STATUS[draft.status],
        "joinMode": draft.join_mode.value,
        "externalParticipationUrl": draft.external_url,
        "maximumAttendeeCapacity": draft.capacity,
        "remainingAttendeeCapacity": max(0, (draft.capacity or 0) - draft.participants) if full else None,
        "participantCount": draft.participants,
        "attendees": {"type": "Collection", "totalItems": draft.participants},
        "anonymousParticipationEnabled": False,
        "commentsEnabled": True,
        "repliesModerationOption": "allow_all",
        "draft": False,
        "tag": _tags(draft.mentions, draft.hashtags, draft.emojis),
        "attachment": _event_attachments(draft),
    }
    if draft.end is not None:
        doc["endTime"] = local_iso(draft.end, draft.zone)
    if draft.language is not None:
        doc["inLanguage"] = draft.language
        doc["contentMap"] = {draft.language: draft.content}
    if draft.place is not None:
        doc["location"] = _place(draft.place)
    elif draft.online_url is not None:
        doc["location"] = {"type": "VirtualLocation", "name": "Online", "url": draft.online_url}
    if draft.circle is not None:
        doc[alumni.CIRCLE] = draft.circle
    if draft.image is not None:
        doc["image"] = attachments.build(draft.image) | {"type": "Image"}
    return _finished(doc, draft.updated, draft.replies)


def build_tombstone(id: str, former_type: str, deleted: datetime) -> JsonObject:  # noqa: A002  the protocol's word
    """What stands at the id of something deleted, and in the Delete that says so."""
    return {
        "@context": contexts.ACTIVITYSTREAMS,
        "id": id,
        "type": "Tombstone",
        "formerType": former_type,
        "deleted": iso(deleted),
    }


def local_iso(moment: datetime, zone: str) -> str:
    """A moment at the offset its zone has then, as `2027-03-12T19:00:00+01:00`."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def _finished(doc: JsonObject, updated: datetime | None, replies: str | None) -> JsonObject:
    if updated is not None:
        doc["updated"] = iso_exact(updated)
    if replies is not None:
        doc["replies"] = replies
    return doc


def build_hashtag(tag: HashtagLink) -> JsonObject:
    """A hashtag as it stands among the tags of a post and in a collection of hashtags."""
    return {"type": "Hashtag", "href": tag.href, "name": f"#{tag.name}"}


def _tags(
    mentions: tuple[Mention, ...], hashtags: tuple[HashtagLink, ...], pictures: tuple[OwnEmoji, ...]
) -> list[JsonValue]:
    people: list[JsonValue] = [{"type": "Mention", "href": person.href, "name": person.name} for person in mentions]
    topics: list[JsonValue] = [build_hashtag(tag) for tag in hashtags]
    return people + topics + [emojis.build(one) for one in pictures]


def _event_attachments(draft: EventDraft) -> list[JsonValue]:
    found: list[JsonValue] = []
    if draft.image is not None:
        found.append(attachments.build(draft.image))
    if draft.online_url is not None:
        found.append({"type": "Link", "mediaType": "text/html", "href": draft.online_url, "name": "Website"})
    return found


def _place(place: Place) -> JsonObject:
    address: JsonObject = {"type": "PostalAddress"}
    for name, value in (
        ("streetAddress", place.street),
        ("postalCode", place.postcode),
        ("addressLocality", place.city),
        ("addressCountry", place.country),
    ):
        if value is not None:
            address[name] = value
    doc: JsonObject = {"type": "Place", "name": place.name or place.street or place.city or "", "address": address}
    if place.latitude is not None and place.longitude is not None:
        doc["latitude"] = float(place.latitude)
        doc["longitude"] = float(place.longitude)
    return doc
