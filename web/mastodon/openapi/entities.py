# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every entity that this API answers, as a schema; the components of the OpenAPI document.

Apps refuse a whole page for one absent key, so a key is optional here only where no app minds: marks that a stranger has
none of, and what belongs to one kind of notification.
"""

from typing import Final

from web.mastodon.openapi.shapes import (
    ANYTHING,
    COUNT,
    DAY,
    DIGITS,
    FLAG,
    ID,
    MOMENT,
    NUMBER,
    SMALL,
    TEXT,
    URL,
    Schema,
    either,
    entity,
    many,
    maybe,
    one_of,
    ref,
    table,
)

VISIBILITY: Final = one_of("public", "unlisted", "private", "direct")
CONTEXTS: Final = many(one_of("home", "notifications", "public", "thread", "account"))
NOTIFICATION_TYPES: Final = (
    "mention",
    "status",
    "reblog",
    "follow",
    "follow_request",
    "favourite",
    "poll",
    "update",
    "quote",
    "quoted_update",
    "admin.sign_up",
    "admin.report",
    "severed_relationships",
    "moderation_warning",
)
_POLICY: Final = many(one_of("public", "followers", "following", "unsupported_policy"))
_QUOTE_STATES: Final = one_of(
    "pending",
    "accepted",
    "rejected",
    "revoked",
    "deleted",
    "unauthorized",
    "blocked_account",
    "blocked_domain",
    "muted_account",
)

# -- people -----------------------------------------------------------------------------------------------------------

_ACCOUNT: Final[dict[str, Schema]] = {
    "id": ID,
    "username": TEXT,
    "acct": {"type": "string", "pattern": "^[^@]"},
    "display_name": TEXT,
    "locked": FLAG,
    "bot": FLAG,
    "group": FLAG,
    "discoverable": maybe(FLAG),
    "indexable": FLAG,
    "noindex": FLAG,
    "hide_collections": maybe(FLAG),
    "created_at": MOMENT,
    "note": TEXT,
    "url": URL,
    "uri": URL,
    "avatar": URL,
    "avatar_static": URL,
    "avatar_description": TEXT,
    "header": URL,
    "header_static": URL,
    "header_description": TEXT,
    "followers_count": COUNT,
    "following_count": COUNT,
    "statuses_count": COUNT,
    "last_status_at": maybe(DAY),
    "emojis": many("CustomEmoji"),
    "fields": many("Field"),
    "roles": many("AccountRole"),
    "memorial": FLAG,
    "suspended": FLAG,
    "limited": FLAG,
    "moved": maybe(ref("Account")),
    "show_media": FLAG,
    "show_media_replies": FLAG,
    "show_featured": FLAG,
    "feature_approval": ref("FeatureApproval"),
}
_SOURCE: Final = entity(
    {
        "note": TEXT,
        "fields": many("Field"),
        "privacy": VISIBILITY,
        "sensitive": FLAG,
        "language": TEXT,
        "follow_requests_count": COUNT,
        "hide_collections": maybe(FLAG),
        "discoverable": maybe(FLAG),
        "indexable": FLAG,
        "attribution_domains": many(TEXT),
        "quote_policy": one_of("public", "followers", "nobody"),
    }
)
_PEOPLE: Final[dict[str, Schema]] = {
    "Account": entity(_ACCOUNT),
    "MutedAccount": entity({**_ACCOUNT, "mute_expires_at": maybe(MOMENT)}),
    "CredentialAccount": entity({**_ACCOUNT, "source": _SOURCE, "role": ref("Role")}),
    "PartialAccountWithAvatar": entity(
        {name: _ACCOUNT[name] for name in ("id", "acct", "url", "avatar", "avatar_static", "avatar_description")}
        | {name: _ACCOUNT[name] for name in ("locked", "bot")}
    ),
    "Profile": entity(
        {
            "id": ID,
            "display_name": TEXT,
            "note": TEXT,
            "fields": many("Field"),
            "avatar": maybe(URL),
            "avatar_static": maybe(URL),
            "avatar_description": TEXT,
            "header": maybe(URL),
            "header_static": maybe(URL),
            "header_description": TEXT,
            "locked": FLAG,
            "bot": FLAG,
            "hide_collections": maybe(FLAG),
            "discoverable": maybe(FLAG),
            "indexable": FLAG,
            "show_media": FLAG,
            "show_media_replies": FLAG,
            "show_featured": FLAG,
            "attribution_domains": many(TEXT),
        }
    ),
    "Field": entity({"name": TEXT, "value": TEXT, "verified_at": maybe(MOMENT)}),
    "FeatureApproval": entity({"automatic": many(TEXT), "manual": many(TEXT), "current_user": TEXT}),
    "AccountRole": entity({"id": ID, "name": TEXT, "color": TEXT}),
    "Role": entity(
        {
            "id": ID,
            "name": TEXT,
            "color": TEXT,
            "permissions": DIGITS,
            "highlighted": FLAG,
            "collection_limit": COUNT,
        }
    ),
    "Relationship": entity(
        {
            "id": ID,
            "following": FLAG,
            "showing_reblogs": FLAG,
            "notifying": FLAG,
            "languages": maybe(many(TEXT)),
            "followed_by": FLAG,
            "blocking": FLAG,
            "blocked_by": FLAG,
            "muting": FLAG,
            "muting_notifications": FLAG,
            "muting_expires_at": maybe(MOMENT),
            "requested": FLAG,
            "requested_by": FLAG,
            "domain_blocking": FLAG,
            "endorsed": FLAG,
            "note": TEXT,
            "alumnode": entity(
                {"contact": one_of("none", "requested", "declined", "confirmed"), "contact_asks_me": FLAG}
            ),
        }
    ),
    "FamiliarFollowers": entity({"id": ID, "accounts": many("Account")}),
    "Suggestion": entity(
        {
            "source": one_of("staff", "past_interactions", "global"),
            "sources": many(
                one_of(
                    "featured",
                    "most_followed",
                    "most_interactions",
                    "similar_to_recently_followed",
                    "friends_of_friends",
                )
            ),
            "account": ref("Account"),
        }
    ),
    "FeaturedTag": entity({"id": ID, "name": TEXT, "url": URL, "statuses_count": DIGITS, "last_status_at": maybe(DAY)}),
    "Preferences": entity(
        {
            "posting:default:visibility": VISIBILITY,
            "posting:default:sensitive": FLAG,
            "posting:default:language": maybe(TEXT),
            "posting:default:quote_policy": one_of("public", "followers", "nobody"),
            "reading:expand:media": one_of("default", "show_all", "hide_all"),
            "reading:expand:spoilers": FLAG,
            "reading:autoplay:gifs": FLAG,
        }
    ),
}

# -- posts ------------------------------------------------------------------------------------------------------------

_STATUS: Final[dict[str, Schema]] = {
    "id": ID,
    "created_at": MOMENT,
    "in_reply_to_id": maybe(ID),
    "in_reply_to_account_id": maybe(ID),
    "sensitive": FLAG,
    "spoiler_text": TEXT,
    "visibility": VISIBILITY,
    "language": maybe(TEXT),
    "uri": URL,
    "url": maybe(URL),
    "replies_count": COUNT,
    "reblogs_count": COUNT,
    "favourites_count": COUNT,
    "quotes_count": COUNT,
    "edited_at": maybe(MOMENT),
    "content": TEXT,
    "reblog": maybe(ref("Status")),
    "application": maybe(entity({"name": TEXT, "website": maybe(URL)})),
    "account": ref("Account"),
    "media_attachments": many("MediaAttachment"),
    "mentions": many("Mention"),
    "tags": many("ShallowTag"),
    "emojis": many("CustomEmoji"),
    "card": maybe(ref("PreviewCard")),
    "poll": maybe(ref("Poll")),
    "quote": maybe(either(ref("Quote"), ref("ShallowQuote"))),
    "quote_approval": ref("QuoteApproval"),
    "tagged_collections": many(ANYTHING),
    "alumnode": maybe(ANYTHING),
    "favourited": FLAG,
    "reblogged": FLAG,
    "muted": FLAG,
    "bookmarked": FLAG,
    "pinned": FLAG,
    "filtered": many("FilterResult"),
    "text": TEXT,
}
# A stranger has no marks, and the source comes back only with a deletion, for a second draft.
_MARKS: Final = ("favourited", "reblogged", "muted", "bookmarked", "pinned", "filtered", "text")
_SIZES: Final = entity(
    {"width": COUNT, "height": COUNT, "size": TEXT, "aspect": NUMBER, "frame_rate": TEXT, "duration": NUMBER}
    | {"bitrate": COUNT},
    optional=("width", "height", "size", "aspect", "frame_rate", "duration", "bitrate"),
)
_META: Final[dict[str, Schema]] = {
    "original": _SIZES,
    "small": _SIZES,
    "focus": entity({"x": NUMBER, "y": NUMBER}),
    "length": TEXT,
    "duration": NUMBER,
    "fps": NUMBER,
    "size": TEXT,
    "width": COUNT,
    "height": COUNT,
    "aspect": NUMBER,
    "audio_encode": TEXT,
    "audio_bitrate": TEXT,
    "audio_channels": TEXT,
}
_CARD: Final[dict[str, Schema]] = {
    "url": TEXT,
    "title": TEXT,
    "description": TEXT,
    "type": one_of("link", "photo", "video", "rich"),
    "author_name": TEXT,
    "author_url": TEXT,
    "authors": many(entity({"name": TEXT, "url": TEXT, "account": maybe(ref("Account"))})),
    "provider_name": TEXT,
    "provider_url": TEXT,
    "html": TEXT,
    "width": COUNT,
    "height": COUNT,
    "image": maybe(URL),
    "image_description": TEXT,
    "embed_url": TEXT,
    "blurhash": maybe(TEXT),
    "language": maybe(TEXT),
    "published_at": maybe(MOMENT),
    "missing_attribution": FLAG,
}
_POSTS: Final[dict[str, Schema]] = {
    "Status": entity(_STATUS, optional=_MARKS),
    "Context": entity({"ancestors": many("Status"), "descendants": many("Status")}),
    "StatusEdit": entity(
        {
            "content": TEXT,
            "spoiler_text": TEXT,
            "sensitive": FLAG,
            "created_at": MOMENT,
            "account": ref("Account"),
            "media_attachments": many("MediaAttachment"),
            "emojis": many("CustomEmoji"),
            "poll": entity({"options": many(entity({"title": TEXT}))}),
            "quote": maybe(either(ref("Quote"), ref("ShallowQuote"))),
        },
        optional=("poll", "quote"),
    ),
    "StatusSource": entity({"id": ID, "text": TEXT, "spoiler_text": TEXT}),
    "Quote": entity({"state": _QUOTE_STATES, "quoted_status": maybe(ref("Status"))}),
    "ShallowQuote": entity({"state": _QUOTE_STATES, "quoted_status_id": maybe(ID)}),
    "QuoteApproval": entity(
        {
            "automatic": _POLICY,
            "manual": _POLICY,
            "current_user": one_of("automatic", "manual", "denied", "unknown"),
        }
    ),
    "Mention": entity({"id": ID, "username": TEXT, "url": URL, "acct": TEXT}),
    "ShallowTag": entity({"name": {"type": "string", "pattern": "^[^#]"}, "url": URL}),
    "CustomEmoji": entity(
        {
            "shortcode": {"type": "string", "pattern": "^[^:]+$"},
            "url": URL,
            "static_url": URL,
            "visible_in_picker": FLAG,
            "category": maybe(TEXT),
        }
    ),
    "MediaAttachment": entity(
        {
            "id": ID,
            "type": one_of("image", "gifv", "video", "audio", "unknown"),
            "url": maybe(URL),
            "preview_url": maybe(URL),
            "remote_url": maybe(URL),
            "preview_remote_url": maybe(URL),
            "text_url": maybe(URL),
            "meta": entity(_META, optional=_META),
            "description": maybe(TEXT),
            "blurhash": maybe(TEXT),
        }
    ),
    "PreviewCard": entity(_CARD, optional=("missing_attribution",)),
    "TrendsLink": entity({**_CARD, "history": many("History")}, optional=("missing_attribution",)),
    "Poll": entity(
        {
            "id": ID,
            "expires_at": maybe(MOMENT),
            "expired": FLAG,
            "multiple": FLAG,
            "votes_count": COUNT,
            "voters_count": maybe(COUNT),
            "options": many(entity({"title": TEXT, "votes_count": maybe(COUNT)})),
            "emojis": many("CustomEmoji"),
            "voted": FLAG,
            "own_votes": many(COUNT),
        }
    ),
    "Tag": entity(
        {
            "id": TEXT,
            "name": {"type": "string", "pattern": "^[^#]"},
            "url": URL,
            "history": many("History"),
            "following": FLAG,
            "featuring": FLAG,
        }
    ),
    "History": entity({"day": DIGITS, "uses": DIGITS, "accounts": DIGITS}),
    "ScheduledStatus": entity(
        {
            "id": ID,
            "scheduled_at": MOMENT,
            "params": entity(
                {
                    "text": TEXT,
                    "poll": maybe(ANYTHING),
                    "media_ids": maybe(many(ID)),
                    "sensitive": maybe(FLAG),
                    "spoiler_text": maybe(TEXT),
                    "visibility": maybe(VISIBILITY),
                    "in_reply_to_id": maybe(either(ID, COUNT)),
                    "language": maybe(TEXT),
                    "application_id": maybe(COUNT),
                    "scheduled_at": maybe(TEXT),
                    "idempotency": maybe(TEXT),
                    "with_rate_limit": FLAG,
                    "quoted_status_id": maybe(ID),
                    "quote_approval_policy": maybe(TEXT),
                    "alumnode": maybe(ANYTHING),
                },
                optional=("alumnode",),
            ),
            "media_attachments": many("MediaAttachment"),
        }
    ),
    "OEmbed": entity(
        {
            "type": one_of("rich"),
            "version": one_of("1.0"),
            "title": TEXT,
            "author_name": TEXT,
            "author_url": URL,
            "provider_name": TEXT,
            "provider_url": URL,
            "cache_age": COUNT,
            "html": TEXT,
            "width": maybe(COUNT),
            "height": maybe(COUNT),
        }
    ),
    "Search": entity({"accounts": many("Account"), "statuses": many("Status"), "hashtags": many("Tag")}),
    "SearchV1": entity({"accounts": many("Account"), "statuses": many("Status"), "hashtags": many(TEXT)}),
}

# -- what a member keeps and is told ----------------------------------------------------------------------------------

_ABOUT: Final[dict[str, Schema]] = {
    "report": ref("Report"),
    "event": ref("RelationshipSeveranceEvent"),
    "moderation_warning": ref("AccountWarning"),
    "fallback": entity({"title": TEXT, "summary": maybe(TEXT), "details": maybe(TEXT)}),
}
_FILTER: Final[dict[str, Schema]] = {
    "id": ID,
    "title": TEXT,
    "context": CONTEXTS,
    "expires_at": maybe(MOMENT),
    "filter_action": one_of("warn", "hide", "blur"),
    "keywords": many("FilterKeyword"),
    "statuses": many("FilterStatus"),
}
_ALERTS: Final = tuple(
    kind for kind in NOTIFICATION_TYPES if kind not in ("severed_relationships", "moderation_warning")
)
_CHOICE: Final = one_of("accept", "filter", "drop")
_KEPT: Final[dict[str, Schema]] = {
    "Notification": entity(
        {
            "id": ID,
            "type": one_of(*NOTIFICATION_TYPES),
            "group_key": TEXT,
            "created_at": MOMENT,
            "account": ref("Account"),
            "status": maybe(ref("Status")),
            "filtered": FLAG,
            **_ABOUT,
        },
        optional=("status", "filtered", *_ABOUT),
    ),
    "NotificationGroup": entity(
        {
            "group_key": TEXT,
            "notifications_count": COUNT,
            "type": one_of(*NOTIFICATION_TYPES),
            # A number, and below 2^53: that is how an app and every script reads it.
            "most_recent_notification_id": {"type": "integer", "minimum": 1, "maximum": (1 << 53) - 1},
            "page_min_id": ID,
            "page_max_id": ID,
            "latest_page_notification_at": MOMENT,
            "sample_account_ids": {"type": "array", "items": ID, "maxItems": 8},
            "status_id": maybe(ID),
            **_ABOUT,
        },
        optional=("status_id", *_ABOUT),
    ),
    "GroupedNotificationsResults": entity(
        {
            "accounts": many("Account"),
            "partial_accounts": many("PartialAccountWithAvatar"),
            "statuses": many("Status"),
            "notification_groups": many("NotificationGroup"),
        },
        optional=("partial_accounts",),
    ),
    "NotificationPolicy": entity(
        {
            "for_not_following": _CHOICE,
            "for_not_followers": _CHOICE,
            "for_new_accounts": _CHOICE,
            "for_private_mentions": _CHOICE,
            "for_limited_accounts": _CHOICE,
            "summary": entity({"pending_requests_count": COUNT, "pending_notifications_count": COUNT}),
        }
    ),
    "V1NotificationPolicy": entity(
        {
            "filter_not_following": FLAG,
            "filter_not_followers": FLAG,
            "filter_new_accounts": FLAG,
            "filter_private_mentions": FLAG,
            "summary": entity({"pending_requests_count": COUNT, "pending_notifications_count": COUNT}),
        }
    ),
    "NotificationRequest": entity(
        {
            "id": ID,
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "notifications_count": DIGITS,
            "account": ref("Account"),
            "last_status": maybe(ref("Status")),
        }
    ),
    "RelationshipSeveranceEvent": entity(
        {
            "id": ID,
            "type": one_of("domain_block", "user_domain_block", "account_suspension"),
            "purged": FLAG,
            "target_name": TEXT,
            "followers_count": COUNT,
            "following_count": COUNT,
            "created_at": MOMENT,
        }
    ),
    "AccountWarning": entity(
        {
            "id": ID,
            "action": TEXT,
            "text": TEXT,
            "status_ids": maybe(many(ID)),
            "target_account": ref("Account"),
            "appeal": maybe(ANYTHING),
            "created_at": MOMENT,
        }
    ),
    "Count": entity({"count": COUNT}),
    "Merged": entity({"merged": FLAG}),
    "Conversation": entity(
        {"id": ID, "unread": FLAG, "accounts": many("Account"), "last_status": maybe(ref("Status"))}
    ),
    "Marker": entity({"last_read_id": ID, "version": COUNT, "updated_at": MOMENT}),
    "Markers": entity({"home": ref("Marker"), "notifications": ref("Marker")}, optional=("home", "notifications")),
    "List": entity(
        {
            "id": ID,
            "title": TEXT,
            "replies_policy": one_of("followed", "list", "none"),
            "exclusive": FLAG,
            "alumnode": maybe(ANYTHING),
        },
        optional=("alumnode",),
    ),
    "Filter": entity(_FILTER),
    "FilterResult": entity(
        {
            "filter": entity(_FILTER, optional=("keywords", "statuses")),
            "keyword_matches": maybe(many(TEXT)),
            "status_matches": maybe(many(ID)),
        }
    ),
    "FilterKeyword": entity({"id": ID, "keyword": TEXT, "whole_word": FLAG}),
    "FilterStatus": entity({"id": ID, "status_id": ID}),
    "V1Filter": entity(
        {
            "id": ID,
            "phrase": TEXT,
            "context": CONTEXTS,
            "whole_word": FLAG,
            "expires_at": maybe(MOMENT),
            "irreversible": FLAG,
        }
    ),
    "Report": entity(
        {
            "id": ID,
            "action_taken": FLAG,
            "action_taken_at": maybe(MOMENT),
            "category": one_of("spam", "legal", "violation", "other"),
            "comment": TEXT,
            "forwarded": FLAG,
            "created_at": MOMENT,
            "status_ids": maybe(many(ID)),
            "collection_ids": maybe(many(ID)),
            "rule_ids": maybe(many(ID)),
            "target_account": ref("Account"),
        }
    ),
    "WebPushSubscription": entity(
        {
            # A number of 32 bits: one app reads it so.
            "id": {"type": "integer", "minimum": 1, "maximum": (1 << 31) - 1},
            "endpoint": URL,
            "standard": FLAG,
            "server_key": TEXT,
            "alerts": entity(dict.fromkeys(_ALERTS, FLAG)),
            "policy": one_of("all", "followed", "follower", "none"),
        }
    ),
    "Translation": entity(
        {
            "content": TEXT,
            "spoiler_text": TEXT,
            "language": TEXT,
            "detected_source_language": TEXT,
            "provider": TEXT,
            "poll": maybe(ANYTHING),
            "media_attachments": many(entity({"id": ID, "description": TEXT})),
        }
    ),
}

# -- the node, and apps -----------------------------------------------------------------------------------------------

_LIMITS: Final[dict[str, Schema]] = {
    "accounts": entity(
        dict.fromkeys(
            (
                "max_featured_tags",
                "max_pinned_statuses",
                "max_profile_fields",
                "max_display_name_length",
                "max_note_length",
                "profile_field_name_limit",
                "profile_field_value_limit",
                "avatar_description_limit",
                "header_description_limit",
            ),
            SMALL,
        )
    ),
    "statuses": entity(
        dict.fromkeys(("max_characters", "max_media_attachments", "characters_reserved_per_url"), SMALL)
    ),
    "media_attachments": entity(
        {
            "supported_mime_types": many(TEXT),
            **dict.fromkeys(
                (
                    "description_limit",
                    "image_size_limit",
                    "image_matrix_limit",
                    "video_size_limit",
                    "video_frame_rate_limit",
                    "video_matrix_limit",
                ),
                SMALL,
            ),
        }
    ),
    "polls": entity(
        dict.fromkeys(("max_options", "max_characters_per_option", "min_expiration", "max_expiration"), SMALL)
    ),
}
_ACCESS: Final = one_of("public", "authenticated", "disabled")
_FEED: Final = entity({"local": _ACCESS, "remote": _ACCESS})
_NODE: Final[dict[str, Schema]] = {
    "Instance": entity(
        {
            "domain": TEXT,
            "title": TEXT,
            # Digits first: several apps compare versions, and stop at anything else.
            "version": {"type": "string", "pattern": r"^[0-9]\.[0-9]\.[0-9]+ "},
            "source_url": URL,
            "description": TEXT,
            "usage": entity({"users": entity({"active_month": COUNT})}),
            "thumbnail": entity(
                {
                    "url": URL,
                    "description": TEXT,
                    "blurhash": maybe(TEXT),
                    "versions": entity({"@1x": URL, "@2x": URL}, optional=("@1x", "@2x")),
                }
            ),
            "icon": many(entity({"src": URL, "size": TEXT})),
            "languages": many(TEXT),
            "configuration": entity(
                {
                    **_LIMITS,
                    "urls": entity(
                        {
                            "streaming": {"type": "string", "pattern": "^wss?://"},
                            "status": maybe(URL),
                            "about": maybe(URL),
                            "privacy_policy": maybe(URL),
                            "terms_of_service": maybe(URL),
                        }
                    ),
                    "vapid": entity({"public_key": TEXT}),
                    "translation": entity({"enabled": FLAG}),
                    "timelines_access": entity(
                        {"live_feeds": _FEED, "hashtag_feeds": _FEED, "trending_link_feeds": _FEED}
                    ),
                    "limited_federation": FLAG,
                }
            ),
            "registrations": entity(
                {
                    "enabled": FLAG,
                    "approval_required": FLAG,
                    "reason_required": FLAG,
                    "message": maybe(TEXT),
                    "min_age": maybe(COUNT),
                    "url": maybe(URL),
                }
            ),
            "api_versions": table(COUNT),
            "contact": entity({"email": TEXT, "account": maybe(ref("Account"))}),
            "rules": many("Rule"),
            "wrapstodon": maybe(TEXT),
        }
    ),
    "V1Instance": entity(
        {
            "uri": {"type": "string", "pattern": "^[^/]+$"},
            "title": TEXT,
            "short_description": TEXT,
            "description": TEXT,
            "email": TEXT,
            "version": TEXT,
            "urls": entity({"streaming_api": {"type": "string", "pattern": "^wss?://"}}),
            "stats": entity({"user_count": COUNT, "status_count": COUNT, "domain_count": COUNT}),
            "thumbnail": maybe(URL),
            "languages": many(TEXT),
            "registrations": FLAG,
            "approval_required": FLAG,
            "invites_enabled": FLAG,
            "configuration": entity(_LIMITS),
            "contact_account": maybe(ref("Account")),
            "rules": many("Rule"),
            "max_toot_chars": SMALL,
            "poll_limits": entity(
                dict.fromkeys(("max_options", "max_option_chars", "min_expiration", "max_expiration"), SMALL)
            ),
        }
    ),
    "Rule": entity({"id": ID, "text": TEXT, "hint": TEXT, "translations": table(entity({"text": TEXT, "hint": TEXT}))}),
    "ExtendedDescription": entity({"updated_at": TEXT, "content": TEXT}),
    "PrivacyPolicy": entity({"updated_at": TEXT, "content": TEXT}),
    "TermsOfService": entity({"effective_date": DAY, "effective": FLAG, "content": TEXT, "succeeded_by": maybe(DAY)}),
    "Language": entity({"code": TEXT, "name": TEXT}),
    "Activity": entity(dict.fromkeys(("week", "statuses", "logins", "registrations"), DIGITS)),
    "DomainBlock": entity(
        {"domain": TEXT, "digest": TEXT, "severity": one_of("silence", "suspend"), "comment": maybe(TEXT)}
    ),
    "DomainBlockPreview": entity({"followers_count": COUNT, "following_count": COUNT}),
    "Announcement": entity(
        {
            "id": ID,
            "content": TEXT,
            "starts_at": maybe(MOMENT),
            "ends_at": maybe(MOMENT),
            "all_day": FLAG,
            "published_at": MOMENT,
            "updated_at": MOMENT,
            "read": FLAG,
            "mentions": many("Mention"),
            "statuses": many(entity({"id": ID, "url": URL})),
            "tags": many("ShallowTag"),
            "emojis": many("CustomEmoji"),
            "reactions": many(
                entity(
                    {"name": TEXT, "count": COUNT, "me": FLAG, "url": URL, "static_url": URL},
                    optional=("url", "static_url"),
                )
            ),
        }
    ),
    "VerifiedApplication": entity(
        {
            "id": ID,
            "name": TEXT,
            "website": maybe(URL),
            "scopes": many(TEXT),
            "redirect_uri": TEXT,
            "redirect_uris": many(TEXT),
            "vapid_key": TEXT,
        },
    ),
    "CredentialApplication": entity(
        {
            "id": ID,
            "name": TEXT,
            "website": maybe(URL),
            "scopes": many(TEXT),
            "redirect_uri": TEXT,
            "redirect_uris": many(TEXT),
            "client_id": TEXT,
            "client_secret": TEXT,
            "client_secret_expires_at": COUNT,
            "vapid_key": TEXT,
        }
    ),
    "Token": entity({"access_token": TEXT, "token_type": one_of("Bearer"), "scope": TEXT, "created_at": COUNT}),
    "ServerMetadata": entity(
        {
            "issuer": URL,
            "authorization_endpoint": URL,
            "token_endpoint": URL,
            "revocation_endpoint": URL,
            "userinfo_endpoint": URL,
            "app_registration_endpoint": URL,
            "service_documentation": URL,
            "scopes_supported": many(TEXT),
            "response_types_supported": many(TEXT),
            "response_modes_supported": many(TEXT),
            "grant_types_supported": many(TEXT),
            "token_endpoint_auth_methods_supported": many(TEXT),
            "code_challenge_methods_supported": many(TEXT),
            "authorization_response_iss_parameter_supported": FLAG,
        }
    ),
    "UserInfo": entity(
        {"iss": URL, "sub": URL, "name": TEXT, "preferred_username": TEXT, "profile": URL, "picture": URL}
    ),
    "Error": entity(
        {"error": TEXT, "error_code": TEXT, "error_description": TEXT, "details": ANYTHING},
        optional=("error_code", "error_description", "details"),
    ),
}

SCHEMAS: Final[dict[str, Schema]] = {**_PEOPLE, **_POSTS, **_KEPT, **_NODE}
"""By name, as Mastodon's documentation names them."""
