# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tying posts to the pages that they link to, having those read, and showing what they say.

waiting ──read──> ready ──two weeks later, linked again──> read anew, and shown as before meanwhile
  ^   │
  │   └──in vain──> none
  └─linked again, a day later─┘
"""

import random
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, exists, func, select, update

from node import posts
from node.kernel import queue
from node.kernel.clock import Moment
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.ids import new_id
from node.media import of_posts as media_of
from node.media.actions import remove_files
from node.posts import Post, TextWritten
from node.posts import queries as post_queries
from node.previews import queries, rules
from node.previews.rules import State
from node.previews.tables import post_previews, previews
from node.previews.types import Found, NothingFound, Preview

FETCH: Final = "previews.fetch"
LANE: Final = "previews"
"""One lane for all pages, so that sites which hang leave the rest of the queue alone."""
_OF_PICTURE: Final = ("file", "width", "height", "blurhash")
_LOST: Final = timedelta(hours=1)
"""After this a page that is under way is asked again: its task was set aside."""
_NEWEST_TOLD: Final = 20
_LAST_OF_HOST: Final = select(func.max(previews.c.next_at, type_=Moment)).where(
    previews.c.host == bindparam("host"), previews.c.state == State.WAITING
)


def written(tx: Tx, happening: TextWritten) -> None:
    """Let a post show the card of its first link, of no other, and of none if it has no link any more."""
    post = happening.post
    url = _link_of(tx, post)
    # One that is new cannot have a card yet.
    before = queries.of_post(tx.conn, post.id) if post.edited_at is not None else None
    if before is not None and (url is None or rules.key(url) != before.key):
        tx.conn.execute(delete(post_previews).where(post_previews.c.post_id == post.id))
        posts.set_card(tx, [post.id], None)
        before = None
    if url is None or before is not None or not tx.site.has_previews:
        return
    preview = _known(tx, url)
    tx.conn.execute(insert_or_ignore(tx.conn, post_previews), {"post_id": post.id, "preview_id": preview.id})
    if preview.state is State.READY:
        posts.set_card(tx, [post.id], preview.card, preview.author_id)
    _ask(tx, preview, soon=post.local)


def _link_of(tx: Tx, post: Post) -> str | None:
    if not rules.may_have_card(post) or rules.shown_link(post.content, tx.site) is None:
        return None
    beside = {post.quote_uri, *(item.remote_url for item in media_of(tx.conn, [post.id]).get(post.id, ()))}
    for person in post_queries.named(tx.conn, post.id):
        beside |= {person.uri, person.url}
    return rules.shown_link(post.content, tx.site, beside={url for url in beside if url})


def _known(tx: Tx, url: str) -> Preview:
    wanted = rules.key(url)
    found = queries.by_key(tx.conn, wanted)
    if found is None:
        page = rules.page_of(url)
        tx.conn.execute(
            insert_or_ignore(tx.conn, previews),
            {
                "id": new_id(tx.now),
                "key": wanted,
                "url": page,
                "host": rules.host_of(page),
                "state": State.NONE,
                "created_at": tx.now,
            },
        )
        found = queries.by_key(tx.conn, wanted)
        assert found is not None
    return found


def _ask(tx: Tx, preview: Preview, *, soon: bool) -> None:
    """Have the page read, unless what we know of it is still fresh, or that is under way."""
    under_way = _LOST if preview.state is State.WAITING else timedelta()
    if preview.next_at is not None and tx.now < preview.next_at + under_way:
        return
    at = tx.now if soon else _turn(tx, preview.host)
    if at is None:
        return
    if preview.state is State.READY:
        _set(tx, preview.id, next_at=at + _LOST)
    else:
        _set(tx, preview.id, state=State.WAITING, next_at=at)
    _plan(tx, preview.id, at)


def _plan(tx: Tx, preview_id: int, at: datetime) -> None:
    queue.enqueue(tx, FETCH, {"preview": preview_id}, lane=LANE, run_at=at, once=f"{FETCH}:{preview_id}")


def _turn(tx: Tx, host: str) -> datetime | None:
    """When the next page of a host may be asked; None if too many wait already, and the post goes without a card."""
    at = tx.now + rules.SPREAD * random.random()
    last = tx.conn.execute(_LAST_OF_HOST, {"host": host}).scalar()
    if last is not None:
        at = max(at, last + rules.APART)
    return at if at <= tx.now + rules.MAX_AHEAD else None


def settle(tx: Tx, preview_id: int, found: Found | NothingFound, task_id: int) -> None:
    """Keep what was read of a page, and show it with every post that leads there.

    A page that is in vain sought again keeps the card that it had.
    """
    queue.complete(tx, task_id)
    before = queries.find(tx.conn, preview_id)
    if before is None:
        if isinstance(found, Found):
            remove_files(tx, [found.file])
        return
    if isinstance(found, NothingFound):
        _not_found(tx, before, found)
        return
    is_same_picture = found.file is None and found.picture_url is not None
    file = before.file if is_same_picture else found.file
    card = {**found.card, **(_picture_of(before) if is_same_picture else {})}
    _set(
        tx,
        preview_id,
        state=State.READY,
        card=card,
        file=file,
        picture_url=found.picture_url,
        author_id=found.author_id,
        fetched_at=tx.now,
        next_at=tx.now + rules.FRESH_FOR,
        failures=0,
    )
    if before.file != file:
        remove_files(tx, [before.file])
    if (card, found.author_id) != (before.card, before.author_id) or before.state is not State.READY:
        of_page = select(post_previews.c.post_id).where(post_previews.c.preview_id == preview_id)
        posts.set_card(tx, of_page, card, found.author_id)
        for post_id in tx.conn.execute(of_page.order_by(post_previews.c.post_id.desc()).limit(_NEWEST_TOLD)).scalars():
            posts.tell_changed(tx, post_id)


def _not_found(tx: Tx, before: Preview, found: NothingFound) -> None:
    failures = before.failures + 1
    state, wait = rules.pause(failures, retryable=found.retryable)
    at = tx.now + wait
    if before.state is State.READY:
        _set(tx, before.id, next_at=at, failures=failures)
        return
    _set(tx, before.id, state=state, next_at=at, failures=failures, fetched_at=tx.now)
    if state is State.WAITING:
        _plan(tx, before.id, at)


def _picture_of(preview: Preview) -> dict[str, object]:
    card = preview.card or {}
    return {name: card[name] for name in _OF_PICTURE if name in card}


def _set(tx: Tx, preview_id: int, **values: object) -> None:
    tx.conn.execute(update(previews).where(previews.c.id == preview_id).values(**values))


def forget(tx: Tx, preview_ids: Collection[int]) -> None:
    """Forget those of the pages that no post leads to, with their pictures."""
    rows = tx.conn.execute(
        delete(previews)
        .where(previews.c.id.in_(preview_ids), ~exists().where(post_previews.c.preview_id == previews.c.id))
        .returning(previews.c.file)
    )
    remove_files(tx, rows.scalars().all())


def drop_pictures(tx: Tx, preview_ids: Collection[int]) -> None:
    """Let these pages be shown without a picture, until they are linked to again."""
    for preview in queries.several(tx.conn, preview_ids).values():
        card = {name: value for name, value in (preview.card or {}).items() if name not in _OF_PICTURE}
        _set(tx, preview.id, card=card, file=None, picture_url=None)
        of_page = select(post_previews.c.post_id).where(post_previews.c.preview_id == preview.id)
        posts.set_card(tx, of_page, card, preview.author_id)
        remove_files(tx, [preview.file])
