# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every endpoint of this API: address, handler, who may call it, with which scope, how often."""

from typing import Final

from node import posts
from node.notifications import requests as waiting
from web.limits import Limit
from web.mastodon import (
    accounts,
    announcements,
    apps,
    conversations,
    directory,
    domain_blocks,
    emojis,
    filters,
    follow_requests,
    instance,
    lists,
    media,
    notifications,
    notifications_v2,
    oembed,
    polls,
    push,
    registration,
    reports,
    scheduled,
    search,
    statuses,
    suggestions,
    tags,
    ties,
    timelines,
    trends,
)
from web.mastodon.openapi import document
from web.routes import Auth, Endpoint

_V1: Final = "/api/v1"
_V2: Final = "/api/v2"

_INSTANCE: Final = (
    Endpoint("GET", f"{_V2}/instance", instance.show, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance", instance.show_old, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance/peers", instance.peers, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance/rules", instance.rules, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance/activity", instance.activity, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance/privacy_policy", instance.privacy_policy, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance/terms_of_service", instance.terms_of_service, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance/terms_of_service/{{date}}", instance.terms_of_day, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance/domain_blocks", instance.blocked, scope="read"),
    Endpoint("GET", f"{_V1}/instance/extended_description", instance.description, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance/languages", instance.languages, Auth.NONE),
    Endpoint("GET", f"{_V1}/instance/translation_languages", instance.translation_languages, Auth.NONE),
    Endpoint("GET", "/api/oembed", oembed.show, Auth.NONE),
    Endpoint("GET", f"{_V1}/custom_emojis", emojis.index, Auth.NONE),
    Endpoint("GET", f"{_V1}/directory", directory.index, Auth.OPTIONAL, "read:accounts"),
)

_DESCRIPTION: Final = (Endpoint("GET", "/api/openapi.json", document.show, Auth.NONE),)

_APPS: Final = (
    Endpoint("POST", f"{_V1}/apps", apps.create, Auth.NONE, limit=Limit.REGISTER),
    Endpoint("GET", f"{_V1}/apps/verify_credentials", apps.verify_credentials, Auth.APP),
)

_ACCOUNTS: Final = (
    Endpoint(
        "GET",
        f"{_V1}/accounts/verify_credentials",
        accounts.verify_credentials,
        scope="profile",
        waiting=True,
        is_lasting=True,
    ),
    Endpoint("POST", f"{_V1}/accounts", registration.create, Auth.APP, "write:accounts", limit=Limit.REGISTER),
    Endpoint("POST", f"{_V1}/emails/confirmations", registration.resend, scope="write:accounts", waiting=True),
    Endpoint(
        "GET", f"{_V1}/emails/check_confirmation", registration.check_confirmation, scope="read:accounts", waiting=True
    ),
    Endpoint("PATCH", f"{_V1}/accounts/update_credentials", accounts.update_credentials, scope="write:accounts"),
    Endpoint("GET", f"{_V1}/profile", accounts.show_profile, scope="profile"),
    Endpoint("PATCH", f"{_V1}/profile", accounts.change_profile, scope="write:accounts"),
    Endpoint("PUT", f"{_V1}/profile", accounts.change_profile, scope="write:accounts"),
    Endpoint("DELETE", f"{_V1}/profile/avatar", accounts.remove_avatar, scope="write:accounts"),
    Endpoint("DELETE", f"{_V1}/profile/header", accounts.remove_header, scope="write:accounts"),
    Endpoint("GET", f"{_V1}/preferences", accounts.preferences, scope="read:accounts"),
    Endpoint(
        "GET", f"{_V1}/accounts/relationships", accounts.show_relationships, scope="read:follows", is_lasting=True
    ),
    Endpoint("GET", f"{_V1}/accounts/familiar_followers", ties.familiar_followers, scope="read:follows"),
    Endpoint("GET", f"{_V1}/accounts/search", accounts.search, scope="read:accounts"),
    Endpoint("GET", f"{_V1}/accounts/lookup", accounts.lookup, Auth.OPTIONAL, "read:accounts"),
    Endpoint("GET", f"{_V1}/accounts", accounts.show_many, Auth.OPTIONAL, "read:accounts"),
    Endpoint("GET", f"{_V1}/accounts/{{id}}", accounts.show, Auth.OPTIONAL, "read:accounts", is_lasting=True),
    Endpoint(
        "GET", f"{_V1}/accounts/{{id}}/statuses", accounts.statuses, Auth.OPTIONAL, "read:statuses", is_lasting=True
    ),
    Endpoint("GET", f"{_V1}/accounts/{{id}}/followers", accounts.followers, Auth.OPTIONAL, "read:accounts"),
    Endpoint("GET", f"{_V1}/accounts/{{id}}/following", accounts.following, Auth.OPTIONAL, "read:accounts"),
    Endpoint("GET", f"{_V1}/accounts/{{id}}/featured_tags", accounts.featured_tags, Auth.OPTIONAL, "read:accounts"),
    Endpoint("GET", f"{_V1}/accounts/{{id}}/endorsements", ties.endorsements, Auth.OPTIONAL, "read:accounts"),
    Endpoint("GET", f"{_V1}/endorsements", ties.own_endorsements, scope="read:accounts"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/endorse", ties.endorse, scope="write:accounts"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/unendorse", ties.unendorse, scope="write:accounts"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/pin", ties.endorse, scope="write:accounts"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/unpin", ties.unendorse, scope="write:accounts"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/note", ties.note, scope="write:accounts"),
    Endpoint("GET", f"{_V1}/domain_blocks", domain_blocks.index, scope="read:blocks"),
    Endpoint("POST", f"{_V1}/domain_blocks", domain_blocks.block, scope="write:blocks"),
    Endpoint("DELETE", f"{_V1}/domain_blocks", domain_blocks.unblock, scope="write:blocks"),
    Endpoint("GET", f"{_V1}/domain_blocks/preview", domain_blocks.preview, scope="read:blocks"),
    Endpoint("GET", f"{_V2}/suggestions", suggestions.index, scope="read"),
    Endpoint("GET", f"{_V1}/suggestions", suggestions.index_old, scope="read"),
    Endpoint("DELETE", f"{_V1}/suggestions/{{id}}", suggestions.dismiss, scope="read"),
    Endpoint("GET", f"{_V1}/featured_tags", accounts.own_featured_tags, scope="read:accounts"),
    Endpoint("POST", f"{_V1}/featured_tags", accounts.feature_tag, scope="write:accounts"),
    Endpoint("DELETE", f"{_V1}/featured_tags/{{id}}", accounts.unfeature_tag, scope="write:accounts"),
    Endpoint("GET", f"{_V1}/featured_tags/suggestions", accounts.suggested_tags, scope="read:accounts"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/follow", accounts.follow, scope="write:follows"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/unfollow", accounts.unfollow, scope="write:follows"),
    Endpoint(
        "POST",
        f"{_V1}/accounts/{{id}}/remove_from_followers",
        accounts.remove_from_followers,
        scope="write:follows",
    ),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/block", accounts.block, scope="write:blocks"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/unblock", accounts.unblock, scope="write:blocks"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/mute", accounts.mute, scope="write:mutes"),
    Endpoint("POST", f"{_V1}/accounts/{{id}}/unmute", accounts.unmute, scope="write:mutes"),
    Endpoint("GET", f"{_V1}/follow_requests", follow_requests.index, scope="read:follows"),
    Endpoint("POST", f"{_V1}/follow_requests/{{id}}/authorize", follow_requests.authorize, scope="write:follows"),
    Endpoint("POST", f"{_V1}/follow_requests/{{id}}/reject", follow_requests.reject, scope="write:follows"),
    Endpoint("GET", f"{_V1}/blocks", follow_requests.blocks, scope="read:blocks"),
    Endpoint("POST", f"{_V1}/reports", reports.create, scope="write:reports", limit=Limit.DELETE),
    Endpoint("GET", f"{_V1}/mutes", follow_requests.mutes, scope="read:mutes"),
)

_STATUSES: Final = (
    Endpoint("POST", f"{_V1}/statuses", statuses.publish, scope="write:statuses"),
    Endpoint("GET", f"{_V1}/statuses", statuses.show_many, Auth.OPTIONAL, "read:statuses"),
    Endpoint("GET", f"{_V1}/statuses/{{id}}", statuses.show, Auth.OPTIONAL, "read:statuses", is_lasting=True),
    Endpoint("PUT", f"{_V1}/statuses/{{id}}", statuses.edit, scope="write:statuses"),
    Endpoint("DELETE", f"{_V1}/statuses/{{id}}", statuses.delete, scope="write:statuses", limit=Limit.DELETE),
    Endpoint("GET", f"{_V1}/statuses/{{id}}/context", statuses.context, Auth.OPTIONAL, "read:statuses"),
    Endpoint("GET", f"{_V1}/statuses/{{id}}/history", statuses.history, Auth.OPTIONAL, "read:statuses"),
    Endpoint("GET", f"{_V1}/statuses/{{id}}/source", statuses.source, scope="read:statuses"),
    Endpoint("GET", f"{_V1}/statuses/{{id}}/favourited_by", statuses.favourited_by, Auth.OPTIONAL, "read:accounts"),
    Endpoint("GET", f"{_V1}/statuses/{{id}}/reblogged_by", statuses.boosted_by, Auth.OPTIONAL, "read:accounts"),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/favourite", statuses.favourite, scope="write:favourites"),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/unfavourite", statuses.unfavourite, scope="write:favourites"),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/reblog", statuses.boost, scope="write:statuses"),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/unreblog", statuses.unboost, scope="write:statuses", limit=Limit.DELETE),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/bookmark", statuses.bookmark, scope="write:bookmarks"),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/unbookmark", statuses.unbookmark, scope="write:bookmarks"),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/translate", statuses.translate, scope="read:statuses"),
    Endpoint("GET", f"{_V1}/statuses/{{id}}/quotes", statuses.quotes, scope="read:statuses"),
    Endpoint("PUT", f"{_V1}/statuses/{{id}}/interaction_policy", statuses.set_policy, scope="write:statuses"),
    Endpoint("GET", f"{_V1}/scheduled_statuses", scheduled.index, scope="read:statuses"),
    Endpoint("GET", f"{_V1}/scheduled_statuses/{{id}}", scheduled.show, scope="read:statuses"),
    Endpoint("PUT", f"{_V1}/scheduled_statuses/{{id}}", scheduled.change, scope="write:statuses"),
    Endpoint("DELETE", f"{_V1}/scheduled_statuses/{{id}}", scheduled.cancel, scope="write:statuses"),
    Endpoint(
        "POST", f"{_V1}/statuses/{{id}}/quotes/{{quoting_id}}/revoke", statuses.revoke_quote, scope="write:statuses"
    ),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/mute", conversations.mute, scope="write:mutes"),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/unmute", conversations.unmute, scope="write:mutes"),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/pin", statuses.pin, scope="write:accounts"),
    Endpoint("POST", f"{_V1}/statuses/{{id}}/unpin", statuses.unpin, scope="write:accounts"),
)

