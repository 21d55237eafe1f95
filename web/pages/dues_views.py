# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages of dues are made of. Amounts are texts, written as the reader's language writes them.

dues.html         DuesView         GET and POST /dues: plan, amount, method, paid_on, reference; POST /dues/name, reminders
dues_receipt.html DuesReceiptView  GET /dues/receipts/<number>, and .pdf after it
dues_staff.html   DuesStaffView    GET /staff/dues?status=&q=; POST /staff/dues/payments/<number>/confirm, reject: reason
dues_person.html  DuesPersonView   GET /staff/dues/<actor>; POST .../payments, exempt, ended; .../refund, cancel: reason
dues_plans.html   DuesPlansView    GET and POST /staff/dues/plans; POST .../<number>/close, open; /staff/dues/association
dues_bank.html    DuesBankView     GET and POST /staff/dues/bank: file; POST /staff/dues/bank/take: line[<place>][yes, ...]
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from web.pages.views import Fault

Choices = tuple[tuple[str, str], ...]
"""Values of a field with their labels, which are translated where they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """What can be paid."""

    id: int
    name: str
    amount: str
    period: str
    for_whom: str = ""
    free: bool = False
    months: int = 12
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesView:
    """One's own dues."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DuesPlansView:
    """What can be paid, how, and what stands on receipts."""

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
