# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications one by one, the policy about strangers, and who waits because of it.

Source: Mastodon's documentation, methods/notifications. Kinds that an app does not name in `supported_types` are told
all the same: all of them are Mastodon's, and apps pass over what they do not know.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, moderation, notifications, timelines
from node.actors import ActorId
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotFound
from node.notifications import Kind, Narrowed, Notification, Policy, Request, Summary, Verdict
from web import auth, params
from web.auth import Handler
from web.mastodon import entities
from web.mastodon.answers import db, json, number
from web.mastodon.entities import Json
from web.mastodon.rendering import STATUSES, Statuses, joined, raw
from web.paging import link_to, page_of
from web.params import Params

ABOUT_A_STATUS: Final = frozenset(
    {
        Kind.MENTION,
        Kind.STATUS,
        Kind.BOOST,
        Kind.FAVOURITE,
        Kind.UPDATE,
        Kind.POLL,
        Kind.QUOTE,
        Kind.QUOTED_UPDATE,
    }
)
_RULES: Final = ("not_following", "not_followers", "new_accounts", "private_mentions", "limited_accounts")


def rendered(conn: Connection, statuses: Statuses, told: Sequence[Notification], owner: int) -> list[bytes]:
    """Notifications as JSON. One whose post is gone is left out: apps crash on a mention without a status."""
    people = statuses.accounts.by_ids(conn, {item.from_id for item in told})
    bodies = statuses.by_id(conn, [item.post_id for item in told if item.post_id is not None], owner)
    reports = reports_of(conn, statuses, told)
    result: list[bytes] = []
    for item in told:
        person = people.get(item.from_id)
        if person is None or not is_shown(item, person.actor, bodies, reports):
            continue
        status = bodies.get(item.post_id) if item.post_id is not None else None
        report = reports.get(item.report_id) if item.report_id is not None else None
        result.append(entities.notification(statuses.site, item, person.actor, person.body, status, report))
    return result


def is_shown(item: Notification, person: actors.Actor, bodies: Collection[int], reports: Collection[int]) -> bool:
    """Whether everything that the kind of a notification needs is still there."""
    if person.deleted_at is not None or not (person.is_active or item.type is Kind.SIGN_UP):
        return False
    if item.type is Kind.REPORT:
        return item.report_id in reports
    return item.type not in ABOUT_A_STATUS or item.post_id in bodies


def reports_of(conn: Connection, statuses: Statuses, told: Sequence[Notification]) -> dict[int, Json]:
    """The reports that some notifications tell of, by number. No statement where there is none."""
    numbers = {item.report_id for item in told if item.report_id is not None}
    return {
        number: entities.report(statuses.site, case.report, case.target, case.post_ids)
        for number, case in moderation.cases_by_ids(conn, numbers).items()
    }


def narrowed(given: Params) -> Narrowed:
    """Which notifications an app asks for."""
    return Narrowed(
        types=given.texts("types"),
        exclude_types=given.texts("exclude_types"),
        from_id=given.number("account_id"),
        include_filtered=given.flag("include_filtered"),
    )


async def index(request: web.Request) -> web.Response:
    """A page of what one was told."""
    given = params.query(request)
    page, owner, wanted = page_of(given, default=40, most=80), auth.me(request).id, narrowed(given)
    statuses = request.app[STATUSES]

    def read(conn: Connection) -> tuple[list[int], list[bytes]]:
        told = notifications.page(
            conn,
            owner,
            page,
            types=wanted.types,
            exclude_types=wanted.exclude_types,
            from_id=wanted.from_id,
            include_filtered=wanted.include_filtered,
        )
        return [item.id for item in told], rendered(conn, statuses, told, owner)

    ids, bodies = await db(request).read(read)
    return raw(joined(bodies), link_to(request, ids))


async def show(request: web.Request) -> web.Response:
    """One of them."""
    notification_id, owner = number(request), auth.me(request).id
    statuses = request.app[STATUSES]

    def read(conn: Connection) -> list[bytes]:
        return rendered(conn, statuses, [notifications.get(conn, owner, notification_id)], owner)

    found = await db(request).read(read)
    if not found:
        raise NotFound
    return raw(found[0])


async def unread_count(request: web.Request) -> web.Response:
    """How many are newer than the marker."""
    given = params.query(request)
    limit, wanted, owner = most_counted(given), narrowed(given), auth.me(request).id

    def read(conn: Connection) -> int:
        return notifications.unread_count(conn, owner, after_id=read_up_to(conn, owner), limit=limit, wanted=wanted)

    return json({"count": await db(request).read(read)})


def most_counted(given: Params) -> int:
    """Up to how many are counted."""
    return min(given.number("limit") or 100, 1000)


def read_up_to(conn: Connection, owner: int) -> int:
    """The number of the notification that was read last on any device."""
    marker = timelines.markers(conn, owner, ["notifications"]).get("notifications")
    return marker.last_read_id if marker is not None else 0


