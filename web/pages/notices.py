# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member was told, who waits to be heard, their direct posts as conversations, and whom they want to hear."""

from collections.abc import Callable, Collection
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, notifications, posts, timelines
from node.actors import ActorId
from node.kernel.db import Tx
from node.kernel.html import Html
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.kernel.site import Site
from node.notifications import Group, Kind, Verdict
from node.relationships.filters import Context
from web import SERVICES, auth, params
from web.auth import Handler
from web.pages import convert
from web.pages.frames import acting, done, respond, way_back
from web.pages.notice_views import (
    MessagesView,
    MessageView,
    NoticeView,
    NotificationSettingsView,
    NotificationsView,
    RequestView,
)
from web.pages.paging import asked, neighbours
from web.pages.views import Place, PostView

NAMED: Final = 3
_WHAT: Final = {
    Kind.MENTION: marked("Mention"),
    Kind.STATUS: marked("New post"),
    Kind.BOOST: marked("Your post, shared"),
    Kind.FAVOURITE: marked("Your post, liked"),
    Kind.FOLLOW: marked("New follower"),
    Kind.FOLLOW_REQUEST: marked("Asks to follow you"),
    Kind.POLL: marked("A poll has ended"),
    Kind.UPDATE: marked("A post was changed"),
    Kind.QUOTE: marked("Your post, quoted"),
    Kind.QUOTED_UPDATE: marked("A post that you quoted was changed"),
    Kind.SIGN_UP: marked("New member"),
    Kind.REPORT: marked("New report"),
    Kind.SEVERED: marked("Connections ended"),
    Kind.WARNING: marked("A word from the moderators"),
}
_NEEDS_POST: Final = frozenset(_WHAT) - {
    Kind.FOLLOW,
    Kind.FOLLOW_REQUEST,
    Kind.SIGN_UP,
    Kind.REPORT,
    Kind.SEVERED,
    Kind.WARNING,
}
_PATHS: Final = {Kind.REPORT: "/staff/reports", Kind.WARNING: "/settings/standing"}
_RULES: Final = {
    "not_following": marked("People whom you do not follow"),
    "not_followers": marked("People who do not follow you, or only since three days"),
    "new_accounts": marked("Accounts that are less than thirty days old"),
    "private_mentions": marked("Direct posts by people whom you do not follow"),
    "limited_accounts": marked("Accounts that the moderators have limited"),
}
_CHOICES: Final = {
    Verdict.ACCEPT: marked("Tell me"),
    Verdict.FILTER: marked("Keep apart until I say yes"),
    Verdict.DROP: marked("Do not tell me"),
}


