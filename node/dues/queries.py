# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading plans, payments, receipts, and how members stand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, select, true, union_all

from node.actors import ActorId, ActorType
from node.actors.tables import actors
from node.dues.gifts import UNDECLARED, Gifts
from node.dues.offers import Audience, Offer, fits
from node.dues.rules import Ending, Method, Paid, PaymentState, Period, Price, Status, Step, Terms, status_on
from node.dues.tables import (
    dues_association,
    dues_couples,
    dues_memberships,
    dues_payments,
    dues_people,
    dues_plans,
    dues_receipts,
)
from node.kernel.db import long_read
from node.kernel.errors import NotFound
from node.members.tables import members

DUES: Final = "dues"
GIFTS: Final = "gifts"
"""The two series of numbers of receipts."""
REMINDERS: Final = (-30, -7, 1, 30, 60)
"""Days before and after the last day paid for, where the association has said nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """What stands on receipts, and how members are told to pay."""

    currency: str = "EUR"
    legal_name: str = ""
    legal_address: str = ""
    legal_details: str = ""
    how_to_pay: str = ""
    reminders: tuple[int, ...] = REMINDERS
    badges: bool = False
    gifts: Gifts = UNDECLARED


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What can be paid."""

    id: int
    name: str
    currency: str
    terms: Terms
    offer: Offer
    closed: bool

    def is_on(self, day: date) -> bool:
        """Whether it can be paid on a day."""
        return not self.closed and self.offer.is_on(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a member stands on a day. `paid_until` is the latest of all their plans; for staff and themselves alone.

    `partner_id`: with whom they pay together, where both have said so. `badge`: to whom they show it (`badges`).
    """

    person_id: ActorId
    username: str
    name: str
    class_year: int | None
    email: str
    locale: str
    status: Status
    paid_until: date | None
    plan: Plan | None
    receipt_name: str = ""
    receipt_address: str = ""
    exempt: bool = False
    exempt_since: date | None = None
    exempt_until: date | None = None
    exempt_reason: str = ""
    ended: Ending | None = None
    ended_on: date | None = None
    no_reminders_until: date | None = None
    reminded_for: date | None = None
    reminded_step: int | None = None
    partner_id: ActorId | None = None
    badge: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that came, or that somebody says has come. `receipts` are the numbers of its documents, oldest first."""

    id: int
    person_id: ActorId
    person: str
    plan: Plan
    amount: int
    currency: str
    price: int
    method: Method
    paid_on: date
    reference: str
    state: PaymentState
    reason: str
    covers_from: date | None
    covers_to: date | None
    created_at: datetime
    confirmed_at: datetime | None
    declared: bool = False
    partner_id: ActorId | None = None
    receipts: tuple["ReceiptLine", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """A document in a list."""

    id: int
    number: str
    kind: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A document as it was issued, and whose it is."""

    id: int
    number: str
    kind: str
    payment_id: int
    person_id: ActorId
    issued_on: date
    document: Mapping[str, Any]


def association(conn: Connection) -> Association:
    """What the association says of itself here."""
    row = conn.execute(select(dues_association)).one_or_none()
    if row is None:
        return Association()
    return Association(
        currency=row.currency,
        legal_name=row.legal_name,
        legal_address=row.legal_address,
        legal_details=row.legal_details,
        how_to_pay=row.how_to_pay,
        reminders=tuple(row.reminders),
        badges=row.badges,
        gifts=Gifts(
            declared=row.gifts_declared,
            articles=tuple(row.gifts_articles),
            basis=row.gifts_basis,
            signer=row.gifts_signer,
        ),
    )


def plans(conn: Connection, *, closed: bool = False) -> Sequence[Plan]:
    """What can be paid, oldest first; with `closed` also what could be once."""
    statement = select(dues_plans).order_by(dues_plans.c.id)
    if not closed:
        statement = statement.where(dues_plans.c.closed_at.is_(None))
    return [_plan(row) for row in conn.execute(statement)]


def offered_to(conn: Connection, who: Standing, day: date) -> Sequence[Plan]:
    """What a member can pay on a day, as far as can be known whom it is for."""
    may_give = association(conn).gifts.declared
    return [
        one
        for one in plans(conn)
        if one.is_on(day) and fits(one.offer, who.class_year, day) is not False and (may_give or not one.offer.gift)
    ]


def plan(conn: Connection, number: int) -> Plan:
    """One plan. Raises NotFound."""
    row = conn.execute(select(dues_plans).where(dues_plans.c.id == number)).one_or_none()
    if row is None:
        raise NotFound
    return _plan(row)


def standing(conn: Connection, person_id: int, today: date) -> Standing:
    """How one member stands. Raises NotFound for whoever is no member."""
    found = _standings(conn, today, actors.c.id == person_id)
    if not found:
        raise NotFound
    return found[0]


@long_read
def everybody(conn: Connection, today: date) -> Sequence[Standing]:
    """How all members stand, by name; four statements."""
    return _standings(conn, today, true())


def payment(conn: Connection, number: int) -> Payment:
    """One payment. Raises NotFound."""
    found = _payments(conn, dues_payments.c.id == number)
    if not found:
        raise NotFound
    return found[0]


def payments_of(conn: Connection, person_id: int) -> Sequence[Payment]:
    """A member's payments, the newest first."""
    return _payments(conn, dues_payments.c.person_id == person_id)


def announced(conn: Connection) -> Sequence[Payment]:
    """Payments that wait for the treasurer, the oldest first."""
    return _payments(conn, dues_payments.c.state == PaymentState.ANNOUNCED)[::-1]


def announced_count(conn: Connection) -> int:
    """How many wait for the treasurer."""
    return conn.execute(
        select(func.count()).select_from(dues_payments).where(dues_payments.c.state == PaymentState.ANNOUNCED)
    ).scalar_one()


def paid_between(conn: Connection, first: date, last: date) -> Sequence[Payment]:
    """What was paid from one day to another, the newest first, whatever became of it; without what only waits."""
    return _payments(
        conn,
        dues_payments.c.paid_on.between(first, last)
        & dues_payments.c.state.in_((PaymentState.CONFIRMED, PaymentState.REFUNDED, PaymentState.CANCELLED)),
    )


def confirmed(conn: Connection, person_id: int, plan_id: int) -> Sequence[tuple[int, Paid, int]]:
    """The confirmed payments for somebody for a plan, in the order in which they were confirmed, with their numbers
    and who paid.

    A couple's payment counts for both, whoever paid it.
    """
    rows = conn.execute(
        select(dues_payments)
        .where(
            (dues_payments.c.person_id == person_id) | (dues_payments.c.partner_id == person_id),
            dues_payments.c.plan_id == plan_id,
            dues_payments.c.state == PaymentState.CONFIRMED,
        )
        .order_by(dues_payments.c.confirmed_at, dues_payments.c.id)
    )
    return [(row.id, Paid(row.amount, row.paid_on, row.price), row.person_id) for row in rows]


def receipt(conn: Connection, number: int) -> Receipt:
    """One document. Raises NotFound."""
    found = _receipts(conn, dues_receipts.c.id == number)
    if not found:
        raise NotFound
    return found[0]


def receipts_of(conn: Connection, person_id: int) -> Sequence[Receipt]:
    """The documents of somebody's payments, oldest first."""
    return _receipts(conn, dues_payments.c.person_id == person_id)


def _receipts(conn: Connection, which: ColumnElement[bool]) -> Sequence[Receipt]:
    rows = conn.execute(
        select(dues_receipts, dues_payments.c.person_id)
        .join(dues_payments, dues_payments.c.id == dues_receipts.c.payment_id)
        .where(which)
        .order_by(dues_receipts.c.id)
    )
    return [
        Receipt(
            id=row.id,
            number=number_of(row.series, row.year, row.number),
            kind=row.kind,
            payment_id=row.payment_id,
            person_id=row.person_id,
            issued_on=row.issued_on,
            document=row.document,
        )
        for row in rows
    ]


def number_of(series: str, year: int, number: int) -> str:
    """How a receipt's number is written: 2026-0007, or G2026-0007 for a gift."""
    return f"{'G' if series == GIFTS else ''}{year}-{number:04d}"


def taken_lines(conn: Connection, lines: Collection[str]) -> frozenset[str]:
    """Which of these lines of a bank's file have been taken already."""
    rows = conn.execute(select(dues_payments.c.bank_line).where(dues_payments.c.bank_line.in_(lines)))
    return frozenset(rows.scalars())


def _standings(conn: Connection, today: date, which: ColumnElement[bool]) -> Sequence[Standing]:
    rows = conn.execute(
        select(
            actors.c.id,
            actors.c.username,
            actors.c.display_name,
            actors.c.class_year,
            actors.c.memorial,
            members.c.email,
            members.c.locale,
            dues_people,
        )
        .join(members, members.c.actor_id == actors.c.id)
        .outerjoin(dues_people, dues_people.c.person_id == actors.c.id)
        .where(
            which,
            actors.c.type == ActorType.PERSON,
            actors.c.deleted_at.is_(None),
            members.c.approved_at.is_not(None),
        )
        .order_by(actors.c.username_key)
    ).all()
    known = {plan.id: plan for plan in plans(conn, closed=True)}
    paid: dict[int, tuple[date, int]] = {}
    statement = select(dues_memberships).join(actors, actors.c.id == dues_memberships.c.person_id)
    for row in conn.execute(statement.where(which, dues_memberships.c.paid_until.is_not(None))):
        paid[row.person_id] = max(paid.get(row.person_id, (date.min, 0)), (row.paid_until, row.plan_id))
    partners = _partners(conn, which)
    return [_standing(row, paid.get(row.id), known, today, partners.get(row.id)) for row in rows]


def _partners(conn: Connection, which: ColumnElement[bool]) -> Mapping[int, ActorId]:
    """With whom each of these pays together, without those who have died. One statement."""
    partner = actors.alias("partner")
    sides = [
        (dues_couples.c.person_id, dues_couples.c.partner_id),
        (dues_couples.c.partner_id, dues_couples.c.person_id),
    ]
    statement = union_all(
        *(
            select(one.label("one"), other.label("other"))
            .join(actors, actors.c.id == one)
            .join(partner, partner.c.id == other)
            .where(which, dues_couples.c.agreed_at.is_not(None), partner.c.memorial.is_(False))
            for one, other in sides
        )
    )
    return {row.one: ActorId(row.other) for row in conn.execute(statement)}


def _standing(
    row: Row[Any], paid: tuple[date, int] | None, known: Mapping[int, Plan], today: date, partner_id: ActorId | None
) -> Standing:
    until, plan_id = paid if paid is not None else (None, None)
    found = known[plan_id] if plan_id is not None else None
    ended = Ending(row.ended) if row.ended else None
    ended = Ending.DECEASED if row.memorial else ended
    return Standing(
        person_id=ActorId(row.id),
        username=row.username,
        name=row.display_name or row.username,
        class_year=row.class_year,
        email=row.email,
        locale=row.locale,
        status=status_on(
            today,
            paid_until=until,
            grace_days=found.terms.grace_days if found else 0,
            exempt=bool(row.exempt),
            exempt_until=row.exempt_until,
            ended=ended,
        ),
        paid_until=until,
        plan=found,
        receipt_name=row.receipt_name or "",
        receipt_address=row.receipt_address or "",
        exempt=bool(row.exempt),
        exempt_since=row.exempt_since,
        exempt_until=row.exempt_until,
        exempt_reason=row.exempt_reason or "",
        ended=ended,
        ended_on=row.ended_on,
        no_reminders_until=row.no_reminders_until,
        reminded_for=row.reminded_for,
        reminded_step=row.reminded_step,
        partner_id=partner_id,
        badge=row.badge or 0,
    )


def _payments(conn: Connection, which: ColumnElement[bool]) -> Sequence[Payment]:
    """Three statements, however many there are."""
    rows = conn.execute(
        select(dues_payments, actors.c.username, actors.c.display_name)
        .join(actors, actors.c.id == dues_payments.c.person_id)
        .where(which)
        .order_by(dues_payments.c.id.desc())
    ).all()
    if not rows:
        return []
    known = {plan.id: plan for plan in plans(conn, closed=True)}
    lines = _receipt_lines(conn, which)
    return [_payment(row, known[row.plan_id], lines.get(row.id, ())) for row in rows]


def _receipt_lines(conn: Connection, which: ColumnElement[bool]) -> dict[int, tuple[ReceiptLine, ...]]:
    lines: dict[int, tuple[ReceiptLine, ...]] = {}
    rows: Iterable[Row[Any]] = conn.execute(
        select(
            dues_receipts.c.id,
            dues_receipts.c.series,
            dues_receipts.c.year,
            dues_receipts.c.number,
            dues_receipts.c.kind,
            dues_receipts.c.payment_id,
            dues_receipts.c.issued_on,
        )
        .join(dues_payments, dues_payments.c.id == dues_receipts.c.payment_id)
        .where(which)
        .order_by(dues_receipts.c.id)
    )
    for row in rows:
        number = number_of(row.series, row.year, row.number)
        line = ReceiptLine(id=row.id, number=number, kind=row.kind, issued_on=row.issued_on)
        lines[row.payment_id] = (*lines.get(row.payment_id, ()), line)
    return lines


def _plan(row: Row[Any]) -> Plan:
    return Plan(
        id=row.id,
        name=row.name,
        currency=row.currency,
        terms=Terms(
            price=Price(row.price),
            amount=row.amount,
            period=Period(row.period),
            months=row.months,
            begins_month=row.begins_month,
            begins_day=row.begins_day,
            rolls_month=row.rolls_month,
            rolls_day=row.rolls_day,
            grace_days=row.grace_days,
            steps=tuple(Step(years, amount) for years, amount in row.steps),
        ),
        offer=Offer(
            for_whom=row.for_whom,
            audience=Audience(row.audience),
            young_years=row.young_years,
            benefits=tuple(row.benefits),
            active_from=row.active_from,
            active_to=row.active_to,
            gift=row.gift,
        ),
        closed=row.closed_at is not None,
    )


def _payment(row: Row[Any], found: Plan, receipts: tuple[ReceiptLine, ...]) -> Payment:
    return Payment(
        id=row.id,
        person_id=ActorId(row.person_id),
        person=row.display_name or row.username,
        plan=found,
        amount=row.amount,
        currency=row.currency,
        price=row.price,
        method=Method(row.method),
        paid_on=row.paid_on,
        reference=row.reference,
        state=PaymentState(row.state),
        reason=row.reason,
        covers_from=row.covers_from,
        covers_to=row.covers_to,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        declared=row.declared,
        partner_id=ActorId(row.partner_id) if row.partner_id is not None else None,
        receipts=receipts,
    )
