# SPDX-License-Identifier: AGPL-3.0-or-later
"""An emoji of the association, and the form in which emoji are kept with what they stand in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, NotRequired, TypedDict

from activitypub.accessors import iso
from activitypub.emojis import OwnEmoji
from node.kernel.site import Site

EmojiId = NewType("EmojiId", int)


class Shown(TypedDict):
    """An emoji in the row of a post or a person. Only our own have more than a word and an address, and are shown
    from that address; others' are passed on by the proxy."""

    shortcode: str
    url: str
    id: NotRequired[str]
    static_url: NotRequired[str]
    mime: NotRequired[str]
    updated: NotRequired[str]
    category: NotRequired[str]
    visible: NotRequired[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomEmoji:
    """A row of `custom_emojis`. `shortcode` has no colons. One that is `disabled` is shown nowhere."""

    id: EmojiId
    shortcode: str
    category: str
    visible_in_picker: bool
    disabled: bool
    file: str
    still: str
    mime: str
    size: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EmojiChanged:
    """Told to the slices above: an emoji looks different, is called for otherwise, or is shown no more."""

    emoji_id: EmojiId
    shortcode: str


def shown(site: Site, emoji: CustomEmoji) -> Shown:
    """An emoji in the form that is kept with what it stands in."""
    return {
        "shortcode": emoji.shortcode,
        "url": site.media_url(emoji.file),
        "id": f"{site.base_url}/emojis/{emoji.id}",
        "static_url": site.media_url(emoji.still),
        "mime": emoji.mime,
        "updated": iso(emoji.updated_at),
        "category": emoji.category,
        "visible": emoji.visible_in_picker,
    }


def shown_of(site: Site, used: Iterable[CustomEmoji]) -> list[Shown]:
    """Those of the emoji that may be shown, in that form."""
    return [shown(site, emoji) for emoji in used if not emoji.disabled]


def own(kept: Iterable[Shown]) -> tuple[OwnEmoji, ...]:
    """Those of the kept emoji that are ours, as other servers are told of them."""
    return tuple(
        OwnEmoji(
            id=one["id"],
            shortcode=one["shortcode"],
            url=one["url"],
            media_type=one.get("mime", ""),
            updated=one.get("updated", ""),
        )
        for one in kept
        if "id" in one
    )