async def show(request: web.Request) -> web.Response:
    """What the member was told; having seen the first page, they have read it."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    page = asked(request)
    newest, view = await db.read(_notifications, db.site, member.id, page, request.path)
    answer = await respond(request, view)
    if newest and page == Page(limit=page.limit):
        await db.write(timelines.set_marker, member.id, "notifications", newest)
    return answer


def _notifications(
    conn: Connection, site: Site, owner: ActorId, page: Page, path: str
) -> tuple[int, NotificationsView]:
    found = notifications.groups(conn, owner, page)
    waiting = notifications.requests.page(conn, owner, Page(limit=40))
    marker = timelines.markers(conn, owner, ["notifications"]).get("notifications")
    read = marker.last_read_id if marker is not None else 0
    numbers = [group.newest.post_id for group in found if group.newest.post_id is not None]
    numbers += [one.last_post_id for one in waiting if one.last_post_id is not None]
    seen = convert.post_list(conn, site, list(dict.fromkeys(numbers)), owner, Context.NOTIFICATIONS)
    shown = {post.id: post for post in seen}
    known = actors.by_ids(
        conn, {one for group in found for one in group.sample[:NAMED]} | {one.from_id for one in waiting}
    )
    newer, older = neighbours(path, [group.newest.id for group in found], page)
    liked = [group for group in found if group.newest.type is Kind.FAVOURITE and group.newest.post_id is not None]
    reactions = convert.reactions(
        conn,
        site,
        [group.newest.post_id for group in liked if group.newest.post_id is not None],
        [one for group in liked for one in group.sample[:NAMED]],
    )
    notices = [_notice(site, group, known, shown, read, reactions) for group in found]
    return max((group.newest.id for group in found), default=0), NotificationsView(
        notices=tuple(notice for notice in notices if notice is not None),
        requests=tuple(
            RequestView(
                id=one.id,
                person=convert.person(site, known[one.from_id]),
                count=one.count,
                post=shown.get(one.last_post_id) if one.last_post_id is not None else None,
            )
            for one in waiting
        ),
        newer=newer,
        older=older,
    )


def _notice(
    site: Site,
    group: Group,
    known: dict[int, actors.Actor],
    shown: dict[int, PostView],
    read: int,
    reactions: dict[int, dict[int, Html]],
) -> NoticeView | None:
    newest = group.newest
    with_what = reactions.get(newest.post_id or 0, {}) if newest.type is Kind.FAVOURITE else {}
    post = shown.get(newest.post_id) if newest.post_id is not None else None
    people = [known[number] for number in group.sample[:NAMED] if number in known]
    if not people or (post is None and newest.type in _NEEDS_POST):
        return None
    return NoticeView(
        key=group.key,
        what=_WHAT[newest.type],
        people=tuple(convert.person(site, person) for person in people),
        reactions=with_what,
        more=max(0, group.count - len(people)),
        when=newest.created_at,
        post=post,
        unread=newest.id > read,
        path=_PATHS.get(newest.type, ""),
    )


def answering(act: Callable[[Tx, ActorId, Collection[int]], None], notice: str) -> Handler:
    """A handler that accepts or dismisses somebody who waits to be heard."""

    async def handle(request: web.Request) -> web.StreamResponse:
        owner = await acting(request)
        await request.app[SERVICES].db.write(act, owner.id, [int(request.match_info["number"])])
        return done("/notifications", notice)

    return handle


async def clear(request: web.Request) -> web.StreamResponse:
    """Remove everything that was told."""
    owner = await acting(request)
    await request.app[SERVICES].db.write(notifications.clear, owner.id)
    return done("/notifications", "deleted")


# -- messages ----------------------------------------------------------------------------------------------------------


async def messages(request: web.Request) -> web.Response:
    """Direct posts as conversations."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    return await respond(request, await db.read(_messages, db.site, member.id, asked(request), request.path))


def _messages(conn: Connection, site: Site, owner: ActorId, page: Page, path: str) -> MessagesView:
    found = posts.conversations.page(conn, owner, page)
    shown = {post.id: post for post in convert.post_list(conn, site, [one.last_post_id for one in found], owner)}
    known = actors.by_ids(conn, {person for one in found for person in (*one.people, one.owner_id)})
    newer, older = neighbours(path, [one.last_post_id for one in found], page)
    return MessagesView(
        messages=tuple(
            MessageView(
                id=one.id,
                people=tuple(
                    convert.person(site, known[person]) for person in one.people or (owner,) if person in known
                ),
                post=shown[one.last_post_id],
                unread=one.unread,
            )
            for one in found
            if one.last_post_id in shown
        ),
        newer=newer,
        older=older,
    )


async def mark_read(request: web.Request) -> web.StreamResponse:
    """Note that a conversation was read."""
    owner = await acting(request)
    number = int(request.match_info["number"])
    await request.app[SERVICES].db.write(posts.conversations.mark, owner.id, number, unread=False)
    return done(way_back((await params.read(request)).text("next"), "/messages"))


# -- whom one wants to hear --------------------------------------------------------------------------------------------


async def show_settings(request: web.Request) -> web.Response:
    """The form with what holds now."""
    member = await auth.visiting_member(request)
    policy = await request.app[SERVICES].db.read(notifications.policy_of, member.id)
    return await respond(
        request,
        NotificationSettingsView(
            rules=tuple((name, about, getattr(policy, name)) for name, about in _RULES.items()),
            choices=tuple((choice, words) for choice, words in _CHOICES.items()),
            push_private=policy.push_private,
        ),
        Place.ME,
    )


async def save_settings(request: web.Request) -> web.StreamResponse:
    """Take over what is chosen; what is none of the choices stays as it was."""
    owner = await acting(request)
    given = await params.read(request)
    changes: dict[str, Verdict | bool] = {"push_private": given.flag("push_private")}
    for name in _RULES:
        said = given.text(name)
        if said in set(Verdict):
            changes[name] = Verdict(said)
    await request.app[SERVICES].db.write(notifications.set_policy, owner.id, **changes)
    return done("/settings/notifications", "saved")
