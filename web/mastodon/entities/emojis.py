# SPDX-License-Identifier: AGPL-3.0-or-later
"""CustomEmoji: those to choose among, and those that stand in statuses, polls, accounts and announcements, where the text
keeps its `:words:` and the app draws the pictures."""

from collections.abc import Iterable

from node.emojis import Shown
from node.kernel.site import Site
from web.mastodon.entities.common import Json
from web.media import emoji_address


def emojis(site: Site, found: Iterable[Shown]) -> list[Json]:
    """The emoji that stand in a text. Those of other servers are nobody's to choose here."""
    return [
        {
            "shortcode": one["shortcode"],
            "url": (url := emoji_address(site, one)),
            "static_url": one.get("static_url", url),
            "visible_in_picker": one.get("visible", False),
            "category": one.get("category") or None,
        }
        for one in found
    ]
