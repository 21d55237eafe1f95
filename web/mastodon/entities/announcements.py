# SPDX-License-Identifier: AGPL-3.0-or-later
"""Announcement, and what streams say when somebody answers one."""

from node.emojis import CustomEmoji, shown, shown_of
from node.instance import Announcement, AnnouncementAnswered
from node.kernel.site import Site
from web.mastodon.entities.common import Json, moment, moment_or_none
from web.mastodon.entities.emojis import emojis


def announcement(site: Site, found: Announcement) -> Json:
    """An announcement as one member sees it. It names nobody: what stands in it is text and links."""
    return {
        "id": str(found.id),
        "content": found.content,
        "starts_at": moment_or_none(found.starts_at),
        "ends_at": moment_or_none(found.ends_at),
        "all_day": found.all_day,
        "published_at": moment(found.published_at),
        "updated_at": moment(found.updated_at),
        "read": found.dismissed,
        "mentions": [],
        "statuses": [],
        "tags": [],
        "emojis": emojis(site, shown_of(site, found.emojis)),
        "reactions": [
            {"name": one.name, "count": one.count, "me": one.mine, **_pictures(site, one.emoji)}
            for one in found.reactions
        ],
    }


def announcement_reaction(site: Site, answered: AnnouncementAnswered) -> Json:
    """How many answer with an emoji now."""
    return {
        "name": answered.name,
        "count": answered.count,
        **_pictures(site, answered.emoji),
        "announcement_id": str(answered.announcement_id),
    }


def _pictures(site: Site, emoji: CustomEmoji | None) -> Json:
    """Where a reaction that is no Unicode emoji is drawn from."""
    if emoji is None:
        return {}
    kept = shown(site, emoji)
    return {"url": kept["url"], "static_url": kept.get("static_url", kept["url"])}
