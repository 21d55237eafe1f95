# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tables for a spreadsheet: payments for an accountant, the roll of an assembly, and how members stand. Pure.

With a decimal comma in French.
"""

from collections.abc import Iterable
from datetime import date

from node.dues import wording
from node.dues.queries import Payment, Standing
from node.dues.receipts import METHODS, RECEIPT
from node.dues.roll import RollLine
from node.dues.rules import PaymentState
from node.kernel.i18n import translator
from node.kernel.sheets import sheet


def as_csv(payments: Iterable[Payment], locale: str) -> bytes:
    """One line for each payment, the oldest first."""
    words = translator(locale)
    _ = words.gettext
    states = {
        PaymentState.CONFIRMED: _("arrived"),
        PaymentState.REFUNDED: _("refunded"),
        PaymentState.CANCELLED: _("cancelled"),
    }
    head = (
        _("Paid on"),
        _("Name"),
        _("For"),
        _("Amount"),
        _("Currency"),
        _("Paid by"),
        _("Reference"),
        _("State"),
        _("Receipt"),
        _("Credit note"),
        _("From"),
        _("Until"),
        _("Reason"),
    )
    rows = (
        (
            one.paid_on.isoformat(),
            one.person,
            one.plan.name,
            wording.plain(one.amount, one.currency, comma=words.locale == "fr"),
            one.currency,
            _(METHODS[one.method]),
            one.reference,
            states.get(one.state, ""),
            next((line.number for line in one.receipts if line.kind == RECEIPT), ""),
            next((line.number for line in one.receipts if line.kind != RECEIPT), ""),
            _day(one.covers_from),
            _day(one.covers_to),
            one.reason,
        )
        for one in sorted(payments, key=lambda payment: (payment.paid_on, payment.id))
    )
    return sheet(head, rows)


def roll_as_csv(lines: Iterable[RollLine], locale: str) -> bytes:
    """Who may vote, with a column to sign."""
    _ = translator(locale).gettext
    rows = (
        (
            line.name,
            str(line.class_year or ""),
            _day(line.covered_until) if line.covered_until else _("need not pay"),
            "",
        )
        for line in lines
    )
    return sheet((_("Name"), _("Class"), _("Until"), _("Signature")), rows)


def standings_as_csv(everybody: Iterable[Standing], locale: str) -> bytes:
    """How members stand on a day; the states in words of the code, which stay the same in every language."""
    _ = translator(locale).gettext
    rows = (
        (
            who.username,
            who.name,
            str(who.class_year or ""),
            who.email,
            str(who.status),
            _day(who.paid_until),
            who.plan.name if who.plan is not None else "",
        )
        for who in everybody
    )
    return sheet((_("Username"), _("Name"), _("Class"), _("E-mail"), _("State"), _("Until"), _("For")), rows)


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