_POLLS: Final = (
    Endpoint("GET", f"{_V1}/polls/{{id}}", polls.show, Auth.OPTIONAL, "read:statuses"),
    Endpoint("POST", f"{_V1}/polls/{{id}}/votes", polls.vote, scope="write:statuses"),
)

_MEDIA: Final = (
    Endpoint("POST", f"{_V2}/media", media.upload, scope="write:media", limit=Limit.MEDIA),
    Endpoint("POST", f"{_V1}/media", media.upload_and_wait, scope="write:media", limit=Limit.MEDIA),
    Endpoint("GET", f"{_V1}/media/{{id}}", media.show, scope="write:media"),
    Endpoint("PUT", f"{_V1}/media/{{id}}", media.describe, scope="write:media"),
    Endpoint("DELETE", f"{_V1}/media/{{id}}", media.discard, scope="write:media"),
)

_TIMELINES: Final = (
    Endpoint("GET", f"{_V1}/timelines/home", timelines.home, scope="read:statuses", is_lasting=True),
    Endpoint(
        "GET", f"{_V1}/timelines/public", timelines.public, Auth.OPTIONAL, "read:statuses", kept=180, is_lasting=True
    ),
    Endpoint(
        "GET", f"{_V1}/timelines/tag/{{name}}", timelines.tag, Auth.OPTIONAL, "read:statuses", kept=180, is_lasting=True
    ),
    Endpoint("GET", f"{_V1}/timelines/link", timelines.link, Auth.OPTIONAL, "read:statuses", is_lasting=True),
    Endpoint("GET", f"{_V1}/timelines/direct", timelines.direct, scope="read:statuses", is_lasting=True),
    Endpoint("GET", f"{_V1}/favourites", timelines.favourites, scope="read:favourites", is_lasting=True),
    Endpoint("GET", f"{_V1}/bookmarks", timelines.bookmarks, scope="read:bookmarks", is_lasting=True),
    Endpoint("GET", f"{_V1}/markers", timelines.markers, scope="read:statuses", is_lasting=True),
    Endpoint("POST", f"{_V1}/markers", timelines.set_markers, scope="write:statuses"),
    Endpoint("GET", f"{_V2}/search", search.search, Auth.OPTIONAL, "read:search"),
    Endpoint("GET", f"{_V1}/search", search.search_old, Auth.OPTIONAL, "read:search"),
)

