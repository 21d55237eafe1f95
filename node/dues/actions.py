# SPDX-License-Identifier: AGPL-3.0-or-later
"""Plans, payments, and what the treasurer says of members. `today` is the day in the association's zone."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from node import mail
from node.actors import ActorId
from node.dues import letters, queries, receipts, rules, wording
from node.dues.queries import Association, Payment, Standing
from node.dues.rules import FOR_LIFE, Ending, Method, PaymentState, Terms, Verb
from node.dues.tables import (
    dues_association,
    dues_memberships,
    dues_payments,
    dues_people,
    dues_plans,
)
from node.kernel import audit
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean, clean_line

NO_REMINDERS: Final = timedelta(days=365)
MAX_TEXT: Final = 4000
_NOBODY: Final = {
    "receipt_name": "",
    "receipt_address": "",
    "exempt": False,
    "exempt_reason": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What was paid: how much for which plan, how, and on which day. `bank_line` is the line of a file it was in."""

    plan_id: int
    amount: int
    method: Method
    paid_on: date
    reference: str = ""
    bank_line: str | None = None


def set_association(tx: Tx, roles: Collection[str], said: Association) -> None:
    """Write what stands on receipts from now on, and how to pay. Raises NotAllowed, Invalid."""
    rules.check_keeper(roles)
    if said.currency not in wording.CURRENCIES:
        raise Invalid(marked("Please choose one of the currencies."), field="currency")
    if len(said.reminders) > 10 or any(not -365 <= step <= 365 for step in said.reminders):
        raise Invalid(marked("Please give at most ten numbers of days, each up to a year."), field="reminders")
    values = {
        "currency": said.currency,
        "legal_name": clean_line(said.legal_name, 200),
        "legal_address": clean(said.legal_address, MAX_TEXT),
        "legal_details": clean(said.legal_details, MAX_TEXT),
        "how_to_pay": clean(said.how_to_pay, MAX_TEXT),
        "reminders": sorted(set(said.reminders)),
    }
    tx.conn.execute(insert_or_ignore(tx.conn, dues_association), {"id": 1, **values})
    tx.conn.execute(update(dues_association).values(**values))


def add_plan(tx: Tx, roles: Collection[str], name: str, terms: Terms, *, for_whom: str = "") -> int:
    """Offer something to pay, in the association's currency; its number. Raises NotAllowed, Invalid.

    What it costs never changes: for another amount there is another plan, and the old one is closed. So what somebody
    has paid means the same for ever.
    """
    rules.check_keeper(roles)
    rules.check_terms(terms)
    title = clean_line(name, 120)
    if not title:
        raise Invalid(marked("Please give it a name."), field="name")
    number = new_id(tx.now)
    tx.conn.execute(
        insert(dues_plans),
        {
            "id": number,
            "name": title,
            "for_whom": clean_line(for_whom, 300),
            "currency": queries.association(tx.conn).currency,
            "price": terms.price,
            "amount": terms.amount,
            "period": terms.period,
            "months": terms.months,
            "begins_month": terms.begins_month,
            "begins_day": terms.begins_day,
            "rolls_month": terms.rolls_month,
            "rolls_day": terms.rolls_day,
            "grace_days": terms.grace_days,
            "created_at": tx.now,
        },
    )
    return number


def close_plan(tx: Tx, roles: Collection[str], number: int, *, closed: bool) -> None:
    """Offer a plan no longer, or again. Raises NotAllowed, NotFound."""
    rules.check_keeper(roles)
    queries.plan(tx.conn, number)
    tx.conn.execute(update(dues_plans).where(dues_plans.c.id == number).values(closed_at=tx.now if closed else None))


def announce(tx: Tx, person_id: ActorId, money: Money, today: date) -> int:
    """A member says that they have paid. Raises NotFound (no such plan), Conflict (closed), Invalid, TooMany."""
    plan = queries.plan(tx.conn, money.plan_id)
    if plan.closed:
        raise Conflict(marked("This can no longer be paid."))
    waiting = select(func.count()).where(
        dues_payments.c.person_id == person_id, dues_payments.c.state == PaymentState.ANNOUNCED
    )
    if tx.conn.execute(waiting).scalar_one() >= rules.MAX_ANNOUNCED:
        raise TooMany(marked("Five payments of yours wait for the treasurer already."))
    return _add(tx, person_id, money, PaymentState.ANNOUNCED, today, by=person_id)


