# SPDX-License-Identifier: AGPL-3.0-or-later
"""Account, CredentialAccount, Profile and MutedAccount."""

from dataclasses import replace
from datetime import datetime
from html import escape

from node import profiles
from node.actors import Actor, ActorType, Picture, ProfileField
from node.kernel.site import Site
from node.members import Member
from node.profiles import Profile
from web.mastodon.entities.common import Json, midnight, moment_or_none
from web.mastodon.entities.emojis import emojis
from web.media import missing_avatar, missing_header, picture_url

CLASS_FIELD = "Class"


def account(site: Site, actor: Actor, *, moved: Actor | None = None, profile: Profile | None = None) -> Json:
    """Anybody, as everybody may see them. The class year is a line of the profile, so that every app shows it.

    Where one account is shown by itself, `moved` is the account they moved to, and `profile` what they say of themselves
    to this viewer.
    """
    if actor.suspended_at is not None:
        actor = _withheld(actor)
    avatar = picture_url(site, actor.avatar) or missing_avatar(site)
    header = picture_url(site, actor.header) or missing_header(site)
    return {
        "id": str(actor.id),
        "username": actor.username,
        "acct": actor.acct,
        "display_name": actor.display_name,
        "locked": actor.locked,
        "bot": actor.bot,
        "group": actor.type is ActorType.GROUP,
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        "noindex": not actor.indexable,
        "hide_collections": actor.hide_collections,
        "created_at": midnight(actor.created_at),
        "note": _headline(profile) + actor.summary,
        "url": actor.url,
        "uri": actor.uri,
        "avatar": avatar,
        "avatar_static": avatar,
        "avatar_description": _description(actor.avatar),
        "header": header,
        "header_static": header,
        "header_description": _description(actor.header),
        "followers_count": actor.followers_count,
        "following_count": actor.following_count,
        "statuses_count": actor.statuses_count,
        "last_status_at": f"{actor.last_status_at:%Y-%m-%d}" if actor.last_status_at else None,
        "emojis": emojis(site, actor.emojis),
        "fields": [*_class_year(actor), *_told(profile), *(_field(field) for field in actor.fields)],
        "roles": [],
        "memorial": actor.memorial,
        "suspended": actor.suspended_at is not None,
        "limited": actor.limited_at is not None,
        "moved": account(site, moved) if moved is not None else None,
        "show_media": actor.show_media,
        "show_media_replies": actor.show_media_replies,
        "show_featured": actor.show_featured,
        "feature_approval": {"automatic": [], "manual": [], "current_user": "denied"},
    }


def credential_account(site: Site, member: Member, *, requests_count: int, moved: Actor | None = None) -> Json:
    """A member as they see themselves: with the sources of their texts and their defaults."""
    actor = member.actor
    return {
        **account(site, actor, moved=moved),
        "source": {
            "note": actor.summary_source,
            "fields": _typed_fields(actor),
            "privacy": member.default_visibility,
            "sensitive": member.default_sensitive,
            "language": member.default_language or "",
            "follow_requests_count": requests_count,
            "hide_collections": actor.hide_collections,
            "discoverable": actor.discoverable,
            "indexable": actor.indexable,
            "attribution_domains": list(actor.attribution_domains),
            "quote_policy": member.default_quote_policy,
        },
        "role": {
            "id": "-99",
            "name": "",
            "color": "",
            "permissions": "0",
            "highlighted": False,
            "collection_limit": 0,
        },
    }


def profile(site: Site, actor: Actor) -> Json:
    """One's own profile as it was typed, for editing it. A picture that is not there is null."""
    avatar, header = picture_url(site, actor.avatar), picture_url(site, actor.header)
    return {
        "id": str(actor.id),
        "display_name": actor.display_name,
        "note": actor.summary_source,
        "fields": _typed_fields(actor),
        "avatar": avatar,
        "avatar_static": avatar,
        "avatar_description": _description(actor.avatar),
        "header": header,
        "header_static": header,
        "header_description": _description(actor.header),
        "locked": actor.locked,
        "bot": actor.bot,
        "hide_collections": actor.hide_collections,
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        "show_media": actor.show_media,
        "show_media_replies": actor.show_media_replies,
        "show_featured": actor.show_featured,
        "attribution_domains": list(actor.attribution_domains),
    }


def muted_account(site: Site, actor: Actor, expires_at: datetime | None) -> Json:
    """Somebody whom the viewer mutes, with the end of it."""
    return {**account(site, actor), "mute_expires_at": moment_or_none(expires_at)}


def _withheld(actor: Actor) -> Actor:
    """Somebody who is suspended, of whom nothing else is shown. Source: Mastodon's documentation, entities/Account."""
    return replace(
        actor,
        display_name="",
        summary="",
        avatar=None,
        header=None,
        fields=(),
        emojis=(),
        class_year=None,
        locked=False,
        bot=False,
        discoverable=False,
        indexable=False,
    )


def _typed_fields(actor: Actor) -> list[Json]:
    return [
        {
            "name": field.name,
            "value": field.source or field.value,
            "verified_at": moment_or_none(field.verified_at),
        }
        for field in actor.fields
    ]


def _class_year(actor: Actor) -> list[Json]:
    if actor.class_year is None or any(field.name.casefold() == CLASS_FIELD.casefold() for field in actor.fields):
        return []
    return [{"name": CLASS_FIELD, "value": str(actor.class_year), "verified_at": None}]


def _headline(profile: Profile | None) -> str:
    """Who somebody is in one line, which stands above what they say of themselves."""
    return f"<p>{escape(profile.facts.headline)}</p>" if profile is not None and profile.facts.headline else ""


def _told(profile: Profile | None) -> list[Json]:
    """The lines that a profile has for this viewer: one of each kind, of an entry the first."""
    if profile is None:
        return []
    return [{"name": name, "value": escape(value), "verified_at": None} for name, value in profiles.lines(profile)]


def _field(field: ProfileField) -> Json:
    return {
        "name": field.name,
        "value": field.value or escape(field.source),
        "verified_at": moment_or_none(field.verified_at),
    }


def _description(picture: Picture | None) -> str:
    return picture.description if picture is not None else ""
