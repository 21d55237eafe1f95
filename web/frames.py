# SPDX-License-Identifier: AGPL-3.0-or-later
"""A page around a view, for those parts of the node that are no feature pages: refusals, and apps that sign in.

Looks nothing up, so that it can be made when everything else has failed.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web

from node.kernel import clock, i18n
from node.kernel.config import Settings
from node.members import OFFICES, Member
from node.moderation import STAFF
from node.roster import KEEPERS
from node.version import VERSION
from web import SERVICES
from web.media import picture_url
from web.pages.views import ErrorView, Frame, PersonView, SiteView, View
from web.rendering import page

_LANGUAGE: Final = web.RequestKey("language", str)


def frame(request: web.Request, *, member: Member | None = None, csrf: str = "") -> Frame:
    """What stands around a page for this visitor: their language, their clock, the menu."""
    services = request.app[SERVICES]
    settings = services.settings
    return Frame(
        site=SiteView(
            name=settings.name,
            domain=settings.domain,
            school=settings.school,
            description=settings.description,
            version=VERSION,
        ),
        words=i18n.translator(locale_of(request, member)),
        zone=zone_of(settings, member),
        now=clock.now(),
        here=request.raw_path if request.method == "GET" else "/",
        viewer=PersonView(
            id=member.id,
            acct=member.actor.acct,
            name=member.actor.name,
            avatar=picture_url(services.db.site, member.actor.avatar) or "",
            class_year=member.actor.class_year,
        )
        if member
        else None,
        admin=member is not None and member.is_admin,
        staff=member is not None and not STAFF.isdisjoint(member.roles),
        keeper=member is not None and not KEEPERS.isdisjoint(member.roles),
        office=member is not None and not OFFICES.isdisjoint(member.roles),
        csrf=csrf,
    )


def locale_of(request: web.Request, member: Member | None) -> str:
    """The language of the answer: what an app asked for while it signs in, the member's, the browser's, the node's."""
    if _LANGUAGE in request:
        return request[_LANGUAGE]
    accepted = request.headers.get("Accept-Language", "")
    return i18n.negotiate(accepted, member.locale if member else "", request.app[SERVICES].settings.locale)


def speak(request: web.Request, language: str | None) -> None:
    """Answer in the language that an app asks for, if pages have it; `fr-CA` is served by `fr`."""
    found = (language or "").replace("_", "-").partition("-")[0].lower()
    if found in i18n.SUPPORTED:
        request[_LANGUAGE] = found


def speak_for(request: web.Request, address: str) -> None:
    """The same for the pages of the login on the way to `address`, if it is where an app signs in."""
    parts = urlsplit(address)
    if parts.path == "/oauth/authorize":
        speak(request, next(iter(parse_qs(parts.query).get("lang", ())), None))


def zone_of(settings: Settings, member: Member | None) -> ZoneInfo:
    """The clock that times are shown on: the member's, or the association's where they have chosen none."""
    return ZoneInfo(member.timezone if member and member.timezone != "UTC" else settings.timezone)


def respond(
    request: web.Request, around: Frame, view: View, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """The whole page."""
    return web.Response(
        text=page(around, view, accent=request.app[SERVICES].settings.accent),
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Language": around.words.locale, **(headers or {})},
    )


def plain_page(
    request: web.Request,
    view: View,
    *,
    member: Member | None = None,
    csrf: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """The view as a page in the reader's language, with the menu but with nothing in the margin."""
    return respond(request, frame(request, member=member, csrf=csrf), view, status=status, headers=headers)


def error_page(request: web.Request, status: int, message: str, *, retry_after: int | None = None) -> web.Response:
    """A refusal as a page. It stands without a viewer, since looking one up may be what failed."""
    return plain_page(request, ErrorView(status=status, message=message, retry_after=retry_after), status=status)
