# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of people and their timelines, those of the node among them. Source: methods/lists, timelines.

The lists that the node keeps (my class, my school, partner schools, events) look to apps like any other, under the
numbers 1 to 4; whoever tries to change one is told why that cannot be.
"""

from aiohttp import web
from sqlalchemy import Connection

from node import actors, lists, posts
from node.actors import Actor
from node.kernel.errors import NotFound
from node.kernel.i18n import translator
from node.kernel.paging import Page
from node.lists import PeopleList
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import account_list, accounts_page, db, json, number, statuses_page
from web.mastodon.entities import Json
from web.paging import page_of


async def index(request: web.Request) -> web.Response:
    """All of one's lists, the node's first."""
    found = await db(request).read(lists.every, auth.me(request))
    return json([_shown(request, one) for one in found])


async def show(request: web.Request) -> web.Response:
    """One of them."""
    return json(_shown(request, await db(request).read(lists.get, auth.me(request), number(request))))


async def create(request: web.Request) -> web.Response:
    """Make a list."""
    given = await params.read(request)
    made = await db(request).write(
        lists.create,
        auth.me(request),
        given.text("title") or "",
        replies_policy=given.text("replies_policy") or lists.RepliesPolicy.LIST,
        exclusive=given.flag("exclusive"),
    )
    return json(_shown(request, made))


async def change(request: web.Request) -> web.Response:
    """Change what is given of a list."""
    given = await params.read(request)
    changed = await db(request).write(
        lists.change,
        auth.me(request),
        number(request),
        title=given.text("title"),
        replies_policy=given.text("replies_policy"),
        exclusive=given.boolean("exclusive"),
    )
    return json(_shown(request, changed))


async def remove(request: web.Request) -> web.Response:
    """Delete a list."""
    await db(request).write(lists.remove, auth.me(request), number(request))
    return json({})


async def accounts(request: web.Request) -> web.Response:
    """Who is on a list; with `limit=0` all of them at once."""
    given, me, list_id = params.query(request), auth.me(request), number(request)
    if given.integer("limit") == 0:
        page = Page(limit=lists.MAX_MEMBERS)
        return account_list(request, [one for _, one in await db(request).read(_accounts, me, list_id, page)])
    return accounts_page(request, await db(request).read(_accounts, me, list_id, page_of(given, default=40, most=80)))


def _accounts(conn: Connection, me: Actor, list_id: int, page: Page) -> list[tuple[int, Actor]]:
    return posts.listed.accounts(conn, me, list_id, page)


async def add(request: web.Request) -> web.Response:
    """Put people on a list."""
    await db(request).write(
        lists.add, auth.me(request), number(request), (await params.read(request)).integers("account_ids")
    )
    return json({})


async def take_off(request: web.Request) -> web.Response:
    """Take people off a list. They may stand in the body or in the address."""
    await db(request).write(
        lists.take_off, auth.me(request), number(request), (await params.read(request)).integers("account_ids")
    )
    return json({})


async def of_account(request: web.Request) -> web.Response:
    """Those of one's lists that somebody is on."""
    found = await db(request).read(_of_account, auth.me(request), number(request))
    return json([_shown(request, one) for one in found])


def _of_account(conn: Connection, me: Actor, account_id: int) -> list[PeopleList]:
    if actors.find(conn, account_id) is None:
        raise NotFound
    return lists.with_account(conn, me, account_id)


async def timeline(request: web.Request) -> web.Response:
    """What stands on a list."""
    me, list_id, page = auth.me(request), number(request), page_of(params.query(request))
    return await statuses_page(request, lambda conn: posts.listed.timeline(conn, me, list_id, page))


def _shown(request: web.Request, one: PeopleList) -> Json:
    """The list with its title in the member's language, where the node gave it."""
    title = translator(auth.member(request).locale).gettext(one.title) if one.built_in is not None else one.title
    return entities.people_list(one, title)
