# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moving to this account and away from it, hiding it, and deleting it. What cannot be taken back asks for the password."""

from aiohttp import web
from sqlalchemy import Connection

from node import actors, privacy, relationships, roster
from node.actors import Actor
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Invalid, NotAllowed, Refused
from node.kernel.site import Site
from node.members import Member
from web import SERVICES, auth, params
from web.pages import convert
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.views import AccountView, Fault, Place
from web.params import Params


async def show(request: web.Request) -> web.Response:
    """The forms."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    view = await services.db.read(_account, services.db.site, member, params.query(request), ())
    return await respond(request, view, Place.ME)


def _account(conn: Connection, site: Site, member: Member, given: Params, faults: tuple[Fault, ...]) -> AccountView:
    actor = actors.get(conn, member.id)
    known = actors.by_uris(conn, actor.also_known_as)
    moved_to = actors.by_uri(conn, actor.moved_to) if actor.moved_to else None
    return AccountView(
        address=f"@{actor.username}@{site.domain}",
        aliases=tuple((uri, f"@{known[uri].acct}" if uri in known else uri) for uri in actor.also_known_as),
        moved_to=convert.person(site, moved_to) if moved_to is not None else None,
        deletes_on=clock.now() + privacy.GRACE,
        in_roster=roster.entry_of(conn, member.id) is not None,
        may_move=relationships.may_move_again(actor.moved_at, clock.now()),
        alias=given.text("alias") or "",
        target=given.text("target") or "",
        faults=faults,
    )


async def _again(request: web.Request, given: Params, refusal: Refused) -> web.Response:
    """The forms once more, with what was wrong."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    view = await services.db.read(_account, services.db.site, member, given, fault(refusal))
    return await respond(request, view, Place.ME, status=fault_status(refusal))


async def add_alias(request: web.Request) -> web.StreamResponse:
    """Name an account that one had before."""
    actor = await acting(request)
    given = await params.read(request)
    try:
        other = await _looked_up(request, given.text("alias") or "", "alias")
        await request.app[SERVICES].db.write(relationships.add_alias, actor, other)
    except Refused as refusal:
        return await _again(request, given, refusal)
    return done("/settings/account", "saved")


async def remove_alias(request: web.Request) -> web.StreamResponse:
    """Name it no longer."""
    actor = await acting(request)
    given = await params.read(request)

    def write(tx: Tx) -> None:
        relationships.remove_alias(tx, actors.get(tx.conn, actor.id), given.text("uri") or "")

    await request.app[SERVICES].db.write(write)
    return done("/settings/account", "ended")


async def move(request: web.Request) -> web.StreamResponse:
    """Move to another account."""
    actor = await acting(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    try:
        await _prove(request, given.text("move_password") or "", "move_password")
        target = await _looked_up(request, given.text("target") or "", "target")
        await services.db.write(relationships.move_away, actor, target)
    except Refused as refusal:
        return await _again(request, given, refusal)
    return done("/settings/account", "moved")


async def stay(request: web.Request) -> web.StreamResponse:
    """Say no longer that one has moved."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(relationships.stay, actor)
    return done("/settings/account", "saved")


async def hide(request: web.Request) -> web.StreamResponse:
    """Hide the account until its owner comes back, and log out."""
    await acting(request)
    given = await params.read(request)
    member = await auth.visiting_member(request)
    try:
        await _prove(request, given.text("hide_password") or "", "hide_password")
        await request.app[SERVICES].db.write(privacy.deactivate, member)
    except Refused as refusal:
        return await _again(request, given, refusal)
    response = done("/about", "hidden")
    auth.drop_session(request, response)
    return response


async def delete(request: web.Request) -> web.StreamResponse:
    """Have the account deleted in a fortnight, and log out."""
    await acting(request)
    given = await params.read(request)
    member = await auth.visiting_member(request)
    try:
        if not given.flag("sure"):
            raise Invalid("Please say that you are sure.", field="sure")
        await _prove(request, given.text("password") or "", "password")
        leaves = given.flag("leave_roster")
        await request.app[SERVICES].db.write(privacy.schedule_deletion, member, leaves_roster=leaves)
    except Refused as refusal:
        return await _again(request, given, refusal)
    response = done("/about", "leaving")
    auth.drop_session(request, response)
    return response


async def _prove(request: web.Request, password: str, field: str) -> None:
    try:
        await auth.prove(request, await auth.visiting_member(request), password)
    except NotAllowed:
        raise Invalid("This is not your password.", field=field) from None


async def _looked_up(request: web.Request, text: str, field: str) -> Actor:
    """The account with this handle or address, as its own server describes it now. Raises Invalid."""
    resolver = request.app[SERVICES].resolver
    said = text.strip()[:2048]
    found = (
        await resolver.anything(said)
        if said.startswith(("https://", "http://"))
        else await resolver.actor_by_handle(said)
    )
    if isinstance(found, Actor):
        found = await resolver.actor(found.uri, refresh=True)
    if not isinstance(found, Actor):
        raise Invalid("There is no such account.", field=field)
    return found
