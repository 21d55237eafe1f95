# SPDX-License-Identifier: AGPL-3.0-or-later
"""Home, with the composer; and what the buttons under a post do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web
from sqlalchemy import Connection

from activitypub.addressing import Visibility
from node import contacts, directory, instance, media, posts, profiles, timelines
from node.actors import Actor
from node.emojis import shown_of
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, Refused
from node.kernel.html import with_emojis
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.kernel.site import Site
from node.kernel.text import clean_line
from node.members import Member
from node.posts import Draft, PollDraft, Post, PostId, QuotePolicy
from node.relationships import Circle, circles
from node.relationships.filters import Context
from web import SERVICES, auth, params
from web.auth import Handler
from web.media import emoji_urls
from web.pages import convert, dashboard
from web.pages.frames import acting, done, fault, fault_status, respond, way_back
from web.pages.paging import asked, neighbours
from web.pages.replacing import make_room
from web.pages.views import AnnouncementView, ComposerView, HomeView, Place, WaitView
from web.params import Params

SUGGESTIONS = 5
OPTIONS = posts.MAX_POLL_OPTIONS
OPEN_DAYS = (1, 3, 7, 14)
# Beyond what an answer may have, so that what is too long is refused and not cut.
MOST_READ = 1_000
_CONTACTS: Final = marked("People who ask to be your contact")
_ANSWERS: Final = marked("Say who may find you here")
# What the domain calls a field, and what the form does.
_FIELDS = {
    "scheduled_at": "later",
    "status": "text",
    "spoiler_text": "warning",
    "media_ids": "image",
    "file": "image",
    "poll": "option_1",
}


async def show(request: web.Request) -> web.Response:
    """The posts of those a member follows; a visitor is shown what this node is."""
    if await auth.visitor(request) is None:
        raise web.HTTPFound("/about")
    member = await auth.visiting_member(request)
    form = composer(member)
    quoted = params.query(request).number("quote")
    if quoted is not None:
        view = await request.app[SERVICES].db.read(posts.view, quoted, member.id)
        form = replace(form, quote=view.shown.post.id, quote_name=view.shown.author.name)
    return await respond(request, await _view(request, member, form), Place.HOME)


async def put_away(request: web.Request) -> web.StreamResponse:
    """An announcement was read: it does not come again, here or in apps."""
    member = await acting(request)
    await request.app[SERVICES].db.write(instance.dismiss, member.id, int(request.match_info["number"]))
    return done("/")


async def _view(request: web.Request, member: Member, form: ComposerView) -> HomeView:
    db = request.app[SERVICES].db
    return await db.read(_load, db.site, member, form, asked(request), request.path)


def _load(conn: Connection, site: Site, member: Member, form: ComposerView, page: Page, path: str) -> HomeView:
    numbers = timelines.home(conn, member.id, page)
    suggestions = () if numbers else directory.some(conn, member.actor, limit=SUGGESTIONS)
    newer, older = neighbours(path, numbers, page)
    news = instance.current(conn, member.id, clock.now())
    return HomeView(
        waits=_waits(conn, member),
        announcements=tuple(
            AnnouncementView(
                id=one.id,
                content=with_emojis(one.content, emoji_urls(site, shown_of(site, one.emojis))),
                published_at=one.published_at,
                language=one.language or "",
            )
            for one in news
        ),
        composer=replace(form, audiences=audiences(conn, member)),
        posts=convert.post_list(conn, site, numbers, member.id, Context.HOME),
        newer=newer,
        older=older,
        suggestions=convert.people(conn, site, suggestions, member.id),
    )


def _waits(conn: Connection, member: Member) -> tuple[WaitView, ...]:
    """What a member has to answer or to do, the people first: two statements, and for the staff one for each page on which
    work can wait. Whoever asks to follow, and the next events, stand in the margin of every page."""
    now = clock.now()
    found = [WaitView(path="/contacts", what=_CONTACTS, number=contacts.waiting_count(conn, member.id, now))]
    work = dashboard.work(conn, member)
    labels = {way.path: way.label for _, ways in dashboard.WAYS for way in ways}
    found += [WaitView(path=path, what=labels[path], number=number) for path, number in work.items()]
    waiting = [one for one in found if one.number]
    if profiles.unanswered(conn, member.id):
        waiting.append(WaitView(path="/welcome", what=_ANSWERS))
    return tuple(waiting)


def composer(member: Member, *, reply_to: int | None = None, reply_to_name: str = "", text: str = "") -> ComposerView:
    """The empty form, with the member's usual audience and language."""
    return ComposerView(
        text=text,
        visibility=member.default_visibility,
        language=member.default_language or member.locale,
        quote_policy=QuotePolicy(member.default_quote_policy),
        reply_to=reply_to,
        reply_to_name=reply_to_name,
        max_characters=posts.MAX_CHARACTERS,
    )


def audiences(conn: Connection, member: Member, answered: Post | None = None) -> tuple[Visibility | Circle, ...]:
    """The readers whom a member may choose for a post; an answer in a circle goes no further than that circle."""
    within = [one for one in Circle if one is not Circle.CLASS or member.actor.class_year is not None]
    if answered is not None and answered.circle is not None:
        wider = list(Circle)[list(Circle).index(answered.circle) + 1 :]
        return (*(one for one in reversed(within) if one not in wider), Visibility.DIRECT)
    if not circles.has_partners(conn):
        within.remove(Circle.PARTNERS)
    return (Visibility.PUBLIC, Visibility.UNLISTED, *reversed(within), Visibility.PRIVATE, Visibility.DIRECT)


