# SPDX-License-Identifier: AGPL-3.0-or-later
"""A post with its thread, lists of posts, and deleting."""

from dataclasses import replace

from aiohttp import web
from sqlalchemy import Connection

from node import posts
from node.actors import ActorId
from node.kernel.errors import Invalid, NotFound
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.kernel.site import Site
from node.kernel.text import fold_hashtag
from node.members import Member
from node.posts import Kind
from node.relationships.filters import Context
from web import SERVICES, auth, params
from web.federation.negotiation import VARY, wants_activity
from web.pages import convert
from web.pages.frames import acting, done, respond, way_back
from web.pages.home import audiences, composer
from web.pages.paging import asked, neighbours
from web.pages.views import ConfirmView, LaterView, Place, PostsView, QuotesView, ThreadView, WaitingPostView


async def thread(request: web.Request) -> web.Response:
    """A post, what it answers, and what answers it. Other servers are led to the document itself."""
    services = request.app[SERVICES]
    visitor = await auth.visitor(request)
    member = visitor.member if visitor is not None else None
    post_id = int(request.match_info["post_id"])
    if wants_activity(request):
        post = await services.db.read(posts.visible, post_id, None)
        if not post.local:
            raise NotFound
        raise web.HTTPFound(post.uri, headers={"Vary": VARY})
    post = await services.db.read(posts.original, post_id, member.id if member else None)
    if post.kind is Kind.EVENT:
        raise web.HTTPSeeOther(f"/events/{post.id}")
    view = await services.db.read(_thread, services.db.site, post_id, member)
    if member is not None:
        await services.backfill.wish(post.id)
    return await respond(request, view)


def _thread(conn: Connection, site: Site, post_id: int, member: Member | None) -> ThreadView:
    viewer = member.id if member is not None else None
    post = posts.original(conn, post_id, viewer)
    around = posts.thread(conn, post.id, viewer)
    everything = convert.post_list(
        conn, site, [*around.ancestors, post.id, *around.descendants], viewer, Context.THREAD, always=post.id
    )
    by_number = {view.id: view for view in everything}
    if post.id not in by_number:
        raise NotFound
    shown = by_number[post.id]
    form = None
    closed = member is not None and not posts.may_reply(conn, post, member.actor)
    if member is not None and not closed:
        names = [shown.author.acct] if shown.author.id != member.id else []
        names += [person.acct for person in posts.view(conn, post.id, viewer).mentioned if person.id != member.id]
        text = "".join(f"@{name} " for name in dict.fromkeys(names))
        form = composer(member, reply_to=post.id, reply_to_name=shown.author.name, text=text)
        form = replace(form, audiences=audiences(conn, member, post), visibility=post.circle or form.visibility)
    return ThreadView(
        post=shown,
        ancestors=tuple(by_number[number] for number in around.ancestors if number in by_number),
        descendants=tuple(by_number[number] for number in around.descendants if number in by_number),
        composer=form,
        indexable=posts.view(conn, post.id, viewer).author.indexable,
        answers_closed=closed,
    )


async def vote(request: web.Request) -> web.StreamResponse:
    """Vote in a poll."""
    actor = await acting(request)
    given = await params.read(request)
    chosen = given.integers("choices")
    if not chosen:
        raise Invalid("Please choose an answer first.", field="choices")
    await request.app[SERVICES].db.write(posts.vote, actor, int(request.match_info["post_id"]), chosen)
    return done(way_back(given.text("next")), "voted")


async def confirm_delete(request: web.Request) -> web.Response:
    """Ask before a post is deleted."""
    member = await auth.visiting_member(request)
    post = await request.app[SERVICES].db.read(posts.visible, int(request.match_info["post_id"]), member.id)
    if post.author_id != member.id:
        raise NotFound
    path = f"/@{member.actor.username}/{post.id}"
    view = ConfirmView(
        title=marked("Delete this post?"),
        text=marked("It disappears here, and the other networks that have it are asked to delete it too."),
        button=marked("Delete"),
        action=f"{path}/delete",
        back=path,
    )
    return await respond(request, view)


