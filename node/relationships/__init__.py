# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who follows, blocks and mutes whom; partner schools; and who may see what (the visibility clause)."""

from node.relationships.actions import (
    accept_request,
    block,
    follow,
    mute,
    reject_request,
    remove_follower,
    unblock,
    unfollow,
    unmute,
)
from node.relationships.partners import (
    Partnership,
    end_partnership,
    is_partner,
    partners,
    want_partner,
)
from node.relationships.profiles import update_profile
from node.relationships.queries import (
    Relationship,
    between,
    blocked,
    follow_by_uri,
    follower_inboxes,
    followers,
    following,
    follows_each_other,
    is_blocked_between,
    is_following,
    local_followers,
    muted,
    requests,
    requests_count,
)
from node.relationships.types import ActorGone, Blocked, Followed, FollowEnded, FollowRequested, Muted
from node.relationships.visibility import visible_posts

__all__ = [
    "ActorGone",
    "Blocked",
    "FollowEnded",
    "FollowRequested",
    "Followed",
    "Muted",
    "Partnership",
    "Relationship",
    "accept_request",
    "between",
    "block",
    "blocked",
    "end_partnership",
    "follow",
    "follow_by_uri",
    "follower_inboxes",
    "followers",
    "following",
    "follows_each_other",
    "is_blocked_between",
    "is_following",
    "is_partner",
    "local_followers",
    "mute",
    "muted",
    "partners",
    "reject_request",
    "remove_follower",
    "requests",
    "requests_count",
    "unblock",
    "unfollow",
    "unmute",
    "update_profile",
    "visible_posts",
    "want_partner",
]