async def publish(request: web.Request) -> web.StreamResponse:
    """Publish what the composer holds. If it cannot be, the form comes back with everything that was typed."""
    author = await acting(request)
    services = request.app[SERVICES]
    given = await params.read(request)
    # The form of a post that is written anew stands at the old post's address, which goes with it.
    address = "/" if "replaces" in given else way_back(given.text("next"))
    try:
        at = _later(given, (await auth.visiting_member(request)).timezone)
        draft = await _draft(request, author, given)
        if at is None:
            await services.resolver.mentions(draft.text)
        await services.db.write(_send, author, draft, at, given)
        if at is not None:
            return done("/later", "later")
    except Refused as refusal:
        member = await auth.visiting_member(request)
        form = ComposerView(
            text=given.text("text") or "",
            warning=given.text("warning") or "",
            visibility=_readers(given, member.default_visibility),
            language=given.text("language") or "",
            reply_to=given.integer("reply_to"),
            quote=given.number("quote"),
            quote_policy=_policy(given, member.default_quote_policy),
            later=given.text("later") or "",
            options=_options(given),
            open_days=_open_days(given),
            multiple=given.flag("multiple"),
            max_characters=posts.MAX_CHARACTERS,
            replaces=given.number("replaces"),
            faults=fault(refusal, _FIELDS),
        )
        form = await services.db.read(_with_files, services.db.site, author, form, given)
        view = await services.db.read(_load, services.db.site, member, form, Page(), "/")
        return await respond(request, view, Place.HOME, status=fault_status(refusal))
    return done(address, "posted")


def _send(tx: Tx, author: Actor, draft: Draft, at: datetime | None, given: Params) -> None:
    make_room(tx, author, given, draft)
    if at is None:
        posts.publish(tx, author, draft)
    else:
        posts.scheduled.schedule(tx, author, draft, at)


def _with_files(conn: Connection, site: Site, author: Actor, form: ComposerView, given: Params) -> ComposerView:
    """The form with those files of the post that it replaces which were to go into the new one."""
    said = given.table("described")
    found = media.owned(conn, given.integers("media_ids"), author.id)
    shown = [convert.media(site, item) for item in found]
    return replace(
        form, media=tuple(replace(item, description=said.text(str(item.id)) or item.description) for item in shown)
    )


async def _draft(request: web.Request, author: Actor, given: Params) -> Draft:
    """What the form says, its picture taken in. Raises Invalid."""
    media_ids = tuple(dict.fromkeys(given.integers("media_ids")))
    picture = given.upload("image")
    if picture is not None and picture.data:
        uploads = request.app[SERVICES].uploads
        taken = await uploads.take(author.id, picture.data, description=given.text("image_description") or "")
        media_ids = (*media_ids, taken.id)
    language = given.text("language") or None
    if language is not None and not (
        language.isascii() and language.replace("-", "").isalnum() and len(language) <= 16
    ):
        raise Invalid("This language is not known.", field="language")
    readers = _readers(given, Visibility.PUBLIC)
    return Draft(
        text=given.text("text") or "",
        spoiler_text=given.text("warning") or "",
        visibility=Visibility.PRIVATE if isinstance(readers, Circle) else readers,
        circle=readers if isinstance(readers, Circle) else None,
        language=language,
        in_reply_to_id=given.integer("reply_to"),
        media_ids=media_ids,
        quoted_id=given.number("quote"),
        quote_policy=_policy(given, (await auth.visiting_member(request)).default_quote_policy),
        poll=_poll(given),
        app_name=None,
    )


def _policy(given: Params, otherwise: str) -> QuotePolicy:
    name = given.text("quote_policy")
    return QuotePolicy(name if name in set(QuotePolicy) else otherwise)


def _later(given: Params, zone: str) -> datetime | None:
    """The time on the member's own clock at which to publish; None for now. Raises Invalid."""
    text = given.text("later")
    if not text or not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("This is no date and time. An example is 2027-03-12 19:00.", field="later") from None


def _options(given: Params) -> tuple[str, ...]:
    return tuple(clean_line(given.text(f"option_{number}") or "", MOST_READ) for number in range(1, OPTIONS + 1))


def _open_days(given: Params) -> int:
    days = given.integer("open_days")
    return days if days in OPEN_DAYS else OPEN_DAYS[0]


def _poll(given: Params) -> PollDraft | None:
    """The poll, if any answer is filled in; empty lines between are passed over."""
    options = tuple(option for option in _options(given) if option)
    if not options:
        return None
    return PollDraft(options, timedelta(days=_open_days(given)), multiple=given.flag("multiple"))


def _readers(given: Params, otherwise: Visibility) -> Visibility | Circle:
    name = given.text("visibility")
    if name in set(Circle):
        return Circle(name)
    return Visibility(name) if name in set(Visibility) else otherwise


def action(act: Callable[[Tx, Actor, int], PostId]) -> Handler:
    """A handler for one of the buttons under a post."""

    async def handle(request: web.Request) -> web.StreamResponse:
        actor = await acting(request)
        given = await params.read(request)
        await request.app[SERVICES].db.write(act, actor, int(request.match_info["post_id"]))
        return done(way_back(given.text("next")))

    return handle