_LISTS: Final = (
    Endpoint("GET", f"{_V1}/lists", lists.index, scope="read:lists"),
    Endpoint("POST", f"{_V1}/lists", lists.create, scope="write:lists"),
    Endpoint("GET", f"{_V1}/lists/{{id}}", lists.show, scope="read:lists"),
    Endpoint("PUT", f"{_V1}/lists/{{id}}", lists.change, scope="write:lists"),
    Endpoint("DELETE", f"{_V1}/lists/{{id}}", lists.remove, scope="write:lists"),
    Endpoint("GET", f"{_V1}/lists/{{id}}/accounts", lists.accounts, scope="read:lists"),
    Endpoint("POST", f"{_V1}/lists/{{id}}/accounts", lists.add, scope="write:lists"),
    Endpoint("DELETE", f"{_V1}/lists/{{id}}/accounts", lists.take_off, scope="write:lists"),
    Endpoint("GET", f"{_V1}/accounts/{{id}}/lists", lists.of_account, scope="read:lists"),
    Endpoint("GET", f"{_V1}/timelines/list/{{id}}", lists.timeline, scope="read:lists"),
)

_FILTERS: Final = (
    Endpoint("GET", f"{_V2}/filters", filters.index, scope="read:filters"),
    Endpoint("POST", f"{_V2}/filters", filters.create, scope="write:filters"),
    Endpoint("GET", f"{_V2}/filters/keywords/{{id}}", filters.show_keyword, scope="read:filters"),
    Endpoint("PUT", f"{_V2}/filters/keywords/{{id}}", filters.change_keyword, scope="write:filters"),
    Endpoint("DELETE", f"{_V2}/filters/keywords/{{id}}", filters.remove_keyword, scope="write:filters"),
    Endpoint("GET", f"{_V2}/filters/statuses/{{id}}", filters.show_status, scope="read:filters"),
    Endpoint("DELETE", f"{_V2}/filters/statuses/{{id}}", filters.remove_status, scope="write:filters"),
    Endpoint("GET", f"{_V2}/filters/{{id}}", filters.show, scope="read:filters"),
    Endpoint("PUT", f"{_V2}/filters/{{id}}", filters.change, scope="write:filters"),
    Endpoint("DELETE", f"{_V2}/filters/{{id}}", filters.remove, scope="write:filters"),
    Endpoint("GET", f"{_V2}/filters/{{id}}/keywords", filters.keywords, scope="read:filters"),
    Endpoint("POST", f"{_V2}/filters/{{id}}/keywords", filters.add_keyword, scope="write:filters"),
    Endpoint("GET", f"{_V2}/filters/{{id}}/statuses", filters.statuses, scope="read:filters"),
    Endpoint("POST", f"{_V2}/filters/{{id}}/statuses", filters.add_status, scope="write:filters"),
    Endpoint("GET", f"{_V1}/filters", filters.old_index, scope="read:filters"),
    Endpoint("POST", f"{_V1}/filters", filters.old_create, scope="write:filters"),
    Endpoint("GET", f"{_V1}/filters/{{id}}", filters.old_show, scope="read:filters"),
    Endpoint("PUT", f"{_V1}/filters/{{id}}", filters.old_change, scope="write:filters"),
    Endpoint("DELETE", f"{_V1}/filters/{{id}}", filters.old_remove, scope="write:filters"),
)

