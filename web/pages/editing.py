# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changing a post that is out: editing it, writing it anew in place of the old one, and what it said before."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import posts
from node.actors import Actor, ActorId
from node.kernel import clock, html
from node.kernel.db import Tx
from node.kernel.errors import NotFound, Refused
from node.kernel.html import Html
from node.kernel.site import Site
from node.kernel.text import clean_line
from node.members import Member
from node.posts import Draft, Kind, Poll, PollDraft, QuotePolicy
from web import SERVICES, auth, params
from web.media import emoji_urls
from web.pages import convert
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.home import MOST_READ, OPEN_DAYS, OPTIONS, audiences, composer
from web.pages.post_views import EditPostView, HistoryView, RedraftView, StateView
from web.pages.replacing import describe, own_post
from web.pages.views import Place
from web.params import Params

_FIELDS: Final = {
    "status": "text",
    "spoiler_text": "warning",
    "media_ids": "image",
    "file": "image",
    "poll": "option_1",
}


async def edit(request: web.Request) -> web.StreamResponse:
    """The form of a post as it was typed. An event has a form of its own."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    post = await db.read(own_post, member.id, _number(request))
    if post.kind is Kind.EVENT:
        raise web.HTTPSeeOther(f"/events/{post.id}/edit")
    return await respond(request, await db.read(_edited, db.site, member.id, post.id))


def _edited(conn: Connection, site: Site, owner: ActorId, post_id: int) -> EditPostView:
    post = own_post(conn, owner, post_id)
    [shown] = convert.post_list(conn, site, [post.id], owner)
    poll = posts.poll_of(conn, post.id)
    return EditPostView(
        post=shown,
        text=post.source,
        warning=post.spoiler_text,
        sensitive=post.sensitive,
        media=shown.media,
        options=_lines(poll),
        multiple=poll is not None and poll.multiple,
        has_votes=poll is not None and poll.votes > 0,
        quote_policy=posts.chosen_quote_policy(post),
        max_characters=posts.MAX_CHARACTERS,
    )


def _lines(poll: Poll | None) -> tuple[str, ...]:
    """The answers of a poll, with empty lines up to as many as there may be."""
    titles = tuple(option.title for option in poll.options) if poll is not None else ()
    return titles + ("",) * (OPTIONS - len(titles))


async def save(request: web.Request) -> web.StreamResponse:
    """Change the post; what cannot be used comes back with all that was typed."""
    author = await acting(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    post_id = _number(request)
    before = await services.db.read(_edited, services.db.site, author.id, post_id)
    try:
        added = await _added(request, author, given)
        await services.resolver.mentions(given.text("text") or "")
        await services.db.write(_save, author, post_id, given, added)
    except Refused as refusal:
        view = replace(_typed(before, given), faults=fault(refusal, _FIELDS))
        return await respond(request, view, status=fault_status(refusal))
    return done(before.post.path, "saved")


async def _added(request: web.Request, author: Actor, given: Params) -> tuple[int, ...]:
    picture = given.upload("image")
    if picture is None:
        return ()
    uploads = request.app[SERVICES].uploads
    return ((await uploads.take(author.id, picture.data, description=given.text("image_description") or "")).id,)


def _save(tx: Tx, author: Actor, post_id: int, given: Params, added: tuple[int, ...]) -> None:
    before = own_post(tx.conn, author.id, post_id)
    kept = tuple(dict.fromkeys(given.integers("media_ids")))
    describe(tx, author, given, kept)
    known = posts.poll_of(tx.conn, before.id)
    policy = given.text("quote_policy")
    chosen = QuotePolicy(policy) if policy in set(QuotePolicy) else None
    keep_poll = known is not None and _is_as_it_was(known, given)
    posts.edit(
        tx,
        author,
        before.id,
        Draft(
            text=given.text("text") or "",
            visibility=before.visibility,
            circle=before.circle,
            spoiler_text=given.text("warning") or "",
            sensitive=given.flag("sensitive"),
            language=before.language,
            media_ids=(*kept, *added),
            poll=None if keep_poll else _poll(given, known),
            quote_policy=None if chosen is posts.chosen_quote_policy(before) else chosen,
        ),
        keep_poll=keep_poll,
    )


def _is_as_it_was(known: Poll, given: Params) -> bool:
    """Whether the form leaves a poll alone, so that its votes and its end stay."""
    options = tuple(option.title for option in known.options)
    same = _options(given) == options and given.flag("multiple") == known.multiple
    return same and not given.text("open_days")


def _options(given: Params) -> tuple[str, ...]:
    lines = (clean_line(given.text(f"option_{number}") or "", MOST_READ) for number in range(1, OPTIONS + 1))
    return tuple(line for line in lines if line)


def _poll(given: Params, known: Poll | None) -> PollDraft | None:
    options = _options(given)
    if not options:
        return None
    days = given.integer("open_days")
    open_for = timedelta(days=days if days in OPEN_DAYS else OPEN_DAYS[0])
    if days is None and known is not None and known.expires_at is not None and not known.is_over(clock.now()):
        open_for = max(known.expires_at - clock.now(), posts.MIN_POLL)
    return PollDraft(
        options,
        open_for,
        multiple=given.flag("multiple"),
        hide_totals=known is not None and known.hide_totals,
    )


def _typed(before: EditPostView, given: Params) -> EditPostView:
    said = given.table("described")
    kept = set(given.integers("media_ids"))
    policy = given.text("quote_policy")
    days = given.integer("open_days")
    return replace(
        before,
        text=given.text("text") or "",
        warning=given.text("warning") or "",
        sensitive=given.flag("sensitive"),
        media=tuple(
            replace(item, description=said.text(str(item.id)) or "") for item in before.media if item.id in kept
        ),
        options=tuple(given.text(f"option_{number}") or "" for number in range(1, OPTIONS + 1)),
        open_days=days if days in OPEN_DAYS else None,
        multiple=given.flag("multiple"),
        quote_policy=QuotePolicy(policy) if policy in set(QuotePolicy) else before.quote_policy,
    )


# -- writing it anew --------------------------------------------------------------------------------------------------


async def redraft(request: web.Request) -> web.Response:
    """The composer with all of a post. The post itself goes only when the new one is sent, so nothing can be lost."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    return await respond(request, await db.read(_redraft, db.site, member, _number(request)), Place.HOME)


