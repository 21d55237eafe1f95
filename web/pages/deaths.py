# SPDX-License-Identifier: AGPL-3.0-or-later
"""Saying that a member has died, and the secretary's pages on which it is decided."""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import Connection

from node import actors
from node.actors import Actor
from node.kernel import clock
from node.kernel.db import Tx, long_read
from node.kernel.errors import Conflict, Invalid, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.members import Member
from node.moderation import deaths, seconding, tips, wishes
from node.moderation.deaths import Death, State
from node.moderation.wishes import Wish
from web import SERVICES, auth, csrf, params
from web.auth import Handler
from web.pages import convert
from web.pages.death_views import DeathLineView, DeathReportView, DeathsView, DeathView, ToldView
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.moderation import proposer
from web.pages.views import Fault

WISHES: Final = {
    Wish.KEEP: marked("They wished the account to be kept as a memorial."),
    Wish.DELETE: marked("They wished the account to be deleted: it is hidden from everybody until then."),
    Wish.HAND: marked("They wished you to speak with somebody about it."),
}


async def ask(request: web.Request) -> web.Response:
    """The form of whoever knows that somebody has died; of a memorial there is nothing to tell."""
    member = await auth.visiting_member(request)
    target = await request.app[SERVICES].db.read(actors.get, int(request.match_info["actor_id"]))
    if target.memorial:
        return done(f"/@{target.acct}")
    return await respond(request, await _form(request, member))


async def _form(
    request: web.Request, member: Member, source: str = "", faults: tuple[Fault, ...] = ()
) -> DeathReportView:
    services = request.app[SERVICES]
    target = await services.db.read(actors.get, int(request.match_info["actor_id"]))
    if not target.is_local or target.id == member.id or target.is_hidden:
        raise NotFound
    return DeathReportView(person=convert.person(services.db.site, target), source=source, faults=faults)


async def report(request: web.Request) -> web.StreamResponse:
    """Take it; what cannot be used comes back as it was typed."""
    actor = await acting(request)
    source = (await params.read(request)).text("source") or ""
    target_id = int(request.match_info["actor_id"])

    def write(tx: Tx) -> str:
        target = actors.get(tx.conn, target_id)
        deaths.report(tx, actor, target, source)
        return f"/@{target.acct}"

    try:
        return done(await request.app[SERVICES].db.write(write), "told")
    except (Invalid, TooMany) as refusal:
        view = await _form(request, await auth.visiting_member(request), source, fault(refusal))
        return await respond(request, view, status=fault_status(refusal))


async def decider(request: web.Request) -> Member:
    """The secretary or administrator who is logged in. Raises LoginNeeded, NotAllowed."""
    member = await auth.visiting_member(request)
    deaths.check_decider(member.roles)
    return member


async def index(request: web.Request) -> web.Response:
    """What waits, and the memorials."""
    await decider(request)
    services = request.app[SERVICES]
    return await respond(request, await services.db.read(_index, services.db.site))


@long_read
def _index(conn: Connection, site: Site) -> DeathsView:
    waiting, remembered = deaths.waiting(conn), deaths.remembered(conn)
    known = actors.by_ids(conn, {one.member_id for one in (*waiting, *remembered)})
    return DeathsView(
        told=tuple(
            ToldView(
                id=one.id,
                name=one.name,
                source=one.source,
                email=one.email,
                when=one.told_at,
                search=f"/people?{urlencode({'q': one.name})}",
            )
            for one in tips.waiting(conn)
        ),
        waiting=_lines(site, waiting, known),
        remembered=_lines(site, remembered, known),
    )


def _lines(site: Site, found: Sequence[Death], known: dict[int, Actor]) -> tuple[DeathLineView, ...]:
    return tuple(
        DeathLineView(
            person=convert.person(site, known[one.member_id]), when=one.decided_at or one.reported_at, source=one.source
        )
        for one in found
        if one.member_id in known
    )


async def settle(request: web.Request) -> web.StreamResponse:
    """What was told from outside has been dealt with."""
    await csrf.check(request)
    staff = await decider(request)
    await request.app[SERVICES].db.write(tips.settle, staff, int(request.match_info["number"]))
    return done("/staff/deaths", "saved")


async def show(request: web.Request) -> web.Response:
    """One member, and what can be decided."""
    return await respond(request, await _death(request, await decider(request)))


async def _death(request: web.Request, staff: Member, words: str = "", faults: tuple[Fault, ...] = ()) -> DeathView:
    services = request.app[SERVICES]
    actor_id = int(request.match_info["actor_id"])
    return await services.db.read(_view, services.db.site, staff, actor_id, words, faults)


def _view(
    conn: Connection, site: Site, staff: Member, actor_id: int, words: str, faults: tuple[Fault, ...]
) -> DeathView:
    target = actors.get(conn, actor_id)
    if not target.is_local or (target.is_hidden and target.away_since is None):
        raise NotFound
    found = deaths.latest(conn, target.id)
    view = DeathView(person=convert.person(site, target), words=words, faults=faults)
    if found is None:
        return view
    who = actors.by_ids(conn, {number for number in (found.reported_by, found.decided_by) if number is not None})
    reporter, decided_by = who.get(found.reported_by or 0), who.get(found.decided_by or 0)
    may_undo = found.may_be_undone(clock.now()) and found.decided_at is not None
    # Read by nobody before it is certain.
    wished = wishes.of(conn, target.id) if target.memorial else None
    return DeathView(
        person=view.person,
        reported=found.state is State.REPORTED,
        memorial=target.memorial,
        until=found.decided_at + deaths.REVERSIBLE if may_undo and found.decided_at is not None else None,
        source=found.source,
        reporter=convert.person(site, reporter) if reporter is not None else None,
        reported_at=found.reported_at,
        reason=found.reason,
        decided_by=convert.person(site, decided_by) if decided_by is not None else None,
        decided_at=found.decided_at,
        wish=WISHES[wished.wish] if wished is not None else "",
        wished=wished.words if wished is not None else "",
        removal=found.removal_at if target.memorial else None,
        may_purge=target.memorial and staff.is_admin,
        proposed_by=proposer(conn, site, target.id),
        mine=seconding.proposed_by(conn, target.id, clock.now()) == staff.id,
        words=words,
        faults=faults,
    )


def deciding(decide: Callable[[Tx, Member, Actor, str], bool | None], *, ends: bool = False) -> Handler:
    """A handler for one of the decisions, each of which has a reason; after one that `ends` all there is no page of it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await csrf.check(request)
        staff = await decider(request)
        reason = (await params.read(request)).text("reason") or ""
        actor_id = int(request.match_info["actor_id"])
        try:
            decided = await request.app[SERVICES].db.write(
                lambda tx: decide(tx, staff, actors.get(tx.conn, actor_id), reason)
            )
        except (Invalid, Conflict) as refusal:
            view = await _death(request, staff, reason, fault(refusal))
            return await respond(request, view, status=fault_status(refusal))
        if ends and decided:
            return done("/staff/deaths", "deleted")
        return done(f"/staff/deaths/{actor_id}", "two-admins" if ends else "saved")

    return handle
