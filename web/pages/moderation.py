# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the staff decides about people and domains, and what a member can say to a decision."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import access, actors, digests, moderation, privacy, roster
from node.access import Purpose
from node.actors import Actor, ActorType
from node.federation import hosts
from node.kernel import audit, clock
from node.kernel.db import Tx, long_read
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from node.kernel.i18n import marked
from node.kernel.paging import Page
from node.kernel.site import Site
from node.members import Member
from node.moderation import APPEAL_WITHIN, Decision, Sanction, chain, domains, seconding
from node.moderation.domains import Imported
from web import SERVICES, auth, csrf, params
from web.auth import Handler
from web.errors import TooLarge
from web.pages import convert
from web.pages.frames import acting, done, fault, fault_status, file_of, respond, staff_acting, visiting_staff
from web.pages.moderation_views import (
    AppealsView,
    AppealView,
    DecisionView,
    DomainsView,
    LogLineView,
    LogView,
    StaffPeopleView,
    StaffPersonView,
    StandingView,
)
from web.pages.paging import asked, neighbours
from web.pages.views import PersonView, Place
from web.params import Params

WHAT: Final = {
    Sanction.WARN: marked("Warning"),
    Sanction.LIMIT: marked("Limited"),
    Sanction.SUSPEND: marked("Suspended"),
}
DONE: Final = {
    "take": marked("A report was taken in hand"),
    "dismiss": marked("A report was dismissed"),
    "act": marked("A report was acted on"),
    "warn": marked("Warned"),
    "limit": marked("Limited"),
    "unlimit": marked("Limited no more"),
    "suspend": marked("Suspended"),
    "unsuspend": marked("Suspended no more"),
    "delete": marked("Deleted for good"),
    "memorial": marked("Made a memorial"),
    "unmemorial": marked("Made a memorial no more"),
    "alive": marked("Found to be alive, or not known"),
    "propose": marked("Proposed to delete an account"),
    "withdraw": marked("A proposal to delete an account was withdrawn"),
    "tip": marked("A death told from outside was dealt with"),
    "purge": marked("A memorial was deleted, as heirs asked"),
    "grant": marked("An appeal was granted"),
    "refuse": marked("An appeal was refused"),
    "block": marked("A domain was blocked"),
    "unblock": marked("A domain was unblocked"),
}
HOLDS: Final = marked("It holds.")
WAITS: Final = marked("The appeal waits for an answer.")
REFUSED: Final = marked("The appeal was read, and the decision holds.")
GRANTED: Final = marked("Taken back after an appeal.")
ENDED: Final = marked("Taken back.")


def _decision(one: Decision, by: Actor | None = None, *, site: Site | None = None, appealing: bool) -> DecisionView:
    if one.granted:
        outcome = GRANTED
    elif one.ended_at is not None:
        outcome = ENDED
    elif one.waits:
        outcome = WAITS
    else:
        outcome = REFUSED if one.answered_at is not None else HOLDS
    may_appeal = one.ended_at is None and one.appealed_at is None and clock.now() - one.created_at <= APPEAL_WITHIN
    return DecisionView(
        id=one.id,
        what=WHAT[one.kind],
        reason=one.text,
        when=one.created_at,
        outcome=outcome,
        appeal=one.appeal or "",
        may_appeal=appealing and may_appeal,
        by=convert.person(site, by) if site is not None and by is not None else None,
    )


# -- whom it is about -------------------------------------------------------------------------------------------------


async def show_appeal(request: web.Request) -> web.Response:
    """What was decided about somebody, by the link of a letter or of the login page. Looking at it uses nothing up."""
    token = request.match_info["token"]
    services = request.app[SERVICES]
    member = await services.db.read(_by_link, token)
    view = await services.db.read(_standing, member, f"/appeal/{token}")
    return _without_a_trace(await respond(request, view, Place.ME))


async def appeal(request: web.Request) -> web.StreamResponse:
    """Take the answer of somebody who may not be able to log in."""
    await csrf.check(request)
    token = request.match_info["token"]
    member = await request.app[SERVICES].db.read(_by_link, token)
    return _without_a_trace(await _take_appeal(request, member, f"/appeal/{token}"))


