# SPDX-License-Identifier: AGPL-3.0-or-later
"""A file of a bank or of a platform for payments (CSV): its lines, and who they are most likely from. Pure.

Nothing is counted by this: a line is matched by the member's word for transfers, then by e-mail address, then by name,
and the treasurer says yes to each. A name alone that two members could have is nobody's.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from node.dues.offers import Audience, fits
from node.dues.queries import Plan, Standing
from node.dues.rules import MAX_PERIODS, Price, reference_of
from node.dues.wording import digits
from node.kernel.errors import Invalid
from node.kernel.folding import name_key
from node.kernel.i18n import marked

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_LINES: Final = 5000
# fmt: off
_HEADERS: Final[Mapping[str, frozenset[str]]] = {
    "date": frozenset({
        "date", "dateoperation", "datedoperation", "datecomptable", "datedevaleur", "datevaleur", "datepaiement",
        "datedupaiement", "bookingdate", "valuedate", "transactiondate", "paidon", "paymentdate", "completeddate",
    }),
    "amount": frozenset({
        "montant", "credit", "amount", "montanteur", "montanteneuros", "montanttotal", "creditamount", "paidin",
        "moneyin", "valeur",
    }),
    "name": frozenset({
        "nom", "name", "payer", "payeur", "payername", "counterparty", "contrepartie", "donneurdordre", "emetteur",
        "debtor", "nompayeur", "client",
    }),
    "email": frozenset({
        "email", "emailaddress", "courriel", "emailpayeur", "adresseemail", "payeremail", "mail", "adressemail",
    }),
}
# fmt: on
"""What a column is called, without accents, spaces and marks; every other column is text in which words are looked for."""


# Every place is looked at, also inside what was tried before: "INST ABCD-EFGH" holds one.
_REFERENCE: Final = re.compile(r"(?<![A-Z0-9])(?=([A-Z0-9]{4})[- ]?([A-Z0-9]{4})(?![A-Z0-9]))")


class Match(StrEnum):
    """By what a line was matched."""

    REFERENCE = "reference"
    EMAIL = "email"
    NAME = "name"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Money that came in. `key` tells this line from every other, in this file and in the next one that holds it."""

    key: str
    day: date
    amount: int
    text: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A line, and whom and what it most likely pays."""

    line: Line
    match: Match
    who: Standing | None = None
    plan: Plan | None = None


def read(data: bytes, currency: str) -> Sequence[Line]:
    """The lines of a file by which money came in; what went out is passed over.

    Raises:
        Invalid: too large, no text, or without a column for the day or the amount.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(marked("This file is larger than 2 MB. Please split it."), field="file")
    rows = _rows(data)
    place, columns = _columns(rows)
    found: list[Line] = []
    seen: Counter[tuple[str, ...]] = Counter()
    rows = rows[place + 1 :]
    month_first = any(_is_month_first(_at(row, columns["date"])) for row in rows)
    for row in rows:
        day, amount = _day(_at(row, columns["date"]), month_first), _amount(_at(row, columns["amount"]), currency)
        if day is None or amount is None or amount <= 0:
            continue
        # Two people may pay the same on the same day with the same words: the second such line is another one.
        seen[tuple(row)] += 1
        digest = hashlib.sha256("\x1f".join([*row, str(seen[tuple(row)])]).encode()).hexdigest()
        special = set(columns.values())
        words = [cell.strip() for index, cell in enumerate(row) if index not in special and cell.strip()]
        found.append(
            Line(
                key=digest,
                day=day,
                amount=amount,
                text=" · ".join(words)[:500],
                name=_at(row, columns.get("name", -1))[:120],
                email=_at(row, columns.get("email", -1)).lower()[:254],
            )
        )
    return found


def proposals(
    lines: Sequence[Line], everybody: Sequence[Standing], plans: Sequence[Plan], taken: Collection[str]
) -> Sequence[Proposal]:
    """Who and what each line is for, without those that were taken before."""
    words = {reference_of(who.person_id).replace("-", ""): who for who in everybody}
    by_email = {who.email.lower(): who for who in everybody}
    names = _names(everybody)
    made = []
    for line in lines:
        if line.key in taken:
            continue
        who, match = _who(line, words, by_email, names)
        made.append(Proposal(line=line, match=match, who=who, plan=_plan(line, who, plans)))
    return made


