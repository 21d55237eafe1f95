# SPDX-License-Identifier: AGPL-3.0-or-later
"""Payments as treasurer and members live them, their receipts, and who is reminded."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from node import contacts, dues, members, posts, relationships
from node.dues import receipts, reminders
from node.dues.rules import Ending, Method, PaymentState, Period, Status, Terms, Verb
from node.dues.tables import dues_counters, dues_memberships, dues_payments, dues_people, dues_receipts
from node.kernel import clock
from node.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from tests.support import letters
from tests.support.builders import a_member, a_post

ROOT = Path(__file__).parents[2]
TREASURER = frozenset({"treasurer"})
TODAY = date(2026, 11, 25)


@pytest.fixture
def ana(db):
    """A member of a node that sends letters."""
    db.site = replace(db.site, has_mail=True)
    return a_member(db, "ana")


@pytest.fixture
def bo(db):
    """The treasurer."""
    return a_member(db, "bo", roles=("member", "treasurer"))


@pytest.fixture
def plan(db):
    """Thirty euros a year."""
    return db.write_now(dues.add_plan, TREASURER, "Dues", Terms(amount=3000))


def money(plan, amount=3000, day=TODAY, **more):
    return dues.Money(plan_id=plan, amount=amount, method=Method.TRANSFER, paid_on=day, **more)


def standing(db, who, day=TODAY):
    return db.read_now(dues.standing, who.id, day)


def record(db, bo, who, plan, amount=3000, day=TODAY, today=TODAY):
    return db.write_now(dues.record, TREASURER, bo.id, who.id, money(plan, amount, day), today)


def numbers(db):
    return db.read_now(
        lambda conn: conn.execute(select(dues_receipts.c.number).order_by(dues_receipts.c.id)).scalars().all()
    )


def test_a_member_says_so_and_the_treasurer_finds_it(db, ana, bo, plan):
    assert standing(db, ana).status is Status.NEVER
    number = db.write_now(dues.announce, ana.id, money(plan, reference="from my savings"), TODAY)
    [waiting] = db.read_now(dues.announced)
    assert (waiting.id, waiting.person, waiting.reference) == (number, "Ana", "from my savings")
    assert standing(db, ana).status is Status.NEVER

    db.write_now(dues.confirm, TREASURER, bo.id, number, TODAY)
    db.write_now(dues.confirm, TREASURER, bo.id, number, TODAY)

    assert (standing(db, ana).status, standing(db, ana).paid_until) == (Status.CURRENT, date(2027, 11, 24))
    [payment] = db.read_now(dues.payments_of, ana.id)
    assert (payment.covers_from, payment.covers_to) == (TODAY, date(2027, 11, 24))
    [line] = payment.receipts
    assert line.number == "2026-0001"
    [(to, letter)] = letters.in_queue(db)
    assert (to, letter["link"]) == ("ana@mail.example", f"{db.site.base_url}/dues/receipts/{line.id}")
    assert letter["paragraphs"] == ["Thank you: €30.00 have arrived.", "Your dues are paid until 24 Nov 2027."]


def test_what_is_not_found_is_rejected_with_a_reason(db, ana, bo, plan):
    number = db.write_now(dues.announce, ana.id, money(plan), TODAY)

    db.write_now(dues.reject, TREASURER, bo.id, number, "Nothing has come in November.")

    [payment] = db.read_now(dues.payments_of, ana.id)
    assert payment.state is PaymentState.REJECTED
    assert letters.in_queue(db)[0][1]["paragraphs"][1] == "Nothing has come in November."
    assert numbers(db) == []
    with pytest.raises(Conflict):
        db.write_now(dues.confirm, TREASURER, bo.id, number, TODAY)


def test_what_nobody_finds_is_given_up_after_sixty_days(db, ana, plan):
    number = db.write_now(dues.announce, ana.id, money(plan), TODAY)
    assert db.write_now(dues.expire) == 0
    past = clock.now() - timedelta(days=61)
    db.write_now(lambda tx: tx.conn.execute(update(dues_payments).values(created_at=past)))

    assert db.write_now(dues.expire) == 1
    assert db.read_now(dues.payment, number).state is PaymentState.REJECTED


def test_parts_add_up_and_a_refund_takes_away_what_it_paid(db, ana, bo, plan):
    first = record(db, bo, ana, plan, 1000, date(2026, 1, 10))
    assert standing(db, ana).status is Status.NEVER
    record(db, bo, ana, plan, 2000, date(2026, 2, 10))
    assert standing(db, ana).paid_until == date(2027, 2, 9)
    record(db, bo, ana, plan, 3000, date(2026, 3, 1))
    assert standing(db, ana).paid_until == date(2028, 2, 9)

    db.write_now(dues.give_back, TREASURER, bo.id, first, Verb.REFUND, "They paid twice.", TODAY)

    # Twenty and thirty euros are one year and a part, reached when the second came.
    assert standing(db, ana).paid_until == date(2027, 2, 28)
    payments = {payment.id: payment for payment in db.read_now(dues.payments_of, ana.id)}
    assert [line.kind for line in payments[first].receipts] == ["receipt", "credit_note"]
    assert payments[first].covers_to is None
    note = db.read_now(dues.receipt, payments[first].receipts[1].id)
    assert ["Takes back receipt", "2026-0001"] in note.document["rows"]
    assert ["Reason", "They paid twice."] in note.document["rows"]
    assert numbers(db) == [1, 2, 3, 4]
    with pytest.raises(Conflict):
        db.write_now(dues.give_back, TREASURER, bo.id, first, Verb.CANCEL, "Again", TODAY)


def test_a_refund_needs_a_reason_and_changes_nothing_without(db, ana, bo, plan):
    number = record(db, bo, ana, plan)
    with pytest.raises(Invalid):
        db.write_now(dues.give_back, TREASURER, bo.id, number, Verb.CANCEL, "  ", TODAY)
    assert standing(db, ana).paid_until is not None
    assert numbers(db) == [1]


def test_a_receipt_says_all_there_is_to_say_and_never_changes(db, ana, bo, plan):
    said = dues.Association(legal_name="Friends of the Harbour", legal_address="1 Quay\nPort", legal_details="No. 7")
    db.write_now(dues.set_association, TREASURER, said)
    db.write_now(dues.set_receipt_name, ana.id, "Dr Ana Demo", "2 Hill\nTown")
    number = record(db, bo, ana, plan)
    [line] = db.read_now(dues.payment, number).receipts
    before = db.read_now(dues.receipt, line.id)
    assert before.document["issuer"] == ["Friends of the Harbour", "1 Quay", "Port", "No. 7"]
    assert dict(before.document["rows"]) == {
        "Number": "2026-0001",
        "Issued on": "25 Nov 2026",
        "Received from": "Dr Ana Demo",
        "Address": "2 Hill\nTown",
        "Amount": "€30.00",
        "In words": "thirty euros",
        "Paid on": "25 Nov 2026",
        "Paid by": "bank transfer",
        "For": "Dues",
        "Period": "25 Nov 2026 to 24 Nov 2027",
    }

    db.write_now(dues.set_association, TREASURER, dues.Association(legal_name="Another"))
    db.write_now(dues.set_receipt_name, ana.id, "Somebody", "")
    record(db, bo, ana, plan)

    assert db.read_now(dues.receipt, line.id) == before


def test_a_crash_after_the_number_leaves_no_gap(db, ana, bo, plan, monkeypatch):
    record(db, bo, ana, plan)

    def crash(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("node.dues.letters.confirmed", crash)
    with pytest.raises(RuntimeError):
        record(db, bo, ana, plan)
    monkeypatch.undo()
    assert len(db.read_now(dues.payments_of, ana.id)) == 1
    record(db, bo, ana, plan)

    assert numbers(db) == [1, 2]


def test_numbers_have_no_gap_and_no_repeat_however_many_are_taken_at_once(db, ana, bo, plan):
    people = [ana, bo]

    def pay(turn):
        who = people[turn % 2]
        if turn % 5 == 4:
            with pytest.raises(Invalid):
                record(db, bo, who, plan, -1)
        else:
            record(db, bo, who, plan)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(pay, range(40)))

    assert sorted(numbers(db)) == list(range(1, 33))
    assert db.read_now(lambda conn: conn.execute(select(dues_counters.c.last)).scalar_one()) == 32
    # Each payment was counted, although they came at the same moment.
    assert {standing(db, who).paid_until for who in people} == {date(2042, 11, 24)}


def test_each_year_counts_from_one(db, ana, bo, plan):
    record(db, bo, ana, plan)
    number = record(db, bo, ana, plan, today=date(2027, 1, 1))
    assert db.read_now(dues.payment, number).receipts[0].number == "2027-0001"


def test_only_the_treasurer_does_any_of_it(db, ana, bo, plan):
    number = db.write_now(dues.announce, ana.id, money(plan), TODAY)
    for roles in ({"member"}, {"secretary", "moderator", "board"}):
        for act in (
            lambda tx, roles=roles: dues.record(tx, roles, bo.id, ana.id, money(plan), TODAY),
            lambda tx, roles=roles: dues.confirm(tx, roles, bo.id, number, TODAY),
            lambda tx, roles=roles: dues.reject(tx, roles, bo.id, number, ""),
            lambda tx, roles=roles: dues.give_back(tx, roles, bo.id, number, Verb.REFUND, "x", TODAY),
            lambda tx, roles=roles: dues.add_plan(tx, roles, "Mine", Terms(amount=1)),
            lambda tx, roles=roles: dues.close_plan(tx, roles, plan, closed=True),
            lambda tx, roles=roles: dues.set_exempt(tx, roles, bo.id, ana.id, exempt=True, since=TODAY),
            lambda tx, roles=roles: dues.set_ended(tx, roles, bo.id, ana.id, Ending.EXCLUDED, TODAY),
            lambda tx, roles=roles: dues.set_association(tx, roles, dues.Association()),
        ):
            with pytest.raises(NotAllowed):
                db.write_now(act)
    assert db.read_now(dues.payment, number).state is PaymentState.ANNOUNCED


def test_what_cannot_be_is_refused(db, ana, bo, plan):
    for wrong in (money(plan, 0), money(plan, day=TODAY + timedelta(days=1)), money(plan, 300_001)):
        with pytest.raises(Invalid):
            db.write_now(dues.announce, ana.id, wrong, TODAY)
    with pytest.raises(NotFound):
        db.write_now(dues.announce, ana.id, money(4), TODAY)
    with pytest.raises(NotFound):
        db.write_now(dues.record, TREASURER, bo.id, 4, money(plan), TODAY)
    with pytest.raises(NotFound):
        db.write_now(dues.confirm, TREASURER, bo.id, 4, TODAY)
    with pytest.raises(Invalid):
        db.write_now(dues.set_association, TREASURER, dues.Association(currency="ZZZ"))
    with pytest.raises(Invalid):
        db.write_now(dues.add_plan, TREASURER, " ", Terms(amount=1))
    db.write_now(dues.close_plan, TREASURER, plan, closed=True)
    with pytest.raises(Conflict):
        db.write_now(dues.announce, ana.id, money(plan), TODAY)
    db.write_now(dues.close_plan, TREASURER, plan, closed=False)
    for _ in range(5):
        db.write_now(dues.announce, ana.id, money(plan), TODAY)
    with pytest.raises(TooMany):
        db.write_now(dues.announce, ana.id, money(plan), TODAY)


def test_a_line_of_the_bank_is_taken_once(db, ana, bo, plan):
    line = money(plan, bank_line="abc")
    db.write_now(dues.record, TREASURER, bo.id, ana.id, line, TODAY)
    with pytest.raises(Conflict):
        db.write_now(dues.record, TREASURER, bo.id, ana.id, line, TODAY)
    assert numbers(db) == [1]


def test_who_need_not_pay_and_whose_membership_is_over(db, ana, bo, plan):
    record(db, bo, ana, plan)
    db.write_now(dues.set_exempt, TREASURER, bo.id, ana.id, exempt=True, since=TODAY, until=TODAY, reason="Studies")
    assert (standing(db, ana).status, standing(db, ana).exempt_reason) == (Status.EXEMPT, "Studies")
    assert standing(db, ana, TODAY + timedelta(days=1)).status is Status.CURRENT
    db.write_now(dues.set_ended, TREASURER, bo.id, ana.id, Ending.RESIGNED, TODAY)
    assert standing(db, ana).status is Status.ENDED
    db.write_now(dues.set_ended, TREASURER, bo.id, ana.id, None, TODAY)
    db.write_now(dues.set_exempt, TREASURER, bo.id, ana.id, exempt=False, since=TODAY)
    assert standing(db, ana).status is Status.CURRENT


def test_the_best_of_several_plans_counts(db, ana, bo, plan):
    record(db, bo, ana, plan)
    life = db.write_now(dues.add_plan, TREASURER, "For life", Terms(amount=30000, period=Period.LIFE))
    record(db, bo, ana, life, 30000)
    assert (standing(db, ana).paid_until, standing(db, ana).plan.name) == (dues.FOR_LIFE, "For life")
    assert letters.in_queue(db)[1][1]["paragraphs"] == ["Thank you: €300.00 have arrived."]


def test_everybody_is_listed_in_as_many_statements_as_one(db, ana, bo, plan):
    record(db, bo, ana, plan)
    found = db.read_now(dues.everybody, TODAY)
    assert [(who.username, who.status) for who in found] == [("ana", Status.CURRENT), ("bo", Status.NEVER)]


def test_lapsed_dues_change_no_right(db, ana, bo, plan):
    """Not over one's own data, contacts or posts, nor at the door."""
    long_ago = TODAY - timedelta(days=1000)
    record(db, bo, ana, plan, day=long_ago)
    assert standing(db, ana).status is Status.LAPSED
    db.write_now(dues.set_ended, TREASURER, bo.id, ana.id, Ending.RESIGNED, TODAY)

    post = a_post(db, ana.actor, "Still here")
    db.write_now(relationships.follow, ana.actor, bo.actor)
    db.write_now(contacts.ask, ana.actor, bo.actor)
    db.write_now(posts.favourite, ana.actor, post)

    now = db.read_now(members.get, ana.id)
    assert (now.standing, now.roles) == (ana.standing, ana.roles)
    [request] = db.read_now(contacts.waiting, bo.id, clock.now())
    assert request.person.id == ana.id
    assert db.read_now(relationships.follows_each_other, ana.id, bo.id) is False
    # Nothing else on the node so much as asks: the pages and commands of dues do, what is wired together, and the copy of
    # one's data.
    names_it = re.compile(r"^(from node import .*\bdues\b|from node\.dues|import node\.dues)", re.MULTILINE)
    asking = {
        path.relative_to(ROOT).parts[:2]
        for folder in ("node", "web")
        for path in (ROOT / folder).rglob("*.py")
        if names_it.search(path.read_text(encoding="utf-8"))
    }
    assert asking <= {("node", "cli"), ("node", "dues"), ("node", "wiring"), ("node", "privacy"), ("web", "pages")}


