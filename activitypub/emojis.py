# SPDX-License-Identifier: AGPL-3.0-or-later
"""Custom emoji: pictures that an author's server means by `:words:` in the text they come with.

They belong to that one document. Two servers may mean different pictures by one word, so nothing is looked up by it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from activitypub import attachments
from activitypub.accessors import as_list, as_text, types
from activitypub.origin import MAX_ID
from activitypub.parse import JsonObject

MAX_EMOJIS: Final = 100
_MAX_TAGS_LOOKED_AT: Final = 1_000
_SHORTCODE: Final = re.compile(r":?([A-Za-z0-9_]{2,40}):?")


@dataclass(frozen=True, slots=True)
class Emoji:
    """`shortcode` without colons; `url` is where the picture is at its own server."""

    shortcode: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEmoji:
    """An emoji that we publish. `id` is its own address, `updated` the moment as `iso` writes it."""

    id: str
    shortcode: str
    url: str
    media_type: str
    updated: str


def build(emoji: OwnEmoji) -> JsonObject:
    """An emoji as it stands among the tags of an object, and at its own address. Those who keep a copy of the picture
    fetch it anew when `updated` is later than theirs."""
    return {
        "id": emoji.id,
        "type": "Emoji",
        "name": f":{emoji.shortcode}:",
        "updated": emoji.updated,
        "icon": {"type": "Image", "mediaType": emoji.media_type, "url": emoji.url},
    }


def read(doc: JsonObject) -> tuple[Emoji, ...]:
    """The emoji among the tags of an actor or an object; of two of one name the first."""
    found: dict[str, Emoji] = {}
    for tag in as_list(doc.get("tag"))[:_MAX_TAGS_LOOKED_AT]:
        if not isinstance(tag, dict) or "Emoji" not in types(tag):
            continue
        named = _SHORTCODE.fullmatch((as_text(tag.get("name")) or "").strip())
        address, _ = attachments.picture(tag.get("icon"))
        if named is not None and address is not None and len(address) <= MAX_ID:
            found.setdefault(named[1], Emoji(named[1], address))
        if len(found) == MAX_EMOJIS:
            break
    return tuple(found.values())