def _who(
    line: Line,
    words: Mapping[str, Standing],
    by_email: Mapping[str, Standing],
    names: Mapping[frozenset[str], Standing | None],
) -> tuple[Standing | None, Match]:
    text = f"{line.text} {line.name}".upper()
    for found in _REFERENCE.finditer(text):
        if (who := words.get(found[1] + found[2])) is not None:
            return who, Match.REFERENCE
    for address in [line.email, *re.findall(r"[^\s<>;,·]+@[^\s<>;,·]+", line.text.lower())]:
        if (who := by_email.get(address)) is not None:
            return who, Match.EMAIL
    said = _words(f"{line.name} {line.text}")
    fitting = [(len(name), who) for name, who in names.items() if name <= said]
    # Of "Ana Maria Demo" and "Ana Demo" the longer one is meant; of two that are as long, nobody knows which.
    longest = [who for length, who in fitting if length == max(size for size, _ in fitting)]
    if len(longest) == 1 and longest[0] is not None:
        return longest[0], Match.NAME
    return None, Match.NOBODY


def _names(everybody: Sequence[Standing]) -> Mapping[frozenset[str], Standing | None]:
    """Names of two words or more; None for one that several have."""
    names: dict[frozenset[str], Standing | None] = {}
    for who in everybody:
        for name in {_words(who.name), _words(who.receipt_name)}:
            if len(name) > 1:
                names[name] = None if names.get(name, who) is not who else who
    return names


def _words(text: str) -> frozenset[str]:
    return frozenset(key for word in re.split(r"[\s,;·/-]+", text) if (key := name_key(word)))


def _plan(line: Line, who: Standing | None, plans: Sequence[Plan]) -> Plan | None:
    """What a line pays: the plan that costs as much, or one of which it is a multiple, or one that leaves it open.

    Whoever they are, it is none that is not for them, and no gift: who gives says so.
    """
    class_year = who.class_year if who is not None else None
    open_to = [
        (plan, plan.terms.price_for(class_year, line.day))
        for plan in plans
        if not plan.offer.gift
        and fits(plan.offer, class_year, line.day) is not False
        and (plan.offer.audience is not Audience.COUPLE or (who is not None and who.partner_id is not None))
    ]
    for plan, price in open_to:
        if price == line.amount:
            return plan
    for plan, price in open_to:
        times, over = divmod(line.amount, price)
        if plan.terms.price is Price.FREE and line.amount > price:
            return plan
        if plan.terms.price is not Price.FREE and not over and times <= MAX_PERIODS:
            return plan
    return None


def _rows(data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid(marked("This is no text. Please save the table as CSV."), field="file")
    if "\0" in text:
        raise Invalid(marked("This is no text. Please save the table as CSV."), field="file")
    head = text[:5000]
    separator = max(";,\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise Invalid(marked("This is no text. Please save the table as CSV."), field="file") from None
    if len(rows) > MAX_LINES:
        raise Invalid(marked("This file has more than 5000 lines. Please split it."), field="file")
    return rows


def _columns(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """The line of the header, which may stand below what the bank says of itself, and what its columns are."""
    for place, row in enumerate(rows[:20]):
        columns: dict[str, int] = {}
        for index, cell in enumerate(row):
            key = re.sub(r"[^a-z]", "", name_key(cell).lower())
            for meaning, names in _HEADERS.items():
                if key in names:
                    columns.setdefault(meaning, index)
        if {"date", "amount"} <= columns.keys():
            return place, columns
    raise Invalid(marked("This file has no line that names a column for the day and one for the amount."), field="file")


def _at(row: Sequence[str], index: int) -> str:
    return row[index].strip() if 0 <= index < len(row) else ""


def _is_month_first(text: str) -> bool:
    found = re.match(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-][0-9]{2,4}", text)
    return found is not None and int(found[2]) > 12


def _day(text: str, month_first: bool) -> date | None:
    if found := re.match(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})", text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := re.match(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})(?![0-9])", text):
        day, month, year = int(found[1]), int(found[2]), int(found[3])
        if month_first:
            day, month = month, day
        year += 2000 if year < 100 else 0
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _amount(text: str, currency: str) -> int | None:
    """`1 234,56`, `1,234.56` or `+30`; None for what is no amount."""
    bare = re.sub(r"[\s\u00a0\u202f'€$£+]", "", text.replace(currency, ""))
    sign = -1 if bare.startswith("-") else 1
    places = digits(currency)
    found = re.fullmatch(rf"-?([0-9.,]*?)(?:[.,]([0-9]{{1,{max(places, 2)}}}))?", bare)
    if found is None or not re.search(r"[0-9]", bare):
        return None
    whole = re.sub(r"[.,]", "", found[1]) or "0"
    if len(whole) > 12:
        return None
    part = (found[2] or "").ljust(places, "0")
    return sign * int(whole + part) if len(part) == places else None
