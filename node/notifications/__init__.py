# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members are told: rows with a kind, who caused it, and the post it is about, if any."""

from node.notifications import requests
from node.notifications.actions import (
    NotificationAdded,
    Notified,
    clear,
    correct,
    dismiss,
    dismiss_group,
    forget_actor,
    forget_from,
    forget_network,
    forget_posts,
    notify,
    notify_staff,
    take_back,
)
from node.notifications.policies import policy_of, set_policy
from node.notifications.queries import (
    Narrowed,
    get,
    group,
    group_people,
    groups,
    page,
    unread_count,
    unread_groups,
)
from node.notifications.rules import GROUPABLE
from node.notifications.threads import is_thread_muted, join_threads, mute_thread, unmute_thread
from node.notifications.types import Group, Kind, Notification, Place, Policy, Request, Summary, Verdict

__all__ = [
    "GROUPABLE",
    "Group",
    "Kind",
    "Narrowed",
    "Notification",
    "NotificationAdded",
    "Notified",
    "Place",
    "Policy",
    "Request",
    "Summary",
    "Verdict",
    "clear",
    "correct",
    "dismiss",
    "dismiss_group",
    "forget_actor",
    "forget_from",
    "forget_network",
    "forget_posts",
    "get",
    "group",
    "group_people",
    "groups",
    "is_thread_muted",
    "join_threads",
    "mute_thread",
    "notify",
    "notify_staff",
    "page",
    "policy_of",
    "requests",
    "set_policy",
    "take_back",
    "unmute_thread",
    "unread_count",
    "unread_groups",
]
