# SPDX-License-Identifier: AGPL-3.0-or-later
"""Instance, in both versions.

The version string begins with the Mastodon version whose behaviour apps may count on, since they switch features by its
first digits: 4.5 has quotes. `api_versions.mastodon` promises the same in steps: 2 grouped notifications, 3 PKCE, 4 Web
Push as it is standardised, 6 endorsements of others, 7 quotes, 8 the profile with its raw texts. Step 10, Collections, is
not here.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from node import posts
from node.actors import Actor
from node.instance import Rule, TextKind, Version
from node.kernel.config import Settings
from node.kernel.site import Site
from node.media import FILM_TYPES, PICTURE_TYPES
from node.media.films import MAX_FRAME_RATE
from node.media.films import MAX_PIXELS as MAX_FILM_PIXELS
from node.version import VERSION
from web.mastodon.entities.accounts import account
from web.mastodon.entities.common import Json, moment
from web.media import missing_header

_COMPATIBLE: Final = "4.5.0"
SOURCE_URL: Final = "https://github.com/alumnode/alumnode"
MAX_PIXELS: Final = 40_000_000


COMPATIBLE_VERSION: Final = f"{_COMPATIBLE} (compatible; Alumnode {VERSION})"


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a node."""

    members: int
    posts: int
    domains: int
    films: bool = False
    rules: tuple[Rule, ...] = ()
    written: frozenset[TextKind] = frozenset()


def instance_v2(site: Site, settings: Settings, association: Actor | None, figures: Figures, *, vapid_key: str) -> Json:
    """The node as apps ask for it before login: every part must be there, or the login button stays grey."""
    return {
        "domain": settings.domain,
        "title": settings.name,
        "version": COMPATIBLE_VERSION,
        "source_url": SOURCE_URL,
        "description": settings.description,
        "usage": {"users": {"active_month": figures.members}},
        "thumbnail": {"url": missing_header(site), "description": "", "blurhash": None, "versions": {}},
        "icon": [],
        "languages": [settings.locale],
        "configuration": {
            **_configuration(settings, films=figures.films),
            "urls": {
                "streaming": _streaming(settings),
                "status": None,
                "about": f"{settings.base_url}/about",
                "privacy_policy": f"{settings.base_url}/privacy" if TextKind.PRIVACY in figures.written else None,
                "terms_of_service": f"{settings.base_url}/terms" if TextKind.TERMS in figures.written else None,
            },
            "vapid": {"public_key": vapid_key},
            "translation": {"enabled": False},
            "timelines_access": {
                "live_feeds": {"local": "public", "remote": "public"},
                "hashtag_feeds": {"local": "public", "remote": "public"},
                "trending_link_feeds": {"local": "public", "remote": "public"},
            },
            "limited_federation": False,
        },
        "registrations": {
            "enabled": settings.registrations.are_open,
            "approval_required": settings.registrations.need_approval,
            "reason_required": settings.registrations.need_approval,
            "message": None,
            "min_age": settings.registrations.minimum_age or None,
            "url": None,
        },
        "api_versions": {"mastodon": 8, "alumnode": 1},
        "contact": {
            "email": settings.contact_email,
            "account": account(site, association) if association is not None else None,
        },
        "rules": [rule(one) for one in figures.rules],
        "wrapstodon": None,
    }


def instance_v1(site: Site, settings: Settings, association: Actor | None, figures: Figures) -> Json:
    """The same for older apps; `uri` is the bare domain."""
    return {
        "uri": settings.domain,
        "title": settings.name,
        "short_description": settings.description,
        "description": settings.description,
        "email": settings.contact_email,
        "version": COMPATIBLE_VERSION,
        "urls": {"streaming_api": _streaming(settings)},
        "stats": {"user_count": figures.members, "status_count": figures.posts, "domain_count": figures.domains},
        "thumbnail": missing_header(site),
        "languages": [settings.locale],
        "registrations": settings.registrations.are_open,
        "approval_required": settings.registrations.need_approval,
        "invites_enabled": True,
        "configuration": _configuration(settings, films=figures.films),
        "contact_account": account(site, association) if association is not None else None,
        "rules": [rule(one) for one in figures.rules],
        "max_toot_chars": posts.MAX_CHARACTERS,
        "poll_limits": {
            "max_options": posts.MAX_POLL_OPTIONS,
            "max_option_chars": posts.MAX_POLL_OPTION,
            "min_expiration": _seconds(posts.MIN_POLL),
            "max_expiration": _seconds(posts.MAX_POLL),
        },
    }


def rule(found: Rule) -> Json:
    """A rule, in the one language in which it is written."""
    return {"id": str(found.id), "text": found.text, "hint": found.hint, "translations": {}}


def extended_text(found: Version) -> Json:
    """ExtendedDescription and PrivacyPolicy."""
    return {"updated_at": moment(found.updated_at), "content": found.content}


def terms_of_service(found: Version, today: date) -> Json:
    """TermsOfService: from which day they hold, and from which day others do."""
    return {
        "effective_date": found.day.isoformat(),
        "effective": found.day <= today,
        "content": found.content,
        "succeeded_by": found.succeeded_by.isoformat() if found.succeeded_by is not None else None,
    }


def _configuration(settings: Settings, *, films: bool) -> Json:
    """What may be sent here. The limits stay below 2**31: two apps read them as 32-bit numbers."""
    return {
        "accounts": {
            "max_featured_tags": posts.MAX_FEATURED_TAGS,
            "max_pinned_statuses": posts.MAX_PINS,
            "max_profile_fields": 6,
            "max_display_name_length": 80,
            "max_note_length": 5000,
            "profile_field_name_limit": 255,
            "profile_field_value_limit": 2047,
            "avatar_description_limit": 1500,
            "header_description_limit": 1500,
        },
        "statuses": {
            "max_characters": posts.MAX_CHARACTERS,
            "max_media_attachments": posts.MAX_MEDIA,
            "characters_reserved_per_url": 23,
        },
        "media_attachments": {
            "supported_mime_types": [*PICTURE_TYPES, *(FILM_TYPES if films else ())],
            "description_limit": 1500,
            "image_size_limit": settings.limits.max_upload,
            "image_matrix_limit": MAX_PIXELS,
            "video_size_limit": settings.limits.max_upload if films else 0,
            "video_frame_rate_limit": MAX_FRAME_RATE if films else 0,
            "video_matrix_limit": MAX_FILM_PIXELS if films else 0,
        },
        "polls": {
            "max_options": posts.MAX_POLL_OPTIONS,
            "max_characters_per_option": posts.MAX_POLL_OPTION,
            "min_expiration": _seconds(posts.MIN_POLL),
            "max_expiration": _seconds(posts.MAX_POLL),
        },
    }


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _streaming(settings: Settings) -> str:
    scheme, _, authority = settings.base_url.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{authority}"
