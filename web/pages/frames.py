# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every page has in common: the frame round it, the answer that carries it, and the way back after an action."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from sqlalchemy import Connection

from node import events, mail, relationships
from node.actors import Actor
from node.kernel import clock
from node.kernel.errors import Invalid, Refused
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.kernel.site import Site
from node.members import Member
from node.moderation import check_staff
from web import SERVICES, auth, csrf, frames
from web.errors import status_of
from web.pages import convert
from web.pages.views import EventView, Fault, PersonView, Place, View
from web.rendering import safe_url

# What has just been done, by the short name that the address carries after it.
NOTICES: Final = {
    "posted": marked("Your post is out."),
    "voted": marked("Your vote counts."),
    "later": marked("Your post will be out at that time."),
    "revoked": marked("Your post is shown there no more."),
    "deleted": marked("Deleted."),
    "saved": marked("Saved."),
    "muted": marked("You hear nothing of this account any more. They are not told."),
    "unmuted": marked("You hear of this account again."),
    "blocked": marked("Blocked. They are not told."),
    "unblocked": marked("Not blocked any more. Nobody follows the other again by that."),
    "followed": marked("You follow this account now."),
    "requested": marked("Your request has been sent. You will see the posts once it is accepted."),
    "unfollowed": marked("You no longer follow this account."),
    "accepted": marked("Accepted."),
    "heard": marked("You hear from them from now on."),
    "rejected": marked("Declined. The other side is not told why."),
    "going": marked("You are going. The organiser knows."),
    "asked": marked("Your answer is on its way to the organiser's network."),
    "not-going": marked("You are not going. The organiser knows."),
    "published": marked("Your event is published."),
    "cancelled": marked("The event is cancelled, and those who were going are told."),
    "ended": marked("Ended."),
    "passkey": marked("From now on this passkey opens your account."),
    "moved": marked("You have moved. Your followers are being told."),
    "hidden": marked("Your account is hidden. Log in when you want to come back."),
    "back": marked("Your account is shown again. Please log in."),
    "leaving": marked("Your account is deleted in fourteen days. Log in before then to keep it."),
    "two-admins": marked("Another administrator has to agree. They get a letter."),
    "told": marked("Thank you. The association asks before anything is done."),
    "reported": marked("Thank you. The moderators will look at it."),
    "password": marked("Your password is changed. Every other browser and every app is logged out."),
    "link": marked("A letter with a link is on its way to the new address. Until it is used the old one holds."),
    "contact-asked": marked("You have asked. You hear of it once they say yes."),
    "in-contact": marked("You are in contact now."),
    "announced": marked("The treasurer looks for your payment, and you get a letter once it is found."),
    "print": marked("No font here has all letters of this receipt. Please print this page."),
    "invited": marked("The invitation is on its way."),
    "correction": marked("Proposed. The secretary decides."),
    "taken-back": marked("The invitation is taken back: its link opens nothing more."),
    "signed-up": marked("A letter with a link is on its way to you. Please use it within three days."),
    "copy-asked": marked("Your copy is being made. A letter tells you when it is ready."),
    "sent": marked("If this address is known here, a letter is on its way to it."),
    "confirmed": marked("Your address is confirmed. You can log in now."),
    "pending": marked("Your address is confirmed. You get a letter once the association has let you in."),
    "appealed": marked("Sent. An administrator reads it and answers."),
    "signed-up-answer": marked("Sent. The association reads it, and you get a letter."),
    "question-sent": marked("Asked. The newcomer gets a letter, and has 30 days to answer."),
    "refused": marked("Refused. A letter says why."),
    "vouched": marked("Thank you. The association and the newcomer see what you said."),
    "turned-away": marked("Not let in. What was given is deleted, and a letter says so."),
    "welcome": marked("Welcome. Your account is ready."),
}
_LOST: Final = marked("Letters to your e-mail address come back. Please give another one under Settings, Letters.")
_COMING: Final = 3


@dataclass(frozen=True, slots=True)
class Margin:
    """What stands beside every page of a member."""

    waiting: tuple[PersonView, ...]
    coming: tuple[EventView, ...]
    lost: bool = False


async def respond(request: web.Request, view: View, place: Place = Place.NONE, *, status: int = 200) -> web.Response:
    """`view` as a whole page, in the visitor's language, with what waits for them in the margin."""
    visitor = await auth.visitor(request)
    services = request.app[SERVICES]
    member = visitor.member if visitor is not None else None
    margin = Margin((), ())
    if member is not None:
        margin = await services.db.read(_margin, services.db.site, member)
    around = replace(
        frames.frame(request, member=member, csrf=await csrf.token(request)),
        here=here(request),
        place=place,
        notice=NOTICES.get(request.query.get("done", ""), _LOST if margin.lost else ""),
        waiting=margin.waiting,
        coming=margin.coming,
    )
    return frames.respond(request, around, view, status=status)


def _margin(conn: Connection, site: Site, member: Member) -> Margin:
    waiting = [actor for _, actor in relationships.requests(conn, member.id, Page(limit=10))]
    now = clock.now()
    soon = events.joined_by(conn, member.id, now, limit=_COMING)
    return Margin(
        tuple(convert.person(site, actor) for actor in waiting),
        convert.event_list(conn, site, soon, member.id),
        site.has_mail and mail.is_lost(conn, site, member.email),
    )


def here(request: web.Request) -> str:
    """Path and query of this page, without what only says what was just done."""
    kept = [(name, value) for name, value in request.query.items() if name != "done"]
    return request.path + (f"?{urlencode(kept)}" if kept else "")


def way_back(address: str | None, otherwise: str = "/") -> str:
    """`address` if it is a page of ours to come back to, or else another one."""
    if not address or not address.startswith("/") or safe_url(address) == "#":
        return otherwise
    return address


def done(address: str, what: str = "") -> web.Response:
    """The answer after an action: on to a page, which says what has been done."""
    if what:
        parts = urlsplit(address)
        query = f"{parts.query}&done={what}" if parts.query else f"done={what}"
        address = parts._replace(query=query).geturl()
    return web.Response(status=303, headers={"Location": address})


def file_of(body: bytes, name: str) -> web.Response:
    """A table as a file that no cache keeps."""
    return web.Response(
        body=body,
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def fault(refusal: Refused, names: dict[str, str] | None = None) -> tuple[Fault, ...]:
    """A refusal as what is wrong with a form; `names` translates the domain's names of fields into the form's."""
    field = refusal.field if isinstance(refusal, Invalid) and refusal.field else ""
    return (Fault(message=refusal.message, field=(names or {}).get(field, field)),)


def fault_status(refusal: Refused) -> int:
    """The status code of a form that is shown again."""
    return status_of(refusal)


async def acting(request: web.Request) -> Actor:
    """The member who sends this form: checked to come from our page, and from somebody who is logged in."""
    await csrf.check(request)
    return (await auth.visiting_member(request)).actor


async def visiting_staff(request: web.Request) -> Member:
    """The moderator who is logged in in this browser; others are told that the page is not for them."""
    member = await auth.visiting_member(request)
    check_staff(member.roles)
    return member


async def staff_acting(request: web.Request) -> Member:
    """The moderator who sends this form."""
    await csrf.check(request)
    return await visiting_staff(request)
