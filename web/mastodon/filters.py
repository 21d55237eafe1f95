# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members do not want to see. Source: methods/filters.

Version 1, for older apps, shows each keyword as a filter of its own, under the keyword's number; what such an app makes
is a filter with one keyword. `irreversible` there means that the node itself leaves out of home what is met.
"""

from datetime import datetime, timedelta

from aiohttp import web

from node import posts
from node.actors import ActorId
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid
from node.relationships import filters
from node.relationships.filters import Action, Filter, FilterChange, FilteredPost, Keyword, KeywordChange
from web import auth, params
from web.mastodon import entities
from web.mastodon.answers import db, json, number
from web.params import Params

_LONGEST = 100 * 365 * 24 * 3600


async def index(request: web.Request) -> web.Response:
    """One's filters."""
    return json([entities.content_filter(one) for one in await db(request).read(filters.own, auth.me(request).id)])


async def show(request: web.Request) -> web.Response:
    """One of them."""
    return json(entities.content_filter(await db(request).read(filters.get, auth.me(request).id, number(request))))


async def create(request: web.Request) -> web.Response:
    """Make one, with its keywords."""
    given = _given(await params.read(request))
    return json(entities.content_filter(await db(request).write(filters.create, auth.me(request).id, given)))


async def change(request: web.Request) -> web.Response:
    """Change what is given."""
    given = _given(await params.read(request))
    changed = await db(request).write(filters.change, auth.me(request).id, number(request), given)
    return json(entities.content_filter(changed))


async def remove(request: web.Request) -> web.Response:
    """Delete one."""
    await db(request).write(filters.remove, auth.me(request).id, number(request))
    return json({})


def _given(given: Params) -> FilterChange:
    words = given.tables("keywords_attributes") or _numbered(given.table("keywords_attributes"))
    return FilterChange(
        title=given.text("title"),
        contexts=tuple(given.texts("context")) if "context" in given else None,
        action=given.text("filter_action"),
        ends="expires_in" in given,
        expires_at=_end(given),
        keywords=tuple(
            KeywordChange(
                id=word.number("id"),
                keyword=word.text("keyword"),
                whole_word=word.boolean("whole_word"),
                removed=word.flag("_destroy"),
            )
            for word in words
        ),
    )


def _numbered(given: Params) -> list[Params]:
    """`keywords_attributes[0][keyword]`, as some apps write it."""
    return [given.table(str(place)) for place in range(100) if str(place) in given]


def _end(given: Params) -> datetime | None:
    seconds = given.integer("expires_in")
    if seconds is None:
        return None
    return clock.now() + timedelta(seconds=max(0, min(seconds, _LONGEST)))


# -- keywords ---------------------------------------------------------------------------------------------------------


async def keywords(request: web.Request) -> web.Response:
    """What a filter looks for."""
    found = await db(request).read(filters.get, auth.me(request).id, number(request))
    return json([entities.filter_keyword(word) for word in found.keywords])


async def add_keyword(request: web.Request) -> web.Response:
    """Let it look for more."""
    given = await params.read(request)
    whole = given.boolean("whole_word")
    word = await db(request).write(
        filters.add_keyword,
        auth.me(request).id,
        number(request),
        given.text("keyword") or "",
        whole_word=True if whole is None else whole,
    )
    return json(entities.filter_keyword(word))


async def show_keyword(request: web.Request) -> web.Response:
    """One keyword."""
    _, word = await db(request).read(filters.with_keyword, auth.me(request).id, number(request))
    return json(entities.filter_keyword(word))


async def change_keyword(request: web.Request) -> web.Response:
    """Change it."""
    given = await params.read(request)
    change = KeywordChange(id=number(request), keyword=given.text("keyword"), whole_word=given.boolean("whole_word"))
    return json(entities.filter_keyword(await db(request).write(filters.change_keyword, auth.me(request).id, change)))


async def remove_keyword(request: web.Request) -> web.Response:
    """Take it away."""
    await db(request).write(filters.remove_keyword, auth.me(request).id, number(request))
    return json({})


# -- single posts -----------------------------------------------------------------------------------------------------


async def statuses(request: web.Request) -> web.Response:
    """The posts that a filter names."""
    found = await db(request).read(filters.get, auth.me(request).id, number(request))
    return json([entities.filter_status(one) for one in found.posts])


