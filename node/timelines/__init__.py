# SPDX-License-Identifier: AGPL-3.0-or-later
"""Home timelines (fan-out on write) and reading positions. Rows point at posts; what a post is, stands above."""

from node.timelines.actions import (
    HomeUpdate,
    fan_out,
    fill_from,
    forget_author,
    forget_owner,
    forget_posts,
    set_marker,
    trim,
)
from node.timelines.queries import Marker, home, markers

__all__ = [
    "HomeUpdate",
    "Marker",
    "fan_out",
    "fill_from",
    "forget_author",
    "forget_owner",
    "forget_posts",
    "home",
    "markers",
    "set_marker",
    "trim",
]
