# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member's own dues: how they stand, how to pay, "I have paid", and receipts."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import actors, contacts, dues
from node.actors import ActorId
from node.dues import KEEPERS, Audience, badges, couples, links, papers, wording
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotFound, TooMany
from node.kernel.paging import Page
from node.members import Member
from web import SERVICES, auth, csrf, params
from web.frames import locale_of
from web.pages.cv_section import LEVELS
from web.pages.dues_views import CoupleView, DuesPayView, DuesReceiptView, DuesView, MoneyValues, NameRow
from web.pages.dues_words import METHODS, money, money_values, payment_row, plan_row, standing_row, today
from web.pages.frames import done, fault, fault_status, respond
from web.pages.views import Fault, Place

MAX_CONTACTS: Final = 500
"""Contacts among whom one chooses with whom to pay; whoever has more can be asked by them."""


async def show(request: web.Request) -> web.Response:
    """One's own dues."""
    return await respond(request, await _page(request, await auth.visiting_member(request)), Place.ME)


async def announce(request: web.Request) -> web.StreamResponse:
    """Say that one has paid."""
    await csrf.check(request)
    member = await auth.visiting_member(request)
    db = request.app[SERVICES].db
    values = money_values(await params.read(request))
    try:
        plans = {str(plan.id): plan for plan in await db.read(dues.plans)}
        await db.write(dues.announce, member.id, money(values, plans), today(request))
    except (Invalid, Conflict, TooMany) as refusal:
        view = await _page(request, member, values, fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done("/dues", "announced")


async def rename(request: web.Request) -> web.StreamResponse:
    """Name and address for receipts to come."""
    await csrf.check(request)
    member = await auth.visiting_member(request)
    given = await params.read(request)
    name, address = given.text("receipt_name") or "", given.text("receipt_address") or ""
    await request.app[SERVICES].db.write(dues.set_receipt_name, member.id, name, address)
    return done("/dues", "saved")


async def reminders(request: web.Request) -> web.StreamResponse:
    """No reminders for a year, or reminders again."""
    await csrf.check(request)
    member = await auth.visiting_member(request)
    wanted = (await params.read(request)).flag("wanted")
    await request.app[SERVICES].db.write(dues.set_reminders, member.id, today(request), wanted=wanted)
    return done("/dues", "saved")


async def badge(request: web.Request) -> web.StreamResponse:
    """To whom one's page shows that one's dues are paid."""
    await csrf.check(request)
    member = await auth.visiting_member(request)
    level = (await params.read(request)).integer("level")
    await request.app[SERVICES].db.write(badges.set_badge, member.id, -1 if level is None else level)
    return done("/dues", "saved")


async def ask_partner(request: web.Request) -> web.StreamResponse:
    """Ask a contact to pay together."""
    await csrf.check(request)
    member = await auth.visiting_member(request)
    number = (await params.read(request)).integer("with") or 0

    def write(tx: Tx) -> None:
        couples.ask(tx, member.actor, actors.get(tx.conn, number))

    await request.app[SERVICES].db.write(write)
    return done("/dues", "saved")


def answering(answer: Callable[[Tx, ActorId, ActorId], None]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Say yes or no to somebody who would like to pay together."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await csrf.check(request)
        member = await auth.visiting_member(request)
        await request.app[SERVICES].db.write(answer, ActorId(int(request.match_info["actor_id"])), member.id)
        return done("/dues", "saved")

    return handle


agree = answering(couples.agree)
decline = answering(couples.decline)


async def part(request: web.Request) -> web.StreamResponse:
    """Pay together no more, or ask no more."""
    await csrf.check(request)
    member = await auth.visiting_member(request)
    await request.app[SERVICES].db.write(couples.end, member.id)
    return done("/dues", "saved")


async def how_to_pay(request: web.Request) -> web.Response:
    """How to pay, by the link of a reminder; nobody need be logged in, and nobody is named."""
    services = request.app[SERVICES]
    visitor = await auth.visitor(request)
    locale = locale_of(request, visitor.member if visitor is not None else None)
    day = today(request)
    found = await services.db.read(links.how_to_pay, services.db.site, request.match_info["token"], clock.now(), day)
    view = DuesPayView(
        plan=found.plan.name,
        amount=wording.figures(found.price, found.plan.currency, locale),
        offered=found.plan.is_on(day),
        how_to_pay=found.text,
    )
    answer = await respond(request, view)
    # The address is a key: no page that is opened from here learns it, and no search engine.
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


async def receipt(request: web.Request) -> web.Response:
    """A receipt, for whom it was made out to and for those who keep the accounts; theirs is marked as a duplicate."""
    found, duplicate = await _receipt(request)
    document = found.document
    view = DuesReceiptView(
        id=found.id,
        locale=document["locale"],
        title=document["title"],
        issuer=tuple(document["issuer"]),
        rows=tuple((label, value) for label, value in document["rows"]),
        foot=document["foot"],
        duplicate=document["duplicate"] if duplicate else "",
    )
    return await respond(request, view, Place.ME)


async def paper(request: web.Request) -> web.StreamResponse:
    """The same as a PDF; where no font has its letters, the page, which can be printed."""
    found, duplicate = await _receipt(request)
    made = await asyncio.to_thread(papers.pdf, found.document, found.issued_on, duplicate=duplicate)
    if made is None:
        return done(f"/dues/receipts/{found.id}", "print")
    return web.Response(
        body=made,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{papers.name(found.kind, found.number)}"',
            "Cache-Control": "private, no-store",
        },
    )


async def _receipt(request: web.Request) -> tuple[dues.Receipt, bool]:
    """Raises NotFound for somebody else's, as for one that is not there."""
    member = await auth.visiting_member(request)
    found = await request.app[SERVICES].db.read(dues.receipt, int(request.match_info["number"]))
    if found.person_id == member.id:
        return found, False
    if KEEPERS & member.roles:
        return found, True
    raise NotFound


async def _page(
    request: web.Request, member: Member, values: MoneyValues | None = None, faults: tuple[Fault, ...] = ()
) -> DuesView:
    day = today(request)

    def read(conn: Connection) -> DuesView:
        who = dues.standing(conn, member.id, day)
        said = dues.association(conn)
        offered = dues.offered_to(conn, who, day)
        is_for_couples = any(plan.offer.audience is Audience.COUPLE for plan in offered)
        return DuesView(
            standing=standing_row(who),
            reference=dues.reference_of(member.id),
            how_to_pay=said.how_to_pay,
            couple=_couple(conn, member.id, anybody=is_for_couples),
            badge=who.badge if said.badges else None,
            levels=tuple(LEVELS.items()),
            plans=tuple(plan_row(plan, member.locale, who, day) for plan in offered),
            payments=tuple(payment_row(payment, member.locale) for payment in dues.payments_of(conn, member.id)),
            methods=METHODS,
            values=values or MoneyValues(paid_on=day.isoformat()),
            receipt_name=who.receipt_name,
            receipt_address=who.receipt_address,
            no_reminders_until=(
                who.no_reminders_until if who.no_reminders_until and who.no_reminders_until >= day else None
            ),
            keeper=bool(KEEPERS & member.roles),
            faults=faults,
        )

    return await request.app[SERVICES].db.read(read)


def _couple(conn: Connection, person_id: ActorId, *, anybody: bool) -> CoupleView | None:
    """Nothing where nothing is for couples and nobody has asked."""
    found = couples.of(conn, person_id)
    if not anybody and found == couples.Couple():
        return None
    free = found.partner is None
    known = contacts.of(conn, person_id, Page(limit=MAX_CONTACTS)) if free else []
    return CoupleView(
        partner=found.partner.name if found.partner is not None else "",
        asked=found.asked.name if found.asked is not None else "",
        asking=tuple(NameRow(who.id, who.name) for who in found.asking) if free else (),
        contacts=tuple(
            sorted((NameRow(who.id, who.name) for _, who in known if who.is_local), key=lambda row: row.name)
        ),
    )
