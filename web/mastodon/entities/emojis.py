# SPDX-License-Identifier: AGPL-3.0-or-later
"""CustomEmoji, as they stand in statuses, polls and accounts: the text keeps its `:words:`, the app draws the pictures."""

from collections.abc import Iterable, Mapping

from node.kernel.site import Site
from web.mastodon.entities.common import Json
from web.media import emoji_url


def emojis(site: Site, found: Iterable[Mapping[str, str]]) -> list[Json]:
    """The emoji that came with a text. They are nobody's to pick here."""
    return [
        {
            "shortcode": one["shortcode"],
            "url": (url := emoji_url(site, one["url"])),
            "static_url": url,
            "visible_in_picker": False,
            "category": None,
        }
        for one in found
    ]
