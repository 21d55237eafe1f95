# SPDX-License-Identifier: AGPL-3.0-or-later
"""Invented content for the pages of dues."""

from datetime import date
from typing import Final

from node.dues import METHODS, Audience, Method, PaymentState, Period, Status
from web.pages import dues_words
from web.pages.cv_section import LEVELS
from web.pages.dues_views import (
    CoupleView,
    DuesBankView,
    DuesPayView,
    DuesPersonView,
    DuesPlansView,
    DuesReceiptView,
    DuesRollView,
    DuesStaffView,
    DuesView,
    GiftsView,
    LineRow,
    MoneyValues,
    NameRow,
    NotCounted,
    PaymentRow,
    PlanRow,
    ReceiptRow,
    RollRow,
    StandingRow,
    StatusCount,
    StepRow,
)
from web.pages.views import Fault, View

_PLANS = (
    PlanRow(id=1, name="Dues", amount="€30.00", period=Period.ROLLING),
    PlanRow(
        id=2, name="Young graduates", amount="€10.00", period=Period.YEAR, for_whom="The first two years", free=True
    ),
    PlanRow(id=3, name="For life", amount="€500.00", period=Period.LIFE, closed=True),
    PlanRow(
        id=4,
        name="Library",
        amount="€15.00",
        period=Period.ONCE,
        audience=dict(dues_words.AUDIENCES)[Audience.RETIRED],
        benefits=("The yearbook", "Two evenings"),
        active_from=date(2026, 9, 1),
        active_to=date(2027, 6, 30),
        asks=True,
    ),
    PlanRow(
        id=5, name="By class", amount="€40.00", period=Period.YEAR, steps=(StepRow(2, "€10.00"), StepRow(5, "€20.00"))
    ),
    PlanRow(
        id=6, name="For grants", amount="€1.00", period=Period.ONCE, free=True, gift=True, active_to=date(2027, 1, 1)
    ),
    PlanRow(id=7, name="Later", amount="€1.00", period=Period.LIFE, active_from=date(2027, 1, 1)),
)
_PAID = PaymentRow(
    id=7,
    person_id=11,
    person="Inès Caradec",
    plan="Dues",
    amount="€30.00",
    method=METHODS[Method.TRANSFER],
    paid_on=date(2026, 11, 3),
    state=dues_words.STATES[PaymentState.CONFIRMED],
    reference="Transfer of November",
    covers_from=date(2026, 11, 3),
    covers_to=date(2027, 11, 2),
    counts=True,
    receipts=(ReceiptRow(id=5, number="2026-0005"), ReceiptRow(id=6, number="2026-0006", credit_note=True)),
)
_WAITS = PaymentRow(
    id=8,
    person_id=12,
    person="Sam Oduya",
    plan="For life",
    amount="€500.00",
    method=METHODS[Method.CHEQUE],
    paid_on=date(2026, 11, 20),
    state=dues_words.STATES[PaymentState.ANNOUNCED],
    reason="A reason",
    declared=True,
    for_life=True,
    waits=True,
)
_STANDING = StandingRow(
    person_id=11,
    name="Inès Caradec",
    class_year=1998,
    email="ines@mail.example",
    status=dues_words.STATUSES[Status.CURRENT],
    paid_until=date(2027, 11, 2),
    plan="Dues",
)
_EXEMPT = StandingRow(
    person_id=12,
    name="Sam Oduya",
    status=dues_words.STATUSES[Status.EXEMPT],
    paid_until=date(9999, 12, 31),
    for_life=True,
    exempt=True,
    exempt_until=date(2027, 1, 1),
    exempt_reason="Studies",
)
_WRONG = MoneyValues(plan="2", amount="thirty", method=Method.CASH, paid_on="2026-11-25", reference="By hand")
_FAULTS = (Fault(message="Please write an amount, such as 30 or 30.50.", field="amount"),)

