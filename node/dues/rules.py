# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long dues last, how somebody stands, and what may become of a payment. Pure.

    new ──announce (member)──> announced ──confirm (treasurer)──> confirmed ──refund──> refunded
     │                             └──reject (treasurer), 60 days──> rejected  └──cancel──> cancelled
     └──record (treasurer)──> confirmed

Until which day somebody has paid is never set by hand: it is what their confirmed payments come to, in the order in
which they were confirmed, so that one more payment never takes a day away. Dues open and close no door: nothing in the
node asks how somebody stands with them.
"""

import hashlib
from base64 import b32encode
from calendar import monthrange
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from node.kernel.errors import Conflict, Invalid, NotAllowed
from node.kernel.i18n import marked

KEEPERS: Final = frozenset({"treasurer", "admin"})
DUE_SOON: Final = timedelta(days=30)
DORMANT_MONTHS: Final = 24
ANNOUNCED_FOR: Final = timedelta(days=60)
"""How long an announced payment waits for the treasurer."""
MAX_ANNOUNCED: Final = 5
"""Payments of one member that wait at the same time."""
MAX_AMOUNT: Final = 100_000_00
MAX_PERIODS: Final = 10
MAX_STEPS: Final = 10
MAX_REFERENCE: Final = 140
MAX_REASON: Final = 500
FOR_LIFE: Final = date(9999, 12, 31)


class Price(StrEnum):
    """`fixed`: the amount itself. `free`: what somebody wants to give, from the amount on.

    `sliding`: less for as long as one's class is young, by steps; the amount itself is what all others pay.
    """

    FIXED = "fixed"
    FREE = "free"
    SLIDING = "sliding"


class Period(StrEnum):
    """`rolling`: a number of months from the day of paying. `year`: the association's year, which begins on a fixed day.

    `life`: paid once, for good. `once`: a contribution that buys no time.
    """

    ROLLING = "rolling"
    YEAR = "year"
    LIFE = "life"
    ONCE = "once"


class Method(StrEnum):
    """How the money came. A card is charged elsewhere: no number of one is ever on this node."""

    TRANSFER = "transfer"
    CHEQUE = "cheque"
    CASH = "cash"
    CARD = "card"
    PLATFORM = "platform"


class Status(StrEnum):
    """How somebody stands with their dues on a day. Computed, never stored."""

    NEVER = "never"
    EXEMPT = "exempt"
    CURRENT = "current"
    DUE_SOON = "due_soon"
    GRACE = "grace"
    LAPSED = "lapsed"
    DORMANT = "dormant"
    ENDED = "ended"
    DECEASED = "deceased"


IN_ORDER: Final = frozenset({Status.CURRENT, Status.DUE_SOON, Status.EXEMPT})
"""Whoever owes nothing on a day: who may vote, and who may show that they have paid."""


class PaymentState(StrEnum):
    """How far a payment is: drawn at the head of this file."""

    ANNOUNCED = "announced"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class Verb(StrEnum):
    """What is done to a payment that is there."""

    CONFIRM = "confirm"
    REJECT = "reject"
    EXPIRE = "expire"
    REFUND = "refund"
    CANCEL = "cancel"


class Ending(StrEnum):
    """Why a membership is over."""

    RESIGNED = "resigned"
    EXCLUDED = "excluded"
    DECEASED = "deceased"


_LEADS: Final = {
    (PaymentState.ANNOUNCED, Verb.CONFIRM): PaymentState.CONFIRMED,
    (PaymentState.ANNOUNCED, Verb.REJECT): PaymentState.REJECTED,
    (PaymentState.ANNOUNCED, Verb.EXPIRE): PaymentState.REJECTED,
    (PaymentState.CONFIRMED, Verb.REFUND): PaymentState.REFUNDED,
    (PaymentState.CONFIRMED, Verb.CANCEL): PaymentState.CANCELLED,
}
_DONE: Final = {
    Verb.CONFIRM: PaymentState.CONFIRMED,
    Verb.REJECT: PaymentState.REJECTED,
    Verb.EXPIRE: PaymentState.REJECTED,
    Verb.REFUND: PaymentState.REFUNDED,
    Verb.CANCEL: PaymentState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a sliding price: so much up to and with so many years after one's class year."""

    years: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a plan costs (`amount`, in minor units) and how long it holds.

    `months` is for a rolling period. A `year` begins on `begins_day`.`begins_month`; whoever pays on or after
    `rolls_day`.`rolls_month` pays for the next one. `grace_days` count after the last day paid for. `steps` are those
    of a sliding price, the youngest classes first.
    """

    price: Price = Price.FIXED
    amount: int
    period: Period = Period.ROLLING
    months: int = 12
    begins_month: int = 1
    begins_day: int = 1
    rolls_month: int | None = None
    rolls_day: int | None = None
    grace_days: int = 60
    steps: tuple[Step, ...] = ()

    def price_for(self, class_year: int | None, day: date) -> int:
        """What one period costs somebody who pays on a day; the whole amount where no class is known."""
        if self.price is Price.SLIDING and class_year is not None:
            for step in self.steps:
                if day.year - class_year <= step.years:
                    return step.amount
        return self.amount


@dataclass(frozen=True, slots=True)
class Paid:
    """A confirmed payment: so much, on that day, when one period cost `price`."""

    amount: int
    paid_on: date
    price: int


@dataclass(frozen=True, slots=True)
class Cover:
    """What all payments for a plan come to: the last day paid for, and what is left over for the next period.

    `rest` is a part of one period; `reached` the day of the latest payment that it comes from.
    """

    until: date | None = None
    rest: Fraction = Fraction(0)
    reached: date | None = None
    covers_from: date | None = None


NOTHING: Final = Cover()


def after(state: PaymentState, verb: Verb) -> PaymentState:
    """What a verb leads to. One that has taken effect already changes nothing.

    Raises:
        Conflict: the verb is not for a payment in this state.
    """
    if state is _DONE[verb]:
        return state
    try:
        return _LEADS[state, verb]
    except KeyError:
        raise Conflict(marked("This cannot be done with this payment any more.")) from None


def check_keeper(roles: Collection[str]) -> None:
    """Raises NotAllowed for whoever is neither treasurer nor administrator."""
    if not KEEPERS & set(roles):
        raise NotAllowed(marked("Only the association's treasurer and administrators see dues."))


def check_terms(terms: Terms) -> None:
    """Raises Invalid for terms that say nothing: no amount, no months, a day that no year has."""
    if not 0 < terms.amount <= MAX_AMOUNT:
        raise Invalid(marked("Please give an amount above zero."), field="amount").coded("E_AMOUNT")
    _check_steps(terms)
    if terms.period is Period.ROLLING and not 1 <= terms.months <= 120:
        raise Invalid(marked("Please give a number of months from 1 to 120."), field="months").coded("E_PERIOD")
    if not 0 <= terms.grace_days <= 366:
        raise Invalid(marked("Please give a number of days up to 366."), field="grace_days")
    if terms.period is Period.YEAR:
        _check_day(terms.begins_month, terms.begins_day, "begins")
        if terms.rolls_month is not None or terms.rolls_day is not None:
            _check_day(terms.rolls_month or 0, terms.rolls_day or 0, "rolls")


def check_amount(terms: Terms, amount: int, price: int) -> None:
    """Raises Invalid for an amount that cannot be a payment, where a period costs `price`. Less is a part payment."""
    if not 0 < amount <= MAX_AMOUNT:
        raise Invalid(marked("Please give an amount above zero."), field="amount").coded("E_AMOUNT")
    counts_periods = terms.price is not Price.FREE and terms.period in (Period.ROLLING, Period.YEAR)
    if counts_periods and amount > MAX_PERIODS * price:
        raise Invalid(marked("This is more than ten periods cost."), field="amount").coded("E_AMOUNT")


def check_day(paid_on: date, today: date) -> None:
    """Raises Invalid for a day to come, or one that is years ago."""
    if not today - timedelta(days=3 * 366) <= paid_on <= today:
        raise Invalid(marked("Please give a day that is not in the future, nor years ago."), field="paid_on")


def covered(terms: Terms, payments: Iterable[Paid]) -> Cover:
    """What payments come to, in the order in which they were confirmed."""
    cover = NOTHING
    for payment in payments:
        cover = paying(terms, cover, payment)
    return cover


def paying(terms: Terms, cover: Cover, payment: Paid) -> Cover:
    """After one more payment. Parts add up, and extend only when a whole period is paid; several can be paid at once."""
    days = [day for day in (cover.reached, payment.paid_on) if day is not None]
    reached = max(days)
    rest = cover.rest + Fraction(payment.amount, payment.price)
    if terms.period is Period.ONCE:
        return NOTHING
    if rest < 1:
        return replace(cover, rest=rest, reached=reached, covers_from=None)
    if terms.period is Period.LIFE:
        return Cover(FOR_LIFE, covers_from=reached)
    # Whoever gives more than the least amount gives more, and does not buy more time.
    periods = rest.__floor__() if terms.price is not Price.FREE else 1
    rest = rest - periods if terms.price is not Price.FREE else Fraction(0)
    start = reached if cover.until is None else max(reached, cover.until + timedelta(days=1))
    if terms.period is Period.ROLLING:
        until = months_later(start, terms.months * periods) - timedelta(days=1)
    else:
        until = _year_end(terms, _year_of(terms, start, reached) + periods - 1)
    return Cover(until, rest, reached if rest else None, start)


def status_on(
    today: date,
    *,
    paid_until: date | None,
    grace_days: int = 60,
    exempt: bool = False,
    exempt_until: date | None = None,
    ended: Ending | None = None,
) -> Status:
    """How somebody stands. `paid_until` and `exempt_until` are the last days that count."""
    if ended is not None:
        return Status.DECEASED if ended is Ending.DECEASED else Status.ENDED
    if exempt and (exempt_until is None or today <= exempt_until):
        return Status.EXEMPT
    if paid_until is None:
        return Status.NEVER
    if today <= paid_until:
        return Status.DUE_SOON if paid_until - today <= DUE_SOON else Status.CURRENT
    ends = paid_until + timedelta(days=grace_days)
    if today <= ends:
        return Status.GRACE
    return Status.LAPSED if today <= months_later(ends, DORMANT_MONTHS) else Status.DORMANT


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last one where it has no such day (31 January: 28 or 29 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > FOR_LIFE.year:
        return FOR_LIFE
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def reference_of(person_id: int) -> str:
    """The word that somebody writes on a transfer, so that it can be told whose it is: always the same, and no secret.

    8 letters and digits (40 bits), without those that are mistaken for others.
    """
    digest = hashlib.sha256(f"dues:{person_id}".encode()).digest()[:5]
    word = b32encode(digest).decode().translate(str.maketrans("OI", "89"))
    return f"{word[:4]}-{word[4:]}"


def _check_steps(terms: Terms) -> None:
    if (terms.price is Price.SLIDING) != bool(terms.steps):
        raise Invalid(
            marked("Please write the steps of a price that depends on the class, and of no other."), field="steps"
        )
    years, amounts = [step.years for step in terms.steps], [step.amount for step in terms.steps]
    rises = years == sorted(set(years)) and amounts == sorted(amounts) and amounts[-1:] <= [terms.amount]
    if not rises or len(years) > MAX_STEPS or any(not 0 <= year <= 80 for year in years) or min(amounts, default=1) < 1:
        raise Invalid(marked("Each step has more years than the one before and costs no less."), field="steps")


def _check_day(month: int, day: int, field: str) -> None:
    # 29 February does not come every year.
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(2023, month)[1]:
        raise Invalid(marked("This is no day of every year."), field=field).coded("E_PERIOD")


def _year_of(terms: Terms, start: date, reached: date) -> int:
    """In which year the period begins that a payment is for, if what it covers starts at `start`."""
    year = _year_at(terms, reached)
    if terms.rolls_month is not None and terms.rolls_day is not None:
        rolls = date(year, terms.rolls_month, terms.rolls_day)
        if rolls < date(year, terms.begins_month, terms.begins_day):
            rolls = date(year + 1, terms.rolls_month, terms.rolls_day)
        if reached >= rolls:
            year += 1
    return max(year, _year_at(terms, start))


def _year_at(terms: Terms, day: date) -> int:
    begins = date(day.year, terms.begins_month, terms.begins_day)
    return day.year if day >= begins else day.year - 1


def _year_end(terms: Terms, year: int) -> date:
    return date(min(year + 1, FOR_LIFE.year), terms.begins_month, terms.begins_day) - timedelta(days=1)
