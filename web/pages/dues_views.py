# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of dues are made of. Amounts are texts, written as the reader's language writes them.

dues.html         DuesView         GET and POST /dues: plan, amount, method, paid_on, reference; POST /dues/name, reminders
                                   POST /dues/couple: with; /dues/couple/<actor>/agree, decline; /dues/couple/end
                                   POST /dues/badge: level
dues_pay.html     DuesPayView      GET /dues/pay/<token>
dues_receipt.html DuesReceiptView  GET /dues/receipts/<number>, and .pdf after it
dues_staff.html   DuesStaffView    GET /staff/dues?status=&q=; POST /staff/dues/payments/<number>/confirm, reject: reason
dues_person.html  DuesPersonView   GET /staff/dues/<actor>; POST .../payments, exempt, ended; .../refund, cancel: reason
dues_plans.html   DuesPlansView    GET and POST /staff/dues/plans; POST .../<number>/close, open; /staff/dues/association
                                   POST /staff/dues/gifts: declared, articles, basis, signer
dues_roll.html    DuesRollView     GET /staff/dues/roll?on=, and /staff/dues/roll/export after it
dues_bank.html    DuesBankView     GET and POST /staff/dues/bank: file; POST /staff/dues/bank/take: line[<place>][yes, ...]
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from web.pages.views import Fault

Choices = tuple[tuple[str, str], ...]
"""Values of a field with their labels, which are translated where they are shown."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a price that depends on the class: so much up to so many years after it."""

    years: int
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """What can be paid. `audience` in words; `asks`: a member has to say that it is for somebody like them."""

    id: int
    name: str
    amount: str
    period: str
    for_whom: str = ""
    audience: str = ""
    free: bool = False
    months: int = 12
    steps: tuple["StepRow", ...] = ()
    benefits: tuple[str, ...] = ()
    active_from: date | None = None
    active_to: date | None = None
    gift: bool = False
    asks: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """A receipt or a credit note in a list."""

    id: int
    number: str
    credit_note: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """A payment. `waits`: for the treasurer; `counts`: confirmed."""

    id: int
    person_id: int
    person: str
    plan: str
    amount: str
    method: str
    paid_on: date
    state: str
    reference: str = ""
    reason: str = ""
    covers_from: date | None = None
    covers_to: date | None = None
    for_life: bool = False
    declared: bool = False
    waits: bool = False
    counts: bool = False
    receipts: tuple[ReceiptRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRow:
    """How somebody stands; `status` in words."""

    person_id: int
    name: str
    status: str
    class_year: int | None = None
    email: str = ""
    paid_until: date | None = None
    for_life: bool = False
    plan: str = ""
    exempt: bool = False
    exempt_until: date | None = None
    exempt_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyValues:
    """The form for a payment, as it was filled in."""

    plan: str = ""
    amount: str = ""
    method: str = ""
    paid_on: str = ""
    reference: str = ""
    declared: bool = False


@dataclass(frozen=True, slots=True)
class NameRow:
    """Somebody to choose or to answer."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoupleView:
    """With whom a member pays together, whom they asked, who asks them; and the contacts whom they could ask."""

    partner: str = ""
    asked: str = ""
    asking: tuple[NameRow, ...] = ()
    contacts: tuple[NameRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesPayView:
    """How to pay, by the link of a reminder. It names nobody."""

    template: ClassVar[str] = "dues_pay.html"
    plan: str
    amount: str
    offered: bool = True
    how_to_pay: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesView:
    """One's own dues. `couple`: where there is something that a couple pays; `badge`: where members may show one."""

    template: ClassVar[str] = "dues.html"
    standing: StandingRow
    reference: str
    how_to_pay: str = ""
    plans: tuple[PlanRow, ...] = ()
    payments: tuple[PaymentRow, ...] = ()
    methods: Choices = ()
    values: MoneyValues = MoneyValues()
    receipt_name: str = ""
    receipt_address: str = ""
    no_reminders_until: date | None = None
    couple: CoupleView | None = None
    badge: int | None = None
    levels: tuple[tuple[int, str], ...] = ()
    keeper: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesReceiptView:
    """A receipt as it was issued."""

    template: ClassVar[str] = "dues_receipt.html"
    id: int
    locale: str
    title: str
    issuer: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    foot: str = ""
    duplicate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCount:
    """How many members stand so; `value` is what the address says."""

    value: str
    label: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesStaffView:
    """All members' dues."""

    template: ClassVar[str] = "dues_staff.html"
    counts: tuple[StatusCount, ...] = ()
    status: str = ""
    query: str = ""
    people: tuple[StandingRow, ...] = ()
    waiting: tuple[PaymentRow, ...] = ()
    year: int = 2026
    newer: str = ""
    older: str = ""
    has_plans: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesPersonView:
    """One member's dues, for the treasurer."""

    template: ClassVar[str] = "dues_person.html"
    standing: StandingRow
    reference: str
    partner: str = ""
    ended: str = ""
    endings: Choices = ()
    plans: tuple[PlanRow, ...] = ()
    payments: tuple[PaymentRow, ...] = ()
    methods: Choices = ()
    values: MoneyValues = MoneyValues()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanValues:
    """The form for a plan, as it was filled in. Days of a year are written as month and day, 09-01."""

    name: str = ""
    for_whom: str = ""
    price: str = "fixed"
    amount: str = ""
    period: str = "rolling"
    months: str = "12"
    begins: str = "01-01"
    rolls: str = ""
    grace_days: str = "60"
    steps: str = ""
    audience: str = "everybody"
    young_years: str = "2"
    benefits: str = ""
    active_from: str = ""
    active_to: str = ""
    gift: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftsView:
    """What is declared of receipts for gifts; each article with whether it is chosen."""

    declared: bool = False
    articles: tuple[tuple[str, bool], ...] = ()
    basis: str = ""
    signer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollRow:
    """Somebody who may vote; without a day: who need not pay."""

    person_id: int
    name: str
    class_year: int | None = None
    covered_until: date | None = None
    for_life: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesRollView:
    """Who owed nothing on a day."""

    template: ClassVar[str] = "dues_roll.html"
    day: str
    number: int = 0
    people: tuple[RollRow, ...] = ()
    newer: str = ""
    older: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesPlansView:
    """What can be paid, how, and what stands on receipts. `declarer`: who may speak of gifts."""

    template: ClassVar[str] = "dues_plans.html"
    plans: tuple[PlanRow, ...] = ()
    values: PlanValues = PlanValues()
    prices: Choices = ()
    periods: Choices = ()
    currencies: tuple[str, ...] = ()
    currency: str = "EUR"
    legal_name: str = ""
    legal_address: str = ""
    legal_details: str = ""
    how_to_pay: str = ""
    reminders: str = ""
    badges: bool = False
    audiences: Choices = ()
    gifts: GiftsView = GiftsView()
    declarer: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line of a bank's file. `value` is the amount as the form sends it back; `sure`: ticked from the start."""

    place: int
    key: str
    paid_on: date
    amount: str
    value: str
    text: str
    match: str
    username: str = ""
    person: str = ""
    plan_id: int = 0
    sure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCounted:
    """A line that was said yes to and cannot be counted."""

    line: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesBankView:
    """A bank's file: asked for, looked at (`looked`), or counted (`done`)."""

    template: ClassVar[str] = "dues_bank.html"
    looked: bool = False
    done: bool = False
    lines: tuple[LineRow, ...] = ()
    more: bool = False
    plans: tuple[PlanRow, ...] = ()
    counted: int = 0
    refused: tuple[NotCounted, ...] = ()
    faults: tuple[Fault, ...] = ()
