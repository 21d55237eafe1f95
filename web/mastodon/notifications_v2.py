# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications in groups: what many did to one thing is one line. Source: Mastodon's documentation,
methods/grouped_notifications.

A group is always shown whole and is met once while one pages, see `node.notifications.queries`.
"""

from collections.abc import Collection, Sequence

from aiohttp import web
from sqlalchemy import Connection

from node import notifications
from node.kernel.errors import NotFound
from node.notifications import GROUPABLE, Group
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import accounts_page, db, json
from web.mastodon.notifications import is_shown, most_counted, narrowed, read_up_to, reports_of
from web.mastodon.rendering import STATUSES, Statuses, raw
from web.paging import link_to, page_of
from web.params import Params


async def index(request: web.Request) -> web.Response:
    """A page of groups. The way on is by the newest of each."""
    given = params.query(request)
    page, owner = page_of(given, default=40, most=80), auth.me(request).id
    wanted, grouped = narrowed(given), _grouped(given)
    few = given.text("expand_accounts") == "partial_avatars"
    statuses = request.app[STATUSES]

    def read(conn: Connection) -> tuple[list[int], bytes]:
        found = notifications.groups(conn, owner, page, wanted=wanted, grouped=grouped)
        return [group.newest.id for group in found], _rendered(conn, statuses, found, owner, partial=few)[1]

    ids, body = await db(request).read(read)
    return raw(body, link_to(request, ids))


async def show(request: web.Request) -> web.Response:
    """One group."""
    key, owner = request.match_info["group_key"], auth.me(request).id
    statuses = request.app[STATUSES]

    def read(conn: Connection) -> bytes:
        shown, body = _rendered(conn, statuses, [notifications.group(conn, owner, key)], owner)
        if not shown:
            raise NotFound
        return body

    return raw(await db(request).read(read))


async def people(request: web.Request) -> web.Response:
    """Everybody in a group, newest first."""
    page = page_of(params.query(request), default=40, most=80)
    found = await db(request).read(
        notifications.group_people, auth.me(request).id, request.match_info["group_key"], page
    )
    return accounts_page(request, found)


async def dismiss(request: web.Request) -> web.Response:
    """Remove a group."""
    await db(request).write(notifications.dismiss_group, auth.me(request).id, request.match_info["group_key"])
    return json({})


async def unread_count(request: web.Request) -> web.Response:
    """How many groups hold something newer than the marker."""
    given = params.query(request)
    limit, wanted, grouped, owner = most_counted(given), narrowed(given), _grouped(given), auth.me(request).id

    def read(conn: Connection) -> int:
        after = read_up_to(conn, owner)
        return notifications.unread_groups(conn, owner, after_id=after, limit=limit, wanted=wanted, grouped=grouped)

    return json({"count": await db(request).read(read)})


def _grouped(given: Params) -> Collection[str]:
    """The kinds that the app can show in groups; those it does not name stand alone."""
    named = given.texts("grouped_types")
    return GROUPABLE.intersection(named) if named else GROUPABLE


def _rendered(
    conn: Connection, statuses: Statuses, found: Sequence[Group], owner: int, *, partial: bool = False
) -> tuple[int, bytes]:
    """(how many are shown, the page). With `partial` only the newest of each group is shown in full."""
    known = statuses.accounts.by_ids(conn, {number for group in found for number in group.sample})
    bodies = statuses.by_id(conn, [group.newest.post_id for group in found if group.newest.post_id is not None], owner)
    reports = reports_of(conn, statuses, [group.newest for group in found])
    shown = [
        group
        for group in found
        if (person := known.get(group.newest.from_id)) is not None
        and is_shown(group.newest, person.actor, bodies, reports)
    ]
    named = dict.fromkeys(number for group in shown for number in group.sample)
    whole = dict.fromkeys(group.newest.from_id for group in shown) if partial else named
    site = statuses.site
    body = entities.grouped_notifications(
        [
            entities.notification_group(
                site, group, known[group.newest.from_id].actor, reports.get(group.newest.report_id or 0)
            )
            for group in shown
        ],
        [known[number].body for number in whole],
        [bodies[number] for number in dict.fromkeys(group.newest.post_id for group in shown) if number in bodies],
        [entities.partial_account(site, known[number].actor) for number in named if number not in whole]
        if partial
        else None,
    )
    return len(shown), body