async def show_standing(request: web.Request) -> web.Response:
    """The same for a member who is logged in."""
    member = await auth.visiting_member(request)
    view = await request.app[SERVICES].db.read(_standing, member, "/settings/standing")
    return await respond(request, view, Place.ME)


async def answer_standing(request: web.Request) -> web.StreamResponse:
    """Take their answer."""
    await acting(request)
    return await _take_appeal(request, await auth.visiting_member(request), "/settings/standing")


def _by_link(conn: Connection, token: str) -> Member:
    return access.find_link(conn, Purpose.APPEAL, token).member


def _standing(conn: Connection, member: Member, action: str) -> StandingView:
    found = moderation.decisions_about(conn, member.id)
    return StandingView(
        decisions=tuple(_decision(one, appealing=True) for one in found),
        action=action,
        suspended=member.suspended_at is not None,
    )


async def _take_appeal(request: web.Request, member: Member, action: str) -> web.Response:
    given = await params.read(request)
    services = request.app[SERVICES]
    words = given.text("words") or ""
    try:
        await services.db.write(moderation.appeal, member, given.number("decision") or 0, words)
    except (Invalid, Conflict) as refusal:
        before = await services.db.read(_standing, member, action)
        view = StandingView(
            decisions=before.decisions,
            action=action,
            suspended=before.suspended,
            words=words,
            faults=fault(refusal),
        )
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done(action, "appealed")


