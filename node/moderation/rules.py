# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a report must be, how many are taken, and who may see them. Pure."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from node.kernel.errors import Invalid, NotAllowed, TooMany

STAFF: Final = frozenset({"moderator", "admin"})
MAX_COMMENT: Final = 1000
# What is read of another server's, as Mastodon does.
MAX_FOREIGN_COMMENT: Final = 5000
MAX_POSTS: Final = 50
# So that a flood of reports cannot bury those that matter.
PER_MEMBER_A_DAY: Final = 30
PER_HOST_AN_HOUR: Final = 20


class Category(StrEnum):
    """What a report is about, in Mastodon's words."""

    SPAM = "spam"
    LEGAL = "legal"
    VIOLATION = "violation"
    OTHER = "other"


def check_staff(roles: Collection[str]) -> None:
    """Raises NotAllowed for whoever does not look after the node's people."""
    if not STAFF.intersection(roles):
        raise NotAllowed("This page is for moderators.")


def check_report(reporter_id: int, target_id: int, comment: str, made_today: int) -> None:
    """Raises Invalid for a report that cannot be taken, TooMany for one too many."""
    if reporter_id == target_id:
        raise Invalid("You cannot report yourself.", field="account_id")
    if len(comment) > MAX_COMMENT:
        raise Invalid("A report can say up to 1000 characters.", field="comment")
    if made_today >= PER_MEMBER_A_DAY:
        raise TooMany("You have made many reports today. Please write to the association.", retry_after=3600)


def category_of(said: str | None) -> Category:
    """The category that an app names; what we do not know is `other`."""
    return Category(said) if said in set(Category) else Category.OTHER
