# SPDX-License-Identifier: AGPL-3.0-or-later
"""Receipts: numbered without a gap, and never changed once they are issued.

A number is taken in the transaction that stores the receipt and confirms the payment: after a crash either all three are
there or none. Receipts and credit notes share the one row of numbers of a year.

A receipt for dues is none for a gift: what a member pays dues for is not given without return, and no tax is spared by
this paper. It says so. Receipts for gifts (`gifts`) have other words, and numbers in a series of their own (G2026-0001),
with the credit notes that take them back.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, insert, select, update

from node.dues import wording
from node.dues.queries import DUES, GIFTS, Association, Payment, Standing, number_of
from node.dues.rules import FOR_LIFE, Method
from node.dues.tables import dues_counters, dues_payments, dues_receipts
from node.kernel.db import Tx, insert_or_ignore
from node.kernel.i18n import Translator, marked, short_day, translator
from node.kernel.ids import new_id

KEEP_NAMES: Final = 10
"""Years after that of the receipt for which it names who paid: as long as accounts have to be kept (Code de commerce,
L123-22)."""
RECEIPT: Final = "receipt"
CREDIT_NOTE: Final = "credit_note"
METHODS: Final = {
    Method.TRANSFER: marked("bank transfer"),
    Method.CHEQUE: marked("cheque"),
    Method.CASH: marked("cash"),
    Method.CARD: marked("card, charged elsewhere"),
    Method.PLATFORM: marked("a platform for payments"),
}


def issue(
    tx: Tx,
    kind: str,
    payment: Payment,
    who: Standing | None,
    said: Association,
    today: date,
    *,
    partner: str = "",
) -> int:
    """Number a document, and keep it as it is now; its id. `partner` is for whom else it was paid.

    A credit note takes back the receipt of the same payment, and counts in the series of that one.
    """
    back = _receipt_of(tx, payment.id) if kind == CREDIT_NOTE else None
    if back is not None:
        series = str(back.series)
    else:
        is_gift = payment.plan.offer.gift and said.gifts.declared and who is not None and bool(who.receipt_address)
        series = GIFTS if is_gift else DUES
    number = _next(tx, series, today.year)
    made = new_id(tx.now)
    tx.conn.execute(
        insert(dues_receipts),
        {
            "id": made,
            "series": series,
            "year": today.year,
            "number": number,
            "kind": kind,
            "payment_id": payment.id,
            "issued_on": today,
            "document": _document(
                kind,
                number_of(series, today.year, number),
                payment,
                who,
                said,
                today,
                of=number_of(back.series, back.year, back.number) if back is not None else "",
                site=tx.site.name,
                partner=partner,
                gift=series == GIFTS,
            ),
        },
    )
    return made


def forget_names(tx: Tx, today: date, *, at_once: int = 200) -> int:
    """Take the names off documents that are too old to need them; how many. Their numbers and amounts stay."""
    due = (
        select(dues_receipts.c.id, dues_receipts.c.payment_id, dues_receipts.c.document)
        .where(dues_receipts.c.nameless.is_(False), dues_receipts.c.year < today.year - KEEP_NAMES)
        .limit(at_once)
    )
    rows = tx.conn.execute(due).all()
    for row in rows:
        document = {**row.document, "rows": row.document["rows"][: row.document["common"]]}
        tx.conn.execute(
            update(dues_receipts).where(dues_receipts.c.id == row.id).values(document=document, nameless=True)
        )
        tx.conn.execute(
            update(dues_payments).where(dues_payments.c.id == row.payment_id).values(reference="", reason="")
        )
    return len(rows)


def _receipt_of(tx: Tx, payment_id: int) -> Row[str, int, int] | None:
    return tx.conn.execute(
        select(dues_receipts.c.series, dues_receipts.c.year, dues_receipts.c.number).where(
            dues_receipts.c.payment_id == payment_id, dues_receipts.c.kind == RECEIPT
        )
    ).one_or_none()


def _next(tx: Tx, series: str, year: int) -> int:
    """The next number of a year in a series. Its row is locked until the transaction ends."""
    tx.conn.execute(insert_or_ignore(tx.conn, dues_counters), {"series": series, "year": year, "last": 0})
    counter = (dues_counters.c.series == series) & (dues_counters.c.year == year)
    tx.conn.execute(update(dues_counters).where(counter).values(last=dues_counters.c.last + 1))
    return int(tx.conn.execute(select(dues_counters.c.last).where(counter)).scalar_one())


def _document(
    kind: str,
    number: str,
    payment: Payment,
    who: Standing | None,
    said: Association,
    today: date,
    *,
    of: str,
    site: str,
    partner: str,
    gift: bool,
) -> Mapping[str, Any]:
    """All words of the document, in the member's language, so that nothing is worked out when it is shown again."""
    locale = who.locale if who is not None else "en"
    words = translator(locale)
    _ = words.gettext
    title, foot = _title_and_foot(kind, payment, said, words, gift=gift)
    rows = [
        (_("Number"), number),
        (_("Issued on"), short_day(today, locale)),
        *([(_("Takes back receipt"), of)] if of else ()),
        (_("Amount"), wording.figures(payment.amount, payment.currency, locale)),
        (_("In words"), wording.words(payment.amount, payment.currency, locale)),
        (_("Paid on"), short_day(payment.paid_on, locale)),
        (_("Paid by"), _(METHODS[payment.method])),
        (_("For"), payment.plan.name),
        *([(_("Period"), _period(payment, words))] if payment.covers_to else ()),
        *(_gift_rows(said, words) if gift and kind == RECEIPT else ()),
    ]
    # What names somebody stands last, so that it can go.
    personal = [
        (_("Received from"), (who.receipt_name or who.name) if who is not None else payment.person),
        *([(_("Address"), who.receipt_address)] if who is not None and who.receipt_address else ()),
        *([(_("Also for"), partner)] if partner else ()),
        *([(_("Reason"), payment.reason)] if kind == CREDIT_NOTE and payment.reason else ()),
    ]
    issuer = [
        said.legal_name or site,
        *(line for line in f"{said.legal_address}\n{said.legal_details}".splitlines() if line.strip()),
    ]
    return {
        "locale": words.locale,
        "title": title,
        "issuer": issuer,
        "rows": [list(row) for row in (*rows, *personal)],
        "common": len(rows),
        "foot": foot,
        "duplicate": _("Duplicate"),
    }


