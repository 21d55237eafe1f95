# SPDX-License-Identifier: AGPL-3.0-or-later
"""A bank's file on the treasurer's pages: what each line most likely is, and a yes to each.

Nothing of the file is kept on the node: what the treasurer says yes to comes back with the form.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from node import dues, members
from node.dues import Method, Money, bank, wording
from node.dues.bank import Match, Proposal
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotFound
from node.kernel.i18n import marked
from node.members import Member
from web import SERVICES, params
from web.pages.dues_staff import acting, keeper
from web.pages.dues_views import DuesBankView, LineRow, NotCounted
from web.pages.dues_words import day, plan_row, today
from web.pages.frames import fault, fault_status, respond
from web.params import Params

SHOWN: Final = 100
_MATCHES: Final = {
    Match.REFERENCE: marked("found by the word on the transfer"),
    Match.EMAIL: marked("found by the e-mail address"),
    Match.NAME: marked("found by the name: please look twice"),
    Match.NOBODY: marked("nobody was found"),
}


async def show(request: web.Request) -> web.Response:
    """Ask for a file."""
    await keeper(request)
    return await respond(request, DuesBankView())


async def read(request: web.Request) -> web.Response:
    """Show what a file holds, and whose it most likely is."""
    staff = await acting(request)
    db = request.app[SERVICES].db
    upload = (await params.read(request)).upload("file")
    try:
        if upload is None:
            raise Invalid(marked("Please choose a file."), field="file")
        currency = (await db.read(dues.association)).currency
        lines = await asyncio.to_thread(bank.read, upload.data, currency)
    except Invalid as refusal:
        return await respond(request, DuesBankView(faults=fault(refusal)), status=fault_status(refusal))
    everybody = await db.read(dues.everybody, today(request))
    plans = [plan for plan in await db.read(dues.plans) if plan.currency == currency]
    taken = await db.read(dues.taken_lines, [line.key for line in lines])
    found = await asyncio.to_thread(bank.proposals, lines, everybody, plans, taken)
    view = DuesBankView(
        looked=True,
        lines=_rows(found[:SHOWN], currency, staff),
        more=len(found) > SHOWN,
        plans=tuple(plan_row(plan, staff.locale) for plan in plans),
    )
    return await respond(request, view)


def _rows(found: Sequence[Proposal], currency: str, staff: Member) -> tuple[LineRow, ...]:
    return tuple(
        LineRow(
            place=place,
            key=one.line.key,
            paid_on=one.line.day,
            amount=wording.figures(one.line.amount, currency, staff.locale),
            value=wording.plain(one.line.amount, currency),
            text=" · ".join(part for part in (one.line.name, one.line.email, one.line.text) if part),
            username=one.who.username if one.who else "",
            person=one.who.name if one.who else "",
            match=_MATCHES[one.match],
            plan_id=one.plan.id if one.plan else 0,
            # A name alone is no proof: whoever has it twice in a family would be taken for the other.
            sure=one.match in (Match.REFERENCE, Match.EMAIL) and one.plan is not None,
        )
        for place, one in enumerate(found)
    )


async def take(request: web.Request) -> web.Response:
    """Count what was said yes to, line by line: one that cannot be counted keeps no other back."""
    staff = await acting(request)
    given = (await params.read(request)).table("line")
    counted, refused = 0, []
    for place in range(SHOWN):
        line = given.table(str(place))
        if not line.flag("yes"):
            continue
        try:
            await _take(request, staff, line)
            counted += 1
        except (Invalid, Conflict, NotFound) as refusal:
            why = marked("There is no member of that name.") if isinstance(refusal, NotFound) else refusal.message
            refused.append(NotCounted(line=str(place + 1), why=why))
    return await respond(request, DuesBankView(counted=counted, refused=tuple(refused), done=True))


async def _take(request: web.Request, staff: Member, line: Params) -> None:
    day_ = today(request)
    number = line.integer("plan") or 0
    key = line.text("key") or ""
    if len(key) != 64:
        raise Invalid(marked("Please choose what is paid."), field="key")

    def write(tx: Tx) -> None:
        plan = next((one for one in dues.plans(tx.conn) if one.id == number), None)
        if plan is None:
            raise Invalid(marked("Please choose what is paid."), field="plan")
        who = members.by_login(tx.conn, line.text("username") or "")
        if who is None:
            raise NotFound
        money = Money(
            plan_id=plan.id,
            amount=wording.parsed(line.text("amount") or "", plan.currency),
            method=Method.TRANSFER,
            paid_on=day(line.text("paid_on") or "", "paid_on"),
            reference=line.text("text") or "",
            bank_line=key,
        )
        dues.take(tx, staff.roles, staff.id, who.id, money, day_)

    await request.app[SERVICES].db.write(write)
