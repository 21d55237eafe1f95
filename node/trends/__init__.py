# SPDX-License-Identifier: AGPL-3.0-or-later
"""What many talk about at the moment, as this node alone sees it: hashtags, posts, and pages that posts link to."""

from node.trends.actions import COMPUTE, hide, plan, show
from node.trends.queries import Link, hidden, links, statuses, tags, trending
from node.trends.rules import Kind
from node.trends.tasks import Computer
from node.trends.types import Trend

__all__ = [
    "COMPUTE",
    "Computer",
    "Kind",
    "Link",
    "Trend",
    "hidden",
    "hide",
    "links",
    "plan",
    "show",
    "statuses",
    "tags",
    "trending",
]
