# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secretary's page of invitations: who was invited by whom, how far it is, another one, and taking one back."""

from dataclasses import replace
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, members, roster, schools
from node.kernel.db import long_read
from node.kernel.errors import Conflict, Invalid
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.members import InvitationState
from web import SERVICES, csrf, params
from web.pages import convert
from web.pages.frames import done, fault, fault_status, respond
from web.pages.invitation_views import InvitationsView, InvitationView
from web.pages.roster import keeper

PAGE: Final = "/staff/invitations"
STATES: Final = {
    InvitationState.CREATED: marked("Made, not sent yet"),
    InvitationState.SENT: marked("Sent"),
    InvitationState.OPENED: marked("Opened"),
    InvitationState.BOUNCED: marked("The letter came back"),
    InvitationState.USED: marked("Used"),
    InvitationState.EXPIRED: marked("Expired"),
    InvitationState.REVOKED: marked("Taken back"),
}
_ALIVE: Final = (InvitationState.CREATED, InvitationState.SENT, InvitationState.OPENED)
_MOST: Final = 40


async def show(request: web.Request) -> web.Response:
    """The invitations, the latest first."""
    await keeper(request)
    return await respond(request, await _view(request))


async def invite(request: web.Request) -> web.StreamResponse:
    """Write to somebody in the association's name."""
    await csrf.check(request)
    member = await keeper(request)
    given = await params.read(request)
    email, year, school = (given.text(name) or "" for name in ("email", "class_year", "school"))
    try:
        class_year = _year(year.strip())
        await request.app[SERVICES].db.write(roster.invite, member, email, class_year=class_year, school=school or None)
    except (Invalid, Conflict) as refusal:
        view = await _view(request)
        view = replace(view, email=email, class_year=year, school=school, faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done(PAGE, "invited")


async def revoke(request: web.Request) -> web.StreamResponse:
    """Take one back."""
    await csrf.check(request)
    member = await keeper(request)
    try:
        await request.app[SERVICES].db.write(members.revoke_invitation, member, int(request.match_info["number"]))
    except Conflict as refusal:
        view = replace(await _view(request), faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done(PAGE, "taken-back")


def _year(typed: str) -> int | None:
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
        raise Invalid(marked("Please give the class as a year of four digits."), field="class_year")
    return int(typed) if typed else None


async def _view(request: web.Request) -> InvitationsView:
    db = request.app[SERVICES].db
    return await db.read(_read, db.site, params.query(request).number("before"))


@long_read
def _read(conn: Connection, site: Site, before: int | None) -> InvitationsView:
    found = members.all_invitations(conn, limit=_MOST, before=before)
    known = actors.by_ids(conn, {one.created_by for one in found if one.created_by is not None})
    names = roster.invited_names(conn, [one.id for one in found])
    served = schools.names(conn)
    return InvitationsView(
        invitations=tuple(
            InvitationView(
                id=one.id,
                whom=" · ".join(part for part in (names.get(one.id, ""), one.email or "") if part),
                state=STATES[one.state],
                since=one.since,
                created_at=one.created_at,
                expires_at=one.expires_at,
                by=convert.person(site, known[one.created_by]) if one.created_by in known else None,
                class_year=one.class_year,
                school=one.school or "" if len(served) > 1 or one.school not in served else "",
                uses=one.uses,
                max_uses=one.max_uses,
                may_revoke=one.state in _ALIVE,
            )
            for one in found
        ),
        older=f"{PAGE}?before={found[-1].id}" if len(found) == _MOST else "",
        has_mail=site.has_mail,
        schools=tuple(served) if len(served) > 1 else (),
    )
