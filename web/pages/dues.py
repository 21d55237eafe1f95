# SPDX-License-Identifier: AGPL-3.0-or-later
"""A member's own dues: how they stand, how to pay, "I have paid", and receipts."""

import asyncio

from aiohttp import web
from sqlalchemy import Connection

from node import dues
from node.dues import KEEPERS, papers
from node.kernel.errors import Conflict, Invalid, NotFound, TooMany
from node.members import Member
from web import SERVICES, auth, csrf, params
from web.pages.dues_views import DuesReceiptView, DuesView, MoneyValues
from web.pages.dues_words import METHODS, money, money_values, payment_row, plan_row, standing_row, today
from web.pages.frames import done, fault, fault_status, respond
from web.pages.views import Fault, Place


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
            "Content-Disposition": f'attachment; filename="{found.kind.replace("_", "-")}-{found.number}.pdf"',
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
        return DuesView(
            standing=standing_row(who),
            reference=dues.reference_of(member.id),
            how_to_pay=dues.association(conn).how_to_pay,
            plans=tuple(plan_row(plan, member.locale) for plan in dues.plans(conn)),
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
