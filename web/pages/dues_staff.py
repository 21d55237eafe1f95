# SPDX-License-Identifier: AGPL-3.0-or-later
"""The treasurer's pages of dues: who stands how, payments to confirm and to record, the roll, and the accountant's file."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import dues, privacy
from node.actors import ActorId
from node.dues import Ending, Standing, Status, Verb, couples, exporting
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid
from node.kernel.folding import name_key
from node.members import Member
from web import SERVICES, auth, csrf, params
from web.pages.dues_views import (
    DuesPersonView,
    DuesRollView,
    DuesStaffView,
    MoneyValues,
    RollRow,
    StatusCount,
)
from web.pages.dues_words import (
    ENDINGS,
    METHODS,
    STATUSES,
    day,
    money,
    money_values,
    payment_row,
    plan_row,
    standing_row,
    today,
)
from web.pages.frames import done, fault, fault_status, file_of, respond, way_back
from web.pages.views import Fault

PAGE: Final = 50
FIRST_YEAR: Final = 2000


async def keeper(request: web.Request) -> Member:
    """The treasurer or administrator who is logged in. Raises LoginNeeded, NotAllowed."""
    member = await auth.visiting_member(request)
    dues.check_keeper(member.roles)
    return member


async def acting(request: web.Request) -> Member:
    """The same, sending a form."""
    await csrf.check(request)
    return await keeper(request)


async def show(request: web.Request) -> web.Response:
    """All members, or those who stand in one way, and the payments that wait."""
    member = await keeper(request)
    db = request.app[SERVICES].db
    day_ = today(request)
    everybody = await db.read(dues.everybody, day_)
    status = request.query.get("status", "")
    query = request.query.get("q", "")[:100]
    chosen = [who for who in everybody if (not status or who.status == status) and _is_meant(who, query)]
    number = _page_number(request)
    tally = Counter(who.status for who in everybody)
    waiting = await db.read(dues.announced)
    view = DuesStaffView(
        counts=tuple(StatusCount(value=one, label=STATUSES[one], number=tally[one]) for one in Status if tally[one]),
        status=status if status in list(Status) else "",
        query=query,
        people=tuple(standing_row(who) for who in chosen[number * PAGE : (number + 1) * PAGE]),
        waiting=tuple(payment_row(payment, member.locale) for payment in waiting),
        year=day_.year,
        newer=_page_of(request, number - 1) if number else "",
        older=_page_of(request, number + 1) if len(chosen) > (number + 1) * PAGE else "",
        has_plans=bool(await db.read(dues.plans)),
    )
    return await respond(request, view)


def _is_meant(who: Standing, query: str) -> bool:
    key = name_key(query)
    return not query or key in name_key(who.name) or query.lower() in who.email or query.lower() == who.username.lower()


def _page_of(request: web.Request, number: int) -> str:
    return str(request.rel_url.update_query(page=number))


async def person(request: web.Request) -> web.Response:
    """One member's dues. The member can see who looked."""
    staff = await keeper(request)
    view = await _person(request, staff)
    await request.app[SERVICES].db.write(privacy.looked, staff.id, _actor(request), privacy.Seen.DUES)
    return await respond(request, view)


async def _person(
    request: web.Request, staff: Member, values: MoneyValues | None = None, faults: tuple[Fault, ...] = ()
) -> DuesPersonView:
    day_ = today(request)
    number = _actor(request)

    def read(conn: Connection) -> DuesPersonView:
        who = dues.standing(conn, number, day_)
        return DuesPersonView(
            standing=standing_row(who),
            reference=dues.reference_of(number),
            partner=partner.name if (partner := couples.of(conn, number).partner) is not None else "",
            ended=who.ended or "",
            endings=ENDINGS,
            plans=tuple(plan_row(plan, staff.locale) for plan in dues.plans(conn, closed=True)),
            payments=tuple(payment_row(payment, staff.locale) for payment in dues.payments_of(conn, number)),
            methods=METHODS,
            values=values or MoneyValues(paid_on=day_.isoformat()),
            faults=faults,
        )

    return await request.app[SERVICES].db.read(read)