def test_what_is_only_said_goes_with_a_member_and_accounts_stay(db, ana, bo, plan):
    paid = record(db, bo, ana, plan)
    db.write_now(dues.announce, ana.id, money(plan, reference="mine"), TODAY)
    db.write_now(dues.set_receipt_name, ana.id, "Ana Demo", "2 Hill")

    db.write_now(relationships.delete_account, ana)

    def left(table):
        return db.read_now(lambda conn: conn.execute(select(func.count()).select_from(table)).scalar_one())

    assert [left(table) for table in (dues_memberships, dues_people, dues_payments, dues_receipts)] == [0, 0, 1, 1]
    assert [who.username for who in db.read_now(dues.everybody, TODAY)] == ["bo"]
    # It can still be put right, and a credit note has its number.
    db.write_now(dues.give_back, TREASURER, bo.id, paid, Verb.REFUND, "They had left.", TODAY)
    assert numbers(db) == [1, 2]
    assert left(dues_memberships) == 0


@pytest.mark.parametrize(
    ("days", "step"),
    [
        (-40, None),
        (-30, -30),
        (-25, -30),
        (-15, None),
        (-7, -7),
        (0, -7),
        (1, 1),
        (12, None),
        (30, 30),
        (60, 60),
        (80, None),
    ],
)
def test_who_is_reminded_when(db, ana, bo, plan, days, step):
    record(db, bo, ana, plan)
    until = standing(db, ana).paid_until
    who = standing(db, ana, until + timedelta(days=days))
    assert reminders.step_on(who, dues.Association().reminders, until + timedelta(days=days)) == step


