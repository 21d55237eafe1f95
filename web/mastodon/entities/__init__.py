# SPDX-License-Identifier: AGPL-3.0-or-later
"""What apps are shown, and the only place where Mastodon's field names are written.

Every field that has a documented type is always there: apps refuse a whole page for one absent key.
"""

from web.mastodon.entities.accounts import account, credential_account, muted_account, profile
from web.mastodon.entities.announcements import announcement, announcement_reaction
from web.mastodon.entities.common import Json, moment
from web.mastodon.entities.conversations import conversation
from web.mastodon.entities.emojis import emojis
from web.mastodon.entities.filters import (
    content_filter,
    filter_keyword,
    filter_results,
    filter_status,
    old_filter,
)
from web.mastodon.entities.instances import extended_text, instance_v1, instance_v2, rule, terms_of_service
from web.mastodon.entities.media import attachment
from web.mastodon.entities.notifications import (
    grouped_notifications,
    notification,
    notification_group,
    notification_policy,
    notification_policy_v1,
    notification_request,
    partial_account,
)
from web.mastodon.entities.others import (
    credential_application,
    featured_tag,
    marker,
    people_list,
    preferences,
    relationship,
    report,
    tag,
    token,
)
from web.mastodon.entities.polls import event_poll, poll
from web.mastodon.entities.push import push_subscription
from web.mastodon.entities.statuses import (
    flags_tail,
    poll_tail,
    quote_approval_tail,
    quote_tail,
    scheduled_status,
    shallow_quote_tail,
    status,
    status_edit,
    status_source,
    trends_link,
)

__all__ = [
    "Json",
    "account",
    "announcement",
    "announcement_reaction",
    "attachment",
    "content_filter",
    "conversation",
    "credential_account",
    "credential_application",
    "emojis",
    "event_poll",
    "extended_text",
    "featured_tag",
    "filter_keyword",
    "filter_results",
    "filter_status",
    "flags_tail",
    "grouped_notifications",
    "instance_v1",
    "instance_v2",
    "marker",
    "moment",
    "muted_account",
    "notification",
    "notification_group",
    "notification_policy",
    "notification_policy_v1",
    "notification_request",
    "old_filter",
    "partial_account",
    "people_list",
    "poll",
    "poll_tail",
    "preferences",
    "profile",
    "push_subscription",
    "quote_approval_tail",
    "quote_tail",
    "relationship",
    "report",
    "rule",
    "scheduled_status",
    "shallow_quote_tail",
    "status",
    "status_edit",
    "status_source",
    "tag",
    "terms_of_service",
    "token",
    "trends_link",
]
