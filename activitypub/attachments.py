# SPDX-License-Identifier: AGPL-3.0-or-later
"""Media that belong to an object, and the pictures of an actor: read and written.

The media type is a claim; what a file is, is decided from its bytes when it is fetched. A Link is a link, not media.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from activitypub.accessors import (
    as_float,
    as_int,
    as_list,
    as_text,
    as_url,
    is_web_address,
    media_type_of,
    types,
)
from activitypub.parse import JsonObject, JsonValue

MAX_ATTACHMENTS: Final = 20
MAX_DESCRIPTION: Final = 1_500

_MEDIA = {"Image": "image", "Video": "video", "Audio": "audio", "Document": "unknown"}


class MediaKind(StrEnum):
    """UNKNOWN until the bytes are seen."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """`description` is the alternative text; `focus` is the point to keep in view, each axis from -1 to 1, y upwards."""

    type: MediaKind
    url: str
    media_type: str | None = None
    description: str | None = None
    blurhash: str | None = None
    width: int | None = None
    height: int | None = None
    focus: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of ours in an actor document."""

    url: str
    media_type: str
    description: str | None = None


def read(doc: JsonObject) -> tuple[Attachment, ...]:
    """The media among an object's attachments, at most `MAX_ATTACHMENTS`, in order."""
    found: list[Attachment] = []
    for entry in as_list(doc.get("attachment")):
        if len(found) == MAX_ATTACHMENTS:
            break
        if isinstance(entry, dict) and (attachment := read_one(entry)) is not None:
            found.append(attachment)
    return tuple(found)


def read_one(entry: JsonObject) -> Attachment | None:
    """A Document, Image, Video or Audio with an address; anything else is no media."""
    kind = next((_MEDIA[name] for name in types(entry) if name in _MEDIA), None)
    if kind is None:
        return None
    url, media_type = _file(entry)
    if url is None:
        return None
    return Attachment(
        type=_kind(kind, media_type),
        url=url,
        media_type=media_type,
        description=description_of(entry),
        blurhash=_blurhash(entry.get("blurhash")),
        width=_size(entry.get("width")),
        height=_size(entry.get("height")),
        focus=_focus(entry.get("focalPoint")),
    )


def picture(value: JsonValue) -> tuple[str | None, str | None]:
    """The address and description of an actor's `icon` or `image`; of several sizes the largest."""
    best: tuple[int, str, str | None] | None = None
    for entry in as_list(value):
        address = as_url(entry.get("url")) or as_url(entry) if isinstance(entry, dict) else as_url(entry)
        if address is None:
            continue
        width = (_size(entry.get("width")) or 0) if isinstance(entry, dict) else 0
        if best is None or width > best[0]:
            best = (width, address, description_of(entry) if isinstance(entry, dict) else None)
    return (best[1], best[2]) if best else (None, None)


def description_of(entry: JsonObject) -> str | None:
    """The alternative text: `name` (Mastodon and most) or `summary` (GoToSocial)."""
    text = as_text(entry.get("name")) or as_text(entry.get("summary"))
    return text.strip()[:MAX_DESCRIPTION] or None if text else None


def build(attachment: Attachment) -> JsonObject:
    """A Document as Mastodon writes it.

    Always with a media type: Gancio refuses the whole event when an attachment before the picture lacks one.
    """
    doc: JsonObject = {
        "type": "Document",
        "mediaType": attachment.media_type or "application/octet-stream",
        "url": attachment.url,
        "name": attachment.description,
    }
    if attachment.blurhash is not None:
        doc["blurhash"] = attachment.blurhash
    if attachment.focus is not None:
        doc["focalPoint"] = [float(attachment.focus[0]), float(attachment.focus[1])]
    if attachment.width is not None and attachment.height is not None:
        doc["width"] = attachment.width
        doc["height"] = attachment.height
    return doc


def build_picture(image: Picture) -> JsonObject:
    """An Image for `icon` or `image`; the description under both names that peers read."""
    doc: JsonObject = {"type": "Image", "mediaType": image.media_type, "url": image.url}
    if image.description:
        doc["name"] = image.description
        doc["summary"] = image.description
    return doc


def _file(entry: JsonObject) -> tuple[str | None, str | None]:
    """The address of the file itself: of several Links the first that is media, so never the HTML page."""
    own_type = media_type_of(entry)
    for candidate in as_list(entry.get("url")):
        if isinstance(candidate, str) and is_web_address(candidate):
            return candidate, own_type
        if isinstance(candidate, dict):
            href, media_type = as_url(candidate), media_type_of(candidate) or own_type
            if href is not None and media_type != "text/html":
                return href, media_type
    return as_url(entry.get("href")), own_type


def _kind(kind: str, media_type: str | None) -> MediaKind:
    family = (media_type or "").split("/", 1)[0]
    return MediaKind(family) if family in {"image", "video", "audio"} else MediaKind(kind)


def _blurhash(value: JsonValue) -> str | None:
    text = as_text(value)
    return text if text is not None and 6 <= len(text) <= 200 and text.isascii() and text.isprintable() else None


def _size(value: JsonValue) -> int | None:
    pixels = as_int(value)
    return pixels if pixels is not None and 0 < pixels <= 100_000 else None


def _focus(value: JsonValue) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = as_float(value[0]), as_float(value[1])
    if x is None or y is None or not (-1 <= x <= 1 and -1 <= y <= 1):
        return None
    return x, y
