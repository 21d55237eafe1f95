# SPDX-License-Identifier: AGPL-3.0-or-later
"""Contacts on the pages: asking somebody, answering, and who they are."""

from collections.abc import Callable
from dataclasses import replace

from aiohttp import web
from sqlalchemy import Connection

from node import actors, contacts, relationships
from node.actors import Actor, ActorId
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotFound, TooMany
from node.kernel.paging import Page
from node.kernel.site import Site
from node.members import Member
from web import SERVICES, auth, params
from web.auth import Handler
from web.pages import convert
from web.pages.contact_views import ContactAskView, ContactsView, RequestView
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.paging import asked, neighbours
from web.pages.views import Place


async def show(request: web.Request) -> web.Response:
    """One's contacts."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    view = await services.db.read(_contacts, services.db.site, member, asked(request))
    return await respond(request, view, Place.PEOPLE)


def _contacts(conn: Connection, site: Site, member: Member, page: Page) -> ContactsView:
    now = clock.now()
    found = contacts.of(conn, member.id, page)
    newer, older = neighbours("/contacts", [number for number, _ in found], page)
    return ContactsView(
        waiting=tuple(_request(site, one) for one in contacts.waiting(conn, member.id, now)),
        asked=tuple(_request(site, one) for one in contacts.asked(conn, member.id, now)),
        people=convert.people(conn, site, [person for _, person in found], member.id),
        count=contacts.count(conn, member.id),
        newer=newer,
        older=older,
    )


def _request(site: Site, one: contacts.Request) -> RequestView:
    return RequestView(
        person=convert.person(site, one.person), asked_at=one.asked_at, message=one.message, how_met=one.how_met
    )


async def form(request: web.Request) -> web.Response:
    """The form to ask somebody."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    view = await services.db.read(_form, services.db.site, member.id, _number(request))
    return await respond(request, view, Place.PEOPLE)


def _form(conn: Connection, site: Site, viewer: ActorId, number: int) -> ContactAskView:
    other = actors.get(conn, number)
    hidden = relationships.is_blocked_between(conn, viewer, other.id)
    if other.id == viewer or not other.is_local or not other.is_active or hidden:
        raise NotFound
    return ContactAskView(person=convert.person(site, other))


async def ask(request: web.Request) -> web.StreamResponse:
    """Ask somebody."""
    actor = await acting(request)
    services = request.app[SERVICES]
    given = await params.read(request)
    message, how_met = given.text("message") or "", given.text("how_met") or ""

    def write(tx: Tx) -> tuple[Actor, contacts.State]:
        target = actors.get(tx.conn, _number(request))
        return target, contacts.ask(tx, actor, target, message=message, how_met=how_met)

    try:
        target, state = await services.db.write(write)
    except (Invalid, Conflict, TooMany) as refusal:
        view = await services.db.read(_form, services.db.site, actor.id, _number(request))
        view = replace(view, message=message, how_met=how_met, faults=fault(refusal))
        return await respond(request, view, Place.PEOPLE, status=fault_status(refusal))
    return done(f"/@{target.acct}", "in-contact" if state is contacts.State.CONFIRMED else "contact-asked")


async def accept(request: web.Request) -> web.StreamResponse:
    """Say yes."""
    actor = await acting(request)
    follow = (await params.read(request)).flag("follow")

    def write(tx: Tx) -> None:
        contacts.accept(tx, actor, actors.get(tx.conn, _number(request)), follow=follow)

    await request.app[SERVICES].db.write(write)
    return done("/contacts", "in-contact")


def answering(act: Callable[[Tx, Actor, Actor], None], what: str) -> Handler:
    """Say no, take back, or end."""

    async def handle(request: web.Request) -> web.StreamResponse:
        actor = await acting(request)

        def write(tx: Tx) -> None:
            act(tx, actor, actors.get(tx.conn, _number(request)))

        await request.app[SERVICES].db.write(write)
        return done("/contacts", what)

    return handle


def _number(request: web.Request) -> int:
    return int(request.match_info["actor_id"])
