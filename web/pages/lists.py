# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of people, and followed hashtags: making, reading and changing them."""

from aiohttp import web
from sqlalchemy import Connection

from node import lists, posts, relationships, timelines
from node.actors import Actor
from node.kernel.db import Tx
from node.kernel.errors import NotFound, Refused
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.kernel.site import Site
from node.relationships.filters import Context
from web import SERVICES, auth, params
from web.pages import convert
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.paging import asked, neighbours
from web.pages.views import ConfirmView, FollowedTagsView, ListEditView, ListPageView, ListsView, ListView, Place

CANDIDATES = 500


async def index(request: web.Request) -> web.Response:
    """All of a member's lists, the node's first."""
    member = await auth.visiting_member(request)
    return await respond(request, await _index(request, member.actor), Place.ME)


async def _index(request: web.Request, owner: Actor) -> ListsView:
    found = await request.app[SERVICES].db.read(lists.every, owner)
    return ListsView(lists=tuple(_shown(one) for one in found))


def _shown(one: lists.PeopleList) -> ListView:
    return ListView(id=one.id, title=one.title, built_in=one.built_in is not None)


async def create(request: web.Request) -> web.StreamResponse:
    """Make a list, and go on to put people on it."""
    owner = await acting(request)
    given = await params.read(request)
    try:
        made = await request.app[SERVICES].db.write(lists.create, owner, given.text("title") or "")
    except Refused as refusal:
        before = await _index(request, owner)
        view = ListsView(lists=before.lists, title=given.text("title") or "", faults=fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done(f"/lists/{made.id}/edit", "saved")


async def show(request: web.Request) -> web.Response:
    """What stands on a list."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    view = await db.read(_show, db.site, member.actor, _number(request), asked(request))
    return await respond(request, view, Place.HOME)


def _show(conn: Connection, site: Site, owner: Actor, list_id: int, page: Page) -> ListPageView:
    found = lists.get(conn, owner, list_id)
    numbers = posts.listed.timeline(conn, owner, list_id, page)
    newer, older = neighbours(f"/lists/{list_id}", numbers, page)
    shown = convert.post_list(conn, site, numbers, owner.id, Context.HOME)
    return ListPageView(list=_shown(found), posts=shown, newer=newer, older=older)


async def edit(request: web.Request) -> web.Response:
    """A list's name, its rules, and who is on it."""
    member = await auth.visiting_member(request)
    return await respond(request, await _edited(request, member.actor), Place.ME)


async def _edited(request: web.Request, owner: Actor, refusal: Refused | None = None) -> ListEditView:
    db = request.app[SERVICES].db
    return await db.read(_edit, db.site, owner, _number(request), refusal)


def _edit(conn: Connection, site: Site, owner: Actor, list_id: int, refusal: Refused | None) -> ListEditView:
    found = lists.get(conn, owner, list_id)
    if found.built_in is not None:
        raise NotFound
    on = [actor for _, actor in lists.accounts(conn, list_id, Page(limit=lists.MAX_MEMBERS))]
    there = {actor.id for actor in on}
    followed = [actor for _, actor in relationships.following(conn, owner.id, Page(limit=CANDIDATES))]
    return ListEditView(
        list=_shown(found),
        replies_policy=found.replies_policy,
        exclusive=found.exclusive,
        people=tuple(convert.person(site, actor) for actor in on),
        others=tuple(convert.person(site, actor) for actor in [owner, *followed] if actor.id not in there),
        faults=fault(refusal) if refusal is not None else (),
    )


async def save(request: web.Request) -> web.StreamResponse:
    """Change a list's name and rules."""
    owner = await acting(request)
    given = await params.read(request)
    try:
        await request.app[SERVICES].db.write(
            lists.change,
            owner,
            _number(request),
            title=given.text("title") or "",
            replies_policy=given.text("replies_policy") or lists.RepliesPolicy.LIST,
            exclusive=given.flag("exclusive"),
        )
    except Refused as refusal:
        view = await _edited(request, owner, refusal)
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done(f"/lists/{_number(request)}/edit", "saved")


async def add(request: web.Request) -> web.StreamResponse:
    """Put somebody on a list."""
    owner = await acting(request)
    chosen = (await params.read(request)).integers("person")
    await request.app[SERVICES].db.write(lists.add, owner, _number(request), chosen)
    return done(f"/lists/{_number(request)}/edit", "saved")


async def take_off(request: web.Request) -> web.StreamResponse:
    """Take somebody off a list."""
    owner = await acting(request)
    await request.app[SERVICES].db.write(lists.take_off, owner, _number(request), [int(request.match_info["actor_id"])])
    return done(f"/lists/{_number(request)}/edit", "saved")


async def confirm_delete(request: web.Request) -> web.Response:
    """Ask before a list is deleted."""
    member = await auth.visiting_member(request)
    found = await request.app[SERVICES].db.read(lists.get, member.actor, _number(request))
    view = ConfirmView(
        title=marked("Delete this list?"),
        text=marked("The people on it stay followed."),
        button=marked("Delete"),
        action=f"/lists/{found.id}/delete",
        back=f"/lists/{found.id}",
        subject=found.title,
    )
    return await respond(request, view)


async def delete(request: web.Request) -> web.StreamResponse:
    """Delete a list."""
    owner = await acting(request)
    await request.app[SERVICES].db.write(lists.remove, owner, _number(request))
    return done("/lists", "deleted")


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])


# -- hashtags ---------------------------------------------------------------------------------------------------------


async def followed_tags(request: web.Request) -> web.Response:
    """The hashtags that a member follows."""
    member = await auth.visiting_member(request)
    found = await request.app[SERVICES].db.read(timelines.followed_tags, member.id, Page(limit=500))
    return await respond(request, FollowedTagsView(tags=tuple((one.name, one.display) for one in found)), Place.ME)


async def follow_tag(request: web.Request) -> web.StreamResponse:
    """Follow a hashtag."""
    owner = await acting(request)
    written = (await params.read(request)).text("tag") or ""

    def write(tx: Tx) -> None:
        timelines.follow_tag(tx, owner.id, written)

    await request.app[SERVICES].db.write(write)
    return done("/settings/tags", "saved")


async def unfollow_tag(request: web.Request) -> web.StreamResponse:
    """Follow a hashtag no more."""
    owner = await acting(request)
    written = (await params.read(request)).text("tag") or ""
    await request.app[SERVICES].db.write(timelines.unfollow_tag, owner.id, written)
    return done("/settings/tags", "saved")
