# SPDX-License-Identifier: AGPL-3.0-or-later
"""Dues in the words of the pages, and the forms about them read."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from node import dues
from node.dues import Audience, Ending, Method, Payment, PaymentState, Period, Plan, Price, Standing, Status, wording
from node.kernel import clock
from node.kernel.errors import Invalid
from node.kernel.i18n import marked
from web import SERVICES
from web.pages.dues_views import Choices, MoneyValues, PaymentRow, PlanRow, ReceiptRow, StandingRow, StepRow
from web.params import Params

STATUSES: Final[Mapping[Status, str]] = {
    Status.CURRENT: marked("Paid"),
    Status.DUE_SOON: marked("Paid, ends soon"),
    Status.GRACE: marked("Just ended"),
    Status.LAPSED: marked("Ended"),
    Status.DORMANT: marked("Ended long ago"),
    Status.NEVER: marked("Never paid"),
    Status.EXEMPT: marked("Need not pay"),
    Status.ENDED: marked("No longer a member of the association"),
    Status.DECEASED: marked("Deceased"),
}
STATES: Final[Mapping[PaymentState, str]] = {
    PaymentState.ANNOUNCED: marked("waits for the treasurer"),
    PaymentState.CONFIRMED: marked("arrived"),
    PaymentState.REJECTED: marked("not found"),
    PaymentState.REFUNDED: marked("refunded"),
    PaymentState.CANCELLED: marked("cancelled"),
}
METHODS: Final[Choices] = tuple((str(method), dues.METHODS[method]) for method in Method)
PRICES: Final[Choices] = (
    (Price.FIXED, marked("exactly this amount")),
    (Price.FREE, marked("this amount or more, as everybody likes")),
    (Price.SLIDING, marked("less while the class is young, by steps")),
)
PERIODS: Final[Choices] = (
    (Period.ROLLING, marked("a number of months from the day of paying")),
    (Period.YEAR, marked("the association's year")),
    (Period.LIFE, marked("for life")),
    (Period.ONCE, marked("once, without a time")),
)
AUDIENCES: Final[Choices] = (
    (Audience.EVERYBODY, marked("Everybody")),
    (Audience.STUDENT, marked("Students")),
    (Audience.YOUNG, marked("The first years after the class year")),
    (Audience.JOB_SEEKER, marked("Who looks for work")),
    (Audience.COUPLE, marked("Couples: one payment for both")),
    (Audience.RETIRED, marked("Retired people")),
    (Audience.HONORARY, marked("Honorary members, named by the association")),
)
ENDINGS: Final[Choices] = (
    ("", marked("is a member of the association")),
    (Ending.RESIGNED, marked("has resigned")),
    (Ending.EXCLUDED, marked("was excluded")),
    (Ending.DECEASED, marked("has died")),
)


def today(request: web.Request) -> date:
    """The day in the association's zone."""
    return clock.now().astimezone(ZoneInfo(request.app[SERVICES].settings.timezone)).date()


def standing_row(who: Standing) -> StandingRow:
    """How somebody stands."""
    return StandingRow(
        person_id=who.person_id,
        name=who.name,
        class_year=who.class_year,
        email=who.email,
        status=STATUSES[who.status],
        paid_until=who.paid_until,
        for_life=who.paid_until == dues.FOR_LIFE,
        plan=who.plan.name if who.plan else "",
        exempt=who.exempt,
        exempt_until=who.exempt_until,
        exempt_reason=who.exempt_reason,
    )


def plan_row(plan: Plan, locale: str, who: Standing | None = None, on: date | None = None) -> PlanRow:
    """What can be paid; with `who` what it costs them on that day."""
    offer = plan.offer
    price = plan.terms.price_for(who.class_year, on) if who is not None and on is not None else plan.terms.amount
    return PlanRow(
        id=plan.id,
        name=plan.name,
        for_whom=offer.for_whom,
        audience=dict(AUDIENCES)[offer.audience] if offer.audience is not Audience.EVERYBODY else "",
        amount=wording.figures(price, plan.currency, locale),
        free=plan.terms.price is Price.FREE,
        period=plan.terms.period,
        months=plan.terms.months,
        steps=tuple(
            StepRow(step.years, wording.figures(step.amount, plan.currency, locale)) for step in plan.terms.steps
        )
        if who is None
        else (),
        benefits=offer.benefits,
        active_from=offer.active_from,
        active_to=offer.active_to,
        gift=offer.gift,
        asks=who is not None and on is not None and dues.fits(offer, who.class_year, on) is None,
        closed=plan.closed,
    )


def payment_row(payment: Payment, locale: str) -> PaymentRow:
    """A payment."""
    return PaymentRow(
        id=payment.id,
        person_id=payment.person_id,
        person=payment.person,
        plan=payment.plan.name,
        amount=wording.figures(payment.amount, payment.currency, locale),
        method=dues.METHODS[payment.method],
        paid_on=payment.paid_on,
        state=STATES[payment.state],
        reference=payment.reference,
        reason=payment.reason,
        covers_from=payment.covers_from,
        covers_to=payment.covers_to,
        for_life=payment.covers_to == dues.FOR_LIFE,
        declared=payment.declared,
        waits=payment.state is PaymentState.ANNOUNCED,
        counts=payment.state is PaymentState.CONFIRMED,
        receipts=tuple(
            ReceiptRow(id=line.id, number=line.number, credit_note=line.kind == dues.CREDIT_NOTE)
            for line in payment.receipts
        ),
    )


def money_values(given: Params) -> MoneyValues:
    """What somebody wrote into the form for a payment."""
    return MoneyValues(
        plan=given.text("plan") or "",
        amount=given.text("amount") or "",
        method=given.text("method") or "",
        paid_on=given.text("paid_on") or "",
        reference=given.text("reference") or "",
        declared=given.flag("declared"),
    )


def money(values: MoneyValues, plans: Mapping[str, Plan]) -> dues.Money:
    """The same as a payment. Raises Invalid."""
    plan = plans.get(values.plan)
    if plan is None:
        raise Invalid(marked("Please choose what is paid."), field="plan")
    if values.method not in list(Method):
        raise Invalid(marked("Please choose how it is paid."), field="method")
    return dues.Money(
        plan_id=plan.id,
        amount=wording.parsed(values.amount, plan.currency),
        method=Method(values.method),
        paid_on=day(values.paid_on, "paid_on"),
        reference=values.reference,
        declared=values.declared,
    )


def day(text: str, field: str) -> date:
    """A day of a form. Raises Invalid."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(marked("Please give a day, such as 2026-11-25."), field=field) from None