async def add_status(request: web.Request) -> web.Response:
    """Let it name a post that one can see."""
    post_id = (await params.read(request)).number("status_id")
    added = await db(request).write(_add_status, auth.me(request).id, number(request), post_id)
    return json(entities.filter_status(added))


def _add_status(tx: Tx, owner_id: ActorId, filter_id: int, post_id: int | None) -> FilteredPost:
    filters.get(tx.conn, owner_id, filter_id)
    if post_id is None:
        raise Invalid("Validation failed: Status must exist", field="status_id")
    posts.view(tx.conn, post_id, owner_id)
    return filters.add_post(tx, owner_id, filter_id, post_id)


async def show_status(request: web.Request) -> web.Response:
    """One such post."""
    _, found = await db(request).read(filters.with_post, auth.me(request).id, number(request))
    return json(entities.filter_status(found))


async def remove_status(request: web.Request) -> web.Response:
    """Name it no more."""
    gone = await db(request).write(filters.remove_post, auth.me(request).id, number(request))
    return json(entities.filter_status(gone))


# -- version 1 --------------------------------------------------------------------------------------------------------


async def old_index(request: web.Request) -> web.Response:
    """Every keyword as a filter of its own."""
    found = await db(request).read(filters.own, auth.me(request).id)
    return json([entities.old_filter(one, word) for one in found for word in one.keywords])


async def old_show(request: web.Request) -> web.Response:
    """One of them."""
    return json(
        entities.old_filter(*await db(request).read(filters.with_keyword, auth.me(request).id, number(request)))
    )


async def old_create(request: web.Request) -> web.Response:
    """Make a filter with one keyword."""
    given = await params.read(request)
    return json(entities.old_filter(*await db(request).write(_old_create, auth.me(request).id, given)))


def _old_create(tx: Tx, owner_id: ActorId, given: Params) -> tuple[Filter, Keyword]:
    phrase, irreversible = given.text("phrase") or "", given.flag("irreversible")
    made = filters.create(
        tx,
        owner_id,
        FilterChange(
            title=phrase[:256],
            contexts=tuple(given.texts("context")),
            action=Action.HIDE if irreversible else Action.WARN,
            irreversible=irreversible,
            expires_at=_end(given),
            keywords=(KeywordChange(keyword=phrase, whole_word=given.flag("whole_word")),),
        ),
    )
    return made, made.keywords[0]


async def old_change(request: web.Request) -> web.Response:
    """Change what is given of a keyword, and of its filter if it holds no other."""
    given = await params.read(request)
    return json(entities.old_filter(*await db(request).write(_old_change, auth.me(request).id, number(request), given)))


def _old_change(tx: Tx, owner_id: ActorId, keyword_id: int, given: Params) -> tuple[Filter, Keyword]:
    before, _ = filters.with_keyword(tx.conn, owner_id, keyword_id)
    phrase, irreversible = given.text("phrase"), given.boolean("irreversible")
    of_filter = FilterChange(
        title=phrase[:256] if phrase else None,
        contexts=tuple(given.texts("context")) if "context" in given else None,
        action=None if irreversible is None else (Action.HIDE if irreversible else Action.WARN),
        irreversible=irreversible,
        ends="expires_in" in given,
        expires_at=_end(given),
    )
    if len(before.keywords) == 1:
        filters.change(tx, owner_id, before.id, of_filter)
    elif (of_filter.contexts not in (None, before.contexts)) or irreversible not in (None, before.irreversible):
        raise Invalid("Validation failed: This filter has several keywords and can be changed in a newer app only")
    filters.change_keyword(
        tx, owner_id, KeywordChange(id=keyword_id, keyword=phrase or None, whole_word=given.boolean("whole_word"))
    )
    return filters.with_keyword(tx.conn, owner_id, keyword_id)


async def old_remove(request: web.Request) -> web.Response:
    """Take a keyword away, and its filter with the last."""
    await db(request).write(_old_remove, auth.me(request).id, number(request))
    return json({})


def _old_remove(tx: Tx, owner_id: ActorId, keyword_id: int) -> None:
    before = filters.remove_keyword(tx, owner_id, keyword_id)
    if len(before.keywords) == 1 and not before.posts:
        filters.remove(tx, owner_id, before.id)