def remind(db, day):
    chosen = db.read_now(dues.to_remind, day)
    return db.write_now(dues.remind, chosen, day)


def test_one_letter_for_each_step_and_none_to_those_who_have_paid(db, ana, bo, plan):
    record(db, bo, ana, plan, day=TODAY - timedelta(days=360))
    sent = len(letters.in_queue(db))
    until = standing(db, ana).paid_until
    assert remind(db, until - timedelta(days=7)) == 1
    assert remind(db, until - timedelta(days=6)) == 0
    to, letter = letters.in_queue(db)[sent]
    assert (to, letter["link"].rpartition("/")[0]) == ("ana@mail.example", f"{db.site.base_url}/dues/pay")
    assert dues.reference_of(ana.id) in letter["paragraphs"][1]
    assert "are paid until" in letter["subject"]
    chosen = db.read_now(dues.to_remind, until + timedelta(days=1))
    assert chosen == [(ana.id, 1)]
    db.write_now(dues.announce, ana.id, money(plan), TODAY)
    assert db.write_now(dues.remind, chosen, until + timedelta(days=1)) == 0
    assert db.read_now(dues.to_remind, until + timedelta(days=1)) == []
    [waiting] = db.read_now(dues.announced)
    db.write_now(dues.confirm, TREASURER, bo.id, waiting.id, TODAY)
    assert remind(db, until + timedelta(days=1)) == 0