def _redraft(conn: Connection, site: Site, member: Member, post_id: int) -> RedraftView:
    post = own_post(conn, member.id, post_id)
    if post.kind not in (Kind.NOTE, Kind.QUESTION):
        raise NotFound
    [shown] = convert.post_list(conn, site, [post.id], member.id)
    poll = posts.poll_of(conn, post.id)
    answered = posts.find(conn, post.in_reply_to_id) if post.in_reply_to_id is not None else None
    form = replace(
        composer(member, reply_to=post.in_reply_to_id, reply_to_name=shown.reply_to, text=post.source),
        replaces=post.id,
        warning=post.spoiler_text,
        visibility=post.circle or post.visibility,
        audiences=audiences(conn, member, answered),
        language=post.language or "",
        quote=post.quote_of_id,
        quote_name=shown.quote.author.name if shown.quote is not None else "",
        quote_policy=posts.chosen_quote_policy(post),
        options=_lines(poll),
        multiple=poll is not None and poll.multiple,
        media=shown.media,
    )
    return RedraftView(post=shown, composer=form)


# -- what it said before ----------------------------------------------------------------------------------------------


async def history(request: web.Request) -> web.Response:
    """Every state that a post has been in."""
    visitor = await auth.visitor(request)
    db = request.app[SERVICES].db
    viewer = visitor.member.id if visitor is not None else None
    return await respond(request, await db.read(_history, db.site, viewer, _number(request)))


def _history(conn: Connection, site: Site, viewer: ActorId | None, post_id: int) -> HistoryView:
    post = posts.original(conn, post_id, viewer)
    [shown] = convert.post_list(conn, site, [post.id], viewer)
    return HistoryView(
        post=shown,
        states=tuple(
            StateView(
                since=state.created_at,
                text=html.with_emojis(Html(state.content), emoji_urls(site, state.emojis)),
                emojis=emoji_urls(site, state.emojis),
                warning=state.spoiler_text,
                media=tuple(str(item.get("description") or "") for item in state.media),
                answers=state.poll or (),
            )
            for state in reversed(posts.history(conn, post.id, viewer))
        ),
    )


def _number(request: web.Request) -> int:
    return int(request.match_info["post_id"])
