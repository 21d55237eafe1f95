# SPDX-License-Identifier: AGPL-3.0-or-later
"""Payments as a table for an accountant: UTF-8 with its mark, semicolons, and a decimal comma in French. Pure.

No cell begins as a formula does: a spreadsheet would work out what somebody wrote as their reference (CWE-1236).
"""

import csv
import io
from collections.abc import Iterable
from datetime import date

from node.dues import wording
from node.dues.queries import Payment
from node.dues.receipts import METHODS, RECEIPT
from node.dues.rules import PaymentState
from node.kernel.i18n import translator
from node.kernel.text import plain_cell


def as_csv(payments: Iterable[Payment], locale: str) -> bytes:
    """One line for each payment, the oldest first."""
    words = translator(locale)
    _ = words.gettext
    states = {
        PaymentState.CONFIRMED: _("arrived"),
        PaymentState.REFUNDED: _("refunded"),
        PaymentState.CANCELLED: _("cancelled"),
    }
    file = io.StringIO()
    table = csv.writer(file, delimiter=";", lineterminator="\r\n")
    table.writerow(
        [
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
        ]
    )
    for one in sorted(payments, key=lambda payment: (payment.paid_on, payment.id)):
        receipt = next((line.number for line in one.receipts if line.kind == RECEIPT), "")
        credit = next((line.number for line in one.receipts if line.kind != RECEIPT), "")
        table.writerow(
            plain_cell(text)
            for text in (
                one.paid_on.isoformat(),
                one.person,
                one.plan.name,
                wording.plain(one.amount, one.currency, comma=words.locale == "fr"),
                one.currency,
                _(METHODS[one.method]),
                one.reference,
                states.get(one.state, ""),
                receipt,
                credit,
                _day(one.covers_from),
                _day(one.covers_to),
                one.reason,
            )
        )
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