def test_reminders_stop_for_those_who_want_none_need_not_pay_or_are_no_members(db, ana, bo, plan):
    record(db, bo, ana, plan)
    day = standing(db, ana).paid_until + timedelta(days=1)
    db.write_now(dues.set_reminders, ana.id, day, wanted=False)
    assert remind(db, day) == 0
    db.write_now(dues.set_reminders, ana.id, day, wanted=True)
    db.write_now(dues.set_exempt, TREASURER, bo.id, ana.id, exempt=True, since=TODAY)
    assert remind(db, day) == 0
    db.write_now(dues.set_exempt, TREASURER, bo.id, ana.id, exempt=False, since=TODAY)
    db.write_now(dues.set_ended, TREASURER, bo.id, ana.id, Ending.DECEASED, day)
    assert standing(db, ana).status is Status.DECEASED
    assert remind(db, day) == 0
    db.write_now(dues.set_ended, TREASURER, bo.id, ana.id, None, day)
    assert remind(db, day) == 1


def test_every_way_of_paying_has_a_word():
    assert set(receipts.METHODS) == set(Method)


def test_names_leave_receipts_when_accounts_need_not_be_kept_any_more(db, ana, bo, plan):
    db.write_now(dues.set_receipt_name, ana.id, "Dr Ana Demo", "2 Hill")
    money_ = money(plan, reference="from Ana")
    number = db.write_now(dues.record, TREASURER, bo.id, ana.id, money_, TODAY)
    assert db.write_now(dues.forget_names, date(2036, 12, 31)) == 0

    assert db.write_now(dues.forget_names, date(2037, 1, 1)) == 1
    assert db.write_now(dues.forget_names, date(2037, 1, 2)) == 0

    payment = db.read_now(dues.payment, number)
    document = db.read_now(dues.receipt, payment.receipts[0].id).document
    assert payment.reference == ""
    assert not {"Received from", "Address"} & {label for label, _ in document["rows"]}
    assert ["Number", "2026-0001"] in document["rows"]
    assert "Ana" not in str(document)
