# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notification, NotificationGroup, NotificationPolicy and NotificationRequest; as JSON text where a status is in them,
which is kept as bytes."""

from collections.abc import Iterable, Mapping

import orjson

from node.actors import Actor
from node.kernel.site import Site
from node.notifications import Group, Kind, Notification, Policy, Request, Summary, Verdict
from web.mastodon.entities.accounts import account
from web.mastodon.entities.common import Json, moment

_EVENTS: Mapping[Kind, str] = {Kind.SEVERED: "event", Kind.WARNING: "moderation_warning"}


def notification(
    site: Site, told: Notification, from_actor: Actor, account: bytes, status: bytes | None, report: Json | None = None
) -> bytes:
    """One notification with whoever caused it (and their `account`) and the status or report it is about, if any."""
    head = orjson.dumps(
        {
            "id": str(told.id),
            "type": told.type,
            "group_key": told.key,
            "created_at": moment(told.created_at),
            "account": orjson.Fragment(account),
            **({"filtered": True} if told.filtered else {}),
            **_about(site, told, from_actor, report),
        }
    )
    return head if status is None else head[:-1] + b',"status":' + status + b"}"


def notification_group(site: Site, group: Group, from_actor: Actor, report: Json | None = None) -> Json:
    """One line of a page: what many did to one thing. The newest notification's number is a number here, by Mastodon."""
    newest = group.newest
    return {
        "group_key": group.key,
        "notifications_count": group.count,
        "type": newest.type,
        "most_recent_notification_id": newest.id,
        "page_min_id": str(group.oldest_id),
        "page_max_id": str(newest.id),
        "latest_page_notification_at": moment(newest.created_at),
        "sample_account_ids": [str(number) for number in group.sample],
        **({"status_id": str(newest.post_id)} if newest.post_id is not None else {}),
        **_about(site, newest, from_actor, report),
    }


def grouped_notifications(
    groups: Iterable[Json], accounts: Iterable[bytes], statuses: Iterable[bytes], partial: Iterable[Json] | None
) -> bytes:
    """A page of groups, with everybody and everything they name once."""
    head = orjson.dumps(
        {
            "accounts": [orjson.Fragment(body) for body in accounts],
            **({"partial_accounts": list(partial)} if partial is not None else {}),
            "notification_groups": list(groups),
        }
    )
    return head[:-1] + b',"statuses":[%b]}' % b",".join(statuses)


def partial_account(site: Site, actor: Actor) -> Json:
    """So much of somebody as a row of small portraits needs."""
    whole = account(site, actor)
    names = ("id", "acct", "url", "avatar", "avatar_static", "avatar_description", "locked", "bot")
    return {name: whole[name] for name in names}


def notification_policy(policy: Policy, summary: Summary) -> Json:
    """What a member decided about people they may not know."""
    return {
        "for_not_following": policy.not_following,
        "for_not_followers": policy.not_followers,
        "for_new_accounts": policy.new_accounts,
        "for_private_mentions": policy.private_mentions,
        "for_limited_accounts": policy.limited_accounts,
        "summary": _summary(summary),
    }


def notification_policy_v1(policy: Policy, summary: Summary) -> Json:
    """The same as it was before there was a choice of three."""
    return {
        "filter_not_following": policy.not_following is not Verdict.ACCEPT,
        "filter_not_followers": policy.not_followers is not Verdict.ACCEPT,
        "filter_new_accounts": policy.new_accounts is not Verdict.ACCEPT,
        "filter_private_mentions": policy.private_mentions is not Verdict.ACCEPT,
        "summary": _summary(summary),
    }


def notification_request(site: Site, request: Request, from_actor: Actor, status: bytes | None) -> bytes:
    """Somebody whose notifications wait apart."""
    head = orjson.dumps(
        {
            "id": str(request.id),
            "created_at": moment(request.created_at),
            "updated_at": moment(request.updated_at),
            "notifications_count": str(request.count),
            "account": account(site, from_actor),
        }
    )
    return head[:-1] + b',"last_status":' + (status or b"null") + b"}"


def _summary(summary: Summary) -> Json:
    return {"pending_requests_count": summary.requests, "pending_notifications_count": summary.notifications}


def _about(site: Site, told: Notification, from_actor: Actor, report: Json | None) -> Json:
    """What a kind is about besides a status."""
    found: Json = {"report": report} if report is not None else {}
    if told.type in _EVENTS and told.details is not None:
        said: Json = {"id": str(told.id), **told.details, "created_at": moment(told.created_at)}
        if told.type is Kind.WARNING:
            said = {"status_ids": None, "appeal": None, **said, "target_account": account(site, from_actor)}
        found[_EVENTS[told.type]] = said
    return found
