# SPDX-License-Identifier: AGPL-3.0-or-later
"""The treasurer's page of what can be paid and how, and of what stands on receipts; administrators speak of gifts."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from sqlalchemy import Connection

from node import dues
from node.dues import Audience, Gifts, Offer, Period, Price, Step, Terms, wording
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid
from node.kernel.i18n import marked
from node.members import Member
from web import SERVICES, params
from web.pages.dues_staff import acting, keeper
from web.pages.dues_views import DuesPlansView, GiftsView, PlanValues
from web.pages.dues_words import AUDIENCES, PERIODS, PRICES, day, plan_row
from web.pages.frames import done, fault, fault_status, respond
from web.pages.views import Fault


async def show_plans(request: web.Request) -> web.Response:
    """What can be paid, and what stands on receipts."""
    return await respond(request, await _plans(request, await keeper(request)))


async def _plans(
    request: web.Request,
    staff: Member,
    values: PlanValues | None = None,
    faults: tuple[Fault, ...] = (),
    gifts: Gifts | None = None,
) -> DuesPlansView:
    def read(conn: Connection) -> DuesPlansView:
        said = dues.association(conn)
        return DuesPlansView(
            plans=tuple(plan_row(plan, staff.locale) for plan in dues.plans(conn, closed=True)),
            values=values or PlanValues(),
            prices=PRICES,
            periods=PERIODS,
            currencies=wording.CURRENCIES,
            currency=said.currency,
            legal_name=said.legal_name,
            legal_address=said.legal_address,
            legal_details=said.legal_details,
            how_to_pay=said.how_to_pay,
            reminders=" ".join(str(step) for step in said.reminders),
            badges=said.badges,
            audiences=AUDIENCES,
            gifts=_gifts(said.gifts if gifts is None else gifts),
            declarer=bool(dues.DECLARERS & staff.roles),
            faults=faults,
        )

    return await request.app[SERVICES].db.read(read)


async def add_plan(request: web.Request) -> web.StreamResponse:
    """Offer something to pay."""
    staff = await acting(request)
    db = request.app[SERVICES].db
    given = await params.read(request)
    values = PlanValues(**{name: given.text(name) or "" for name in PlanValues.__slots__ if name in given})
    try:
        terms = _terms(values, (await db.read(dues.association)).currency)

        def write(tx: Tx) -> None:
            dues.add_plan(tx, staff.roles, values.name, terms, _offer(values))

        await db.write(write)
    except (Invalid, Conflict) as refusal:
        view = await _plans(request, staff, values, fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done("/staff/dues/plans", "saved")


def closing(*, closed: bool) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Offer a plan no longer, or again."""

    async def handle(request: web.Request) -> web.StreamResponse:
        staff = await acting(request)

        def write(tx: Tx) -> None:
            dues.close_plan(tx, staff.roles, int(request.match_info["number"]), closed=closed)

        await request.app[SERVICES].db.write(write)
        return done("/staff/dues/plans", "saved")

    return handle


async def set_association(request: web.Request) -> web.StreamResponse:
    """What stands on receipts, and how to pay."""
    staff = await acting(request)
    given = await params.read(request)
    try:
        said = dues.Association(
            currency=given.text("currency") or "",
            legal_name=given.text("legal_name") or "",
            legal_address=given.text("legal_address") or "",
            legal_details=given.text("legal_details") or "",
            how_to_pay=given.text("how_to_pay") or "",
            reminders=_days(given.text("reminders") or ""),
            badges=given.flag("badges"),
        )
        await request.app[SERVICES].db.write(dues.set_association, staff.roles, said)
    except Invalid as refusal:
        view = await _plans(request, staff, faults=fault(refusal))
        return await respond(request, view, status=fault_status(refusal))
    return done("/staff/dues/plans", "saved")


async def declare_gifts(request: web.Request) -> web.StreamResponse:
    """An administrator declares that gifts have receipts of their own, or no longer."""
    staff = await acting(request)
    given = await params.read(request)
    said = Gifts(
        declared=given.flag("declared"),
        articles=tuple(given.texts("articles")),
        basis=given.text("basis") or "",
        signer=given.text("signer") or "",
    )
    try:
        await request.app[SERVICES].db.write(dues.declare_gifts, staff.roles, staff.id, said)
    except Invalid as refusal:
        view = await _plans(request, staff, faults=fault(refusal), gifts=said)
        return await respond(request, view, status=fault_status(refusal))
    return done("/staff/dues/plans", "saved")


def _gifts(said: Gifts) -> GiftsView:
    return GiftsView(
        declared=said.declared,
        articles=tuple((article, article in said.articles) for article in dues.ARTICLES),
        basis=said.basis,
        signer=said.signer,
    )


def _offer(values: PlanValues) -> Offer:
    if values.audience not in list(Audience):
        raise Invalid(marked("Please choose one of these."), field="audience")
    return Offer(
        for_whom=values.for_whom,
        audience=Audience(values.audience),
        young_years=_count(values.young_years, "young_years"),
        benefits=tuple(values.benefits.splitlines()),
        active_from=day(values.active_from, "active_from") if values.active_from else None,
        active_to=day(values.active_to, "active_to") if values.active_to else None,
        gift=bool(values.gift),
    )


def _terms(values: PlanValues, currency: str) -> Terms:
    if values.price not in list(Price):
        raise Invalid(marked("Please choose one of these."), field="price")
    if values.period not in list(Period):
        raise Invalid(marked("Please choose one of these."), field="period")
    begins = _day_of_year(values.begins or "01-01", "begins")
    rolls = _day_of_year(values.rolls, "rolls") if values.rolls else (None, None)
    return Terms(
        price=Price(values.price),
        amount=wording.parsed(values.amount, currency),
        period=Period(values.period),
        months=_count(values.months, "months") if values.period == Period.ROLLING else 12,
        begins_month=begins[0],
        begins_day=begins[1],
        rolls_month=rolls[0],
        rolls_day=rolls[1],
        grace_days=_count(values.grace_days, "grace_days"),
        steps=_steps(values.steps, currency) if values.price == Price.SLIDING else (),
    )


def _day_of_year(text: str, field: str) -> tuple[int, int]:
    month, _, number = text.strip().partition("-")
    return _count(month, field), _count(number, field)


def _count(text: str, field: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise Invalid(marked("Please give a number."), field=field)
    return int(text)


def _days(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(step) for step in text.replace(",", " ").split())
    except ValueError:
        raise Invalid(marked("Please give numbers of days, such as: -30 -7 1 30 60."), field="reminders") from None


def _steps(text: str, currency: str) -> tuple[Step, ...]:
    """Lines such as "2: 10.00": up to so many years after the class year, so much."""
    steps = []
    for line in text.splitlines():
        if line.strip():
            years, colon, amount = line.partition(":")
            if not colon:
                raise Invalid(marked("Please write each step as years and amount, such as 2: 10."), field="steps")
            steps.append(Step(_count(years, "steps"), wording.parsed(amount, currency, field="steps")))
    return tuple(steps)