def record(tx: Tx, roles: Collection[str], by: ActorId, person_id: ActorId, money: Money, today: date) -> int:
    """The treasurer writes down a payment that has come; the number of the payment.

    Raises:
        NotAllowed, NotFound (no such member or plan), Invalid.
        Conflict: the line of the bank's file has been taken already.
    """
    rules.check_keeper(roles)
    queries.standing(tx.conn, person_id, today)
    if money.bank_line is not None and queries.taken_lines(tx.conn, [money.bank_line]):
        raise Conflict(marked("This line has been taken already."))
    number = _add(tx, person_id, money, PaymentState.ANNOUNCED, today, by=by)
    _confirm(tx, by, number, today)
    return number


def take(tx: Tx, roles: Collection[str], by: ActorId, person_id: ActorId, money: Money, today: date) -> int:
    """Count a line of a bank's file: it is what the member announced, if that is as much, or else a payment of its own.

    Raises:
        NotAllowed, NotFound, Invalid.
        Conflict: the line has been taken already.
    """
    rules.check_keeper(roles)
    waiting = tx.conn.execute(
        select(dues_payments.c.id)
        .where(
            dues_payments.c.person_id == person_id,
            dues_payments.c.plan_id == money.plan_id,
            dues_payments.c.amount == money.amount,
            dues_payments.c.state == PaymentState.ANNOUNCED,
        )
        .order_by(dues_payments.c.id)
        .limit(1)
    ).scalar()
    if waiting is None or money.bank_line is None:
        return record(tx, roles, by, person_id, money, today)
    if queries.taken_lines(tx.conn, [money.bank_line]):
        raise Conflict(marked("This line has been taken already."))
    _set(tx, waiting, bank_line=money.bank_line)
    _confirm(tx, by, waiting, today)
    return int(waiting)


def confirm(tx: Tx, roles: Collection[str], by: ActorId, number: int, today: date) -> None:
    """The announced money has come; said twice, there is one receipt. Raises NotAllowed, NotFound, Conflict."""
    rules.check_keeper(roles)
    _confirm(tx, by, number, today)


def reject(tx: Tx, roles: Collection[str], by: ActorId, number: int, reason: str) -> None:
    """It has not come; the member hears so. Raises NotAllowed, NotFound, Conflict."""
    rules.check_keeper(roles)
    payment = _locked(tx, number)
    if rules.after(payment.state, Verb.REJECT) is payment.state:
        return
    why = clean_line(reason, rules.MAX_REASON)
    _set(tx, number, state=PaymentState.REJECTED, reason=why, closed_at=tx.now, decided_by=by)
    _note(tx, payment, PaymentState.REJECTED, by, why)
    who = _still_here(tx, payment.person_id, payment.paid_on)
    if who is not None:
        mail.post(
            tx,
            who.email,
            letters.rejected(tx.site, who.locale, amount=payment.amount, currency=payment.currency, reason=why),
            about=mail.About.DUES,
            member=who.person_id,
        )


def give_back(tx: Tx, roles: Collection[str], by: ActorId, number: int, verb: Verb, reason: str, today: date) -> None:
    """Refund a confirmed payment, or cancel one that was written down by mistake: what it paid for is taken away again.

    Its receipt stays as it is; a credit note says that it no longer counts.

    Raises:
        NotAllowed, NotFound, Conflict, Invalid (no reason given).
    """
    rules.check_keeper(roles)
    payment = _locked(tx, number)
    then = rules.after(payment.state, verb)
    if then is payment.state:
        return
    why = clean_line(reason, rules.MAX_REASON)
    if not why:
        raise Invalid(marked("Please say why."), field="reason")
    _set(tx, number, state=then, reason=why, closed_at=tx.now, decided_by=by, covers_from=None, covers_to=None)
    _note(tx, payment, then, by, why)
    who = _still_here(tx, payment.person_id, today)
    said = queries.association(tx.conn)
    of = payment.receipts[0].number if payment.receipts else ""
    receipts.issue(tx, receipts.CREDIT_NOTE, replace(payment, reason=why), who, said, today, of=of)
    _count_anew(tx, payment)


