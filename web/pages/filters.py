# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a member does not want to see: their filters as pages. How they act on pages is `web.pages.sifting`."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import posts
from node.actors import ActorId
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, Refused
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.relationships import filters
from node.relationships.filters import Action, Context, Filter, FilterChange, KeywordChange
from web import SERVICES, auth, params
from web.pages import convert
from web.pages.filter_views import FilterFormView, FilterPostView, FiltersView, FilterView, NamedPostView, WordView
from web.pages.frames import acting, done, fault, fault_status, respond, way_back
from web.pages.views import ConfirmView, Place
from web.params import Params

NEW_LINES: Final = ("new1", "new2", "new3")
MOST_SHOWN: Final = 300
"""Keywords of one filter that the form has lines for; a form may have a thousand fields."""

_CONTEXTS: Final = {
    Context.HOME: marked("On the home page and in lists"),
    Context.NOTIFICATIONS: marked("In notifications"),
    Context.PUBLIC: marked("Among public posts and under hashtags"),
    Context.THREAD: marked("In conversations"),
    Context.ACCOUNT: marked("On profiles"),
}
_ACTIONS: Final = {
    Action.WARN: marked("Fold the post and say which filter it meets"),
    Action.BLUR: marked("Fold its pictures only"),
    Action.HIDE: marked("Leave the post out"),
}
_NEVER, _AS_IT_IS = "", "keep"
_LENGTHS: Final = {
    _NEVER: marked("Without an end"),
    "1800": marked("Half an hour"),
    "3600": marked("An hour"),
    "21600": marked("Six hours"),
    "86400": marked("A day"),
    "604800": marked("A week"),
    "2592000": marked("Thirty days"),
}
_FIELDS: Final = {"filter_action": "action", "keyword": "words"}


async def index(request: web.Request) -> web.Response:
    """All of a member's filters."""
    member = await auth.visiting_member(request)
    found = await request.app[SERVICES].db.read(filters.own, member.id)
    return await respond(request, FiltersView(filters=tuple(_line(one) for one in found)), Place.ME)


def _line(one: Filter) -> FilterView:
    return FilterView(
        id=one.id,
        title=one.title,
        action=_ACTIONS[one.action],
        contexts=tuple(_CONTEXTS[context] for context in one.contexts),
        words=tuple(word.keyword for word in one.keywords),
        posts_count=len(one.posts),
        ends_at=one.expires_at,
        over=one.is_over(clock.now()),
    )


async def new(request: web.Request) -> web.Response:
    """The form of a new filter."""
    await auth.visiting_member(request)
    return await respond(request, _form(), Place.ME)