async def dismiss(request: web.Request) -> web.Response:
    """Remove one."""
    await db(request).write(notifications.dismiss, auth.me(request).id, number(request))
    return json({})


async def dismiss_old(request: web.Request) -> web.Response:
    """The same with the number as a parameter, as old apps have it."""
    found = (await params.read(request)).number("id")
    if found is None:
        raise NotFound
    await db(request).write(notifications.dismiss, auth.me(request).id, found)
    return json({})


async def clear(request: web.Request) -> web.Response:
    """Remove all."""
    await db(request).write(notifications.clear, auth.me(request).id)
    return json({})


# -- the policy --------------------------------------------------------------------------------------------------------


async def show_policy(request: web.Request) -> web.Response:
    """What one decided about people one may not know, and how much waits because of it."""
    return json(entities.notification_policy(*await _policy(request)))


async def set_policy(request: web.Request) -> web.Response:
    """Change some of it. A word that is none of the three is refused."""
    given = await params.read(request)
    changes: dict[str, Verdict | bool] = {}
    for rule in _RULES:
        said = given.text(f"for_{rule}")
        if said:
            if said not in set(Verdict):
                raise Invalid(f"'{said}' is not a valid for_{rule}", field=f"for_{rule}")
            changes[rule] = Verdict(said)
    await db(request).write(notifications.set_policy, auth.me(request).id, **changes)
    return await show_policy(request)


async def show_policy_old(request: web.Request) -> web.Response:
    """The same with yes and no."""
    return json(entities.notification_policy_v1(*await _policy(request)))


async def set_policy_old(request: web.Request) -> web.Response:
    """The same with yes and no. A yes leaves a rule that drops as it is."""
    given = await params.read(request)
    owner = auth.me(request).id
    before, _ = await _policy(request)
    changes: dict[str, Verdict | bool] = {}
    for rule in _RULES[:4]:
        said = given.boolean(f"filter_{rule}")
        if said is False:
            changes[rule] = Verdict.ACCEPT
        elif said and getattr(before, rule) is Verdict.ACCEPT:
            changes[rule] = Verdict.FILTER
    await db(request).write(notifications.set_policy, owner, **changes)
    return await show_policy_old(request)


async def _policy(request: web.Request) -> tuple[Policy, Summary]:
    owner = auth.me(request).id

    def read(conn: Connection) -> tuple[Policy, Summary]:
        return notifications.policy_of(conn, owner), notifications.requests.summary(conn, owner)

    return await db(request).read(read)


# -- who waits because of it -------------------------------------------------------------------------------------------


async def requests(request: web.Request) -> web.Response:
    """A page of them."""
    page, owner = page_of(params.query(request), default=40, most=80), auth.me(request).id
    statuses = request.app[STATUSES]

    def read(conn: Connection) -> tuple[list[int], list[bytes]]:
        found = notifications.requests.page(conn, owner, page)
        return [item.id for item in found], _requests(conn, statuses, found, owner)

    ids, bodies = await db(request).read(read)
    return raw(joined(bodies), link_to(request, ids))


async def show_request(request: web.Request) -> web.Response:
    """One of them."""
    request_id, owner = number(request), auth.me(request).id
    statuses = request.app[STATUSES]

    def read(conn: Connection) -> list[bytes]:
        return _requests(conn, statuses, [notifications.requests.get(conn, owner, request_id)], owner)

    return raw((await db(request).read(read))[0])


def _requests(conn: Connection, statuses: Statuses, found: Sequence[Request], owner: int) -> list[bytes]:
    people = actors.by_ids(conn, {item.from_id for item in found})
    bodies = statuses.by_id(conn, [item.last_post_id for item in found if item.last_post_id is not None], owner)
    return [
        entities.notification_request(
            statuses.site,
            item,
            people[item.from_id],
            bodies.get(item.last_post_id) if item.last_post_id is not None else None,
        )
        for item in found
    ]


def for_one(act: Callable[[Tx, ActorId, Collection[int]], None]) -> Handler:
    """A handler that accepts or dismisses the one in the address."""

    async def handle(request: web.Request) -> web.Response:
        await db(request).write(act, auth.me(request).id, [number(request)])
        return json({})

    return handle


def for_several(act: Callable[[Tx, ActorId, Collection[int]], None]) -> Handler:
    """A handler that accepts or dismisses those named as `id[]`. Those that are gone already are passed over."""

    async def handle(request: web.Request) -> web.Response:
        wanted = (await params.read(request)).integers("id")
        try:
            await db(request).write(act, auth.me(request).id, wanted[:1000])
        except NotFound:
            return json({})
        return json({})

    return handle


async def merged(_request: web.Request) -> web.Response:
    """Whether what waited has come to the others: accepting does it at once."""
    return json({"merged": True})