_TAGS: Final = (
    Endpoint("GET", f"{_V1}/tags/{{name}}", tags.show, Auth.OPTIONAL, "read"),
    Endpoint("POST", f"{_V1}/tags/{{name}}/follow", tags.doing(tags.follow), scope="write:follows"),
    Endpoint("POST", f"{_V1}/tags/{{name}}/unfollow", tags.doing(tags.unfollow), scope="write:follows"),
    Endpoint("POST", f"{_V1}/tags/{{name}}/feature", tags.doing(posts.tags.feature), scope="write:accounts"),
    Endpoint("POST", f"{_V1}/tags/{{name}}/unfeature", tags.doing(posts.tags.unfeature), scope="write:accounts"),
    Endpoint("GET", f"{_V1}/followed_tags", tags.followed, scope="read:follows"),
)

_NOTIFICATIONS: Final = (
    Endpoint("GET", f"{_V1}/notifications", notifications.index, scope="read:notifications", is_lasting=True),
    Endpoint(
        "GET",
        f"{_V1}/notifications/unread_count",
        notifications.unread_count,
        scope="read:notifications",
        is_lasting=True,
    ),
    Endpoint("POST", f"{_V1}/notifications/clear", notifications.clear, scope="write:notifications"),
    Endpoint("POST", f"{_V1}/notifications/dismiss", notifications.dismiss_old, scope="write:notifications"),
    Endpoint("GET", f"{_V1}/notifications/policy", notifications.show_policy_old, scope="read:notifications"),
    Endpoint("PUT", f"{_V1}/notifications/policy", notifications.set_policy_old, scope="write:notifications"),
    Endpoint("PATCH", f"{_V1}/notifications/policy", notifications.set_policy_old, scope="write:notifications"),
    Endpoint("GET", f"{_V1}/notifications/requests", notifications.requests, scope="read:notifications"),
    Endpoint("GET", f"{_V1}/notifications/requests/merged", notifications.merged, scope="read:notifications"),
    Endpoint(
        "POST",
        f"{_V1}/notifications/requests/accept",
        notifications.for_several(waiting.accept),
        scope="write:notifications",
    ),
    Endpoint(
        "POST",
        f"{_V1}/notifications/requests/dismiss",
        notifications.for_several(waiting.dismiss),
        scope="write:notifications",
    ),
    Endpoint("GET", f"{_V1}/notifications/requests/{{id}}", notifications.show_request, scope="read:notifications"),
    Endpoint(
        "POST",
        f"{_V1}/notifications/requests/{{id}}/accept",
        notifications.for_one(waiting.accept),
        scope="write:notifications",
    ),
    Endpoint(
        "POST",
        f"{_V1}/notifications/requests/{{id}}/dismiss",
        notifications.for_one(waiting.dismiss),
        scope="write:notifications",
    ),
    Endpoint("GET", f"{_V1}/notifications/{{id}}", notifications.show, scope="read:notifications"),
    Endpoint("POST", f"{_V1}/notifications/{{id}}/dismiss", notifications.dismiss, scope="write:notifications"),
    Endpoint("GET", f"{_V2}/notifications", notifications_v2.index, scope="read:notifications", is_lasting=True),
    Endpoint("GET", f"{_V2}/notifications/policy", notifications.show_policy, scope="read:notifications"),
    Endpoint("PATCH", f"{_V2}/notifications/policy", notifications.set_policy, scope="write:notifications"),
    Endpoint("PUT", f"{_V2}/notifications/policy", notifications.set_policy, scope="write:notifications"),
    Endpoint(
        "GET",
        f"{_V2}/notifications/unread_count",
        notifications_v2.unread_count,
        scope="read:notifications",
        is_lasting=True,
    ),
    Endpoint("GET", f"{_V2}/notifications/{{group_key}}", notifications_v2.show, scope="read:notifications"),
    Endpoint("GET", f"{_V2}/notifications/{{group_key}}/accounts", notifications_v2.people, scope="read:notifications"),
    Endpoint(
        "POST", f"{_V2}/notifications/{{group_key}}/dismiss", notifications_v2.dismiss, scope="write:notifications"
    ),
    Endpoint("POST", f"{_V1}/push/subscription", push.subscribe, scope="push"),
    Endpoint("GET", f"{_V1}/push/subscription", push.show, scope="push"),
    Endpoint("PUT", f"{_V1}/push/subscription", push.change, scope="push"),
    Endpoint("DELETE", f"{_V1}/push/subscription", push.remove, scope="push"),
    Endpoint("GET", f"{_V1}/conversations", conversations.index, scope="read:statuses", is_lasting=True),
    Endpoint("DELETE", f"{_V1}/conversations/{{id}}", conversations.remove, scope="write:conversations"),
    Endpoint(
        "POST", f"{_V1}/conversations/{{id}}/read", conversations.marking(unread=False), scope="write:conversations"
    ),
    Endpoint(
        "POST", f"{_V1}/conversations/{{id}}/unread", conversations.marking(unread=True), scope="write:conversations"
    ),
)

