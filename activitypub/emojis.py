# SPDX-License-Identifier: AGPL-3.0-or-later
"""Custom emoji: pictures that an author's server means by `:words:` in the text they come with.

They belong to that one document. Two servers may mean different pictures by one word, so nothing is looked up by it.
Reactions bring one emoji each: a custom one by its word, or one of Unicode.
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
_MAX_UNICODE: Final = 64
_SHORTCODE: Final = re.compile(r":?([A-Za-z0-9_]{2,40}):?")

_PICTURE: Final = "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935"
_ONE: Final = (
    _PICTURE + "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f004-\U0001faff]"
    "[\U0001f3fb-\U0001f3ff]?\ufe0f?[\U000e0020-\U000e007f]{0,8}"
)
_UNICODE: Final = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d{_ONE}){{0,5}}",
)


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


def is_unicode(text: str) -> bool:
    """Whether a text is one emoji of Unicode, with whatever changes its form, and nothing else."""
    return len(text) <= _MAX_UNICODE and _UNICODE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an emoji reaction shows: an emoji of Unicode, or the word of a custom one, whose picture is at `url`."""

    name: str
    url: str | None = None


def reaction(doc: JsonObject) -> Reaction | None:
    """The emoji of an EmojiReact or of a Like that has one; None for any other Like, and for what is no one emoji.

    Source: FEP-c0e0, and Misskey's Like with `content`.
    """
    said = (as_text(doc.get("content")) or "").strip()
    if is_unicode(said):
        return Reaction(said)
    named = _SHORTCODE.fullmatch(said) if said.startswith(":") and said.endswith(":") else None
    if named is None:
        return None
    return next((Reaction(one.shortcode, one.url) for one in read(doc) if one.shortcode == named[1]), None)
