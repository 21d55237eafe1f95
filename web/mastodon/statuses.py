# SPDX-License-Identifier: AGPL-3.0-or-later
"""Statuses: publishing, reading, changing, and what one does with them. Source: methods/statuses."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

import orjson
from aiohttp import web
from sqlalchemy import Connection

from node import access, media, posts
from node.actors import Actor
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotFound
from node.kernel.paging import Page
from node.posts import Draft, ThreadBounds
from web import SERVICES, auth, params
from web.mastodon import entities, scheduled
from web.mastodon.answers import accounts_page, db, json, number, site, status, statuses_page
from web.mastodon.drafts import changed_draft, focus_of, new_draft, policy_of, time_of, visibility_of
from web.mastodon.rendering import STATUSES, Statuses, joined, raw
from web.paging import page_of
from web.params import Params

MAX_IDS: Final = 20
MENTIONS_SECONDS: Final = 8.0
# Strangers see less of a long thread (Mastodon's own bounds).
STRANGERS: Final = ThreadBounds(ancestors=40, descendants=60, depth=20)
MEMBERS: Final = ThreadBounds(ancestors=4096, descendants=4096)


async def publish(request: web.Request) -> web.Response:
    """Publish a post, or set it for later. With an Idempotency-Key, the same request twice makes one post and gets the
    same answer, also while the first is still at work.

    A moment that has passed means now (Mastodon's rule); what was set for later and is out by now is shown as it is.
    """
    given = await params.read(request)
    member, caller = auth.member(request), auth.caller(request)
    assert caller is not None
    draft, at = new_draft(given, member, caller), time_of(given.text("scheduled_at"))
    later = at is not None and at > clock.now()
    if not later:
        await _look_up_mentions(request, draft.text)
    key = request.headers.get("Idempotency-Key")
    made = await db(request).write(_publish, member.actor, draft, at if later else None, key, given.fingerprint())
    if at is not None and await db(request).read(posts.scheduled.find, member.id, made) is not None:
        return json(await scheduled.answer(request, made))
    return await status(request, made)


async def _look_up_mentions(request: web.Request, text: str) -> None:
    """Get to know whom a text names. A server that does not answer must not hold the post up: apps would send it again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(MENTIONS_SECONDS):
            await request.app[SERVICES].resolver.mentions(text)


def _publish(tx: Tx, author: Actor, draft: Draft, at: datetime | None, key: str | None, fingerprint: bytes) -> int:
    def make() -> int:
        return (
            posts.publish(tx, author, draft) if at is None else posts.scheduled.schedule(tx, author, draft, at, key=key)
        )

    return access.once(tx, author.id, key, fingerprint, make)


async def show(request: web.Request) -> web.Response:
    """One status."""
    return await status(request, number(request))


async def show_many(request: web.Request) -> web.Response:
    """Several; those that the viewer may not see are left out."""
    wanted = list(dict.fromkeys(params.query(request).integers("id")))[:MAX_IDS]
    return raw(joined(await db(request).read(request.app[STATUSES].many, wanted, auth.viewer(request))))


async def edit(request: web.Request) -> web.Response:
    """Change one's own post."""
    given = await params.read(request)
    await _look_up_mentions(request, given.text("status") or "")
    post_id = number(request)
    await db(request).write(_edit, auth.me(request), post_id, given)
    return await status(request, post_id)


def _edit(tx: Tx, author: Actor, post_id: int, given: Params) -> None:
    view = posts.view(tx.conn, post_id, author.id)
    if view.author.id != author.id:
        raise NotFound
    for item in given.tables("media_attributes"):
        media_id = item.number("id")
        if media_id is not None:
            media.describe(
                tx, media_id, author.id, description=item.text("description"), focus=focus_of(item.text("focus"))
            )
    post = view.post
    before = Draft(
        text=post.source,
        visibility=post.visibility,
        circle=post.circle,
        spoiler_text=post.spoiler_text,
        sensitive=post.sensitive,
        language=post.language,
        media_ids=tuple(item.id for item in view.media),
    )
    posts.edit(tx, author, post_id, changed_draft(given, before))


async def delete(request: web.Request) -> web.Response:
    """Delete one's own post; it comes back with its text, so that it can be written anew.

    Its pictures can be used again for a day, unless the app says that they are not wanted any more.
    """
    whole = (await params.read(request)).flag("delete_media")
    body = await db(request).write(_delete, auth.me(request), number(request), request.app[STATUSES], whole)
    return raw(body)


def _delete(tx: Tx, author: Actor, post_id: int, statuses: Statuses, whole: bool) -> bytes:
    before = statuses.one(tx.conn, post_id, author.id)
    post = posts.visible(tx.conn, post_id, author.id)
    posts.delete_post(tx, author, post_id, keep_media=not whole)
    return b'%b,"text":%b}' % (before[:-1], orjson.dumps(post.source))


async def context(request: web.Request) -> web.Response:
    """What stands before and after a status in its thread."""
    post_id, viewer = number(request), auth.viewer(request)
    answer = await db(request).read(_context, post_id, viewer, request.app[STATUSES])
    if viewer is not None:
        await request.app[SERVICES].backfill.wish(post_id)
    return raw(answer)


def _context(conn: Connection, post_id: int, viewer: int | None, statuses: Statuses) -> bytes:
    bounds = STRANGERS if viewer is None else MEMBERS
    thread = posts.thread(conn, post_id, viewer, bounds)
    ancestors, descendants = thread.ancestors, thread.descendants
    found = statuses.by_id(conn, [*ancestors, *descendants], viewer)
    before = joined(found[item] for item in ancestors if item in found)
    after = joined(found[item] for item in descendants if item in found)
    return b'{"ancestors":%b,"descendants":%b}' % (before, after)


async def history(request: web.Request) -> web.Response:
    """Every state that a status has been in, oldest first."""
    post_id, viewer, here = number(request), auth.viewer(request), site(request)

    def read(conn: Connection) -> list[entities.Json]:
        view = posts.view(conn, post_id, viewer).shown
        return [
            entities.status_edit(here, view.author, edit, view) for edit in posts.history(conn, view.post.id, viewer)
        ]

    return json(await db(request).read(read))


async def source(request: web.Request) -> web.Response:
    """What the author typed, for editing."""
    post_id = number(request)
    text, spoiler_text = await db(request).read(posts.source, auth.me(request).id, post_id)
    return json(entities.status_source(post_id, text, spoiler_text))


async def favourited_by(request: web.Request) -> web.Response:
    """Who favourited a status."""
    return await _people(request, posts.favourited_by)


async def boosted_by(request: web.Request) -> web.Response:
    """Who boosted a status."""
    return await _people(request, posts.boosted_by)


async def _people(
    request: web.Request, of: Callable[[Connection, int, int | None, Page], list[tuple[int, Actor]]]
) -> web.Response:
    page = page_of(params.query(request), default=40, most=80)
    return accounts_page(request, await db(request).read(of, number(request), auth.viewer(request), page))


async def _do(request: web.Request, action: Callable[[Tx, Actor, int], int]) -> web.Response:
    """Do something with the status in the address, and show it, or the boost, as it then is."""
    return await status(request, await db(request).write(action, auth.me(request), number(request)))


async def favourite(request: web.Request) -> web.Response:
    """Favourite a status."""
    return await _do(request, posts.favourite)


async def unfavourite(request: web.Request) -> web.Response:
    """Take that back."""
    return await _do(request, posts.unfavourite)


async def boost(request: web.Request) -> web.Response:
    """Boost a status; the boost comes back, with the status in it."""
    text = (await params.read(request)).text("visibility")
    if not text:
        return await _do(request, posts.boost)
    visibility = visibility_of(text)
    return await _do(request, lambda tx, actor, post_id: posts.boost(tx, actor, post_id, visibility=visibility))


async def unboost(request: web.Request) -> web.Response:
    """Take that back; the status itself comes back."""
    return await _do(request, posts.unboost)


async def bookmark(request: web.Request) -> web.Response:
    """Keep a status."""
    return await _do(request, posts.bookmark)


async def unbookmark(request: web.Request) -> web.Response:
    """Keep it no longer."""
    return await _do(request, posts.unbookmark)


async def quotes(request: web.Request) -> web.Response:
    """The statuses that quote one, with its author's consent."""
    post_id, viewer, page = number(request), auth.viewer(request), page_of(params.query(request))
    return await statuses_page(request, lambda conn: posts.quoting_ids(conn, post_id, viewer, page))


async def set_policy(request: web.Request) -> web.Response:
    """Change who may quote one's own status, which is no edit."""
    policy = policy_of(await params.read(request))
    if policy is None:
        await db(request).read(posts.source, auth.me(request).id, number(request))
        raise Invalid("Record invalid", field="quote_approval_policy")
    return await _do(request, lambda tx, actor, post_id: posts.set_quote_policy(tx, actor, post_id, policy))


async def translate(request: web.Request) -> web.Response:
    """Nothing is translated here, as the instance says; apps know that by this answer."""
    await db(request).read(posts.original, number(request), auth.viewer(request))
    raise NotFound


async def revoke_quote(request: web.Request) -> web.Response:
    """Take back that somebody may quote one's own status; the status that quotes it comes back."""
    quoting = await db(request).write(
        posts.revoke_quote, auth.me(request), number(request), number(request, "quoting_id")
    )
    return await status(request, quoting)


async def pin(request: web.Request) -> web.Response:
    """Keep one's own status at the head of one's profile."""
    return await _do(request, posts.pin)


async def unpin(request: web.Request) -> web.Response:
    """Keep it there no longer."""
    return await _do(request, posts.unpin)