async def edit(request: web.Request) -> web.Response:
    """The form of one that there is."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    return await respond(request, await db.read(_edited, db.site, member.id, _number(request)), Place.ME)


def _edited(conn: Connection, site: Site, owner: ActorId, number: int) -> FilterFormView:
    found = filters.get(conn, owner, number)
    shown = {post.id: post for post in convert.post_list(conn, site, [one.post_id for one in found.posts], owner)}
    return replace(
        _form(found),
        posts=tuple(NamedPostView(id=one.id, post=shown.get(one.post_id)) for one in found.posts),
    )


def _form(found: Filter | None = None) -> FilterFormView:
    chosen = tuple(_CONTEXTS) if found is None else found.contexts
    action = Action.WARN if found is None else found.action
    ends_at = None if found is None else found.expires_at
    keywords = () if found is None else found.keywords
    return FilterFormView(
        id=None if found is None else found.id,
        title="" if found is None else found.title,
        actions=_marked(_ACTIONS, {action}),
        contexts=_marked(_CONTEXTS, set(chosen)),
        lengths=_marked(_LENGTHS, {_NEVER} if ends_at is None else set()),
        ends_at=ends_at,
        words=tuple(
            WordView(key=str(word.id), keyword=word.keyword, whole=word.whole_word) for word in keywords[:MOST_SHOWN]
        )
        + tuple(WordView(key=key) for key in NEW_LINES),
        more=max(0, len(keywords) - MOST_SHOWN),
    )


def _marked(
    choices: dict[Context, str] | dict[Action, str] | dict[str, str], chosen: set[Context] | set[Action] | set[str]
) -> tuple[tuple[str, str, bool], ...]:
    return tuple((str(value), words, value in chosen) for value, words in choices.items())


def _typed(form: FilterFormView, given: Params, refusal: Refused) -> FilterFormView:
    """The form with what was typed, and what is wrong with it."""
    words = given.table("words")
    action, contexts, ends = given.text("action") or "", set(given.texts("context")), given.text("ends") or ""
    return replace(
        form,
        title=given.text("title") or "",
        actions=tuple((value, text, value == action) for value, text, _ in form.actions),
        contexts=tuple((value, text, value in contexts) for value, text, _ in form.contexts),
        lengths=tuple((value, text, value == ends) for value, text, _ in form.lengths),
        words=tuple(
            WordView(
                key=word.key,
                keyword=words.table(word.key).text("keyword") or "",
                whole=words.table(word.key).flag("whole"),
            )
            for word in form.words
        ),
        faults=fault(refusal, _FIELDS),
    )


async def create(request: web.Request) -> web.StreamResponse:
    """Make a filter; what cannot be used comes back with all that was typed."""
    actor = await acting(request)
    given = await params.read(request)
    try:
        await request.app[SERVICES].db.write(filters.create, actor.id, _change(given, ()))
    except Invalid as refusal:
        return await respond(request, _typed(_form(), given, refusal), Place.ME, status=fault_status(refusal))
    return done("/settings/filters", "saved")


async def save(request: web.Request) -> web.StreamResponse:
    """Change a filter; a keyword whose line was emptied is taken away."""
    actor = await acting(request)
    given = await params.read(request)
    number = _number(request)
    db = request.app[SERVICES].db

    def write(tx: Tx) -> None:
        there = filters.get(tx.conn, actor.id, number).keywords[:MOST_SHOWN]
        filters.change(tx, actor.id, number, _change(given, [word.id for word in there]))

    try:
        await db.write(write)
    except Invalid as refusal:
        form = await db.read(_edited, db.site, actor.id, number)
        return await respond(request, _typed(form, given, refusal), Place.ME, status=fault_status(refusal))
    return done("/settings/filters", "saved")


def _change(given: Params, there: list[int] | tuple[()]) -> FilterChange:
    ends = given.text("ends") or ""
    return FilterChange(
        title=given.text("title") or "",
        contexts=tuple(given.texts("context")),
        action=given.text("action") or "",
        # What is saved here is left out or folded here; only apps of the first version leave that to the node.
        irreversible=False,
        ends=ends != _AS_IT_IS,
        expires_at=clock.now() + timedelta(seconds=int(ends)) if ends in _LENGTHS and ends else None,
        keywords=tuple(_words(given.table("words"), there)),
    )


def _words(given: Params, there: list[int] | tuple[()]) -> list[KeywordChange]:
    changes = []
    for number in there:
        line = given.table(str(number))
        if "keyword" in line:
            text = (line.text("keyword") or "").strip()
            changes.append(KeywordChange(number, text or None, line.flag("whole"), removed=not text))
    for key in NEW_LINES:
        line = given.table(key)
        text = (line.text("keyword") or "").strip()
        if text:
            changes.append(KeywordChange(keyword=text, whole_word=line.flag("whole")))
    return changes


async def confirm_delete(request: web.Request) -> web.Response:
    """Ask before a filter is deleted."""
    member = await auth.visiting_member(request)
    found = await request.app[SERVICES].db.read(filters.get, member.id, _number(request))
    view = ConfirmView(
        title=marked("Delete this filter?"),
        text=marked("What it kept from you is shown again."),
        button=marked("Delete"),
        action=f"/settings/filters/{found.id}/delete",
        back=f"/settings/filters/{found.id}",
        subject=found.title,
    )
    return await respond(request, view)


async def delete(request: web.Request) -> web.StreamResponse:
    """Delete a filter."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(filters.remove, actor.id, _number(request))
    return done("/settings/filters", "deleted")


# -- single posts -----------------------------------------------------------------------------------------------------


async def choose(request: web.Request) -> web.Response:
    """Choose the filter that a post is to meet."""
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    view = await db.read(_choice, db.site, member.id, int(request.match_info["post_id"]))
    return await respond(request, view)


def _choice(conn: Connection, site: Site, owner: ActorId, post_id: int) -> FilterPostView:
    post = posts.original(conn, post_id, owner)
    [shown] = convert.post_list(conn, site, [post.id], owner)
    return FilterPostView(post=shown, filters=tuple((one.id, one.title) for one in filters.own(conn, owner)))


async def add_post(request: web.Request) -> web.StreamResponse:
    """Let a filter name a post, one of those there are or a new one that holds everywhere."""
    actor = await acting(request)
    given = await params.read(request)
    post_id = int(request.match_info["post_id"])
    db = request.app[SERVICES].db

    def write(tx: Tx) -> None:
        post = posts.original(tx.conn, post_id, actor.id)
        title = given.text("title") or ""
        number = given.number("filter") if not title.strip() else None
        if number is None:
            change = FilterChange(title=title, contexts=tuple(Context), action=Action.WARN)
            number = filters.create(tx, actor.id, change).id
        filters.add_post(tx, actor.id, number, post.id)

    try:
        await db.write(write)
    except Invalid as refusal:
        view = await db.read(_choice, db.site, actor.id, post_id)
        view = replace(view, title=given.text("title") or "", faults=fault(refusal, {"status_id": "filter"}))
        return await respond(request, view, status=fault_status(refusal))
    return done(way_back(given.text("back")), "saved")


async def remove_post(request: web.Request) -> web.StreamResponse:
    """Let a filter name a post no more."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(filters.remove_post, actor.id, int(request.match_info["row"]))
    return done(f"/settings/filters/{_number(request)}", "saved")


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])
