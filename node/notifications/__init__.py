# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members are told: rows with a kind, who caused it, and the post it is about."""

from node.notifications.actions import (
    NotificationAdded,
    clear,
    dismiss,
    forget_actor,
    forget_from,
    forget_posts,
    notify,
    take_back,
)
from node.notifications.queries import Kind, Notification, get, page, unread_count

__all__ = [
    "Kind",
    "Notification",
    "NotificationAdded",
    "clear",
    "dismiss",
    "forget_actor",
    "forget_from",
    "forget_posts",
    "get",
    "notify",
    "page",
    "take_back",
    "unread_count",
]
