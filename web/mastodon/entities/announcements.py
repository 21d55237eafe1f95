# SPDX-License-Identifier: AGPL-3.0-or-later
"""Announcement, and what streams say when somebody answers one."""

from node.instance import Announcement, AnnouncementAnswered
from web.mastodon.entities.common import Json, moment, moment_or_none


def announcement(found: Announcement) -> Json:
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
        "emojis": [],
        "reactions": [{"name": one.name, "count": one.count, "me": one.mine} for one in found.reactions],
    }


def announcement_reaction(answered: AnnouncementAnswered) -> Json:
    """How many answer with an emoji now."""
    return {"name": answered.name, "count": answered.count, "announcement_id": str(answered.announcement_id)}
