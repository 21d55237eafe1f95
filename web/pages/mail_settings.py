# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which letters a member gets: chosen under Settings, or declined by the link in a letter, without a login."""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import digests, mail, members
from node.digests import Frequency
from node.kernel.db import Tx
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.mail import About, Content
from node.members import Member
from web import SERVICES, auth, csrf, params
from web.pages.frames import done, respond
from web.pages.mail_views import MailSettingsView, UnsubscribeView
from web.pages.views import Place

KINDS: Final = {
    About.CONTACT: marked("Somebody asks to be a contact, or says yes"),
    About.EVENT: marked("An event that you go to has changed"),
    About.MESSAGE: marked("Somebody has written to you directly"),
    About.MENTION: marked("Somebody has named you, or answered you"),
    About.FOLLOW: marked("Somebody follows you, or asks to"),
    About.FAVOURITE: marked("Somebody likes or shares a post of yours"),
    About.DUES: marked("Your dues"),
    About.ASK: marked("Something that you seek or offer runs out"),
    About.STAFF: marked("What waits for you in an office of the association"),
}
FREQUENCIES: Final = {
    Frequency.NONE: marked("Never"),
    Frequency.DAILY: marked("Every day"),
    Frequency.WEEKLY: marked("Every week"),
    Frequency.MONTHLY: marked("Every month"),
}
_DIGEST: Final = marked("The digest: what is new for you")
_PAGE: Final = "/settings/mail"


async def show(request: web.Request) -> web.Response:
    """What the member gets now."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    view = await services.db.read(_settings, services.db.site, member)
    return await respond(request, view, Place.ME)


def _settings(conn: Connection, site: Site, member: Member) -> MailSettingsView:
    chosen = mail.choices_of(conn, member.id)
    return MailSettingsView(
        address=member.email,
        kinds=tuple(
            (about.value, words, chosen.wanted.get(about, mail.DEFAULTS[about]))
            for about, words in KINDS.items()
            if about is not About.STAFF or member.roles - {"member"}
        ),
        digest=digests.frequency_of(conn, member.id),
        frequencies=tuple((frequency.value, words) for frequency, words in FREQUENCIES.items()),
        subject_only=chosen.content is Content.NONE,
        lost=mail.is_lost(conn, site, member.email),
        has_mail=site.has_mail,
    )


async def save(request: web.Request) -> web.StreamResponse:
    """Take over what is chosen. What the page did not show stays as it was."""
    member = await _acting(request)
    given = await params.read(request)
    wanted = {
        about: given.flag(about.value) for about in KINDS if about is not About.STAFF or member.roles - {"member"}
    }
    content = Content.NONE if given.flag("subject_only") else Content.FULL
    often = given.text("digest")

    def write(tx: Tx) -> None:
        mail.choose(tx, member.id, wanted, content)
        if often in set(Frequency):
            digests.choose(tx, member, Frequency(often))

    await request.app[SERVICES].db.write(write)
    return done(_PAGE, "saved")


async def be_quiet(request: web.Request) -> web.StreamResponse:
    """Only the letters that somebody needs."""
    member = await _acting(request)

    def write(tx: Tx) -> None:
        mail.choose(tx, member.id, mail.QUIET)
        digests.choose(tx, member, Frequency.NONE)

    await request.app[SERVICES].db.write(write)
    return done(_PAGE, "saved")


async def works_again(request: web.Request) -> web.StreamResponse:
    """The member says that letters arrive at their address again."""
    member = await _acting(request)
    await request.app[SERVICES].db.write(mail.works_again, member.email)
    return done(_PAGE, "saved")


async def ask_unsubscribe(request: web.Request) -> web.Response:
    """Show a button: programs that look at the links of letters press none."""
    _, about = _read(request)
    return await respond(request, UnsubscribeView(key=request.match_info["token"], about=_words(about)))


async def unsubscribe(request: web.Request) -> web.Response:
    """No more letters of this kind, at once (RFC 8058).

    The mail program's provider sends this, without our form and without a login: the address itself is the proof, and
    all that it can do is this.
    """
    number, about = _read(request)

    def write(tx: Tx) -> None:
        digests.decline(tx, members.get(tx.conn, number), about)

    await request.app[SERVICES].db.write(write)
    return await respond(request, UnsubscribeView(key=request.match_info["token"], about=_words(about), done=True))


def _read(request: web.Request) -> tuple[int, About]:
    return mail.read_unsubscribe_link(request.app[SERVICES].db.site, request.match_info["token"])


def _words(about: About) -> str:
    return KINDS.get(about, _DIGEST)


async def _acting(request: web.Request) -> Member:
    await csrf.check(request)
    return await auth.visiting_member(request)