_ANNOUNCEMENTS: Final = (
    Endpoint("GET", f"{_V1}/announcements", announcements.index, scope="read:accounts"),
    Endpoint("POST", f"{_V1}/announcements/{{id}}/dismiss", announcements.dismiss, scope="write:accounts"),
    Endpoint("PUT", f"{_V1}/announcements/{{id}}/reactions/{{name}}", announcements.react, scope="write:favourites"),
    Endpoint(
        "DELETE", f"{_V1}/announcements/{{id}}/reactions/{{name}}", announcements.take_back, scope="write:favourites"
    ),
)

_TRENDS: Final = (
    Endpoint("GET", f"{_V1}/trends", trends.tags, Auth.OPTIONAL),
    Endpoint("GET", f"{_V1}/trends/tags", trends.tags, Auth.OPTIONAL),
    Endpoint("GET", f"{_V1}/trends/statuses", trends.statuses, Auth.OPTIONAL),
    Endpoint("GET", f"{_V1}/trends/links", trends.links, Auth.OPTIONAL),
)

ENDPOINTS: Final = (
    *_INSTANCE,
    *_DESCRIPTION,
    *_APPS,
    *_ACCOUNTS,
    *_STATUSES,
    *_POLLS,
    *_MEDIA,
    *_TIMELINES,
    *_LISTS,
    *_TAGS,
    *_FILTERS,
    *_NOTIFICATIONS,
    *_ANNOUNCEMENTS,
    *_TRENDS,
)
