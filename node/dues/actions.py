# SPDX-License-Identifier: AGPL-3.0-or-later
"""Payments, and what the treasurer says of members. `today` is the day in the association's zone.

`by` is nobody where a command on the machine of the node does it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from node import mail, notices
from node.actors import ActorId
from node.dues import couples, gifts, letters, offers, queries, receipts, rules
from node.dues.offers import Audience
from node.dues.queries import Payment, Standing
from node.dues.rules import FOR_LIFE, Ending, Method, PaymentState, Verb
from node.dues.tables import dues_memberships, dues_payments, dues_people
from node.kernel import audit
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid, NotFound, TooMany
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean, clean_line

NO_REMINDERS: Final = timedelta(days=365)
_NOBODY: Final = {
    "receipt_name": "",
    "receipt_address": "",
    "exempt": False,
    "exempt_reason": "",
    "badge": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What was paid: how much for which plan, how, and on which day. `bank_line` is the line of a file it was in.

    `declared`: the member says that the plan is for somebody like them.
    """

    plan_id: int
    amount: int
    method: Method
    paid_on: date
    reference: str = ""
    bank_line: str | None = None
    declared: bool = False


def announce(tx: Tx, person_id: ActorId, money: Money, today: date) -> int:
    """A member says that they have paid. Raises NotFound (no such plan), Conflict (not offered), Invalid, TooMany."""
    plan = queries.plan(tx.conn, money.plan_id)
    if plan.closed:
        raise Conflict(marked("This can no longer be paid."))
    who = queries.standing(tx.conn, person_id, today)
    partnered = who.partner_id is not None
    offers.check_fits(plan.offer, who.class_year, today, declared=money.declared, partnered=partnered)
    waiting = select(func.count()).where(
        dues_payments.c.person_id == person_id, dues_payments.c.state == PaymentState.ANNOUNCED
    )
    if tx.conn.execute(waiting).scalar_one() >= rules.MAX_ANNOUNCED:
        raise TooMany(marked("Five payments of yours wait for the treasurer already."))
    number = _add(tx, who, money, PaymentState.ANNOUNCED, today, by=person_id)
    audit.write(tx, "dues.payment", person_id, by=person_id, before="new", after=PaymentState.ANNOUNCED)
    return number


def record(tx: Tx, roles: Collection[str], by: ActorId | None, person_id: ActorId, money: Money, today: date) -> int:
    """The treasurer writes down a payment that has come; the number of the payment.

    Raises:
        NotAllowed, NotFound (no such member or plan), Invalid.
        Conflict: the line of the bank's file has been taken already.
    """
    rules.check_keeper(roles)
    who = queries.standing(tx.conn, person_id, today)
    if money.bank_line is not None and queries.taken_lines(tx.conn, [money.bank_line]):
        raise Conflict(marked("This line has been taken already."))
    number = _add(tx, who, money, PaymentState.ANNOUNCED, today, by=by)
    _confirm(tx, by, number, today)
    return number


def take(tx: Tx, roles: Collection[str], by: ActorId | None, person_id: ActorId, money: Money, today: date) -> int:
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


def confirm(tx: Tx, roles: Collection[str], by: ActorId | None, number: int, today: date) -> None:
    """The announced money has come; said twice, there is one receipt. Raises NotAllowed, NotFound, Conflict."""
    rules.check_keeper(roles)
    _confirm(tx, by, number, today)


def reject(tx: Tx, roles: Collection[str], by: ActorId | None, number: int, reason: str) -> None:
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


def give_back(
    tx: Tx, roles: Collection[str], by: ActorId | None, number: int, verb: Verb, reason: str, today: date
) -> None:
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
    receipts.issue(tx, receipts.CREDIT_NOTE, replace(payment, reason=why), who, said, today)
    _count_anew(tx, payment)


def set_exempt(
    tx: Tx,
    roles: Collection[str],
    by: ActorId | None,
    person_id: ActorId,
    *,
    exempt: bool,
    since: date,
    until: date | None = None,
    reason: str = "",
) -> None:
    """Somebody need not pay from a day on, for good or up to another; or has to again. Raises NotAllowed, NotFound.

    Said again while it holds, the first day stays.
    """
    rules.check_keeper(roles)
    before = queries.standing(tx.conn, person_id, since)
    goes_on = before.exempt and (before.exempt_until is None or since <= before.exempt_until)
    say(
        tx,
        person_id,
        exempt=exempt,
        exempt_since=((before.exempt_since if goes_on else None) or since) if exempt else None,
        exempt_until=until if exempt else None,
        exempt_reason=clean_line(reason, 300) if exempt else "",
    )
    if exempt:
        told_no_more(tx, person_id)
    audit.write(tx, "dues.exempt", person_id, by=by, after=str(exempt).lower(), reason=clean_line(reason, 300))


