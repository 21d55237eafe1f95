# SPDX-License-Identifier: AGPL-3.0-or-later
"""A bank's file: its lines, whose they most likely are, and that each is counted once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node import dues
from node.dues import Method, Money, PaymentState, Price, Terms, bank, reference_of
from node.dues.bank import Match
from node.kernel.errors import Conflict, Invalid
from tests.support.builders import a_member

KEEPER = frozenset({"treasurer"})
TODAY = date(2026, 11, 25)
FILE = """Compte 7;;;
Solde;100,00;;

Date opération;Libellé;Montant;Nom
25/11/2026;VIR INST {reference} merci;30,00;
24/11/2026;cotisation bo@mail.example;"60,00";X
24/11/2026;Virement;10,00;OKÔRO Ben
23/11/2026;Virement;10,00;SOMEBODY
22/11/2026;Loyer;-500,00;HALL
"""


@pytest.fixture
def people(db):
    return [
        a_member(db, "ana", display_name="Ana Demo"),
        a_member(db, "bo"),
        a_member(db, "ben", display_name="Ben Okoro"),
    ]


def test_lines_are_matched_by_word_then_address_then_name(db, people):
    ana, _, _ = people
    plan = db.write_now(dues.add_plan, KEEPER, "Dues", Terms(amount=3000))
    free = db.write_now(dues.add_plan, KEEPER, "Young", Terms(amount=500, price=Price.FREE))
    text = FILE.format(reference=reference_of(ana.id).lower())
    for data in (text.encode("cp1252"), text.encode("utf-8-sig")):
        lines = bank.read(data, "EUR")
        found = bank.proposals(lines, db.read_now(dues.everybody, TODAY), db.read_now(dues.plans), {lines[3].key})
        assert [(one.match, one.who and one.who.username, one.plan and one.plan.id) for one in found] == [
            (Match.REFERENCE, "ana", plan),
            (Match.EMAIL, "bo", plan),
            (Match.NAME, "ben", free),
        ]
    assert [(line.day, line.amount) for line in lines][:2] == [(TODAY, 3000), (date(2026, 11, 24), 6000)]


def test_a_name_that_two_have_is_nobodys(db, people):
    a_member(db, "ben2", display_name="Ben Okoro")
    lines = bank.read(b"date,amount,name\n2026-11-25,30.00,Ben Okoro\n", "EUR")
    [found] = bank.proposals(lines, db.read_now(dues.everybody, TODAY), [], ())
    assert (found.match, found.who, found.plan) == (Match.NOBODY, None, None)


def test_the_same_line_twice_is_two_lines_and_known_again():
    data = b"date,amount,text\n2026-11-25,30.00,dues\n2026-11-25,30.00,dues\n"
    first, second = bank.read(data, "EUR")
    assert first.key != second.key
    assert [line.key for line in bank.read(data, "EUR")] == [first.key, second.key]


@pytest.mark.parametrize(
    ("day", "amount", "expected"),
    [
        ("11/25/2026", "1,234.56", (TODAY, 123456)),
        ("25.11.26", "1 234,56", (TODAY, 123456)),
        ("20261125", "+30", (TODAY, 3000)),
        ("2026-11-25T10:00:00Z", "30.5 EUR", (TODAY, 3050)),
    ],
)
def test_days_and_amounts_as_banks_write_them(day, amount, expected):
    [line] = bank.read(f"Date;Montant\n{day};{amount}\n".encode(), "EUR")
    assert (line.day, line.amount) == expected


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00\x81", b"just words\n", b"date;text\n2026-11-25;30\n", b"x" * 2_097_153]
)
def test_what_is_no_such_file_is_refused(data):
    with pytest.raises(Invalid):
        bank.read(data, "EUR")


@given(st.lists(st.text(max_size=12), max_size=8), st.sampled_from(["EUR", "JPY"]))
def test_any_row_is_read_or_passed_over(cells, currency):
    data = "date;amount;name;email;text\n" + ";".join(cells)
    try:
        lines = bank.read(data.encode("utf-8", "replace"), currency)
    except Invalid:
        return
    assert all(line.amount > 0 for line in lines)


def test_a_line_confirms_what_was_announced_and_is_counted_once(db, people):
    ana, bo, _ = people
    plan = db.write_now(dues.add_plan, KEEPER, "Dues", Terms(amount=3000))
    money = Money(plan_id=plan, amount=3000, method=Method.TRANSFER, paid_on=TODAY)
    number = db.write_now(dues.announce, ana.id, money, TODAY)
    line = Money(plan_id=plan, amount=3000, method=Method.TRANSFER, paid_on=TODAY, bank_line="k")

    assert db.write_now(dues.take, KEEPER, bo.id, ana.id, line, TODAY) == number
    assert db.read_now(dues.payment, number).state is PaymentState.CONFIRMED
    for who in (ana, bo):
        with pytest.raises(Conflict):
            db.write_now(dues.take, KEEPER, bo.id, who.id, line, TODAY)
    assert len(db.read_now(dues.payments_of, ana.id)) == 1
    assert db.read_now(dues.taken_lines, ["k", "other"]) == {"k"}