async def delete(request: web.Request) -> web.StreamResponse:
    """Delete one's own post."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(posts.delete_post, actor, int(request.match_info["post_id"]))
    return done("/", "deleted")


async def tagged(request: web.Request) -> web.Response:
    """Public posts with a hashtag."""
    tag = fold_hashtag(request.match_info["name"])
    services = request.app[SERVICES]
    visitor = await auth.visitor(request)
    viewer = visitor.member.id if visitor is not None else None
    view = await services.db.read(_tagged, services.db.site, viewer, tag, asked(request))
    return await respond(request, view)


def _tagged(conn: Connection, site: Site, viewer: ActorId | None, tag: str, page: Page) -> PostsView:
    numbers = posts.tagged(conn, viewer, tag, page)
    newer, older = neighbours(f"/tags/{tag}", numbers, page)
    shown = convert.post_list(conn, site, numbers, viewer, Context.PUBLIC)
    return PostsView(posts=shown, tag=tag, newer=newer, older=older)


async def local(request: web.Request) -> web.Response:
    """The public posts of this node."""
    services = request.app[SERVICES]
    visitor = await auth.visitor(request)
    viewer = visitor.member.id if visitor is not None else None
    view = await services.db.read(_local, services.db.site, viewer, asked(request))
    return await respond(request, view, Place.HOME)


def _local(conn: Connection, site: Site, viewer: ActorId | None, page: Page) -> PostsView:
    numbers = posts.public(conn, viewer, page, local=True)
    newer, older = neighbours("/local", numbers, page)
    shown = convert.post_list(conn, site, numbers, viewer, Context.PUBLIC)
    return PostsView(posts=shown, newer=newer, older=older)


async def quotes(request: web.Request) -> web.Response:
    """The posts that quote a post."""
    services = request.app[SERVICES]
    visitor = await auth.visitor(request)
    viewer = visitor.member.id if visitor is not None else None
    post_id = int(request.match_info["post_id"])
    view = await services.db.read(_quotes, services.db.site, viewer, post_id, asked(request))
    return await respond(request, view)


def _quotes(conn: Connection, site: Site, viewer: ActorId | None, post_id: int, page: Page) -> QuotesView:
    post = posts.original(conn, post_id, viewer)
    numbers = posts.quoting_ids(conn, post.id, viewer, page)
    [shown] = convert.post_list(conn, site, [post.id], viewer)
    newer, older = neighbours(f"{shown.path}/quotes", numbers, page)
    return QuotesView(
        post=shown,
        quotes=convert.post_list(conn, site, numbers, viewer, Context.PUBLIC),
        mine=shown.mine,
        newer=newer,
        older=older,
    )


async def revoke(request: web.Request) -> web.StreamResponse:
    """Take back that a post may quote one's own."""
    actor = await acting(request)
    given = await params.read(request)
    post_id, quoting_id = int(request.match_info["post_id"]), int(request.match_info["number"])
    await request.app[SERVICES].db.write(posts.revoke_quote, actor, post_id, quoting_id)
    return done(way_back(given.text("next")), "revoked")


async def later(request: web.Request) -> web.Response:
    """What the member has set for later."""
    member = await auth.visiting_member(request)
    page = asked(request)
    found = await request.app[SERVICES].db.read(posts.scheduled.page, member.id, page)
    newer, older = neighbours("/later", [one.id for one in found], page)
    waiting = tuple(
        WaitingPostView(id=one.id, text=one.draft.text, at=one.scheduled_at, failure=one.failure or "") for one in found
    )
    return await respond(request, LaterView(posts=waiting, newer=newer, older=older), Place.ME)


async def cancel(request: web.Request) -> web.StreamResponse:
    """Do not publish one of them."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(posts.scheduled.cancel, actor, int(request.match_info["number"]))
    return done("/later", "deleted")
