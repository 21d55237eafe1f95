# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which notifications are shown as one, and whom a member's policy lets through. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from node.notifications.types import Kind, Policy, Verdict

GROUPABLE: Final = frozenset({Kind.FAVOURITE, Kind.BOOST, Kind.FOLLOW, Kind.SIGN_UP})
"""What many people do to one thing. Source: Mastodon's documentation, methods/grouped_notifications."""

GROUP_SPAN: Final = timedelta(hours=12)
NEW_ACCOUNT: Final = timedelta(days=30)
NEW_FOLLOWER: Final = timedelta(days=3)
# About what one asked for, or must hear: no policy, block or mute of a person holds these back.
ALWAYS_HEARD: Final = frozenset({Kind.SIGN_UP, Kind.REPORT, Kind.SEVERED, Kind.WARNING})
NEVER_FILTERED: Final = ALWAYS_HEARD | {Kind.POLL, Kind.UPDATE, Kind.QUOTED_UPDATE}


def group_key(kind: Kind, post_id: int | None, now: datetime) -> str | None:
    """The group that a notification made at `now` belongs to; None if it stands alone.

    It is decided once and never changes: the hours of a day are cut into fixed halves, so that two that come at the same
    moment agree without asking each other.
    """
    if kind not in GROUPABLE:
        return None
    hours = int(now.timestamp()) // 3600
    begins = hours - hours % (int(GROUP_SPAN.total_seconds()) // 3600)
    return f"{kind}-{begins}" if post_id is None else f"{kind}-{post_id}-{begins}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What stands between a member and somebody who causes a notification."""

    follows: bool
    followed_since: datetime | None
    permitted: bool
    sender_since: datetime
    is_direct: bool
    answers_member: bool
    limited: bool = False


def verdict(policy: Policy, facts: Facts, kind: Kind, now: datetime) -> Verdict:
    """What the policy says: of all its rules that are about this sender, the strictest counts.

    Somebody whose request was accepted is always heard.
    """
    if kind in NEVER_FILTERED or facts.permitted:
        return Verdict.ACCEPT
    said = {
        policy.not_following if not facts.follows else Verdict.ACCEPT,
        policy.not_followers if not _is_settled_follower(facts, now) else Verdict.ACCEPT,
        policy.new_accounts if not facts.follows and now - facts.sender_since < NEW_ACCOUNT else Verdict.ACCEPT,
        policy.private_mentions
        if not facts.follows and facts.is_direct and not facts.answers_member
        else Verdict.ACCEPT,
        policy.limited_accounts if facts.limited and not facts.follows else Verdict.ACCEPT,
    }
    if Verdict.DROP in said:
        return Verdict.DROP
    return Verdict.FILTER if Verdict.FILTER in said else Verdict.ACCEPT


def hears_everybody(policy: Policy, *, limited: bool = False) -> bool:
    """Whether no rule of the policy can be about somebody, `limited` or not, so that nothing more need be looked up."""
    rules = [policy.not_following, policy.not_followers, policy.new_accounts, policy.private_mentions]
    if limited:
        rules.append(policy.limited_accounts)
    return all(rule is Verdict.ACCEPT for rule in rules)


def _is_settled_follower(facts: Facts, now: datetime) -> bool:
    """Somebody who followed three days ago or earlier: following first is no way round the policy."""
    return facts.followed_since is not None and now - facts.followed_since >= NEW_FOLLOWER