def _without_a_trace(response: web.Response) -> web.Response:
    """The address holds a secret: it is told to no other page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


# -- the staff --------------------------------------------------------------------------------------------------------


async def people(request: web.Request) -> web.Response:
    """Who is limited or suspended."""
    await visiting_staff(request)
    services = request.app[SERVICES]
    return await respond(request, await services.db.read(_people, services.db.site))


@long_read
def _people(conn: Connection, site: Site) -> StaffPeopleView:
    suspended, limited = moderation.under_sanction(conn)
    greedy = audit.lately(conn, "too_many", clock.now() - timedelta(days=30))
    known = actors.by_ids(conn, greedy)
    return StaffPeopleView(
        suspended=tuple(convert.person(site, one) for one in suspended),
        limited=tuple(convert.person(site, one) for one in limited),
        unreachable=tuple(convert.person(site, one) for one in digests.unreachable(conn, site)),
        greedy=tuple(convert.person(site, known[number]) for number in greedy if number in known),
    )


async def show_person(request: web.Request) -> web.Response:
    """Somebody, and what can be decided about them."""
    staff = await visiting_staff(request)
    services = request.app[SERVICES]
    given = params.query(request)
    actor_id = int(request.match_info["actor_id"])
    view = await services.db.read(_person, services.db.site, staff, actor_id, given)
    if "@" not in view.person.acct:
        await services.db.write(privacy.looked, staff.id, actor_id, privacy.Seen.RECORD)
    return await respond(request, view, Place.PEOPLE)


def _person(
    conn: Connection, site: Site, staff: Member, actor_id: int, given: Params, refusal: Invalid | None = None
) -> StaffPersonView:
    target = actors.get(conn, actor_id)
    if target.is_hidden:
        raise NotFound
    found = moderation.decisions_about(conn, target.id)
    by = actors.by_ids(conn, {one.staff_id for one in found if one.staff_id is not None})
    ours = target.suspended_at is not None and not target.suspended_elsewhere
    report = given.number("report")
    return StaffPersonView(
        person=convert.person(site, target),
        decisions=tuple(
            _decision(one, by.get(one.staff_id) if one.staff_id is not None else None, site=site, appealing=False)
            for one in found
        ),
        limited=target.limited_at is not None,
        suspended=ours,
        suspended_elsewhere=target.suspended_elsewhere,
        may_decide=moderation.may_decide(conn, staff, target),
        revoked=ours and target.is_local and roster.is_revoked(conn, target.id),
        decides_who_joins=bool(roster.DECIDERS & staff.roles),
        may_give_roles=staff.is_admin and target.is_local and target.type is ActorType.PERSON,
        may_delete=ours and staff.is_admin,
        proposed_by=proposer(conn, site, target.id),
        mine=seconding.proposed_by(conn, target.id, clock.now()) == staff.id,
        kind=given.text("kind") or Sanction.WARN,
        reason=given.text("reason") or "",
        report=str(report) if report is not None else "",
        faults=fault(refusal) if refusal is not None else (),
    )


def proposer(conn: Connection, site: Site, actor_id: int) -> PersonView | None:
    """Who proposes to delete an account."""
    number = seconding.proposed_by(conn, actor_id, clock.now())
    return convert.person(site, actors.get(conn, number)) if number is not None else None


async def decide(request: web.Request) -> web.StreamResponse:
    """Warn, limit or suspend; a report that it answers is dealt with thereby."""
    staff = await staff_acting(request)
    given = await params.read(request)
    services = request.app[SERVICES]
    actor_id, report = int(request.match_info["actor_id"]), given.number("report")
    said = given.text("kind")
    kind = Sanction(said) if said in set(Sanction) else Sanction.WARN

    def write(tx: Tx) -> None:
        target = actors.get(tx.conn, actor_id)
        answers = moderation.find_report(tx.conn, report, target) if report is not None else None
        moderation.decide(tx, staff, target, kind, given.text("reason") or "", report_id=answers)
        if answers is not None:
            moderation.act(tx, staff, answers)

    try:
        await services.db.write(write)
    except Invalid as refusal:
        view = await services.db.read(_person, services.db.site, staff, actor_id, given, refusal)
        return await respond(request, view, Place.PEOPLE, status=fault_status(refusal))
    return done(f"/staff/people/{actor_id}", "saved")


def lifting(kind: Sanction) -> Handler:
    """A handler for taking a limit or a suspension back."""

    async def handle(request: web.Request) -> web.StreamResponse:
        staff = await staff_acting(request)
        actor_id = int(request.match_info["actor_id"])
        await request.app[SERVICES].db.write(lambda tx: moderation.lift(tx, staff, actors.get(tx.conn, actor_id), kind))
        return done(f"/staff/people/{actor_id}", "saved")

    return handle


async def delete(request: web.Request) -> web.StreamResponse:
    """Delete the account of somebody who is suspended; the box says that it is meant."""
    staff = await staff_acting(request)
    actor_id = int(request.match_info["actor_id"])
    if not (await params.read(request)).flag("sure"):
        return done(f"/staff/people/{actor_id}")
    deleted = await request.app[SERVICES].db.write(
        lambda tx: moderation.delete_for_good(tx, staff, actors.get(tx.conn, actor_id))
    )
    return done("/staff/people", "deleted") if deleted else done(f"/staff/people/{actor_id}", "two-admins")


async def withdraw(request: web.Request) -> web.StreamResponse:
    """Take back, or say no to, what an administrator proposes to delete."""
    staff = await staff_acting(request)
    actor_id = int(request.match_info["actor_id"])
    await request.app[SERVICES].db.write(lambda tx: seconding.withdraw(tx, staff, actors.get(tx.conn, actor_id)))
    return done("/staff/log", "saved")


async def log(request: web.Request) -> web.Response:
    """What the staff did."""
    await visiting_staff(request)
    services = request.app[SERVICES]
    return await respond(request, await services.db.read(_log, services.db.site, asked(request)))


@long_read
def _log(conn: Connection, site: Site, page: Page) -> LogView:
    found = moderation.log(conn, page)
    known = actors.by_ids(conn, {n for _, one in found for n in (one.actor_id, one.target_id) if n is not None})

    def person(number: int | None) -> PersonView | None:
        return convert.person(site, known[number]) if number is not None and number in known else None

    newer, older = neighbours("/staff/log", [number for number, _ in found], page)
    broken = chain.first_break(conn, site)
    return LogView(
        broken=broken.position if broken is not None else 0,
        broken_at=broken.at if broken is not None else None,
        lines=tuple(
            LogLineView(
                when=one.created_at,
                what=DONE.get(one.action, one.action),
                by=person(one.actor_id),
                about=person(one.target_id),
                domain=one.domain,
            )
            for _, one in found
        ),
        newer=newer,
        older=older,
    )


async def appeals(request: web.Request) -> web.Response:
    """The appeals that wait."""
    staff = await visiting_staff(request)
    services = request.app[SERVICES]
    return await respond(request, await services.db.read(_appeals, services.db.site, staff, asked(request)))


def _appeals(conn: Connection, site: Site, staff: Member, page: Page) -> AppealsView:
    found = moderation.appeals(conn, page)
    by = actors.by_ids(conn, {one.staff_id for one, _ in found if one.staff_id is not None})
    newer, older = neighbours("/staff/appeals", [one.id for one, _ in found], page)
    return AppealsView(
        appeals=tuple(
            AppealView(
                decision=_decision(
                    one, by.get(one.staff_id) if one.staff_id is not None else None, site=site, appealing=False
                ),
                person=convert.person(site, person),
            )
            for one, person in found
        ),
        waiting=moderation.appeals_count(conn),
        may_answer=staff.is_admin,
        newer=newer,
        older=older,
    )


def answering(*, granted: bool) -> Handler:
    """A handler for the yes or no to an appeal."""

    async def handle(request: web.Request) -> web.StreamResponse:
        staff = await staff_acting(request)
        number = int(request.match_info["number"])
        await request.app[SERVICES].db.write(partial(moderation.answer, granted=granted), staff, number)
        return done("/staff/appeals", "saved")

    return handle


# -- domains ----------------------------------------------------------------------------------------------------------


async def _admin(request: web.Request, *, acting: bool = False) -> Member:
    if acting:
        await csrf.check(request)
    member = await auth.visiting_member(request)
    if not member.is_admin:
        raise NotAllowed("This page is for administrators.")
    return member


async def show_domains(request: web.Request) -> web.Response:
    """The blocked domains."""
    await _admin(request)
    return await respond(request, await _domains(request))


async def _domains(request: web.Request, **more: object) -> DomainsView:
    found = await request.app[SERVICES].db.read(hosts.blocked_with_reasons)
    return DomainsView(domains=tuple(found), **more)  # type: ignore[arg-type]  # named as the fields are


async def block_domain(request: web.Request) -> web.StreamResponse:
    """Block one; what cannot be used comes back with what was typed."""
    staff = await _admin(request, acting=True)
    given = await params.read(request)
    domain, reason = given.text("domain") or "", given.text("reason") or ""
    try:
        await request.app[SERVICES].db.write(domains.block, staff, domain, reason)
    except Invalid as refusal:
        view = await _domains(request, domain=domain, reason=reason, faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done("/staff/domains", "saved")


def of_domain(act: Callable[[Tx, Member | None, str], object], back: str) -> Handler:
    """A handler for a button beside a domain."""

    async def handle(request: web.Request) -> web.StreamResponse:
        staff = await _admin(request, acting=True)
        await request.app[SERVICES].db.write(act, staff, request.match_info["domain"])
        return done(back, "saved")

    return handle


async def export_domains(request: web.Request) -> web.Response:
    """The blocked domains as a file."""
    await _admin(request)
    text = await request.app[SERVICES].db.read(domains.export)
    return file_of(text.encode(), "blocked-domains.csv")


async def import_domains(request: web.Request) -> web.StreamResponse:
    """Block what a file names, and say how much of it that was."""
    staff = await _admin(request, acting=True)
    upload = (await params.read(request)).upload("file")
    try:
        if upload is None:
            raise Invalid("Please choose a file.", field="file")
        if len(upload.data) > domains.MAX_FILE:
            raise TooLarge
        text = upload.data.decode("utf-8-sig", errors="replace")
        done_with: Imported = await request.app[SERVICES].db.write(domains.take, staff, text)
    except Invalid as refusal:
        view = await _domains(request, faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return await respond(
        request, await _domains(request, taken=(done_with.blocked, done_with.known, done_with.passed_over))
    )
