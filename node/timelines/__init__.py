# SPDX-License-Identifier: AGPL-3.0-or-later
"""Home timelines (fan-out on write), followed hashtags and reading positions. Rows point at posts; what a post is, stands
above."""

from node.timelines.actions import (
    HomeUpdate,
    fan_out,
    fill,
    fill_from,
    forget_author,
    forget_authors,
    forget_network,
    forget_owner,
    forget_posts,
    set_marker,
    trim,
)
from node.timelines.queries import Marker, home, markers
from node.timelines.tags import MAX_FOLLOWED_TAGS, FollowedTag, follow_tag, followed_among, followed_tags, unfollow_tag

__all__ = [
    "MAX_FOLLOWED_TAGS",
    "FollowedTag",
    "HomeUpdate",
    "Marker",
    "fan_out",
    "fill",
    "fill_from",
    "follow_tag",
    "followed_among",
    "followed_tags",
    "forget_author",
    "forget_authors",
    "forget_network",
    "forget_owner",
    "forget_posts",
    "home",
    "markers",
    "set_marker",
    "trim",
    "unfollow_tag",
]