async def record(request: web.Request) -> web.StreamResponse:
    """Write down a payment that has come."""
    staff = await acting(request)
    db = request.app[SERVICES].db
    values = money_values(await params.read(request))
    try:
        plans = {str(plan.id): plan for plan in await db.read(dues.plans, closed=True)}
        await db.write(
            dues.record, staff.roles, staff.id, ActorId(_actor(request)), money(values, plans), today(request)
        )
    except (Invalid, Conflict) as refusal:
        view = await _person(request, staff, values, fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done(f"/staff/dues/{_actor(request)}", "saved")


async def exempt(request: web.Request) -> web.StreamResponse:
    """Somebody need not pay, or has to again."""
    staff = await acting(request)
    given = await params.read(request)
    try:
        until = day(text, "until") if (text := given.text("until")) else None
    except Invalid as refusal:
        return await respond(
            request, await _person(request, staff, faults=fault(refusal)), status=fault_status(refusal)
        )

    def write(tx: Tx) -> None:
        dues.set_exempt(
            tx,
            staff.roles,
            staff.id,
            ActorId(_actor(request)),
            exempt=given.flag("exempt"),
            since=today(request),
            until=until,
            reason=given.text("exempt_reason") or "",
        )

    await request.app[SERVICES].db.write(write)
    return done(f"/staff/dues/{_actor(request)}", "saved")


async def end(request: web.Request) -> web.StreamResponse:
    """Somebody's membership of the association is over, or is not."""
    staff = await acting(request)
    text = (await params.read(request)).text("ended") or ""
    ending = Ending(text) if text in list(Ending) else None
    db = request.app[SERVICES].db
    await db.write(dues.set_ended, staff.roles, staff.id, ActorId(_actor(request)), ending, today(request))
    return done(f"/staff/dues/{_actor(request)}", "saved")


async def confirm(request: web.Request) -> web.StreamResponse:
    """The money has come."""
    staff = await acting(request)
    back = way_back((await params.read(request)).text("next"), "/staff/dues")
    await request.app[SERVICES].db.write(dues.confirm, staff.roles, staff.id, _number(request), today(request))
    return done(back, "saved")


async def reject(request: web.Request) -> web.StreamResponse:
    """It has not."""
    staff = await acting(request)
    given = await params.read(request)
    reason = given.text("reason") or ""
    await request.app[SERVICES].db.write(dues.reject, staff.roles, staff.id, _number(request), reason)
    return done(way_back(given.text("next"), "/staff/dues"), "saved")


def _giving_back(verb: Verb) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Refund or cancel a payment."""

    async def handle(request: web.Request) -> web.StreamResponse:
        staff = await acting(request)
        given = await params.read(request)
        db = request.app[SERVICES].db
        reason = given.text("reason") or ""
        await db.write(dues.give_back, staff.roles, staff.id, _number(request), verb, reason, today(request))
        return done(way_back(given.text("next"), "/staff/dues"), "saved")

    return handle


refund = _giving_back(Verb.REFUND)
cancel = _giving_back(Verb.CANCEL)


async def export(request: web.Request) -> web.Response:
    """The payments of a year for the accountant."""
    staff = await keeper(request)
    text = request.query.get("year", "")
    year = int(text) if text.isdecimal() and len(text) == 4 else today(request).year
    year = max(FIRST_YEAR, year)
    db = request.app[SERVICES].db
    payments = await db.read(dues.paid_between, date(year, 1, 1), date(year, 12, 31))
    people = {one.person_id for one in payments}
    await db.write(privacy.note_export, staff.id, privacy.Taken.DUES, people, rows=len(payments))
    return file_of(exporting.as_csv(payments, staff.locale), f"dues-{year}.csv")


async def roll(request: web.Request) -> web.Response:
    """Who owed nothing on a day, and may vote on it."""
    await keeper(request)
    text = request.query.get("on", "") or today(request).isoformat()
    try:
        found = await request.app[SERVICES].db.read(dues.roll, day(text, "on"))
    except Invalid as refusal:
        view = DuesRollView(day=text[:20], faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    number = _page_number(request)
    view = DuesRollView(
        day=text,
        number=len(found),
        people=tuple(
            RollRow(
                person_id=line.person_id,
                name=line.name,
                class_year=line.class_year,
                covered_until=line.covered_until,
                for_life=line.covered_until == dues.FOR_LIFE,
            )
            for line in found[number * PAGE : (number + 1) * PAGE]
        ),
        newer=_page_of(request, number - 1) if number else "",
        older=_page_of(request, number + 1) if len(found) > (number + 1) * PAGE else "",
    )
    return await respond(request, view)


async def export_roll(request: web.Request) -> web.Response:
    """The same as a table, to sign at the door. Raises Invalid."""
    staff = await keeper(request)
    on = day(request.query.get("on", ""), "on")
    db = request.app[SERVICES].db
    found = await db.read(dues.roll, on)
    people = {one.person_id for one in found}
    await db.write(privacy.note_export, staff.id, privacy.Taken.VOTERS, people, rows=len(found))
    return file_of(exporting.roll_as_csv(found, staff.locale), f"roll-{on}.csv")


def _page_number(request: web.Request) -> int:
    text = request.query.get("page", "0")
    return min(int(text), 10_000) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _actor(request: web.Request) -> int:
    return int(request.match_info["actor_id"])


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])
