# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who follows, blocks and mutes whom; partner schools; and who may see what (the visibility clause)."""

from node.relationships.actions import (
    accept_request,
    block,
    follow,
    mute,
    reject_request,
    remember_recipient,
    remove_follower,
    unblock,
    unfollow,
    unmute,
)
from node.relationships.erasure import delete_account
from node.relationships.moves import add_alias, move_away, remove_alias, stay
from node.relationships.partners import (
    Partnership,
    end_partnership,
    is_partner,
    partners,
    want_partner,
)
from node.relationships.profiles import remove_gone, rotate_keys, update_profile
from node.relationships.queries import (
    Relationship,
    between,
    blocked,
    follower_inboxes,
    followers,
    following,
    follows_each_other,
    is_blocked_between,
    is_following,
    local_followers,
    muted,
    past_inboxes,
    reader_of,
    requests,
    requests_count,
)
from node.relationships.rules import may_move_again
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
    "add_alias",
    "between",
    "block",
    "blocked",
    "delete_account",
    "end_partnership",
    "follow",
    "follower_inboxes",
    "followers",
    "following",
    "follows_each_other",
    "is_blocked_between",
    "is_following",
    "is_partner",
    "local_followers",
    "may_move_again",
    "move_away",
    "mute",
    "muted",
    "partners",
    "past_inboxes",
    "reader_of",
    "reject_request",
    "remember_recipient",
    "remove_alias",
    "remove_follower",
    "remove_gone",
    "requests",
    "requests_count",
    "rotate_keys",
    "stay",
    "unblock",
    "unfollow",
    "unmute",
    "update_profile",
    "visible_posts",
    "want_partner",
]