def set_exempt(
    tx: Tx,
    roles: Collection[str],
    by: ActorId,
    person_id: ActorId,
    *,
    exempt: bool,
    until: date | None = None,
    reason: str = "",
) -> None:
    """Somebody need not pay, for good or up to a day; or has to again. Raises NotAllowed, NotFound."""
    rules.check_keeper(roles)
    queries.standing(tx.conn, person_id, tx.now.date())
    _say(
        tx,
        person_id,
        exempt=exempt,
        exempt_until=until if exempt else None,
        exempt_reason=clean_line(reason, 300) if exempt else "",
    )
    audit.write(tx, "dues.exempt", person_id, by=by, after=str(exempt).lower(), reason=clean_line(reason, 300))


def set_ended(
    tx: Tx, roles: Collection[str], by: ActorId, person_id: ActorId, ending: Ending | None, today: date
) -> None:
    """Somebody's membership of the association is over, or is not. Their account stays. Raises NotAllowed, NotFound."""
    rules.check_keeper(roles)
    before = queries.standing(tx.conn, person_id, today).ended
    _say(tx, person_id, ended=ending, ended_on=today if ending is not None else None)
    audit.write(tx, "dues.ended", person_id, by=by, before=before or "", after=ending or "")


def set_receipt_name(tx: Tx, person_id: ActorId, name: str, address: str) -> None:
    """How a member wants to be named on receipts to come."""
    _say(tx, person_id, receipt_name=clean_line(name, 120), receipt_address=clean(address, 500))


def set_reminders(tx: Tx, person_id: ActorId, today: date, *, wanted: bool) -> None:
    """Send a member no reminders for a year, or send them again."""
    _say(tx, person_id, no_reminders_until=None if wanted else today + NO_REMINDERS)


def reminded(tx: Tx, person_id: ActorId, until: date, step: int) -> None:
    """Note that somebody was told, `step` days after (or before) that last day."""
    _say(tx, person_id, reminded_for=until, reminded_step=step)


def expire(tx: Tx) -> int:
    """Give up announced payments that nobody found for 60 days; how many they were."""
    return tx.conn.execute(
        update(dues_payments)
        .where(
            dues_payments.c.state == PaymentState.ANNOUNCED, dues_payments.c.created_at < tx.now - rules.ANNOUNCED_FOR
        )
        .values(state=PaymentState.REJECTED, closed_at=tx.now)
    ).rowcount


def forget_member(tx: Tx, person_id: int) -> None:
    """Somebody is gone: what they only announced goes with them. Accounts of money that came, and receipts, stay."""
    mine: ColumnElement[bool] = dues_payments.c.person_id == person_id
    unsettled = dues_payments.c.state.in_((PaymentState.ANNOUNCED, PaymentState.REJECTED))
    tx.conn.execute(delete(dues_payments).where(mine, unsettled))
    tx.conn.execute(delete(dues_memberships).where(dues_memberships.c.person_id == person_id))
    tx.conn.execute(delete(dues_people).where(dues_people.c.person_id == person_id))


def _add(tx: Tx, person_id: ActorId, money: Money, state: PaymentState, today: date, *, by: ActorId) -> int:
    plan = queries.plan(tx.conn, money.plan_id)
    rules.check_amount(plan.terms, money.amount)
    rules.check_day(money.paid_on, today)
    number = new_id(tx.now)
    tx.conn.execute(
        insert(dues_payments),
        {
            "id": number,
            "person_id": person_id,
            "plan_id": plan.id,
            "amount": money.amount,
            "currency": plan.currency,
            "price": plan.terms.amount,
            "method": money.method,
            "paid_on": money.paid_on,
            "reference": clean_line(money.reference, rules.MAX_REFERENCE),
            "bank_line": money.bank_line,
            "state": state,
            "recorded_by": by,
            "reason": "",
            "created_at": tx.now,
        },
    )
    return number


