# SPDX-License-Identifier: AGPL-3.0-or-later
"""A notification, a group of them, and what a member decided about strangers, as the rest of the node sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.actors import ActorId


class Kind(StrEnum):
    """Mastodon's kinds, as far as this node makes them."""

    MENTION = "mention"
    STATUS = "status"
    BOOST = "reblog"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FAVOURITE = "favourite"
    UPDATE = "update"
    POLL = "poll"
    QUOTE = "quote"
    QUOTED_UPDATE = "quoted_update"
    SIGN_UP = "admin.sign_up"
    REPORT = "admin.report"
    SEVERED = "severed_relationships"
    WARNING = "moderation_warning"


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of `notifications`. `filtered`: the member's policy keeps it apart, in a request by its sender."""

    id: int
    owner_id: ActorId
    type: Kind
    from_id: ActorId
    post_id: int | None
    read: bool
    created_at: datetime
    group_key: str | None = None
    filtered: bool = False
    report_id: int | None = None
    details: Mapping[str, object] | None = None

    @property
    def key(self) -> str:
        """The group it belongs to; one that stands alone is a group of its own."""
        return self.group_key or f"{UNGROUPED}{self.id}"


UNGROUPED = "ungrouped-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Notifications that are shown as one, whole: `newest` stands for them, `sample` are the last who caused them."""

    key: str
    newest: Notification
    oldest_id: int
    count: int
    sample: tuple[ActorId, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the post stands that a notification is about: its thread, whether it is direct, and whom it answers."""

    thread_id: int
    is_direct: bool = False
    answered_id: ActorId | None = None


class Verdict(StrEnum):
    """What becomes of a notification by somebody whom a rule of the policy is about."""

    ACCEPT = "accept"
    FILTER = "filter"
    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a member decided about people they may not know. Without a decision everybody is heard.

    `push_private`: what is sent to the member's devices may hold the text of direct posts.
    """

    not_following: Verdict = Verdict.ACCEPT
    not_followers: Verdict = Verdict.ACCEPT
    new_accounts: Verdict = Verdict.ACCEPT
    private_mentions: Verdict = Verdict.ACCEPT
    limited_accounts: Verdict = Verdict.FILTER
    push_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody whose notifications are kept apart, how many there are, and the post of theirs that came last."""

    id: int
    from_id: ActorId
    last_post_id: int | None
    count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """How many people, and how many notifications by them, wait apart."""

    requests: int
    notifications: int
