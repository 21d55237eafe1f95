# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications. Source: Mastodon's documentation, methods/notifications."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, notifications, timelines
from node.kernel.errors import NotFound
from node.notifications import Kind, Notification
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import db, json, number
from web.mastodon.rendering import STATUSES, Statuses, joined, raw
from web.paging import link_to, page_of

ABOUT_A_STATUS: Final = frozenset(
    {Kind.MENTION, Kind.STATUS, Kind.BOOST, Kind.FAVOURITE, Kind.UPDATE, Kind.POLL, Kind.QUOTE}
)


def rendered(conn: Connection, statuses: Statuses, told: Sequence[Notification], owner: int) -> list[bytes]:
    """Notifications as JSON. One whose post is gone is left out: apps crash on a mention without a status."""
    people = actors.by_ids(conn, {item.from_id for item in told})
    bodies = statuses.by_id(conn, [item.post_id for item in told if item.post_id is not None], owner)
    result: list[bytes] = []
    for item in told:
        person = people.get(item.from_id)
        status = bodies.get(item.post_id) if item.post_id is not None else None
        if person is None or not person.is_active or (item.type in ABOUT_A_STATUS and status is None):
            continue
        result.append(entities.notification(statuses.site, item, person, status))
    return result


async def index(request: web.Request) -> web.Response:
    """A page of what one was told."""
    given = params.query(request)
    page, owner = page_of(given, default=40, most=80), auth.me(request).id
    statuses = request.app[STATUSES]

    def read(conn: Connection) -> tuple[list[int], list[bytes]]:
        told = notifications.page(
            conn,
            owner,
            page,
            types=given.texts("types"),
            exclude_types=given.texts("exclude_types"),
            from_id=given.number("account_id"),
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
    limit = min(params.query(request).number("limit") or 100, 1000)
    owner = auth.me(request).id

    def read(conn: Connection) -> int:
        marker = timelines.markers(conn, owner, ["notifications"]).get("notifications")
        return notifications.unread_count(conn, owner, after_id=marker.last_read_id if marker else 0, limit=limit)

    return json({"count": await db(request).read(read)})


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
