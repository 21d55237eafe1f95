# SPDX-License-Identifier: AGPL-3.0-or-later
"""A page around a view, for those parts of the node that are no feature pages: refusals, and apps that sign in.

Looks nothing up, so that it can be made when everything else has failed.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from aiohttp import web

from node.kernel import clock, i18n
from node.members import Member
from node.version import VERSION
from web import SERVICES
from web.media import picture_url
from web.pages.views import ErrorView, Frame, PersonView, SiteView, View
from web.rendering import page


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
    services = request.app[SERVICES]
    settings = services.settings
    accepted = request.headers.get("Accept-Language", "")
    locale = i18n.negotiate(accepted, member.locale if member else "", settings.locale)
    frame = Frame(
        site=SiteView(
            name=settings.name,
            domain=settings.domain,
            school=settings.school,
            description=settings.description,
            version=VERSION,
        ),
        words=i18n.translator(locale),
        zone=ZoneInfo(member.timezone if member else settings.timezone),
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
        csrf=csrf,
    )
    return web.Response(
        text=page(frame, view, accent=settings.accent),
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Language": locale, **(headers or {})},
    )


def error_page(request: web.Request, status: int, message: str, *, retry_after: int | None = None) -> web.Response:
    """A refusal as a page. It stands without a viewer, since looking one up may be what failed."""
    return plain_page(request, ErrorView(status=status, message=message, retry_after=retry_after), status=status)