def _title_and_foot(
    kind: str, payment: Payment, said: Association, words: Translator, *, gift: bool
) -> tuple[str, str]:
    _ = words.gettext
    if kind == CREDIT_NOTE:
        return _("Credit note"), ""
    if gift:
        foot = _(
            "The association declares that this was given without anything in return, and that these articles of the"
            " French tax code (Code général des impôts) apply: %(articles)s."
        )
        return _("Receipt for a gift"), foot % {"articles": ", ".join(said.gifts.articles)}
    if payment.plan.offer.gift:
        return _("Receipt"), _("This receipt gives no right to a tax reduction.")
    return (
        _("Receipt for dues"),
        _("This is a receipt for dues. It is no receipt for a gift and gives no right to a tax reduction."),
    )


def _gift_rows(said: Association, words: Translator) -> tuple[tuple[str, str], ...]:
    """What such a receipt has to say beside who, how much and when: what was given, and on what grounds."""
    _ = words.gettext
    return (
        (_("What was given"), _("money, without anything in return")),
        (_("Grounds"), said.gifts.basis),
        (_("Signed by"), said.gifts.signer),
    )


def _period(payment: Payment, words: Translator) -> str:
    if payment.covers_to == FOR_LIFE:
        return words.gettext("for life")
    assert payment.covers_from is not None
    assert payment.covers_to is not None
    return words.gettext("%(first)s to %(last)s") % {
        "first": short_day(payment.covers_from, words.locale),
        "last": short_day(payment.covers_to, words.locale),
    }
