# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who has a part in running the association, for administrators: who holds which role, giving and taking them."""

from collections.abc import Collection
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import members
from node.kernel.db import long_read
from node.kernel.errors import Conflict, NotAllowed, Refused
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.members import Member
from web import SERVICES, auth, params
from web.pages import convert, security
from web.pages.frames import done, fault, fault_status, respond
from web.pages.role_views import HolderView, RolesView, RoleView
from web.pages.views import Fault, Place

PAGE: Final = "/staff/roles"
ROLES: Final = {
    "delegate": (
        marked("Delegate of a class"),
        marked("Decides about newcomers of their own class, and proposes corrections of its list."),
    ),
    "event_manager": (marked("Event manager"), marked("Publishes events of the association.")),
    "moderator": (marked("Moderator"), marked("Handles reports; hides posts, limits and suspends accounts.")),
    "treasurer": (marked("Treasurer"), marked("Sees the dues of members, writes payments down, gives receipts.")),
    "secretary": (marked("Secretary"), marked("Decides about newcomers, keeps the roster, invites.")),
    "board": (marked("Board"), marked("Reads the figures of classes and of the roster.")),
    "admin": (marked("Administrator"), marked("All of this, and the settings of the node.")),
}
_NOBODY: Final = marked("Nobody here has this username.")


async def show(request: web.Request) -> web.Response:
    """Who holds which role, and somebody's roles as ticks."""
    await _admin(request)
    return await respond(request, await _view(request, (request.query.get("who") or "")[:100]))


async def save(request: web.Request) -> web.StreamResponse:
    """Take over the ticks of one person. What makes an administrator takes a proof that it is one who asks."""
    visitor = await security.sending(request)
    admin = await _admin(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    number = int(request.match_info["number"])
    person = await services.db.read(members.get, number)
    await security.check_proved(visitor, f"{PAGE}?who={person.actor.username}")
    ticked = [role for role in ROLES if given.flag(role)]
    try:
        await services.db.write(members.set_roles, admin, number, {"member", *ticked})
    except Conflict as refusal:
        view = await _view(request, person.actor.username, ticked, refusal)
        return await respond(request, view, Place.NONE, status=fault_status(refusal))
    if number == admin.id and "admin" not in ticked:
        return done("/", "saved")
    return done(PAGE, "saved")


async def _admin(request: web.Request) -> Member:
    member = await auth.visiting_member(request)
    if not member.is_admin:
        raise NotAllowed(marked("Only an administrator does this."))
    return member


async def _view(
    request: web.Request, who: str, ticked: Collection[str] | None = None, refusal: Refused | None = None
) -> RolesView:
    db = request.app[SERVICES].db
    return await db.read(_read, db.site, who, ticked, fault(refusal) if refusal is not None else ())


@long_read
def _read(
    conn: Connection, site: Site, who: str, ticked: Collection[str] | None, faults: tuple[Fault, ...]
) -> RolesView:
    chosen = members.by_login(conn, who) if who.strip() and "@" not in who.strip()[1:] else None
    if who.strip() and (chosen is None or not chosen.password_hash):
        chosen, faults = None, (Fault(message=_NOBODY, field="who"),)
    held = ticked if ticked is not None else chosen.roles if chosen is not None else ()
    return RolesView(
        holders=tuple(_holder(site, one) for one in members.holders(conn)),
        query=who,
        chosen=_holder(site, chosen) if chosen is not None else None,
        ticks=tuple(
            RoleView(word=word, name=name, meaning=meaning, held=word in held)
            for word, (name, meaning) in ROLES.items()
        ),
        faults=faults,
    )


def _holder(site: Site, member: Member) -> HolderView:
    return HolderView(
        person=convert.person(site, member.actor),
        roles=tuple(name for word, (name, _) in ROLES.items() if word in member.roles),
        lacks_class="delegate" in member.roles and member.actor.class_year is None,
    )
