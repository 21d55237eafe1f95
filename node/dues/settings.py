# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the association says: what can be paid and how, what stands on receipts, and whether gifts have some."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import insert, update

from node.actors import ActorId, association
from node.dues import gifts, offers, queries, rules, wording
from node.dues.gifts import Gifts
from node.dues.offers import EVERYBODY, Offer
from node.dues.queries import Association
from node.dues.rules import Terms
from node.dues.tables import dues_association, dues_plans
from node.kernel import audit
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.errors import Conflict, Invalid
from node.kernel.i18n import marked
from node.kernel.ids import new_id
from node.kernel.text import clean, clean_line

MAX_TEXT: Final = 4000


def set_association(tx: Tx, roles: Collection[str], said: Association) -> None:
    """Write what stands on receipts from now on, how to pay, and what members may show. Raises NotAllowed, Invalid.

    What is declared of gifts stays as it is: `declare_gifts`.
    """
    rules.check_keeper(roles)
    if said.currency not in wording.CURRENCIES:
        raise Invalid(marked("Please choose one of the currencies."), field="currency").coded("E_CURRENCY")
    if len(said.reminders) > 10 or any(not -365 <= step <= 365 for step in said.reminders):
        raise Invalid(marked("Please give at most ten numbers of days, each up to a year."), field="reminders")
    _write(
        tx,
        currency=said.currency,
        legal_name=clean_line(said.legal_name, 200),
        legal_address=clean(said.legal_address, MAX_TEXT),
        legal_details=clean(said.legal_details, MAX_TEXT),
        how_to_pay=clean(said.how_to_pay, MAX_TEXT),
        reminders=sorted(set(said.reminders)),
        badges=said.badges,
    )


def declare_gifts(tx: Tx, roles: Collection[str], by: ActorId | None, said: Gifts) -> None:
    """An administrator declares that the association may give receipts for gifts, or no longer. Raises NotAllowed, Invalid.

    Receipts that were given stay as they are.
    """
    gifts.check_declarer(roles)
    said = gifts.checked(said)
    before = queries.association(tx.conn).gifts
    _write(
        tx,
        gifts_declared=said.declared,
        gifts_articles=list(said.articles),
        gifts_basis=said.basis,
        gifts_signer=said.signer,
    )
    if said != before:
        audit.write(
            tx,
            "dues.gifts",
            association(tx.conn).id,
            by=by,
            before=str(before.declared).lower(),
            after=str(said.declared).lower(),
            reason=", ".join(said.articles),
        )


def add_plan(tx: Tx, roles: Collection[str], name: str, terms: Terms, offer: Offer = EVERYBODY) -> int:
    """Offer something to pay, in the association's currency; its number.

    What it costs never changes: for another amount there is another plan, and the old one is closed. So what somebody
    has paid means the same for ever.

    Raises:
        NotAllowed, Invalid.
        Conflict: a gift, where nobody has declared that the association may give receipts for it.
    """
    rules.check_keeper(roles)
    rules.check_terms(terms)
    offer = offers.checked(offer, terms)
    title = clean_line(name, 120)
    if not title:
        raise Invalid(marked("Please give it a name."), field="name")
    said = queries.association(tx.conn)
    if offer.gift and not said.gifts.declared:
        raise Conflict(
            marked("An administrator has to declare first that the association may give receipts for gifts.")
        )
    number = new_id(tx.now)
    tx.conn.execute(
        insert(dues_plans),
        {
            "id": number,
            "name": title,
            "for_whom": offer.for_whom,
            "currency": said.currency,
            "price": terms.price,
            "amount": terms.amount,
            "period": terms.period,
            "months": terms.months,
            "begins_month": terms.begins_month,
            "begins_day": terms.begins_day,
            "rolls_month": terms.rolls_month,
            "rolls_day": terms.rolls_day,
            "grace_days": terms.grace_days,
            "steps": [[step.years, step.amount] for step in terms.steps],
            "audience": offer.audience,
            "young_years": offer.young_years,
            "benefits": list(offer.benefits),
            "active_from": offer.active_from,
            "active_to": offer.active_to,
            "gift": offer.gift,
            "created_at": tx.now,
        },
    )
    return number


def close_plan(tx: Tx, roles: Collection[str], number: int, *, closed: bool) -> None:
    """Offer a plan no longer, or again. Raises NotAllowed, NotFound."""
    rules.check_keeper(roles)
    queries.plan(tx.conn, number)
    tx.conn.execute(update(dues_plans).where(dues_plans.c.id == number).values(closed_at=tx.now if closed else None))


def _write(tx: Tx, **values: Any) -> None:
    nothing = Association()
    first = {
        "id": 1,
        "currency": nothing.currency,
        "legal_name": "",
        "legal_address": "",
        "legal_details": "",
        "how_to_pay": "",
        "reminders": list(nothing.reminders),
        "badges": False,
        "gifts_declared": False,
        "gifts_articles": [],
        "gifts_basis": "",
        "gifts_signer": "",
    }
    tx.conn.execute(insert_or_ignore(tx.conn, dues_association), first)
    tx.conn.execute(update(dues_association).values(**values))
