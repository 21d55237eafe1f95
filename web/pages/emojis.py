# SPDX-License-Identifier: AGPL-3.0-or-later
"""The association's own emoji: the moderators' page, and the words for members."""

from collections.abc import Sequence
from itertools import groupby

from aiohttp import web
from sqlalchemy import Connection

from node import emojis
from node.emojis import CustomEmoji
from node.kernel.errors import Conflict, Invalid, NotFound
from node.kernel.i18n import marked
from node.kernel.site import Site
from web import SERVICES, auth, params
from web.auth import Handler
from web.pages.emoji_views import EmojisView, EmojiView, EmojiWordsView
from web.pages.frames import done, fault, fault_status, respond, staff_acting, visiting_staff
from web.pages.views import ConfirmView
from web.params import Params

PAGE = "/staff/emojis"


async def words(request: web.Request) -> web.Response:
    """Those that members may choose among."""
    await auth.visiting_member(request)
    services = request.app[SERVICES]
    found = await services.db.read(emojis.listed)
    return await respond(request, EmojiWordsView(groups=_groups(services.db.site, found)))


async def index(request: web.Request) -> web.Response:
    """All of them, and the form of a new one."""
    await visiting_staff(request)
    services = request.app[SERVICES]
    return await respond(request, await services.db.read(_view, services.db.site))


def _view(
    conn: Connection, site: Site, given: Params | None = None, refusal: Invalid | Conflict | None = None
) -> EmojisView:
    typed = given or Params({})
    return EmojisView(
        groups=_groups(site, emojis.every(conn)),
        shortcode=typed.text("shortcode") or "",
        category=typed.text("category") or "",
        hidden=typed.flag("hidden"),
        replace=typed.flag("replace"),
        faults=fault(refusal, {"file": "image"}) if refusal is not None else (),
    )


def _groups(site: Site, found: Sequence[CustomEmoji]) -> tuple[tuple[str, tuple[EmojiView, ...]], ...]:
    """Emoji that come by category, as (category, those in it)."""
    return tuple(
        (category, tuple(_emoji(site, one) for one in those))
        for category, those in groupby(found, key=lambda emoji: emoji.category)
    )


def _emoji(site: Site, emoji: CustomEmoji) -> EmojiView:
    return EmojiView(
        id=emoji.id,
        shortcode=emoji.shortcode,
        url=site.media_url(emoji.file),
        category=emoji.category,
        offered=emoji.visible_in_picker,
        off=emoji.disabled,
    )


async def add(request: web.Request) -> web.StreamResponse:
    """A new emoji, or another picture for one; what cannot be taken comes back with all that was typed."""
    member = await staff_acting(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    image = given.upload("image")
    try:
        if image is None:
            raise Invalid("Please choose a picture.", field="file")
        added = await services.uploads.add_emoji(
            member.roles,
            given.text("shortcode") or "",
            image.data,
            category=given.text("category") or "",
            visible_in_picker=not given.flag("hidden"),
            replace=given.flag("replace"),
        )
    except (Invalid, Conflict) as refusal:
        view = await services.db.read(_view, services.db.site, given, refusal)
        return await respond(request, view, status=fault_status(refusal))
    return done(f"{PAGE}#emoji-{added.id}", "saved")


async def change(request: web.Request) -> web.StreamResponse:
    """Another category, and whether it is offered."""
    member = await staff_acting(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    number = _number(request)
    try:
        await services.db.write(
            emojis.change,
            member.roles,
            number,
            category=given.text("category") or "",
            visible_in_picker=given.flag("offered"),
        )
    except Invalid as refusal:
        view = await services.db.read(_view, services.db.site, None, refusal)
        return await respond(request, view, status=fault_status(refusal))
    return done(f"{PAGE}#emoji-{number}", "saved")


def turn(*, off: bool) -> Handler:
    """A handler that shows an emoji nowhere any more, or again."""

    async def handle(request: web.Request) -> web.StreamResponse:
        member = await staff_acting(request)
        number = _number(request)
        await request.app[SERVICES].db.write(emojis.change, member.roles, number, disabled=off)
        return done(f"{PAGE}#emoji-{number}", "saved")

    return handle


async def confirm_remove(request: web.Request) -> web.Response:
    """Ask before an emoji is taken away."""
    await visiting_staff(request)
    found = await request.app[SERVICES].db.read(emojis.find, _number(request))
    if found is None:
        raise NotFound
    view = ConfirmView(
        title=marked("Remove this emoji?"),
        text=marked("What was written with it shows its word instead. To hide it for a time, turn it off."),
        button=marked("Remove"),
        action=f"{PAGE}/{found.id}/remove",
        back=PAGE,
        subject=f":{found.shortcode}:",
    )
    return await respond(request, view)


async def remove(request: web.Request) -> web.StreamResponse:
    """Take an emoji away."""
    member = await staff_acting(request)
    await request.app[SERVICES].db.write(emojis.remove, member.roles, _number(request))
    return done(PAGE, "deleted")


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])