def set_ended(
    tx: Tx, roles: Collection[str], by: ActorId | None, person_id: ActorId, ending: Ending | None, today: date
) -> None:
    """Somebody's membership of the association is over, or is not. Their account stays. Raises NotAllowed, NotFound."""
    rules.check_keeper(roles)
    before = queries.standing(tx.conn, person_id, today).ended
    say(tx, person_id, ended=ending, ended_on=today if ending is not None else None)
    if ending is not None:
        told_no_more(tx, person_id)
    audit.write(tx, "dues.ended", person_id, by=by, before=before or "", after=ending or "")


def set_receipt_name(tx: Tx, person_id: ActorId, name: str, address: str) -> None:
    """How a member wants to be named on receipts to come."""
    say(tx, person_id, receipt_name=clean_line(name, 120), receipt_address=clean(address, 500))


def set_reminders(tx: Tx, person_id: ActorId, today: date, *, wanted: bool) -> None:
    """Send a member no reminders for a year, or send them again."""
    if not wanted:
        told_no_more(tx, person_id)
    say(tx, person_id, no_reminders_until=None if wanted else today + NO_REMINDERS)


def about(person_id: int) -> str:
    """The matter of the one notice that somebody has of their dues."""
    return f"dues:{person_id}"


def told_no_more(tx: Tx, person_id: int) -> None:
    """Take back what the association told a member of their dues: the matter is closed."""
    notices.close(tx, about(person_id))


def reminded(tx: Tx, person_id: ActorId, until: date, step: int) -> None:
    """Note that somebody was told, `step` days after (or before) that last day."""
    say(tx, person_id, reminded_for=until, reminded_step=step)


def expire(tx: Tx) -> int:
    """Give up announced payments that nobody found for 60 days; how many they were."""
    gone = tx.conn.execute(
        update(dues_payments)
        .where(
            dues_payments.c.state == PaymentState.ANNOUNCED, dues_payments.c.created_at < tx.now - rules.ANNOUNCED_FOR
        )
        .values(state=PaymentState.REJECTED, closed_at=tx.now)
        .returning(dues_payments.c.person_id)
    ).all()
    for row in gone:
        audit.write(tx, "dues.payment", row.person_id, before=PaymentState.ANNOUNCED, after=PaymentState.REJECTED)
    return len(gone)


def forget_member(tx: Tx, person_id: int) -> None:
    """Somebody is gone: what they only announced goes with them. Accounts of money that came, and receipts, stay."""
    mine: ColumnElement[bool] = dues_payments.c.person_id == person_id
    unsettled = dues_payments.c.state.in_((PaymentState.ANNOUNCED, PaymentState.REJECTED))
    tx.conn.execute(delete(dues_payments).where(mine, unsettled))
    tx.conn.execute(delete(dues_memberships).where(dues_memberships.c.person_id == person_id))
    tx.conn.execute(delete(dues_people).where(dues_people.c.person_id == person_id))
    tx.conn.execute(update(dues_payments).where(dues_payments.c.partner_id == person_id).values(partner_id=None))
    couples.forget_member(tx, person_id)


def _add(tx: Tx, who: Standing, money: Money, state: PaymentState, today: date, *, by: ActorId | None) -> int:
    plan = queries.plan(tx.conn, money.plan_id)
    price = plan.terms.price_for(who.class_year, money.paid_on)
    rules.check_amount(plan.terms, money.amount, price)
    rules.check_day(money.paid_on, today)
    offers.check_couple(plan.offer, partnered=who.partner_id is not None)
    if plan.offer.gift:
        gifts.check_address(who.receipt_address)
    number = new_id(tx.now)
    tx.conn.execute(
        insert(dues_payments),
        {
            "id": number,
            "person_id": who.person_id,
            "plan_id": plan.id,
            "amount": money.amount,
            "currency": plan.currency,
            "price": price,
            "method": money.method,
            "paid_on": money.paid_on,
            "reference": clean_line(money.reference, rules.MAX_REFERENCE),
            "bank_line": money.bank_line,
            "declared": money.declared,
            "state": state,
            "recorded_by": by,
            "reason": "",
            "created_at": tx.now,
        },
    )
    return number


