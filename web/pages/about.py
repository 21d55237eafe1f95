# SPDX-License-Identifier: AGPL-3.0-or-later
"""What this node is, and the files that pages refer to."""

from aiohttp import web
from sqlalchemy import Connection

from node import actors, instance, posts, relationships
from node.instance import TextKind
from node.kernel import clock
from node.kernel.config import Settings
from node.kernel.errors import NotFound
from node.kernel.html import EMPTY
from node.kernel.site import Site
from web import SERVICES
from web.auth import Handler
from web.pages import convert
from web.pages.frames import respond
from web.pages.views import AboutView, PartnerView, Place, RuleView, TextView
from web.rendering import assets


async def show(request: web.Request) -> web.Response:
    """The association, its partners, and how to use it from an app."""
    services = request.app[SERVICES]
    view = await services.db.read(_about, services.db.site, services.settings)
    return await respond(request, view, Place.HOME)


def text(kind: TextKind, title: str) -> Handler:
    """A handler for one of the texts that the association writes; 404 until it has done so."""

    async def handle(request: web.Request) -> web.StreamResponse:
        found = await request.app[SERVICES].db.read(instance.text_on, kind, clock.now().date())
        return await respond(request, TextView(title=title, content=found.content, since=found.day))

    return handle


def _about(conn: Connection, site: Site, settings: Settings) -> AboutView:
    today = clock.now().date()
    written = instance.written(conn, today)
    at_length = TextKind.DESCRIPTION in written
    return AboutView(
        content=instance.text_on(conn, TextKind.DESCRIPTION, today).content if at_length else EMPTY,
        rules=tuple(RuleView(text=rule.text, hint=rule.hint) for rule in instance.all_rules(conn)),
        has_privacy=TextKind.PRIVACY in written,
        has_terms=TextKind.TERMS in written,
        contact_email=settings.contact_email,
        members_count=actors.local_count(conn),
        posts_count=posts.local_count(conn),
        association=convert.person(site, actors.association(conn)),
        partners=tuple(
            PartnerView(name=partner.association.name, domain=partner.association.domain)
            for partner in relationships.partners(conn)
            if partner.active
        ),
    )


async def static_file(request: web.Request) -> web.Response:
    """A style sheet, script or mark, under a name that changes with its content, so that it can be kept for good."""
    found = assets(request.app[SERVICES].settings.accent).find(request.path)
    if found is None:
        raise NotFound
    return web.Response(
        body=found.content,
        headers={"Content-Type": found.content_type, "Cache-Control": "public, max-age=31536000, immutable"},
    )


async def robots(_request: web.Request) -> web.Response:
    """Search engines are asked to stay out of people's pages; what the association publishes is theirs to find."""
    text = "User-agent: *\nDisallow: /@\nDisallow: /people\nDisallow: /tags\nAllow: /about\nAllow: /events\n"
    return web.Response(text=text, content_type="text/plain")


async def parts(request: web.Request) -> web.Response:
    """Every part of the pages with invented content, for whoever works on them; in testing mode only."""
    if not request.app[SERVICES].settings.testing:
        raise NotFound
    from web.pages.samples import PARTS

    return await respond(request, PARTS)