def _confirm(tx: Tx, by: ActorId, number: int, today: date) -> None:
    """Count it, and give a receipt, in one transaction."""
    payment = _locked(tx, number)
    if rules.after(payment.state, Verb.CONFIRM) is payment.state:
        return
    _set(tx, number, state=PaymentState.CONFIRMED, confirmed_at=tx.now, decided_by=by)
    _note(tx, payment, PaymentState.CONFIRMED, by)
    until = _count_anew(tx, payment)
    who = _still_here(tx, payment.person_id, today)
    made = receipts.issue(
        tx, receipts.RECEIPT, queries.payment(tx.conn, number), who, queries.association(tx.conn), today
    )
    if who is not None:
        letter = letters.confirmed(
            tx.site,
            who.locale,
            amount=payment.amount,
            currency=payment.currency,
            receipt_id=made,
            until=None if until == FOR_LIFE else until,
        )
        mail.post(tx, who.email, letter, about=mail.About.DUES, member=who.person_id)


def _count_anew(tx: Tx, payment: Payment) -> date | None:
    """Work out from all confirmed payments for a plan until when it is paid, and which of them covers what."""
    cover = rules.NOTHING
    for number, paid in queries.confirmed(tx.conn, payment.person_id, payment.plan.id):
        more = rules.paying(payment.plan.terms, cover, paid)
        extends = more.until != cover.until
        _set(
            tx,
            number,
            covers_from=more.covers_from if extends else None,
            covers_to=more.until if extends else None,
        )
        cover = more
    tx.conn.execute(
        update(dues_memberships).where(*_membership(payment.person_id, payment.plan.id)).values(paid_until=cover.until)
    )
    return cover.until


def _locked(tx: Tx, number: int) -> Payment:
    """A payment, with nobody else at work on what that person pays for that plan. Raises NotFound.

    Two payments confirmed at the same moment must each see the other: their sum is what counts.
    """
    found = tx.conn.execute(
        select(
            dues_payments.c.person_id, dues_payments.c.plan_id, dues_payments.c.state, dues_payments.c.paid_on
        ).where(dues_payments.c.id == number)
    ).one_or_none()
    if found is None:
        raise NotFound
    if found.state == PaymentState.ANNOUNCED:
        row = {"person_id": found.person_id, "plan_id": found.plan_id, "joined_on": found.paid_on}
        tx.conn.execute(insert_or_ignore(tx.conn, dues_memberships), row)
    statement = select(dues_memberships.c.person_id).where(*_membership(found.person_id, found.plan_id))
    if tx.conn.dialect.name != "sqlite":
        statement = statement.with_for_update()
    tx.conn.execute(statement)
    return queries.payment(tx.conn, number)


def _membership(person_id: int, plan_id: int) -> tuple[ColumnElement[bool], ...]:
    return (dues_memberships.c.person_id == person_id, dues_memberships.c.plan_id == plan_id)


def _still_here(tx: Tx, person_id: ActorId, today: date) -> Standing | None:
    try:
        return queries.standing(tx.conn, person_id, today)
    except NotFound:
        return None


def _note(tx: Tx, payment: Payment, after: PaymentState, by: ActorId, reason: str = "") -> None:
    audit.write(tx, "dues.payment", payment.person_id, by=by, before=payment.state, after=after, reason=reason)


def _set(tx: Tx, number: int, **values: Any) -> None:
    tx.conn.execute(update(dues_payments).where(dues_payments.c.id == number).values(**values))


def _say(tx: Tx, person_id: ActorId, **values: Any) -> None:
    tx.conn.execute(insert_or_ignore(tx.conn, dues_people), {"person_id": person_id, **_NOBODY})
    tx.conn.execute(update(dues_people).where(dues_people.c.person_id == person_id).values(**values))
