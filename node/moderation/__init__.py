# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reports about people and posts: made here, received from other servers, and dealt with by the staff."""

from node.moderation.actions import forget_reporter, reopen, report, resolve
from node.moderation.queries import Case, Report, StaffAction, cases, cases_by_ids, history, open_count
from node.moderation.rules import MAX_COMMENT, STAFF, Category, category_of, check_staff

__all__ = [
    "MAX_COMMENT",
    "STAFF",
    "Case",
    "Category",
    "Report",
    "StaffAction",
    "cases",
    "cases_by_ids",
    "category_of",
    "check_staff",
    "forget_reporter",
    "history",
    "open_count",
    "reopen",
    "report",
    "resolve",
]
