# SPDX-License-Identifier: AGPL-3.0-or-later
"""The smaller ones: Relationship, Marker, Preferences, Tag, Token, CredentialApplication."""

from collections.abc import Sequence

from node import contacts
from node.access import App, NewToken
from node.actors import Actor
from node.kernel.site import Site
from node.lists import PeopleList
from node.members import Member
from node.moderation import Report
from node.posts import FeaturedTag
from node.posts.tags import Tag
from node.relationships import Relationship
from node.timelines import Marker
from web.mastodon.entities.accounts import account
from web.mastodon.entities.common import Json, history, moment, moment_or_none


def relationship(actor_id: int, between: Relationship, contact: contacts.Standing) -> Json:
    """What stands between the viewer and somebody; `alumnode` says whether they are contacts, as the viewer may know it."""
    return {
        "id": str(actor_id),
        "following": between.following,
        "showing_reblogs": between.showing_boosts,
        "notifying": between.notifying,
        "languages": list(between.languages) if between.languages else None,
        "followed_by": between.followed_by,
        "blocking": between.blocking,
        "blocked_by": between.blocked_by,
        "muting": between.muting,
        "muting_notifications": between.muting_notifications,
        "muting_expires_at": moment_or_none(between.muting_expires_at),
        "requested": between.requested,
        "requested_by": between.requested_by,
        "domain_blocking": between.domain_blocking,
        "endorsed": between.endorsed,
        "note": between.note,
        "alumnode": {
            "contact": contact.state,
            "contact_asks_me": contact.state is contacts.State.REQUESTED and contact.asker == actor_id,
        },
    }


def marker(found: Marker) -> Json:
    """How far a timeline was read."""
    return {
        "last_read_id": str(found.last_read_id),
        "version": found.version,
        "updated_at": moment(found.updated_at),
    }


def preferences(member: Member) -> Json:
    """What a member has chosen, in flat keys."""
    return {
        "posting:default:visibility": member.default_visibility,
        "posting:default:sensitive": member.default_sensitive,
        "posting:default:language": member.default_language,
        "posting:default:quote_policy": member.default_quote_policy,
        "reading:expand:media": member.expand_media,
        "reading:expand:spoilers": member.expand_spoilers,
        "reading:autoplay:gifs": member.autoplay_gifs,
    }


def tag(site: Site, found: Tag) -> Json:
    """A hashtag with its last seven days, today first."""
    return {
        "id": found.name,
        "name": found.display,
        "url": site.tag_url(found.name),
        "history": history(found.history),
        "following": found.following,
        "featuring": found.featuring,
    }


def people_list(found: PeopleList, title: str) -> Json:
    """A list; `alumnode` says of one that the node keeps which it is, and that nobody can change it."""
    return {
        "id": str(found.id),
        "title": title,
        "replies_policy": found.replies_policy,
        "exclusive": found.exclusive,
        "alumnode": {"built_in": found.built_in.name.lower()} if found.built_in is not None else None,
    }


def featured_tag(site: Site, owner: Actor, tag: FeaturedTag) -> Json:
    """A hashtag on a profile; the address is the page of the hashtag here."""
    return {
        "id": str(tag.id),
        "name": tag.display,
        "url": site.tag_url(tag.name) if owner.is_local else f"{owner.url}/tagged/{tag.name}",
        "statuses_count": str(tag.posts_count),
        "last_status_at": f"{tag.last_at:%Y-%m-%d}" if tag.last_at else None,
    }


def report(site: Site, found: Report, target: Actor, post_ids: Sequence[int]) -> Json:
    """A report, as whoever made it sees it."""
    return {
        "id": str(found.id),
        "action_taken": found.resolved_at is not None,
        "action_taken_at": moment_or_none(found.resolved_at),
        "category": found.category,
        "comment": found.comment,
        "forwarded": found.forwarded,
        "created_at": moment(found.created_at),
        "status_ids": [str(number) for number in post_ids],
        "collection_ids": [],
        "rule_ids": [str(number) for number in found.rule_ids],
        "target_account": account(site, target),
    }


def application(name: str, website: str | None) -> Json:
    """An application, as everybody may see it."""
    return {"name": name, "website": website}


def credential_application(app: App, secret: str, *, vapid_key: str) -> Json:
    """An application just registered, with its secret."""
    return {
        "id": str(app.id),
        **application(app.name, app.website),
        "scopes": list(app.scopes),
        "redirect_uri": "\n".join(app.redirect_uris),
        "redirect_uris": list(app.redirect_uris),
        "client_id": app.client_id,
        "client_secret": secret,
        "client_secret_expires_at": 0,
        "vapid_key": vapid_key,
    }


def token(issued: NewToken) -> Json:
    """A token just issued (RFC 6749, 5.1). It does not run out, so there is no `expires_in`."""
    return {
        "access_token": issued.secret,
        "token_type": "Bearer",
        "scope": " ".join(issued.scopes),
        "created_at": int(issued.created_at.timestamp()),
    }