def _confirm(tx: Tx, by: ActorId | None, number: int, today: date) -> None:
    """Count it, and give a receipt, in one transaction."""
    payment = _locked(tx, number)
    if rules.after(payment.state, Verb.CONFIRM) is payment.state:
        return
    _set(
        tx,
        number,
        state=PaymentState.CONFIRMED,
        confirmed_at=tx.now,
        decided_by=by,
        partner_id=payment.partner_id,
    )
    _note(tx, payment, PaymentState.CONFIRMED, by)
    until = _count_anew(tx, payment)
    for person in _covered(payment):
        told_no_more(tx, person)
    who = _still_here(tx, payment.person_id, today)
    partner = _still_here(tx, payment.partner_id, today) if payment.partner_id is not None else None
    made = receipts.issue(
        tx,
        receipts.RECEIPT,
        queries.payment(tx.conn, number),
        who,
        queries.association(tx.conn),
        today,
        partner=partner.name if partner is not None else "",
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
    """Work out from all confirmed payments for a plan until when it is paid, and which of them covers what.

    For both of a couple; what is returned is until when for the one who paid.
    """
    untils = [_count_for(tx, person, payment) for person in _covered(payment)]
    return untils[0]


def _count_for(tx: Tx, person_id: ActorId, payment: Payment) -> date | None:
    cover = rules.NOTHING
    for number, paid, payer_id in queries.confirmed(tx.conn, person_id, payment.plan.id):
        more = rules.paying(payment.plan.terms, cover, paid)
        extends = more.until != cover.until
        if payer_id == person_id:
            _set(
                tx,
                number,
                covers_from=more.covers_from if extends else None,
                covers_to=more.until if extends else None,
            )
        cover = more
    tx.conn.execute(
        update(dues_memberships).where(*_membership(person_id, payment.plan.id)).values(paid_until=cover.until)
    )
    return cover.until


def _covered(payment: Payment) -> tuple[ActorId, ...]:
    """For whom a payment counts, whoever paid it first."""
    return (payment.person_id,) if payment.partner_id is None else (payment.person_id, payment.partner_id)


def _locked(tx: Tx, number: int) -> Payment:
    """A payment, with nobody else at work on what that person pays for that plan. Raises NotFound.

    Two payments confirmed at the same moment must each see the other: their sum is what counts.
    """
    found = queries.payment(tx.conn, number)
    partner = found.partner_id
    if found.state is PaymentState.ANNOUNCED:
        if found.plan.offer.audience is Audience.COUPLE:
            partner = couples.partner_of(tx.conn, found.person_id)
        for person in sorted({found.person_id, partner or found.person_id}):
            row = {"person_id": person, "plan_id": found.plan.id, "joined_on": found.paid_on}
            tx.conn.execute(insert_or_ignore(tx.conn, dues_memberships), row)
    statement = (
        select(dues_memberships.c.person_id)
        .where(
            dues_memberships.c.person_id.in_((found.person_id, partner or found.person_id)),
            dues_memberships.c.plan_id == found.plan.id,
        )
        # In the same order for everybody, so that two never wait for each other.
        .order_by(dues_memberships.c.person_id)
    )
    if tx.conn.dialect.name != "sqlite":
        statement = statement.with_for_update()
    tx.conn.execute(statement)
    now = queries.payment(tx.conn, number)
    return replace(now, partner_id=partner) if now.state is PaymentState.ANNOUNCED else now


def _membership(person_id: int, plan_id: int) -> tuple[ColumnElement[bool], ...]:
    return (dues_memberships.c.person_id == person_id, dues_memberships.c.plan_id == plan_id)


def _still_here(tx: Tx, person_id: ActorId, today: date) -> Standing | None:
    try:
        return queries.standing(tx.conn, person_id, today)
    except NotFound:
        return None


def _note(tx: Tx, payment: Payment, after: PaymentState, by: ActorId | None, reason: str = "") -> None:
    audit.write(tx, "dues.payment", payment.person_id, by=by, before=payment.state, after=after, reason=reason)


def _set(tx: Tx, number: int, **values: Any) -> None:
    tx.conn.execute(update(dues_payments).where(dues_payments.c.id == number).values(**values))


def say(tx: Tx, person_id: ActorId, **values: Any) -> None:
    """Keep something of a member whatever they pay: columns of `dues_people`."""
    tx.conn.execute(insert_or_ignore(tx.conn, dues_people), {"person_id": person_id, **_NOBODY})
    tx.conn.execute(update(dues_people).where(dues_people.c.person_id == person_id).values(**values))