DUES_SAMPLES: Final[dict[str, View]] = {
    "dues": DuesView(
        standing=_STANDING,
        reference="7KQ2-MZ4A",
        how_to_pay="By transfer to the account of the association\nor by cheque",
        plans=_PLANS,
        payments=(_PAID, _WAITS),
        methods=dues_words.METHODS,
        values=_WRONG,
        receipt_name="Inès Caradec",
        receipt_address="2 Hill\nTown",
        no_reminders_until=date(2027, 11, 25),
        couple=CoupleView(asking=(NameRow(12, "Sam Oduya"),)),
        badge=2,
        levels=tuple(LEVELS.items()),
        keeper=True,
        faults=_FAULTS,
    ),
    "dues-none": DuesView(standing=_EXEMPT, reference="7KQ2-MZ4A"),
    "dues-couple": DuesView(standing=_STANDING, reference="7KQ2-MZ4A", couple=CoupleView(partner="Sam Oduya")),
    "dues-couple-asked": DuesView(standing=_STANDING, reference="7KQ2-MZ4A", couple=CoupleView(asked="Sam Oduya")),
    "dues-couple-ask": DuesView(
        standing=_STANDING, reference="7KQ2-MZ4A", couple=CoupleView(contacts=(NameRow(13, "Wei Lin"),))
    ),
    "dues-couple-nobody": DuesView(standing=_STANDING, reference="7KQ2-MZ4A", couple=CoupleView()),
    "dues-pay": DuesPayView(plan="Dues", amount="€30.00", how_to_pay="By transfer to the account\nof the association"),
    "dues-pay-over": DuesPayView(plan="Dues", amount="€30.00", offered=False),
    "dues-roll": DuesRollView(
        day="2026-11-25",
        number=1200,
        people=(
            RollRow(person_id=11, name="Inès Caradec", class_year=1998, covered_until=date(2027, 11, 2)),
            RollRow(person_id=12, name="Sam Oduya"),
            RollRow(person_id=13, name="Wei Lin", covered_until=date(9999, 12, 31), for_life=True),
        ),
        older="/staff/dues/roll?on=2026-11-25&page=1",
    ),
    "dues-roll-wrong": DuesRollView(
        day="soon", faults=(Fault(message="Please give a day, such as 2026-11-25.", field="on"),)
    ),
    "dues-receipt": DuesReceiptView(
        id=5,
        locale="en",
        title="Receipt for dues",
        issuer=("Friends of the Harbour", "1 Quay"),
        rows=(("Number", "2026-0005"), ("Amount", "€30.00")),
        foot="It is no receipt for a gift.",
        duplicate="Duplicate",
    ),
    "dues-staff": DuesStaffView(
        counts=(StatusCount(value="current", label=dues_words.STATUSES[Status.CURRENT], number=1200),),
        status="current",
        query="ines",
        people=(_STANDING, _EXEMPT),
        waiting=(_WAITS,),
        older="/staff/dues?page=1",
    ),
    "dues-staff-none": DuesStaffView(has_plans=False),
    "dues-person": DuesPersonView(
        standing=_EXEMPT,
        reference="7KQ2-MZ4A",
        partner="Inès Caradec",
        ended="resigned",
        endings=dues_words.ENDINGS,
        plans=_PLANS,
        payments=(_PAID, _WAITS),
        methods=dues_words.METHODS,
        values=_WRONG,
        faults=_FAULTS,
    ),
    "dues-plans": DuesPlansView(
        plans=_PLANS,
        prices=dues_words.PRICES,
        audiences=dues_words.AUDIENCES,
        badges=True,
        gifts=GiftsView(
            declared=True,
            articles=(("200", True), ("238 bis", False)),
            basis="A body of general interest",
            signer="Inès Caradec, president",
        ),
        declarer=True,
        periods=dues_words.PERIODS,
        currencies=("EUR", "CHF"),
        legal_name="Friends of the Harbour",
        how_to_pay="By transfer",
        reminders="-30 -7 1 30 60",
        faults=_FAULTS,
    ),
    "dues-plans-treasurer": DuesPlansView(audiences=dues_words.AUDIENCES, gifts=GiftsView(declared=True)),
    "dues-plans-none": DuesPlansView(audiences=dues_words.AUDIENCES),
    "dues-bank": DuesBankView(
        looked=True,
        lines=(
            LineRow(
                place=0,
                key="a" * 64,
                paid_on=date(2026, 11, 25),
                amount="€30.00",
                value="30.00",
                text="Transfer of November",
                match="found by the name: please look twice",
                username="ines",
                person="Inès Caradec",
                plan_id=1,
                sure=True,
            ),
        ),
        more=True,
        plans=_PLANS,
        faults=(Fault(message="Please choose a file.", field="file"),),
    ),
    "dues-bank-none": DuesBankView(looked=True),
    "dues-bank-done": DuesBankView(
        done=True, counted=3, refused=(NotCounted(line="4", why="This line has been taken already."),)
    ),
}
